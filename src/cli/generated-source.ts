import {
  END_OF_INPUT,
  emptyStats,
  type FrameBatch,
  type SourceStats,
  type TimestampSource,
} from "../capture/batch.ts";
import type { FileSource } from "../capture/savefile.ts";
import { LINKTYPE } from "../net/linktype.ts";
import { usageError } from "../report/error.ts";
import type { Epoch } from "../report/time.ts";
import { TAI_UTC_SECONDS } from "../st2110/analyser.ts";
import { type GeneratedLeg, generatedError, parseGenerated } from "../st2110/generator/spec.ts";
import type { GeneratedPacket, GeneratedStream, GeneratorStart } from "../st2110/generator/stream.ts";

/** What is to be generated; structured-cloneable. */
export interface GeneratedSourceOptions {
  /** Items of `--generate`. */
  readonly specs: readonly string[];
  /** Length of streams that do not say theirs, seconds; Infinity for no end. */
  readonly seconds: number;
  /** The streams' clock starts now, for sending; otherwise at a moment that is always the same. */
  readonly now: boolean;
  /** Octets kept of each frame, as a capture's snap length; 0 for all. */
  readonly snapLength: number;
}

/** 2024-01-01T00:00:00Z, the epoch of streams that are not sent. */
const EPOCH_SECONDS = 1_704_067_200;
/** From opening to the first packet of a stream that is sent. */
const LEAD_MS = 50;
/** Frames of a batch, and room for each: the largest UDP datagram that ST 2110-10 allows. */
const BATCH_FRAMES = 256;
const SLOT = 9216;
const ETHERNET = 14;
const IPV4 = 20;
const UDP = 8;
const HEADERS = ETHERNET + IPV4 + UDP;
/** Senders of streams and of the second legs of pairs. */
const SOURCES = [
  [10, 20, 0, 1],
  [10, 21, 0, 1],
] as const;
const PORT = 5004;
const DSCP_EF = 0x88;
const TTL = 64;

/** Says what is wrong with items of `--generate`, as a usage error. */
export function checkGenerated(specs: readonly string[]): void {
  for (const spec of specs) {
    const error = generatedError(spec);
    if (error !== null) throw usageError("bad-generate", `--generate "${spec}": ${error}.`);
  }
}

/** One stream on its way: its packets in hand and the headers before each. */
class Playing {
  readonly #stream: GeneratedStream;
  readonly #endNs: number;
  readonly #headers = new Uint8Array(HEADERS);
  #packets: GeneratedPacket[] = [];
  #at = 0;
  /** Nothing more comes, and nothing more is made. */
  #over = false;

  /** One flow of `seconds`, sent from `source`. */
  constructor(leg: GeneratedLeg, source: readonly number[], start: GeneratorStart, seconds: number) {
    this.#stream = leg.make(start);
    this.#endNs = start.startNs + seconds * 1e9 + leg.skewNs;
    const address = leg.to?.address ?? [239, 20, 0, start.place + 1];
    const port = leg.to?.port ?? PORT;
    const [a = 0, b = 0, c = 0, d = 0] = address;
    const group = a >= 224 && a < 240;
    const mac = group ? [0x01, 0x00, 0x5e, b & 0x7f, c, d] : [0x02, 0, a, b, c, d];
    this.#headers.set([...mac, 0x02, 0, ...source, 0x08, 0x00]);
    this.#headers.set([0x45, DSCP_EF, 0, 0, 0, 0, 0x40, 0, TTL, 17, 0, 0, ...source, ...address], ETHERNET);
    const ports = [PORT >> 8, PORT & 0xff, port >> 8, port & 0xff];
    this.#headers.set(ports, ETHERNET + IPV4);
  }

  /** The packet that leaves next; null when the stream is over. */
  peek(): GeneratedPacket | null {
    if (this.#at === this.#packets.length && !this.#over) {
      this.#packets = this.#stream.next();
      this.#at = 0;
      this.#over = (this.#packets[0]?.timeNs ?? Number.POSITIVE_INFINITY) >= this.#endNs;
      if (this.#over) this.#packets = [];
    }
    return this.#packets[this.#at] ?? null;
  }

  /** Writes the frame of the packet that `peek` gave, and moves on; returns its length. */
  take(packet: GeneratedPacket, buf: Uint8Array, off: number): number {
    this.#at += 1;
    buf.set(this.#headers, off);
    const view = new DataView(buf.buffer, off);
    view.setUint16(ETHERNET + 2, IPV4 + UDP + packet.length);
    view.setUint16(ETHERNET + 10, headerChecksum(view));
    view.setUint16(ETHERNET + IPV4 + 4, UDP + packet.length);
    packet.write(buf, off + HEADERS);
    return HEADERS + packet.length;
  }
}

/** Internet checksum of the IPv4 header, its own field counted as 0 (RFC 791). */
function headerChecksum(view: DataView): number {
  let sum = 0;
  for (let at = ETHERNET; at < ETHERNET + IPV4; at += 2) if (at !== ETHERNET + 10) sum += view.getUint16(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Streams that are made as they are read, their frames in the order in which they leave. */
export class GeneratedSource implements FileSource {
  readonly kind = "generator";
  readonly name: string;
  readonly live = false;
  readonly position = 0;
  readonly size = 0;
  readonly epoch: Epoch;
  readonly timestampSource: TimestampSource = { kind: "generator", resolutionNs: 1 };
  readonly #snapLength: number;
  readonly #playing: Playing[];
  readonly #stats = emptyStats();
  readonly #buf = new Uint8Array(BATCH_FRAMES * SLOT);

  /** Throws a SpecError where an item is wrong; `checkGenerated` tells before. */
  constructor(options: GeneratedSourceOptions) {
    const startMs = Date.now() + LEAD_MS;
    const seconds = options.now ? Math.floor(startMs / 1000) : EPOCH_SECONDS;
    const startNs = options.now ? (startMs - seconds * 1000) * 1e6 : 0;
    this.epoch = { seconds, nanoseconds: 0, wallClock: true };
    this.name = options.specs.join(" ");
    this.#snapLength = options.snapLength === 0 ? SLOT : options.snapLength;
    const taiSeconds = seconds + TAI_UTC_SECONDS;
    this.#playing = options.specs.flatMap((text, place) => {
      const spec = parseGenerated(text);
      const length = spec.seconds ?? options.seconds;
      return spec.legs.map(
        (leg, index) =>
          new Playing(leg, SOURCES[index] ?? SOURCES[0], { taiSeconds, startNs, place }, length),
      );
    });
  }

  next(batch: FrameBatch): number {
    const most = Math.min(batch.capacity, BATCH_FRAMES);
    batch.buf = this.#buf;
    let count = 0;
    for (; count < most; count += 1) {
      let first: Playing | null = null;
      let packet: GeneratedPacket | null = null;
      for (const playing of this.#playing) {
        const other = playing.peek();
        if (other !== null && (packet === null || other.timeNs < packet.timeNs)) {
          first = playing;
          packet = other;
        }
      }
      if (first === null || packet === null) break;
      const off = count * SLOT;
      const length = first.take(packet, this.#buf, off);
      batch.offset[count] = off;
      batch.wireLength[count] = length;
      batch.capturedLength[count] = Math.min(length, this.#snapLength);
      batch.timeNs[count] = packet.timeNs;
      batch.linkType[count] = LINKTYPE.ethernet;
      batch.vlanTci[count] = -1;
      this.#stats.bytes += length;
    }
    batch.count = count;
    this.#stats.packets += count;
    return count === 0 ? END_OF_INPUT : count;
  }

  stats(): SourceStats {
    return { ...this.#stats };
  }

  close(): void {}
}
