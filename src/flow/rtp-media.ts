import type { ReorderMemory } from "../net/packet-slots.ts";
import type { Finding } from "../report/finding.ts";
import type { St2110Report } from "../report/st2110-schema.ts";
import type { Epoch } from "../report/time.ts";
import type { RtpAnalyser, TimestampQuality } from "../st2110/analyser.ts";
import { AncillaryAnalyser } from "../st2110/ancillary/analyser.ts";
import { AudioAnalyser } from "../st2110/audio/analyser.ts";
import { Detector2110, type Kind2110 } from "../st2110/detector.ts";
import { JpegXsAnalyser } from "../st2110/jpegxs/analyser.ts";
import { TtmlAnalyser } from "../st2110/ttml.ts";
import { VideoAnalyser } from "../st2110/video/analyser.ts";

/** Packets of a flow that are kept until it is clear what they are, at most. */
const MOST_HELD = 65_536;

interface HeldPacket {
  readonly octets: Uint8Array;
  readonly wireLength: number;
  readonly lost: number;
  readonly timeNs: number;
}

/** What a flow of RTP without TS needs from the pipeline. */
export interface RtpMediaContext {
  readonly epoch: () => Epoch;
  readonly timestamps: TimestampQuality;
  /** For packets that are kept until their kind is known, shared by all flows. */
  readonly memory: ReorderMemory;
}

/**
 * An RTP flow that carries no TS: finds out within half a second what it is, and has it judged from its first
 * packet on, as far as the memory for keeping packets reaches.
 */
export class RtpMedia {
  /** Packets that came before the kind was known and could not be kept. */
  notJudged = 0;
  readonly #context: RtpMediaContext;
  readonly #detector = new Detector2110();
  #kind: Kind2110 | null = null;
  #analyser: RtpAnalyser | null = null;
  #held: HeldPacket[] = [];
  #heldOctets = 0;
  #overflowed = false;

  constructor(context: RtpMediaContext) {
    this.#context = context;
  }

  /** One RTP packet in sequence order, as `RtpAnalyser.packet` takes it. */
  packet(buf: Uint8Array, off: number, len: number, wireLength: number, lost: number, timeNs: number): void {
    if (this.#kind !== null) {
      // The kind may be clear before the clock is.
      this.#detector.packet(buf, off, len, wireLength, timeNs);
      this.#analyser?.packet(buf, off, len, wireLength, lost, timeNs);
      return;
    }
    this.#hold(buf, off, len, wireLength, lost, timeNs);
    this.#detector.packet(buf, off, len, wireLength, timeNs);
    const kind = this.#detector.kind();
    if (kind !== null) this.#become(kind);
  }

  /** The input starts again. */
  gap(): void {
    this.#analyser?.gap();
  }

  /** The input is over: what was not clear is settled by what there was. */
  end(): void {
    if (this.#kind === null) this.#become(this.#detector.finish());
  }

  /** The flow as report data. */
  report(nowNs: number, final: boolean): St2110Report {
    const epoch = this.#context.epoch();
    const part = this.#analyser?.report(nowNs, epoch, final);
    const kind = this.#kind ?? "unknown";
    return {
      kind,
      clockRateHz: this.#detector.clockRateHz(),
      notJudged: this.notJudged,
      ...(part === undefined ? {} : { [PART[kind]]: part }),
    };
  }

  /** Everything that was found wrong so far. */
  findings(streamId: string, epoch: Epoch): Finding[] {
    return this.#analyser?.findings(streamId, epoch) ?? [];
  }

  #hold(buf: Uint8Array, off: number, len: number, wireLength: number, lost: number, timeNs: number): void {
    if (this.#overflowed || this.#held.length === MOST_HELD || !this.#context.memory.take(len)) {
      // With a hole in them, the packets that were kept would be judged wrongly: judging starts afresh.
      this.notJudged += this.#held.length + 1;
      this.#overflowed = true;
      this.#letGo();
      return;
    }
    this.#heldOctets += len;
    this.#held.push({ octets: buf.slice(off, off + len), wireLength, lost, timeNs });
  }

  #become(kind: Kind2110): void {
    this.#kind = kind;
    this.#analyser = this.#newAnalyser(kind);
    const held = this.#letGo();
    for (const { octets, wireLength, lost, timeNs } of held) {
      this.#analyser?.packet(octets, 0, octets.length, wireLength, lost, timeNs);
    }
  }

  #letGo(): HeldPacket[] {
    const held = this.#held;
    this.#held = [];
    this.#context.memory.give(this.#heldOctets);
    this.#heldOctets = 0;
    return held;
  }

  #newAnalyser(kind: Kind2110): RtpAnalyser | null {
    const { timestamps } = this.#context;
    const epoch = this.#context.epoch();
    switch (kind) {
      case "video20":
        return new VideoAnalyser({ epoch, timestamps });
      case "audio": {
        const sampleRateHz = this.#detector.clockRateHz();
        return new AudioAnalyser(
          sampleRateHz === null ? { timestamps } : { timestamps, given: { sampleRateHz } },
        );
      }
      case "anc":
        return new AncillaryAnalyser(timestamps);
      case "jpegxs":
        return new JpegXsAnalyser({ epoch, quality: timestamps });
      case "ttml":
        return new TtmlAnalyser();
      default:
        return null;
    }
  }
}

/** Name of each kind's part in the report; `unknown` and ST 2022-6 have none. */
const PART: Record<Kind2110, string> = {
  video20: "video",
  audio: "audio",
  anc: "ancillary",
  jpegxs: "jpegxs",
  ttml: "ttml",
  "st2022-6": "none",
  unknown: "none",
};
