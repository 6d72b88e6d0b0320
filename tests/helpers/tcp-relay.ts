/**
 * A relay of TCP connections that can be cut: `bun tcp-relay.ts '[[5600, 5556]]'` connects each port of
 * 127.0.0.1 to another one. It prints `ready`; SIGUSR2 resets all connections and lets none through until the
 * next SIGUSR2, and each prints `cut` or `mended`.
 */
import { connect, createServer, type Socket } from "node:net";

function main(pairs: readonly (readonly [from: number, to: number])[]): void {
  const sockets = new Set<Socket>();
  let cut = false;
  const follow = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      other.destroy();
    });
  };
  let waiting = pairs.length;
  for (const [from, to] of pairs) {
    const server = createServer((client) => {
      if (cut) {
        client.on("error", () => {});
        client.resetAndDestroy();
        return;
      }
      const upstream = connect(to, "127.0.0.1");
      follow(client, upstream);
      follow(upstream, client);
      client.pipe(upstream);
      upstream.pipe(client);
    });
    server.listen(from, "127.0.0.1", () => {
      waiting--;
      if (waiting === 0) process.stdout.write("ready\n");
    });
  }
  process.on("SIGUSR2", () => {
    cut = !cut;
    if (cut) for (const socket of sockets) socket.resetAndDestroy();
    process.stdout.write(cut ? "cut\n" : "mended\n");
  });
}

main(JSON.parse(process.argv[2] ?? "[]"));
