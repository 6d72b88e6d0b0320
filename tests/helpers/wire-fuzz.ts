/** Hostile ZeroMQ messages, by the thousand, over a real socket into a real subscriber. */

import { SOCKET, ZMQ_DONTWAIT, ZMQ_SNDMORE } from "../../ffi/libzmq/constants.ts";
import { libzmq } from "../../ffi/libzmq/libzmq.ts";
import { ZmqContext, type ZmqSocket } from "../../ffi/libzmq/socket.ts";
import { addressOf, alloc, viewAt } from "../../ffi/memory.ts";
import { Random } from "../../fixtures/lib/random.ts";
import { PAYLOAD_MAX_BYTES } from "../../src/wire/header.ts";
import type { Publisher } from "../../src/wire/publisher.ts";
import type { StreamTrack } from "../../src/wire/stream-track.ts";
import { type PacketTaker, RESERVE_BYTES, Subscriber } from "../../src/wire/subscriber.ts";
import { streamInfo, testPublisher, tsPackets } from "./wire.ts";

/** The parts of one message. */
export type Message = readonly Uint8Array[];

/** What a run came to. */
export interface WireFuzzCounts {
  iterations: number;
  /** Messages that were taken as what they say they are. */
  taken: number;
  /** Refused, by reason. */
  parts: number;
  topic: number;
  header: number;
  length: number;
  oversize: number;
  streams: number;
  /** Good messages in between, all of which have to come. */
  good: number;
}

/** Largest part that is made: as large as what the subscriber lets libzmq take would break the connection. */
const PART_MAX_BYTES = 2 * PAYLOAD_MAX_BYTES;
/** Messages sent before the subscriber gets its turn. */
const BURST = 64;
/** Between two good messages. */
const GOOD_EVERY = 16;
/** Topics that one subscriber is given: it follows 1024, and the good stream must be among them. */
const A_SUBSCRIBER = 20_000;

const PACKETS = 7;
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Numbers that break what trusts them, as JSON has them and as words in binary. */
const NUMBERS = [
  "-1",
  "1e308",
  "9007199254740993",
  "4294967296",
  "1.5",
  '"7"',
  "null",
  "[]",
  "{}",
  "1e999",
] as const;
const WORDS = [0xffffffff, 0x7fffffff, 0x80000000, 0x10000, 1, 0] as const;

/** Waits for a condition of this process; a machine that stands still is no failure. */
function settle(done: () => boolean, step: () => void): void {
  const deadline = performance.now() + 60_000;
  while (!done()) {
    if (performance.now() > deadline) throw new Error("the subscriber took no message for 60 s");
    step();
  }
}

/** Sends a message as it is; waits for room. */
export function sendMessage(socket: ZmqSocket, message: Message): void {
  for (const [i, part] of message.entries()) {
    const copy = alloc(part.length);
    copy.set(part);
    const flags = ZMQ_DONTWAIT | (i + 1 < message.length ? ZMQ_SNDMORE : 0);
    let sent = -1;
    settle(
      () => sent >= 0,
      () => {
        sent = libzmq().zmq_send(socket.handle, addressOf(copy), copy.length, flags);
        if (sent < 0) socket.waitWritable(100);
      },
    );
  }
}

/** Messages as probes really send them: each kind, in each form of the header. */
export function templates(): Message[] {
  const context = new ZmqContext();
  const pull = context.socket(SOCKET.pull);
  pull.bind("tcp://127.0.0.1:*");
  const endpoint = pull.lastEndpoint();
  const messages: Message[] = [];
  for (const header of ["capnp", "json", "none"] as const) {
    const publisher = testPublisher({ transport: "push", endpoint, header, probe: "a" });
    publishPackets(publisher);
    if (header !== "none") publishOthers(publisher);
    const wanted = messages.length + (header === "none" ? 1 : 4);
    settle(
      () => messages.length >= wanted,
      () => {
        publisher.poll(performance.now());
        if (pull.waitReadable(100)) messages.push(receiveMessage(pull));
      },
    );
    publisher.shutdown(0);
  }
  context.close();
  return messages;
}

function publishPackets(publisher: Publisher): void {
  const packets = tsPackets(PACKETS * 4);
  publisher.open(0, streamInfo("s"));
  publisher.packets(0, packets, 0, packets.length, 0, 4);
  publisher.bufferEnd();
}

function publishOthers(publisher: Publisher): void {
  publisher.open(1, streamInfo("v", "rtp"));
  const rtp = alloc(3 * 200).fill(0x80);
  for (let i = 0; i < 3; i++) publisher.packets(1, rtp, i * 200, 200, i, 1);
  publisher.bufferEnd();
  publisher.sendReport("s", '{"schema":"rscap.report/1"}');
  publisher.sendEvent("-", '{"schema":"rscap.event/1"}');
}

function receiveMessage(socket: ZmqSocket): Message {
  const room = alloc(PAYLOAD_MAX_BYTES);
  const parts: Uint8Array[] = [];
  do parts.push(room.slice(0, socket.receive(addressOf(room), room.length)));
  while (socket.more());
  return parts;
}

/** One way to spoil `part`. */
function spoiled(part: Uint8Array, random: Random): Uint8Array {
  const out = Uint8Array.from(part);
  switch (random.below(8)) {
    case 0:
      return out.subarray(0, random.below(out.length + 1));
    case 1:
      return new Uint8Array(0);
    case 2:
      return random.bytes(random.below(300));
    case 3:
      return Uint8Array.from([
        ...out.subarray(0, random.below(out.length + 1)),
        ...random.bytes(random.below(40)),
      ]);
    case 4:
      return spoiledNumber(out, random);
    case 5: {
      if (out.length < 4) return out;
      const off = random.below(out.length - 3) & ~3;
      new DataView(out.buffer).setUint32(off, WORDS[random.below(WORDS.length)] as number, true);
      return out;
    }
    default:
      for (let flips = 1 + random.below(8); flips > 0 && out.length > 0; flips--) {
        const at = random.below(out.length);
        out[at] = (out[at] as number) ^ (1 << random.below(8));
      }
      return out;
  }
}

/** `part` with one of its decimal numbers replaced. */
function spoiledNumber(part: Uint8Array, random: Random): Uint8Array {
  const latin = Buffer.from(part).toString("latin1");
  const numbers = [...latin.matchAll(/\d+/g)];
  const chosen = numbers[random.below(Math.max(1, numbers.length))];
  if (chosen === undefined) return part;
  const number = NUMBERS[random.below(NUMBERS.length)] as string;
  const end = chosen.index + chosen[0].length;
  return Uint8Array.from(Buffer.from(latin.slice(0, chosen.index) + number + latin.slice(end), "latin1"));
}

/** A message made of `corpus`: parts spoiled, left out, doubled, exchanged, or a thousand of them. */
export function hostileMessage(corpus: readonly Message[], random: Random): Message {
  const from = corpus[random.below(corpus.length)] as Message;
  let parts = [...from];
  const some = (): Uint8Array => {
    const other = corpus[random.below(corpus.length)] as Message;
    return other[random.below(other.length)] as Uint8Array;
  };
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    const at = random.below(parts.length + 1);
    const choice = random.below(100);
    if (choice < 60) parts = parts.map((part, i) => (i === at ? spoiled(part, random) : part));
    else if (choice < 70) parts = parts.filter((_, i) => i !== at);
    else if (choice < 80) parts.splice(at, 0, some());
    else if (choice < 90) parts = parts.map((part, i) => (i === at ? some() : part));
    else if (choice < 97) parts = parts.toReversed();
    else if (choice < 99)
      parts = Array.from({ length: 1000 }, () => (random.chance(0.5) ? new Uint8Array(0) : text("x")));
    else
      parts = [
        ...parts.slice(0, -1),
        new Uint8Array(PAYLOAD_MAX_BYTES + 1 + random.below(PART_MAX_BYTES - PAYLOAD_MAX_BYTES)),
      ];
  }
  return parts.length === 0 ? [new Uint8Array(0)] : parts;
}

/** Takes everything, and checks that nothing is larger than it may be. */
class StrictTaker implements PacketTaker {
  readonly good: Uint8Array[] = [];
  readonly #room = alloc(RESERVE_BYTES);
  readonly #at = addressOf(this.#room);

  reserve(): number {
    return this.#at;
  }

  commit(track: StreamTrack, bytes: number): void {
    if (bytes > RESERVE_BYTES || bytes % 188 !== 0) throw new Error(`${bytes} octets are no TS packets`);
    if (track.stream === "good") this.good.push(viewAt(this.#at, bytes).slice());
  }

  rtp(_: StreamTrack, header: { lengths?: number[] | undefined }, octets: Uint8Array): boolean {
    const total = (header.lengths ?? []).reduce((sum, length) => sum + length, 0);
    if (total !== octets.length) throw new Error("lengths that do not fit were passed on");
    return true;
  }

  document(_: StreamTrack, octets: Uint8Array): void {
    if (octets.length > PAYLOAD_MAX_BYTES) throw new Error("a document that is too large was passed on");
  }
}

/**
 * Sends `iterations` hostile messages, with good ones in between. Throws where the subscriber does, where a message is neither
 * taken nor counted as refused, or where a good one is missing or changed.
 */
export function fuzzWire(iterations: number, seed: number): WireFuzzCounts {
  const random = new Random(seed);
  const corpus = templates();
  const counts: WireFuzzCounts = {
    ...{ iterations, taken: 0, good: 0 },
    ...{ parts: 0, topic: 0, header: 0, length: 0, oversize: 0, streams: 0 },
  };
  for (let left = iterations; left > 0; left -= A_SUBSCRIBER) {
    fuzzSubscriber(corpus, Math.min(left, A_SUBSCRIBER), random, counts);
  }
  return counts;
}

function fuzzSubscriber(
  corpus: readonly Message[],
  iterations: number,
  random: Random,
  counts: WireFuzzCounts,
): void {
  const endpoint = "tcp://127.0.0.1:*";
  const to = new Subscriber({ endpoints: [endpoint], transport: "push", highWaterMark: 1000, log: () => {} });
  const context = new ZmqContext();
  const socket = context.socket(SOCKET.push);
  const taker = new StrictTaker();
  try {
    socket.setInt("ZMQ_LINGER", 0);
    socket.connect(to.boundEndpoint);
    const good = goodMessages();
    const packets: Uint8Array[] = [];
    let sent = 0;
    for (let i = 0; i < iterations; i++) {
      if (i % GOOD_EVERY === 0) {
        const { message, payload } = good();
        sendMessage(socket, message);
        packets.push(payload);
        sent++;
      }
      sendMessage(socket, hostileMessage(corpus, random));
      sent++;
      if (i % BURST === 0 || i === iterations - 1) {
        settle(
          () => to.messages === sent,
          () => void to.receive(taker, 1000, 100),
        );
        to.poll();
      }
    }
    if (!Buffer.concat(taker.good).equals(Buffer.concat(packets)))
      throw new Error("good packets are missing or changed");
    const taken = to.tracks.reduce((sum, track) => sum + track.messages, 0);
    const refused = Object.values(to.refused).reduce((sum, count) => sum + count, 0);
    if (taken + refused !== sent) throw new Error(`${sent} sent, ${taken} taken, ${refused} refused`);
    counts.good += packets.length;
    counts.taken += taken - packets.length;
    for (const name of Object.keys(to.refused) as (keyof typeof to.refused)[])
      counts[name] += to.refused[name];
  } finally {
    context.close();
    to.close();
  }
}

/** Makes message after message of the stream `good`. */
function goodMessages(): () => { message: Message; payload: Uint8Array } {
  let sequence = 0;
  return () => {
    const payload = tsPackets(PACKETS, sequence * PACKETS);
    const header = {
      ...{ rscap: 1, probe: "a", run: "r", stream: "good", kind: "ts", source: null, destination: null },
      ...{ timestampSource: "", sequence, firstTime: null, lastTime: null, datagrams: 1, packets: PACKETS },
    };
    sequence++;
    return { message: [text("rscap/1/a/good/ts"), text(JSON.stringify(header)), payload], payload };
  };
}
