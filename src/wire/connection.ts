import { isIPv4 } from "node:net";
import type { ZmqSocket } from "../../ffi/libzmq/socket.ts";
import type { Endpoint } from "./endpoint.ts";

/** Heartbeats that may stay without an answer. */
const UNANSWERED_HEARTBEATS = 3;

/**
 * What keeps a connection honest. The kernel's keepalive finds a peer whose machine has gone within 25 s, as long
 * as nothing is on its way to it. `heartbeatMs` (0 for none) finds every other, such as a process that stands
 * still; only for PUB and SUB. libzmq stops reading when its queue is full, so that a peer that has just no room
 * (a full disk, a paused reader) looks dead: where nothing may be lost it is waited for.
 */
export function setConnectionOptions(socket: ZmqSocket, endpoint: Endpoint, heartbeatMs = 0): void {
  // With IPv6 on, libzmq calls an IPv4 address ::ffff:a.b.c.d in all it tells.
  socket.setInt("ZMQ_IPV6", endpoint.protocol === "tcp" && isIPv4(endpoint.host) ? 0 : 1);
  socket.setInt("ZMQ_TCP_KEEPALIVE", 1);
  socket.setInt("ZMQ_TCP_KEEPALIVE_IDLE", 10);
  socket.setInt("ZMQ_TCP_KEEPALIVE_INTVL", 5);
  socket.setInt("ZMQ_TCP_KEEPALIVE_CNT", 3);
  socket.setInt("ZMQ_RECONNECT_IVL", 100);
  socket.setInt("ZMQ_RECONNECT_IVL_MAX", 1000);
  if (heartbeatMs === 0) return;
  socket.setInt("ZMQ_HEARTBEAT_IVL", heartbeatMs);
  socket.setInt("ZMQ_HEARTBEAT_TIMEOUT", heartbeatMs * UNANSWERED_HEARTBEATS);
  socket.setInt("ZMQ_HEARTBEAT_TTL", heartbeatMs * UNANSWERED_HEARTBEATS);
}
