import { expect, test } from "bun:test";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { EXIT, RscapError } from "../report/error.ts";
import { SendOutput } from "./send-output.ts";

const running = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));
const stream = (destinationAddress: string, destinationPort: number) => ({
  id: `${destinationAddress}-${destinationPort}`,
  sourceAddress: "127.0.0.1",
  sourcePort: 1,
  destinationAddress,
  destinationPort,
  vlan: [],
});

/** What `run` is refused with. */
function refusal(run: () => unknown): RscapError {
  try {
    run();
  } catch (error) {
    if (error instanceof RscapError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

test("udp://: each stream goes to the address and port that it had, those not chosen nowhere", async () => {
  const sockets = [createSocket("udp4"), createSocket("udp4"), createSocket("udp4")];
  try {
    for (const socket of sockets) {
      socket.bind(0, "127.0.0.1");
      await once(socket, "listening");
    }
    const streams = sockets.map((socket) => stream("127.0.0.1", socket.address().port));
    const heard: [number, string][] = [];
    const all = new Promise<void>((resolve) => {
      for (const [place, socket] of sockets.entries()) {
        socket.on("message", (octets) => {
          heard.push([place, octets.toString()]);
          if (heard.length === 4) resolve();
        });
      }
    });
    const ids = streams.slice(0, 2).map(({ id }) => id);
    const output = new SendOutput("udp://?iface=lo&ttl=3", 0, ids, running());
    const buf = new Uint8Array(new ArrayBuffer(6));
    buf.set(new TextEncoder().encode("abcdef"));
    for (const [off, place] of [0, 1, 2, 0, 1].entries()) {
      const to = streams[place];
      if (to !== undefined) output.datagram(to, buf, off, 1, off);
    }
    output.bufferEnd();
    await all;
    expect(heard.toSorted()).toEqual([
      [0, "a"],
      [0, "d"],
      [1, "b"],
      [1, "e"],
    ]);
    expect(output.finish()).toContain("Sent 4 datagrams (4 B) of 2 streams, each to its own destination");
  } finally {
    for (const socket of sockets) socket.close();
  }
});

test("with a destination a second stream is refused, with the way out", () => {
  const output = new SendOutput("udp://127.0.0.1:9", 0, [], running());
  const buf = new Uint8Array(new ArrayBuffer(4));
  output.datagram(stream("239.1.1.1", 5000), buf, 0, 4, 0);
  const error = refusal(() => output.datagram(stream("239.1.1.2", 5000), buf, 0, 4, 0));
  expect(error).toMatchObject({ exitCode: EXIT.usage, code: "send-one-stream" });
  expect(error.message).toContain("--send udp://");
  output.finish();
});

test("udp:// for a file without addresses, and for IPv4 and IPv6 at once: usage errors", () => {
  const buf = new Uint8Array(new ArrayBuffer(4));
  const output = new SendOutput("udp://", 0, [], running());
  expect(output.finish()).toBe("Sent nothing: no stream has come.");
  const info = { id: "a.ts", kind: "ts", destinationAddress: "" } as Parameters<SendOutput["open"]>[1];
  expect(refusal(() => output.open(0, info)).code).toBe("send-no-destination");
  output.datagram(stream("127.0.0.1", 9), buf, 0, 4, 0);
  expect(refusal(() => output.datagram(stream("::1", 9), buf, 0, 4, 0)).code).toBe("send-one-version");
  output.finish();
});
