/**
 * Lets programs in one network namespace reach a TCP port on loopback of another, through a socket in a folder that
 * both see: `bun namespace-bridge.ts enter PORT SOCKET` where the programs are, `leave PORT SOCKET` where the port is.
 */
import { connect, createServer, type Socket } from "node:net";

/** Joins two connections; the end of one is the end of the other. */
function join(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
  }
}

const [, , role, port = "0", path = ""] = process.argv;
const server = createServer((socket) => {
  join(socket, role === "enter" ? connect(path) : connect(Number(port), "127.0.0.1"));
});
const ready = (): void => {
  process.stdout.write("ready\n");
};
if (role === "enter") server.listen(Number(port), "127.0.0.1", ready);
else server.listen(path, ready);
