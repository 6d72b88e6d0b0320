/** Publishers and subscribers for tests, in one process. */
import { addressOf, alloc, viewAt } from "../../ffi/memory.ts";
import type { StreamInfo } from "../../src/report/output.ts";
import type { WireLog } from "../../src/wire/log.ts";
import { Publisher, type PublisherOptions } from "../../src/wire/publisher.ts";
import type { StreamTrack } from "../../src/wire/stream-track.ts";
import { type PacketTaker, RESERVE_BYTES, type Subscriber } from "../../src/wire/subscriber.ts";

/** A log that keeps what it is told. */
export class LogLines {
  readonly lines: string[] = [];
  readonly log: WireLog = (level, message) => void this.lines.push(`${level}: ${message}`);
}

/** Keeps the packets that come, by stream. */
export class Collector implements PacketTaker {
  readonly byStream = new Map<string, Uint8Array[]>();
  /** Streams to refuse. */
  readonly unwanted = new Set<string>();
  readonly #room = alloc(RESERVE_BYTES);
  readonly #at = addressOf(this.#room);

  reserve(track: StreamTrack): number {
    return this.unwanted.has(track.stream) ? 0 : this.#at;
  }

  commit(track: StreamTrack, bytes: number): void {
    const list = this.byStream.get(track.stream) ?? [];
    list.push(viewAt(this.#at, bytes).slice());
    this.byStream.set(track.stream, list);
  }

  /** Everything of a stream, end to end. */
  octets(stream: string): Uint8Array {
    return Buffer.concat(this.byStream.get(stream) ?? []);
  }
}

/** A multicast stream as the pipeline announces it. */
export function streamInfo(id: string, kind: StreamInfo["kind"] = "ts"): StreamInfo {
  return {
    id,
    kind,
    sourceAddress: "192.0.2.1",
    sourcePort: 1234,
    destinationAddress: "239.1.1.1",
    destinationPort: 5000,
  };
}

/** A publisher on a free port of the loopback device, unless `options` say otherwise. */
export function testPublisher(options: Partial<PublisherOptions> = {}): Publisher {
  return new Publisher({
    endpoint: "tcp://127.0.0.1:*",
    transport: "pub",
    header: "capnp",
    probe: "test",
    batchSize: 4,
    batchTimeMs: 20,
    highWaterMark: 1000,
    sendBuffer: 0,
    deviceName: "eth0",
    timestampSource: "kernel, 1 ns",
    epoch: () => ({ seconds: 1_700_000_000, nanoseconds: 0, wallClock: true }),
    stop: new Int32Array(new SharedArrayBuffer(4)),
    lingerMs: 200,
    log: () => {},
    ...options,
  });
}

/** `count` TS packets with numbered contents, from packet number `first`. */
export function tsPackets(count: number, first = 0): Uint8Array {
  const buf = alloc(count * 188);
  const view = new DataView(buf.buffer);
  for (let i = 0; i < count; i++) {
    buf.fill((first + i) & 0xff, i * 188, i * 188 + 188);
    buf[i * 188] = 0x47;
    view.setUint32(i * 188 + 4, first + i);
  }
  return buf;
}

/** Lets both ends work until `done` says so; throws after `limitMs`. */
export async function pump(
  done: () => boolean,
  publisher: Publisher | null,
  subscriber: Subscriber | null,
  taker: PacketTaker,
  limitMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!done()) {
    if (performance.now() > deadline)
      throw new Error(`the other end did not answer within ${limitMs / 1000} s`);
    publisher?.poll(performance.now());
    subscriber?.receive(taker, 1000, 5);
    subscriber?.poll();
    await Bun.sleep(1);
  }
}

/** Waits until a PUB has its subscriber, and the subscription has come through. */
export async function connected(
  publisher: Publisher,
  subscriber: Subscriber,
  taker: PacketTaker,
  limitMs = 10_000,
): Promise<void> {
  let tries = 0;
  await pump(
    () => {
      // PUB sends nothing before the subscription is there, and tells nobody when it is: reports knock.
      publisher.sendReport("-", String(tries++));
      return subscriber.messages > 0;
    },
    publisher,
    subscriber,
    taker,
    limitMs,
  );
  // The reports that are still on their way are of no interest to the test.
  while (subscriber.receive(taker, 1000, 50) > 0);
}
