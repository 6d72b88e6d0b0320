/** Socket types, by their ZMQ_ names. */
export const SOCKET = { pair: 0, pub: 1, sub: 2, rep: 4, pull: 7, push: 8, xpub: 9, xsub: 10 } as const;

/** Socket options, by their ZMQ_ names; the comment gives type and unit. */
export const OPTION = {
  /** octets: SUB, a topic prefix to receive. */
  ZMQ_SUBSCRIBE: 6,
  /** octets: SUB, a prefix no longer wanted. */
  ZMQ_UNSUBSCRIBE: 7,
  /** int: the kernel's send buffer in octets, -1 for the system's choice. */
  ZMQ_SNDBUF: 11,
  /** int: the kernel's receive buffer in octets, -1 for the system's choice. */
  ZMQ_RCVBUF: 12,
  /** int, read only: 1 when another part of the same message follows. */
  ZMQ_RCVMORE: 13,
  /** int: milliseconds that a closed socket keeps trying to send, -1 for ever. */
  ZMQ_LINGER: 17,
  /** int: milliseconds before the first try to connect again. */
  ZMQ_RECONNECT_IVL: 18,
  /** int: milliseconds up to which that time doubles. */
  ZMQ_RECONNECT_IVL_MAX: 21,
  /** int64: largest message part in octets that is accepted; the peer of a larger one is disconnected. */
  ZMQ_MAXMSGSIZE: 22,
  /** int: most messages queued for a peer. */
  ZMQ_SNDHWM: 23,
  /** int: most messages queued from a peer. */
  ZMQ_RCVHWM: 24,
  /** text, read only: where the socket is bound, with the port that the system chose. */
  ZMQ_LAST_ENDPOINT: 32,
  /** int: 1 lets the kernel probe a silent connection. */
  ZMQ_TCP_KEEPALIVE: 34,
  /** int: probes without an answer until the connection is given up. */
  ZMQ_TCP_KEEPALIVE_CNT: 35,
  /** int: seconds of silence before the first probe. */
  ZMQ_TCP_KEEPALIVE_IDLE: 36,
  /** int: seconds between probes. */
  ZMQ_TCP_KEEPALIVE_INTVL: 37,
  /** int: 1 queues for connections that stand only, not for those that are still being made. */
  ZMQ_IMMEDIATE: 39,
  /** int: 1 allows IPv6 beside IPv4. */
  ZMQ_IPV6: 42,
  /** int: 1 makes the socket the server of CURVE (RFC 26), which lets in whom the ZAP handler lets in. */
  ZMQ_CURVE_SERVER: 47,
  /** 32 octets, or 40 characters of Z85 and a NUL: CURVE client, its own public key. */
  ZMQ_CURVE_PUBLICKEY: 48,
  /** As above: the own secret key, of either side. */
  ZMQ_CURVE_SECRETKEY: 49,
  /** As above: CURVE client, the public key that the server must prove to have. */
  ZMQ_CURVE_SERVERKEY: 50,
  /** text: names the socket in requests to the ZAP handler (RFC 27). */
  ZMQ_ZAP_DOMAIN: 55,
  /** int: XPUB, 1 refuses a message that a subscriber has no room for, in place of dropping it for that one. */
  ZMQ_XPUB_NODROP: 69,
  /** int: milliseconds between two PINGs to each peer, 0 for none. */
  ZMQ_HEARTBEAT_IVL: 75,
  /** int: milliseconds without a PING after which the peer is to give us up. */
  ZMQ_HEARTBEAT_TTL: 76,
  /** int: milliseconds without an answer after which we give the peer up. */
  ZMQ_HEARTBEAT_TIMEOUT: 77,
} as const;

/** Name of a socket option. */
export type OptionName = keyof typeof OPTION;

/** Flags of send and receive. */
export const ZMQ_DONTWAIT = 1;
/** Another part of the same message follows. */
export const ZMQ_SNDMORE = 2;

/** Readiness asked of `zmq_poll`. */
export const ZMQ_POLLIN = 1;
/** Something can be sent. */
export const ZMQ_POLLOUT = 2;

/** Octets of a `zmq_msg_t`. */
export const ZMQ_MSG_BYTES = 64;

/** Events of the socket monitor. */
export const EVENT = {
  connected: 0x0001,
  accepted: 0x0020,
  acceptFailed: 0x0040,
  disconnected: 0x0200,
  handshakeFailedNoDetail: 0x0800,
  handshakeSucceeded: 0x1000,
  handshakeFailedProtocol: 0x2000,
  handshakeFailedAuth: 0x4000,
} as const;

/** What a failed handshake tells beside its event (zmq.h, ZMQ_PROTOCOL_ERROR_*). */
export const HANDSHAKE_ERROR = {
  /** A message was not encrypted with the keys that the other end expects. */
  cryptographic: 0x11000001,
  /** One end wants CURVE and the other does not. */
  mechanismMismatch: 0x11000002,
} as const;

/** The errno values that are told apart; libzmq's own start at ZMQ_HAUSNUMERO. */
export const ERRNO = {
  eintr: 4,
  eagain: 11,
  enomem: 12,
  eacces: 13,
  einval: 22,
  enodev: 19,
  enametoolong: 36,
  eprotonosupport: 93,
  eaddrinuse: 98,
  eaddrnotavail: 99,
} as const;
