/**
 * The functions of libzmq that rscap calls. Addresses, sizes and results are plain numbers; a `zmq_msg_t`
 * is 64 octets of our own memory, given by address.
 */
export const LIBZMQ_SYMBOLS = {
  zmq_version: { args: ["ptr", "ptr", "ptr"], returns: "void" },
  zmq_has: { args: ["ptr"], returns: "i32" },
  zmq_strerror: { args: ["i32"], returns: "ptr" },
  zmq_ctx_new: { args: [], returns: "ptr" },
  zmq_ctx_set: { args: ["ptr", "i32", "i32"], returns: "i32" },
  zmq_ctx_term: { args: ["ptr"], returns: "i32" },
  zmq_socket: { args: ["ptr", "i32"], returns: "ptr" },
  zmq_close: { args: ["ptr"], returns: "i32" },
  zmq_setsockopt: { args: ["ptr", "i32", "ptr", "u64"], returns: "i32" },
  zmq_getsockopt: { args: ["ptr", "i32", "ptr", "ptr"], returns: "i32" },
  zmq_bind: { args: ["ptr", "ptr"], returns: "i32" },
  zmq_connect: { args: ["ptr", "ptr"], returns: "i32" },
  zmq_disconnect: { args: ["ptr", "ptr"], returns: "i32" },
  zmq_send: { args: ["ptr", "ptr", "u64", "i32"], returns: "i32" },
  zmq_recv: { args: ["ptr", "ptr", "u64", "i32"], returns: "i32" },
  zmq_msg_init_size: { args: ["ptr", "u64"], returns: "i32" },
  zmq_msg_init: { args: ["ptr"], returns: "i32" },
  zmq_msg_recv: { args: ["ptr", "ptr", "i32"], returns: "i32" },
  zmq_msg_data: { args: ["ptr"], returns: "ptr" },
  zmq_msg_send: { args: ["ptr", "ptr", "i32"], returns: "i32" },
  zmq_msg_close: { args: ["ptr"], returns: "i32" },
  zmq_poll: { args: ["ptr", "i32", "i64"], returns: "i32" },
  /** Two texts of 41 octets each, Z85 and a NUL: public, secret. */
  zmq_curve_keypair: { args: ["ptr", "ptr"], returns: "i32" },
  /** The public key for a secret one. */
  zmq_curve_public: { args: ["ptr", "ptr"], returns: "i32" },
  zmq_socket_monitor: { args: ["ptr", "ptr", "i32"], returns: "i32" },
} as const;
