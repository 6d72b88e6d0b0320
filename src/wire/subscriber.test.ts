import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { SOCKET, ZMQ_DONTWAIT, ZMQ_SNDMORE } from "../../ffi/libzmq/constants.ts";
import { libzmq } from "../../ffi/libzmq/libzmq.ts";
import { ZmqContext, type ZmqSocket } from "../../ffi/libzmq/socket.ts";
import { addressOf, alloc } from "../../ffi/memory.ts";
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
import { NO_WALL_CLOCK } from "../report/time.ts";
import { PAYLOAD_MAX_BYTES } from "./header.ts";
import { CapnpHeaderEncoder } from "./header-capnp.ts";
import { Subscriber } from "./subscriber.ts";
import { TOPIC_MAX_BYTES } from "./topic.ts";

// Other tests may keep the machine busy.
setDefaultTimeout(30_000);

const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0).toReversed()) close();
});

/** A client that binds, a raw socket that pushes whatever parts it is given, and what the client took. */
function bench(logged = new LogLines()): {
  to: Subscriber;
  taker: Collector;
  send: (...parts: Uint8Array[]) => void;
  settle: (messages: number) => Promise<void>;
} {
  const to = new Subscriber({
    endpoints: ["tcp://127.0.0.1:*"],
    transport: "push",
    highWaterMark: 1000,
    log: logged.log,
  });
  const context = new ZmqContext();
  const socket = context.socket(SOCKET.push);
  socket.setInt("ZMQ_LINGER", 0);
  socket.connect(to.boundEndpoint);
  opened.push(
    () => to.close(),
    () => context.close(),
  );
  const taker = new Collector();
  return {
    to,
    taker,
    send: (...parts) => sendParts(socket, parts),
    settle: (messages) => pump(() => to.messages >= messages, null, to, taker),
  };
}

function sendParts(socket: ZmqSocket, parts: readonly Uint8Array[]): void {
  for (const [i, part] of parts.entries()) {
    const copy = alloc(part.length);
    copy.set(part);
    const more = i + 1 < parts.length ? ZMQ_SNDMORE : 0;
    expect(libzmq().zmq_send(socket.handle, addressOf(copy), copy.length, more | ZMQ_DONTWAIT)).toBe(
      part.length,
    );
  }
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const TOPIC = text("rscap/1/a/s/ts");
const header = (change: Record<string, unknown> = {}): Uint8Array =>
  text(
    JSON.stringify({
      rscap: 1,
      probe: "a",
      run: "r",
      stream: "s",
      kind: "ts",
      source: null,
      destination: null,
      timestampSource: "",
      sequence: 0,
      firstTime: null,
      lastTime: null,
      datagrams: 1,
      packets: 7,
      ...change,
    }),
  );

/** The same header in Cap'n Proto, as a probe writes it. */
const capnpHeader = (sequence: number): Uint8Array => {
  const facts = {
    probe: "a",
    run: "r",
    stream: "s",
    kind: "ts",
    timestampSource: "",
    deviceName: "",
  } as const;
  const addresses = { sourceAddress: "", sourcePort: 0, destinationAddress: "", destinationPort: 0 };
  const target = { targetHost: "", targetPort: 0, batchSize: 1 };
  const encoder = new CapnpHeaderEncoder({ ...facts, ...addresses, ...target }, NO_WALL_CLOCK);
  const times = { firstNs: Number.NaN, lastNs: Number.NaN };
  const sizes = { datagrams: 1, packets: 7, payloadBytes: 1316, totalBytes: 1316, lengths: null };
  return encoder.buf.slice(0, encoder.encode({ sequence, ...times, ...sizes }));
};

test("each message tells by itself what its header is encoded in", async () => {
  const { to, taker, send, settle } = bench();
  for (let sequence = 0; sequence < 6; sequence++) {
    send(
      TOPIC,
      sequence % 3 === 0 ? header({ sequence }) : capnpHeader(sequence),
      tsPackets(7, sequence * 7),
    );
  }
  send(TOPIC, capnpHeader(6).subarray(0, 100), tsPackets(7));
  await settle(7);
  expect(taker.octets("s")).toEqual(Buffer.from(tsPackets(42)));
  expect(to.tracks[0]).toMatchObject({ messages: 6, gaps: 0, restarts: 0 });
  expect(to.refused.header).toBe(1);
});

test("messages that do not fit are counted by reason, and the next good one is taken", async () => {
  const { to, taker, send, settle } = bench();
  const good = tsPackets(7);
  send(TOPIC, header());
  send(TOPIC, header(), good, good);
  send(TOPIC, header(), good, good, good, good);
  send(text("weather/today"), header(), good);
  send(new Uint8Array(TOPIC_MAX_BYTES + 1).fill(0x61), header(), good);
  send(TOPIC, text("{}"), good);
  send(TOPIC, header({ probe: "b" }), good);
  send(TOPIC, header({ kind: "rtp" }), good);
  send(TOPIC, new Uint8Array(70_000).fill(0x20), good);
  send(TOPIC, header(), good.subarray(0, 1000));
  send(TOPIC, header({ packets: 8 }), good);
  send(TOPIC, header(), new Uint8Array(PAYLOAD_MAX_BYTES + 1));
  send(new Uint8Array(PAYLOAD_MAX_BYTES + 1));
  send(TOPIC, header(), good);
  await settle(14);
  expect(to.refused).toEqual({ parts: 3, topic: 2, header: 4, length: 2, oversize: 2, streams: 0 });
  expect(taker.octets("s")).toEqual(Buffer.from(good));
});

test("any parts: nothing throws, and every message is taken, passed or refused", async () => {
  const { to, taker, send, settle } = bench();
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.constant(TOPIC),
    fc.constant(text("rscap/1/a/s/report")),
    fc.constant(header()),
    fc.constant(capnpHeader(0)),
    fc.constant(tsPackets(7)),
  );
  let sent = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), async (parts) => {
      send(...parts);
      sent++;
      await settle(sent);
    }),
    { numRuns: 200 },
  );
  const { parts, topic, header: headers, length, oversize, streams } = to.refused;
  const refused = parts + topic + headers + length + oversize + streams;
  const tracked = to.tracks.reduce((sum, track) => sum + track.messages, 0);
  expect(to.messages).toBe(sent);
  expect(refused + tracked).toBe(sent);
  expect(taker.octets("").length + taker.octets("s").length).toBe(
    to.tracks.reduce((sum, track) => sum + (track.kind === "ts" ? track.bytes : 0), 0),
  );
});

test("streams that are not wanted are counted, with and without a header", async () => {
  const { to, taker, send, settle } = bench();
  taker.unwanted.add("s").add("");
  send(TOPIC, header(), tsPackets(7));
  send(tsPackets(3));
  await settle(2);
  expect(to.passed.unwanted).toBe(10);
  expect(taker.byStream.size).toBe(0);
});

test("a flood of streams is refused beyond the limit", async () => {
  const { to, send, settle } = bench();
  for (let i = 0; i < 1100; i++) {
    send(text(`rscap/1/a/s${i}/ts`), header({ stream: `s${i}` }), tsPackets(7));
    if (i % 100 === 0) await settle(i);
  }
  await settle(1100);
  expect(to.refused.streams).toBe(1100 - 1024);
});

test("one-frame messages that are not cut at packets come out whole", async () => {
  const { to, taker, send, settle } = bench();
  const octets = tsPackets(100);
  let sent = 0;
  for (let off = 0; off < octets.length; off += 1000, sent++) send(octets.subarray(off, off + 1000));
  await settle(sent);
  expect(taker.octets("")).toEqual(Buffer.from(octets));
  expect(to.tracks[0]).toMatchObject({ stream: "", packets: 100, messages: sent, gaps: 0 });
  expect(to.aligner.skippedBytes).toBe(0);
});

test("a gap is counted, a restart is told and is no gap", async () => {
  const logged = new LogLines();
  const { to, send, settle } = bench(logged);
  for (const sequence of [0, 1, 4]) send(TOPIC, header({ sequence }), tsPackets(7));
  for (const sequence of [7, 8]) send(TOPIC, header({ sequence, run: "second" }), tsPackets(7));
  send(TOPIC, header({ sequence: 0, run: "third" }), tsPackets(7));
  await settle(6);
  expect(to.tracks[0]).toMatchObject({ gaps: 1, lostMessages: 2, restarts: 2, packets: 42 });
  expect(logged.lines.filter((line) => line.includes("Probe a has started again"))).toEqual([
    "warning: Probe a has started again; s goes on at its message 7",
  ]);
});

test("a probe that stops and starts again is found again, and both are told", async () => {
  const logged = new LogLines();
  const first = testPublisher();
  const { endpoint } = first;
  const to = new Subscriber({ endpoints: [endpoint], transport: "pub", highWaterMark: 100, log: logged.log });
  opened.push(() => to.close());
  const taker = new Collector();
  await connected(first, to, taker);
  const packets = tsPackets(28);
  const publish = (from: typeof first): void => {
    from.packets(0, packets, 0, packets.length, 0, 4);
    from.bufferEnd();
  };
  first.open(0, streamInfo("s"));
  publish(first);
  await pump(() => taker.octets("s").length === packets.length, first, to, taker);
  first.shutdown();
  await pump(() => to.peers === 0, null, to, taker);
  const second = testPublisher({ endpoint });
  opened.push(() => second.shutdown(0));
  await pump(() => to.peers === 1, second, to, taker);
  second.open(0, streamInfo("s"));
  await pump(
    () => {
      publish(second);
      return taker.octets("s").length > packets.length;
    },
    second,
    to,
    taker,
  );
  expect(to.tracks.find(({ kind }) => kind === "ts")).toMatchObject({ restarts: 1 });
  const told = logged.lines.join("\n");
  expect(told).toContain(`info: Connected to probe at ${endpoint}`);
  expect(told).toContain(`warning: Probe at ${endpoint} is gone; waiting for it to come back`);
  expect(told).toContain("Probe test has started again");
});

test("a client may have several probes; with push it has exactly one endpoint", async () => {
  const probes = [testPublisher({ probe: "one" }), testPublisher({ probe: "two" })] as const;
  opened.push(() => {
    for (const probe of probes) probe.shutdown(0);
  });
  const endpoints = probes.map(({ endpoint }) => endpoint);
  const to = new Subscriber({ endpoints, transport: "pub", highWaterMark: 10, log: () => {} });
  opened.push(() => to.close());
  const taker = new Collector();
  await pump(
    () => {
      for (const probe of probes) probe.sendReport("-", "{}");
      return to.tracks.length === 2;
    },
    probes[0],
    to,
    taker,
  );
  expect(to.tracks.map(({ probe }) => probe).toSorted()).toEqual(["one", "two"]);
  for (const wrong of [endpoints, []]) {
    let exitCode: number | undefined;
    try {
      new Subscriber({ endpoints: wrong, transport: "push", highWaterMark: 10, log: () => {} });
    } catch (error) {
      if (error instanceof RscapError) ({ exitCode } = error);
    }
    expect(exitCode).toBe(EXIT.usage);
  }
});

test("a client that can't have its endpoint says why", () => {
  const { to } = bench();
  const attempt = (transport: "pub" | "push", endpoint: string): unknown => {
    try {
      return new Subscriber({ endpoints: [endpoint], transport, highWaterMark: 10, log: () => {} });
    } catch (error) {
      return error;
    }
  };
  expect(attempt("push", to.boundEndpoint)).toMatchObject({
    code: "endpoint.inUse",
    exitCode: EXIT.environment,
  });
  expect(attempt("pub", "tcp://*:5556")).toMatchObject({ exitCode: EXIT.usage });
});
