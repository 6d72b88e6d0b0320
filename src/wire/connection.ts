import { isIPv4 } from "node:net";
import type { ZmqSocket } from "../../ffi/libzmq/socket.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * What keeps a connection honest. The kernel's keepalive finds a peer whose machine has gone within 25 s.
 * ZMQ_HEARTBEAT is left off on purpose: it takes a peer that stands still (a full disk, a paused reader)
 * for a dead one, disconnects it and loses what was on the way, where PUSH is meant to wait.
 */
export function setConnectionOptions(socket: ZmqSocket, endpoint: Endpoint): void {
  // With IPv6 on, libzmq calls an IPv4 address ::ffff:a.b.c.d in all it tells.
  socket.setInt("ZMQ_IPV6", endpoint.protocol === "tcp" && isIPv4(endpoint.host) ? 0 : 1);
  socket.setInt("ZMQ_TCP_KEEPALIVE", 1);
  socket.setInt("ZMQ_TCP_KEEPALIVE_IDLE", 10);
  socket.setInt("ZMQ_TCP_KEEPALIVE_INTVL", 5);
  socket.setInt("ZMQ_TCP_KEEPALIVE_CNT", 3);
  socket.setInt("ZMQ_RECONNECT_IVL", 100);
  socket.setInt("ZMQ_RECONNECT_IVL_MAX", 1000);
}
