import { expect, setDefaultTimeout, test } from "bun:test";
import { createSocket } from "node:dgram";
import { SinkRing } from "../../tests/helpers/sink-ring.ts";
import { LogLines, tsPackets } from "../../tests/helpers/wire.ts";
import { EXIT } from "../report/error.ts";
import { audioPackets } from "../st2110/audio/test-packets.ts";
import type { TrackFacts } from "./queue/packet-sink.ts";
import { RECORD, RingReader } from "./queue/ring.ts";
import { UdpSink } from "./udp-sink.ts";

// Other tests may keep the machine busy.
setDefaultTimeout(60_000);

const running = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));

/** Sends what is in the ring to a socket of our own; the datagrams that came, and the sink. */
async function sent(
  ring: SinkRing,
  expected: number,
): Promise<{ datagrams: Buffer[]; sink: UdpSink; lines: string[]; tookMs: number }> {
  const socket = createSocket("udp4");
  const datagrams: Buffer[] = [];
  const all = new Promise<void>((resolve) => {
    socket.on("message", (message) => {
      datagrams.push(message);
      if (datagrams.length === expected) resolve();
    });
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { lines, log } = new LogLines();
  const url = `udp://127.0.0.1:${socket.address().port}`;
  const sink = new UdpSink({ url, delayMs: 30, stop: running(), log });
  const reader = new RingReader(ring.memory);
  const before = performance.now();
  while (reader.next(0) !== RECORD.none) {
    if (reader.type !== RECORD.track) sink.take(reader);
    else {
      const octets = reader.buf.subarray(reader.off, reader.off + reader.len);
      sink.track(reader.track, JSON.parse(new TextDecoder().decode(octets)) as TrackFacts);
    }
    // The receiver's buffer is small, and it reads only while we wait.
    await Bun.sleep(1);
  }
  sink.close();
  const tookMs = performance.now() - before;
  await all;
  socket.close();
  return { datagrams, sink, lines, tookMs };
}

test("TS: seven packets a datagram, octet for octet, no sooner than they came; other streams are not sent", async () => {
  const ring = new SinkRing();
  const packets = tsPackets(7 * 40 + 3);
  ring.ts("a", packets.subarray(0, 188 * 7 * 20), 0, 50e6);
  ring.ts("b", tsPackets(5), 0, 1e6);
  ring.ts("a", packets.subarray(188 * 7 * 20), 50e6, 100e6);
  const { datagrams, sink, lines, tookMs } = await sent(ring, 41);
  expect(datagrams.map(({ length }) => length)).toEqual([...Array(40).fill(1316), 564]);
  expect(Buffer.compare(Buffer.concat(datagrams), packets)).toBe(0);
  expect(tookMs).toBeGreaterThanOrEqual(125);
  expect(sink.figures()).toMatchObject({ packets: 283, lost: 0, unwanted: 5 });
  expect(sink.figures().notes[0]).toContain("41 datagrams sent to 127.0.0.1:");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("Choose with --stream (STREAM)");
});

test("a probe's clock that is set forward, or a long loss, is not waited for", async () => {
  const ring = new SinkRing();
  const packets = tsPackets(7 * 4);
  for (let i = 0; i < 4; i++) {
    const fromNs = i * 10e6 + (i < 2 ? 0 : 300e9);
    ring.ts("a", packets.subarray(188 * 7 * i, 188 * 7 * (i + 1)), fromNs, fromNs + 5e6);
  }
  // Were it waited for, the test would take five minutes.
  const { datagrams, sink } = await sent(ring, 4);
  expect(Buffer.compare(Buffer.concat(datagrams), packets)).toBe(0);
  expect(sink.figures()).toMatchObject({ packets: 28, lost: 0 });
});

test("RTP: each packet as it was", async () => {
  const packets = audioPackets({ packets: 60, rateHz: 48_000, samples: 48, channels: 2, octets: 3 });
  const ring = new SinkRing();
  const octets = packets.map((packet) => packet.octets);
  ring.rtp("a", octets.slice(0, 30), 0, 29e6);
  ring.rtp("a", octets.slice(30), 30e6, 59e6);
  const { datagrams, sink } = await sent(ring, 60);
  expect(Buffer.compare(Buffer.concat(datagrams), Buffer.concat(octets))).toBe(0);
  expect(datagrams.map(({ length }) => length)).toEqual(octets.map(({ length }) => length));
  expect(sink.figures()).toMatchObject({ packets: 60, lost: 0 });
});

test("the stop flag: what is not sent any more is counted", () => {
  const ring = new SinkRing();
  ring.ts("a", tsPackets(70), 0, 100e9);
  const stop = running();
  stop[0] = 1;
  const sink = new UdpSink({ url: "udp://127.0.0.1:9", delayMs: 0, stop, log: () => {} });
  const reader = new RingReader(ring.memory);
  sink.track(0, { probe: "p", stream: "a", kind: "ts", source: null, destination: null, wall: true });
  while (reader.next(0) !== RECORD.none) if (reader.type === RECORD.ts) sink.take(reader);
  sink.close();
  expect(sink.figures().notes[0]).toContain("0 datagrams sent");
  expect(sink.figures().lost).toBeGreaterThan(0);
});

test("a destination that is none, or that the system refuses, names the flag", () => {
  const open = (url: string) => () => new UdpSink({ url, delayMs: 0, stop: running(), log: () => {} });
  expect(open("udp://nonsense")).toThrow("--udp (UDP)");
  try {
    open("udp://239.1.1.1:5000?iface=nowhere0")();
    throw new Error("it opened");
  } catch (error) {
    expect(error).toMatchObject({ exitCode: EXIT.environment });
    expect(String(error)).toContain("--udp (UDP)");
  }
});
