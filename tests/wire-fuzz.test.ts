/** A client among hostile senders: it drops and counts what does not fit, and goes on with the good ones. */
import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { SOCKET } from "../ffi/libzmq/constants.ts";
import { ZmqContext } from "../ffi/libzmq/socket.ts";
import { Random } from "../fixtures/lib/random.ts";
import { PAYLOAD_MAX_BYTES } from "../src/wire/header.ts";
import { Subscriber } from "../src/wire/subscriber.ts";
import {
  Collector,
  connected,
  LogLines,
  pump,
  streamInfo,
  testPublisher,
  tsPackets,
} from "./helpers/wire.ts";
import { fuzzWire, hostileMessage, sendMessage, templates } from "./helpers/wire-fuzz.ts";

setDefaultTimeout(120_000);

const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0).toReversed()) close();
});

/** A client that binds. */
function pulling(log = new LogLines()): Subscriber {
  const endpoints = ["tcp://127.0.0.1:*"];
  const to = new Subscriber({ endpoints, transport: "push", highWaterMark: 1000, log: log.log });
  opened.push(() => to.close());
  return to;
}

test("thousands of mutated messages: each is taken or counted, and every good one comes; seed 1", () => {
  const iterations = 6000;
  const counts = fuzzWire(iterations, 1);
  const { taken, good, parts, topic, header, length, oversize, streams } = counts;
  expect(taken + parts + topic + header + length + oversize + streams).toBe(iterations);
  expect(good).toBe(Math.ceil(iterations / 16));
  // The run means something only where it reaches each check.
  for (const count of [taken, parts, topic, header]) expect(count).toBeGreaterThan(iterations / 20);
  for (const count of [length, oversize]) expect(count).toBeGreaterThan(iterations / 200);
});

test("the same seed makes the same messages", () => {
  const corpus = templates();
  const make = (seed: number): string[] => {
    const random = new Random(seed);
    return Array.from({ length: 100 }, () =>
      hostileMessage(corpus, random)
        .map((part) => Bun.hash(part).toString(16))
        .join(" "),
    );
  };
  expect(make(7)).toEqual(make(7));
  expect(make(7)).not.toEqual(make(8));
});

test("a hostile PUB among the endpoints does not keep a good probe's packets away", async () => {
  const corpus = templates();
  const random = new Random(3);
  const context = new ZmqContext();
  opened.push(() => context.close());
  const hostile = context.socket(SOCKET.pub);
  hostile.setInt("ZMQ_LINGER", 0);
  hostile.bind("tcp://127.0.0.1:*");
  const good = testPublisher({ probe: "good" });
  opened.push(() => good.shutdown(0));
  const endpoints = [hostile.lastEndpoint(), good.endpoint];
  const to = new Subscriber({ endpoints, transport: "pub", highWaterMark: 1000, log: () => {} });
  opened.push(() => to.close());
  const taker = new Collector();
  await connected(good, to, taker);
  const refused = (): number => Object.values(to.refused).reduce((sum, count) => sum + count, 0);
  await pump(
    () => {
      sendMessage(hostile, [new Uint8Array(1), new Uint8Array(1)]);
      return refused() > 0;
    },
    good,
    to,
    taker,
  );
  const knocks = refused();
  const packets = tsPackets(700);
  good.open(0, streamInfo("good"));
  for (let i = 0; i < 100; i++) {
    for (let n = 0; n < 10; n++) sendMessage(hostile, hostileMessage(corpus, random));
    good.packets(0, packets, i * 1316, 1316, i, 1);
    good.bufferEnd();
    to.receive(taker, 1000, 0);
  }
  await pump(() => taker.octets("good").length === packets.length, good, to, taker);
  expect(taker.octets("good")).toEqual(Buffer.from(packets));
  const track = to.tracks.find(({ stream, kind }) => stream === "good" && kind === "ts");
  expect(track).toMatchObject({ gaps: 0, restarts: 0, packets: 700 });
  await pump(() => refused() > knocks + 100, good, to, taker);
});

test("a part beyond all bounds ends that connection alone", async () => {
  const log = new LogLines();
  const to = pulling(log);
  const context = new ZmqContext();
  opened.push(() => context.close());
  const hostile = context.socket(SOCKET.push);
  hostile.setInt("ZMQ_LINGER", 0);
  hostile.connect(to.boundEndpoint);
  sendMessage(hostile, [new Uint8Array(4 * PAYLOAD_MAX_BYTES + 1)]);
  const taker = new Collector();
  await pump(() => log.lines.some((line) => line.includes("gone")), null, to, taker);
  expect(to.messages).toBe(0);
  const good = testPublisher({ transport: "push", endpoint: to.boundEndpoint });
  opened.push(() => good.shutdown(0));
  const packets = tsPackets(7);
  good.open(0, streamInfo("good"));
  good.packets(0, packets, 0, packets.length, 0, 1);
  good.bufferEnd();
  await pump(() => taker.octets("good").length === packets.length, good, to, taker);
});

/** ZMTP 3.0 greeting (RFC 23) and the READY command of a PUSH without security. */
const GREETING = [
  0xff,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  1,
  0x7f,
  3,
  0,
  0x4e,
  0x55,
  0x4c,
  0x4c,
  ...new Array<number>(48).fill(0),
];
const READY = [
  ...[4, 26, 5, ...Buffer.from("READY"), 11, ...Buffer.from("Socket-Type")],
  ...[0, 0, 0, 4, ...Buffer.from("PUSH")],
];

/** What a stranger sends over TCP: nothing of it is to be trusted, down to the frames' lengths. */
function strangersOctets(random: Random): Uint8Array {
  const start = [...GREETING, ...READY];
  // Long frames of 2^63 - 1, 4 GiB and 64 kB; commands without a name; frames that never end; anything.
  const frames = [
    [2, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    [3, 0, 0, 0, 1, 0, 0, 0, 0],
    [2, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3],
    [4, 0],
    [4, 5, 9, 1, 2, 3, 4],
    [1, 200, 1, 2, 3],
    [...random.bytes(1 + random.below(200))],
  ];
  const octets = [...start, ...(frames[random.below(frames.length)] as number[])];
  if (random.chance(0.4)) octets[random.below(start.length)] = random.below(256);
  return Uint8Array.from(random.chance(0.3) ? octets.slice(0, random.below(octets.length)) : octets);
}

test("strangers who speak no proper ZMTP are counted, and a good probe is served meanwhile; seed 5", async () => {
  const random = new Random(5);
  const to = pulling();
  const port = Number(to.boundEndpoint.split(":").at(-1));
  const strangers: Socket[] = [];
  opened.push(() => {
    for (const stranger of strangers) stranger.destroy();
  });
  const good = testPublisher({ transport: "push", endpoint: to.boundEndpoint });
  opened.push(() => good.shutdown(0));
  const taker = new Collector();
  const packets = tsPackets(7 * 60);
  good.open(0, streamInfo("good"));
  for (let i = 0; i < 60; i++) {
    const stranger = connect(port, "127.0.0.1");
    // The subscriber may close the connection at any time.
    stranger.on("error", () => {});
    stranger.on("connect", () => stranger.write(strangersOctets(random)));
    strangers.push(stranger);
    good.packets(0, packets, i * 1316, 1316, i, 1);
    good.bufferEnd();
    await pump(() => taker.octets("good").length === (i + 1) * 1316, good, to, taker);
  }
  expect(taker.octets("good")).toEqual(Buffer.from(packets));
  for (const stranger of strangers) stranger.destroy();
  await pump(() => to.peers === 1, good, to, taker);
  expect(to.failedConnections).toBeGreaterThan(0);
});

/** ZMQ_XSUB: a subscriber that writes its subscriptions as messages, so any octets can be sent. */
const XSUB = 10;

test("a hostile subscriber does not keep a PUB from serving another; seed 9", async () => {
  const random = new Random(9);
  const log = new LogLines();
  const publisher = testPublisher({ log: log.log });
  opened.push(() => publisher.shutdown(0));
  const to = new Subscriber({
    endpoints: [publisher.endpoint],
    transport: "pub",
    highWaterMark: 1000,
    log: () => {},
  });
  opened.push(() => to.close());
  const taker = new Collector();
  await connected(publisher, to, taker);
  const context = new ZmqContext();
  opened.push(() => context.close());
  const hostile = context.socket(XSUB);
  hostile.setInt("ZMQ_LINGER", 0);
  hostile.connect(publisher.endpoint);
  await pump(() => publisher.report().subscribers === 2, publisher, to, taker);
  const packets = tsPackets(7 * 50);
  publisher.open(0, streamInfo("good"));
  for (let i = 0; i < 50; i++) {
    for (let n = 0; n < 20; n++) {
      // 1 subscribes, 0 takes it back (RFC 29); prefixes of all lengths, and messages of several parts.
      const message: Uint8Array[] = [Uint8Array.from([random.below(3), ...random.bytes(random.below(300))])];
      if (random.chance(0.2)) message.push(random.bytes(random.below(300)));
      sendMessage(hostile, message);
    }
    publisher.packets(0, packets, i * 1316, 1316, i, 1);
    publisher.bufferEnd();
    await pump(() => taker.octets("good").length === (i + 1) * 1316, publisher, to, taker);
  }
  expect(taker.octets("good")).toEqual(Buffer.from(packets));
  // No subscription is that long: the connection of who sends one ends.
  sendMessage(hostile, [new Uint8Array(5000).fill(1)]);
  await pump(() => log.lines.some((line) => line.endsWith(" gone")), publisher, to, taker);
});
