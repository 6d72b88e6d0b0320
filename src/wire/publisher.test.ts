import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { alloc } from "../../ffi/memory.ts";
import {
  Collector,
  connected,
  LogLines,
  pump,
  streamInfo,
  testPublisher,
  tsPackets,
} from "../../tests/helpers/wire.ts";
import { EXIT, RscapError } from "../report/error.ts";
import { publishedSchema } from "../report/schema.ts";
import { FFMPEG_MAX_BYTES, type Publisher } from "./publisher.ts";
import { Subscriber } from "./subscriber.ts";

// Other tests may keep the machine busy.
setDefaultTimeout(30_000);

const STREAM = "239.1.1.1-5000";
const folder = mkdtempSync(join(tmpdir(), "rscap-wire-"));

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const { close } of opened.splice(0).toReversed()) close();
});
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

function publisher(options: Parameters<typeof testPublisher>[0] = {}): Publisher {
  const made = testPublisher(options);
  opened.push({ close: () => made.shutdown(0) });
  return made;
}

function subscriber(endpoint: string, transport: "pub" | "push" = "pub", highWaterMark = 1000): Subscriber {
  const made = new Subscriber({ endpoints: [endpoint], transport, highWaterMark, log: () => {} });
  opened.push({ close: () => made.close() });
  return made;
}

/** Feeds `packets` in datagrams of seven, as the pipeline does. */
function feed(to: Publisher, packets: Uint8Array, stream = 0): void {
  for (let off = 0; off < packets.length; off += 1316) {
    to.packets(stream, packets, off, Math.min(1316, packets.length - off), off * 1000, 1);
  }
  to.bufferEnd();
}

/** Takes what comes until nothing has come for a tenth of a second. */
function drain(to: Subscriber, taker: Collector): void {
  let quiet = 0;
  while (quiet < 5) quiet = to.receive(taker, 1000, 20) > 0 ? 0 : quiet + 1;
}

describe.each([
  ["tcp", "capnp"],
  ["tcp", "json"],
  ["tcp", "none"],
  ["ipc", "capnp"],
  ["ipc", "none"],
] as const)("over %s with header %s", (protocol, header) => {
  const place = (name: string): string =>
    protocol === "tcp" ? "tcp://127.0.0.1:*" : `ipc://${folder}/${header}-${name}`;

  test("pub: what is published comes out octet for octet", async () => {
    const from = publisher({ endpoint: place("pub"), header });
    const to = subscriber(from.endpoint);
    const taker = new Collector();
    if (header !== "none") await connected(from, to, taker);
    else await pump(() => from.report().subscribers > 0, from, to, taker);
    if (header === "none") await Bun.sleep(100); // Nothing tells when a subscription has come through.
    from.open(0, streamInfo(STREAM));
    const packets = tsPackets(700);
    feed(from, packets);
    const id = header !== "none" ? STREAM : "";
    await pump(() => taker.octets(id).length >= packets.length, from, to, taker);
    expect(Buffer.compare(taker.octets(id), packets)).toBe(0);
    expect(to.tracks.find((track) => track.kind === "ts")).toMatchObject({
      packets: 700,
      gaps: 0,
      restarts: 0,
    });
  });

  test("push: what is sent before the client is there waits for it", async () => {
    const taker = new Collector();
    const first = subscriber(place("push"), "push");
    const endpoint = first.boundEndpoint;
    first.close();
    const from = publisher({ endpoint, header, transport: "push" });
    from.open(0, streamInfo(STREAM));
    const packets = tsPackets(700);
    feed(from, packets);
    expect(from.report().queued).toBeGreaterThan(0);
    const to = subscriber(endpoint, "push");
    const id = header !== "none" ? STREAM : "";
    expect(from.drain(5000)).toBe(true);
    await pump(() => taker.octets(id).length >= packets.length, from, to, taker);
    expect(Buffer.compare(taker.octets(id), packets)).toBe(0);
    expect(from.report()).toMatchObject({
      messages: 25,
      bytes: packets.length,
      packets: 100,
      queued: 0,
      dropped: 0,
    });
  });
});

test("a batch leaves with its number of datagrams, when it is old, and when its buffer ends", () => {
  const from = publisher({ batchSize: 4, batchTimeMs: 20 });
  from.open(0, streamInfo(STREAM));
  const packets = tsPackets(70);
  const datagram = (i: number, timeNs: number): void => from.packets(0, packets, i * 1316, 1316, timeNs, 1);
  for (let i = 0; i < 3; i++) datagram(i, 0);
  expect(from.report().messages).toBe(0);
  datagram(3, 0);
  expect(from.report()).toMatchObject({ messages: 1, packets: 4 });
  datagram(4, 0);
  datagram(5, 20_000_000);
  expect(from.report()).toMatchObject({ messages: 2, packets: 5 });
  from.bufferEnd();
  expect(from.report()).toMatchObject({ messages: 3, packets: 6, bytes: 6 * 1316 });
  datagram(6, Number.NaN);
  from.poll(1000);
  from.poll(1010);
  expect(from.report().messages).toBe(3);
  from.poll(1020);
  expect(from.report().messages).toBe(4);
  expect(publishedSchema.safeParse(from.report()).success).toBe(true);
});

test("runs of one datagram split by illegal packets count it once", () => {
  const from = publisher();
  from.open(0, streamInfo(STREAM));
  const packets = tsPackets(7);
  from.packets(0, packets, 0, 376, 0, 1);
  from.packets(0, packets, 564, 752, 0, 0);
  from.bufferEnd();
  expect(from.report()).toMatchObject({ messages: 1, packets: 1, bytes: 376 + 752 });
});

test("with --header none no message reaches FFmpeg's limit, and a huge run is cut at packets", async () => {
  const from = publisher({ header: "none", batchSize: 4096 });
  const to = subscriber(from.endpoint);
  const taker = new Collector();
  await pump(() => from.report().subscribers > 0, from, to, taker);
  await Bun.sleep(100);
  from.open(0, streamInfo(STREAM));
  const packets = tsPackets(2000);
  from.packets(0, packets, 0, packets.length, 0, 1);
  feed(from, packets);
  await pump(() => taker.octets("").length === 2 * packets.length, from, to, taker);
  for (const message of taker.byStream.get("") ?? []) {
    expect(message.length).toBeLessThan(FFMPEG_MAX_BYTES);
    expect(message.length % 188).toBe(0);
  }
});

test("RTP packets go with their lengths and are counted as not written", async () => {
  const from = publisher();
  const to = subscriber(from.endpoint);
  const taker = new Collector();
  await connected(from, to, taker);
  from.open(0, streamInfo(STREAM, "rtp"));
  const buf = alloc(3000);
  from.packets(0, buf, 0, 1400, 0, 1);
  from.packets(0, buf, 1400, 60, 0, 1);
  from.bufferEnd();
  await pump(() => to.passed.rtp > 0, from, to, taker);
  expect(to.tracks.find((track) => track.kind === "rtp")).toMatchObject({ packets: 2, bytes: 1460 });
  expect(taker.byStream.size).toBe(0);
});

test("streams have topics and numbers of their own; one that comes back goes on counting", async () => {
  const from = publisher();
  const to = subscriber(from.endpoint);
  const taker = new Collector();
  await connected(from, to, taker);
  from.open(0, streamInfo("a"));
  from.open(1, streamInfo("b"));
  feed(from, tsPackets(70), 0);
  feed(from, tsPackets(28), 1);
  from.close(0);
  from.open(2, streamInfo("a"));
  feed(from, tsPackets(7), 2);
  from.packets(9, tsPackets(7), 0, 1316, 0, 1); // Never opened: of no stream.
  await pump(() => taker.octets("a").length === 77 * 188, from, to, taker);
  expect(taker.octets("b").length).toBe(28 * 188);
  for (const track of to.tracks) expect(track).toMatchObject({ gaps: 0, restarts: 0 });
});

test("a slow subscriber sees each gap, and the publisher never waits", async () => {
  const from = publisher({ highWaterMark: 2, batchSize: 64, batchTimeMs: 1000 });
  const to = subscriber(from.endpoint, "pub", 2);
  const taker = new Collector();
  await connected(from, to, taker);
  from.open(0, streamInfo(STREAM));
  const packets = tsPackets(448);
  for (let round = 0; round < 400; round++) feed(from, packets);
  expect(from.report()).toMatchObject({ heldBackMs: 0, dropped: 0, queued: 0 });
  drain(to, taker);
  const track = to.tracks.find(({ kind }) => kind === "ts");
  // A gap shows with the next message that gets through.
  let fed = 400;
  do {
    feed(from, packets);
    fed++;
    drain(to, taker);
  } while ((track?.messages ?? 0) + (track?.lostMessages ?? 0) < fed && fed < 450);
  expect((track?.messages ?? 0) + (track?.lostMessages ?? 0)).toBe(fed);
  expect(track?.lostMessages).toBeGreaterThan(0);
  expect(track?.gaps).toBeGreaterThan(0);
});

test("push: a full queue holds back until the client takes more", () => {
  const lines: string[] = [];
  const to = subscriber("tcp://127.0.0.1:*", "push", 1);
  const taker = new Collector();
  const endpoint = to.boundEndpoint;
  const from = publisher({
    endpoint,
    transport: "push",
    highWaterMark: 4,
    sendBuffer: 4096,
    batchSize: 64,
    log: (level, message) => {
      lines.push(`${level}: ${message}`);
      if (!message.includes("holding back")) return;
      // The client, in the same thread here, wakes up at last.
      while (to.receive(taker, 1000, 100) > 0);
    },
  });
  from.open(0, streamInfo(STREAM));
  const packets = tsPackets(448);
  let sent = 0;
  while (!lines.some((line) => line.includes("Sending again")) && sent < 2000) {
    feed(from, packets);
    sent++;
  }
  expect(lines.some((line) => line.startsWith("warning") && line.includes("holding back"))).toBe(true);
  const report = from.report();
  expect(report.heldBackMs).toBeGreaterThan(0);
  expect(report.queued).toBeLessThanOrEqual(report.queueLimit);
  expect(report.dropped).toBe(0);
  let quiet = 0;
  while (quiet < 20) {
    from.poll(0);
    quiet = to.receive(taker, 100, 10) > 0 ? 0 : quiet + 1;
  }
  expect(taker.octets(STREAM).length).toBe(sent * packets.length);
  expect(to.tracks.find(({ kind }) => kind === "ts")?.gaps).toBe(0);
});

test("push: once stopped, what nobody takes is dropped and counted, and the end is bounded", () => {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const logged = new LogLines();
  const from = publisher({
    endpoint: "tcp://127.0.0.1:9",
    transport: "push",
    highWaterMark: 4,
    stop,
    lingerMs: 50,
    log: logged.log,
  });
  stop[0] = 1;
  from.open(0, streamInfo(STREAM));
  const packets = tsPackets(28);
  for (let i = 0; i < 20; i++) feed(from, packets);
  from.sendReport("-", "{}");
  expect(from.drain(10)).toBe(false);
  from.shutdown(50);
  const { messages, dropped, queued } = from.report();
  expect(messages + dropped).toBe(21);
  expect(dropped).toBeGreaterThan(10);
  expect(queued).toBe(0);
  expect(logged.lines.some((line) => line.includes("dropped"))).toBe(true);
});

test("subscribers that come and go are logged with their address", async () => {
  const logged = new LogLines();
  const from = publisher({ log: logged.log });
  const to = new Subscriber({
    endpoints: [from.endpoint],
    transport: "pub",
    highWaterMark: 10,
    log: () => {},
  });
  const taker = new Collector();
  await pump(() => from.report().subscribers === 1, from, to, taker);
  to.close();
  await pump(() => from.report().subscribers === 0, from, null, taker);
  expect(logged.lines[0]).toMatch(/^info: Subscriber 127\.0\.0\.1:\d+ connected$/);
  expect(logged.lines[1]).toMatch(/^info: Subscriber 127\.0\.0\.1:\d+ gone$/);
});

test("an address in use is a fault of the environment, a bad endpoint wrong usage", () => {
  const first = publisher();
  const code = (run: () => unknown): [string, number] => {
    try {
      run();
    } catch (error) {
      if (error instanceof RscapError) return [error.code, error.exitCode];
    }
    return ["none", -1];
  };
  expect(code(() => publisher({ endpoint: first.endpoint }))).toEqual(["endpoint.inUse", EXIT.environment]);
  expect(code(() => publisher({ endpoint: "tcp://203.0.113.1:5556" }))).toEqual([
    "endpoint.notLocal",
    EXIT.environment,
  ]);
  expect(code(() => publisher({ endpoint: "tcp://:5556" }))).toEqual(["endpoint.invalid", EXIT.usage]);
  expect(code(() => publisher({ endpoint: "tcp://*:5556", transport: "push" }))[1]).toBe(EXIT.usage);
  const ipc = `ipc://${folder}/in-use`;
  publisher({ endpoint: ipc });
  expect(code(() => publisher({ endpoint: ipc }))).toEqual(["endpoint.inUse", EXIT.environment]);
});

test("reports and events go beside the packets, but not with --header none", async () => {
  const from = publisher();
  const to = subscriber(from.endpoint);
  const taker = new Collector();
  await connected(from, to, taker);
  const before = to.passed.other;
  from.sendEvent(STREAM, '{"event":"start"}');
  from.sendReport(STREAM, '{"a":"ü"}');
  await pump(() => to.passed.other === before + 2, from, to, taker);
  expect(to.tracks.map(({ stream, kind }) => `${stream} ${kind}`)).toContain(`${STREAM} event`);
  const bare = publisher({ header: "none" });
  bare.sendReport("-", "{}");
  expect(bare.report().messages).toBe(0);
});

test("reports go on counting, however many streams there were events of", async () => {
  const endpoint = `ipc://${join(folder, "many")}`;
  const from = publisher({ endpoint, transport: "push", highWaterMark: 10_000 });
  const to = subscriber(endpoint, "push", 10_000);
  const taker = new Collector();
  const before = 3;
  for (let i = 0; i < before; i++) from.sendReport("-", "{}");
  for (let i = 0; i < 5000; i++) from.sendEvent(`s${i}`, "{}");
  from.sendReport("-", "{}");
  await pump(() => to.tracks[0]?.messages === before + 1, from, to, taker);
  expect(to.tracks[0]).toMatchObject({ kind: "report", restarts: 0, lostMessages: 0 });
});

test("IPv6 works like IPv4", async () => {
  const from = publisher({ endpoint: "tcp://[::1]:*" });
  const to = subscriber(from.endpoint);
  const taker = new Collector();
  await connected(from, to, taker);
  from.open(0, streamInfo(STREAM));
  const packets = tsPackets(70);
  feed(from, packets);
  await pump(() => taker.octets(STREAM).length === packets.length, from, to, taker);
  expect(from.endpoint).toStartWith("tcp://[::1]:");
});

test("any cutting into runs: the same octets arrive, and the counters add up", async () => {
  const from = publisher({ batchSize: 8 });
  const to = subscriber(from.endpoint);
  const taker = new Collector();
  await connected(from, to, taker);
  let stream = 0;
  const packets = tsPackets(400);
  const run = fc.record({
    packets: fc.integer({ min: 1, max: 9 }),
    skip: fc.integer({ min: 0, max: 3 }),
    newDatagram: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 30 }), async (runs) => {
      const id = `s${stream}`;
      from.open(stream, streamInfo(id));
      const expected: Uint8Array[] = [];
      let at = 0;
      for (const { packets: length, skip, newDatagram } of runs) {
        at += skip;
        from.packets(stream, packets, at * 188, length * 188, 0, newDatagram ? 1 : 0);
        expected.push(packets.subarray(at * 188, (at + length) * 188));
        at += length;
      }
      from.close(stream++);
      const whole = Buffer.concat(expected);
      await pump(() => taker.octets(id).length >= whole.length, from, to, taker);
      expect(Buffer.compare(taker.octets(id), whole)).toBe(0);
    }),
    { numRuns: 30 },
  );
});
