import type { ReorderMemory } from "../net/packet-slots.ts";
import { rtpTimestamp } from "../net/rtp.ts";
import type { Finding } from "../report/finding.ts";
import type { St2110Report } from "../report/st2110-schema.ts";
import type { Epoch } from "../report/time.ts";
import { isTimed, MERGED_TIMES, type RtpAnalyser, type TimestampQuality } from "../st2110/analyser.ts";
import { AncillaryAnalyser } from "../st2110/ancillary/analyser.ts";
import { AudioAnalyser } from "../st2110/audio/analyser.ts";
import type { AudioEncoding } from "../st2110/audio/format.ts";
import { Detector2110, type Kind2110 } from "../st2110/detector.ts";
import { JpegXsAnalyser } from "../st2110/jpegxs/analyser.ts";
import { MetadataAnalyser } from "../st2110/metadata.ts";
import { RecentTimestamps } from "../st2110/recent-timestamps.ts";
import type { SdpStream } from "../st2110/sdp/description.ts";
import type { SdpFormat } from "../st2110/sdp/format.ts";
import { rational } from "../st2110/timing21/rational.ts";
import { TtmlAnalyser } from "../st2110/ttml.ts";
import { VideoAnalyser, type VideoOptions } from "../st2110/video/analyser.ts";

/** Packets of a flow that are kept until it is clear what they are, at most. */
const MOST_HELD = 65_536;

interface HeldPacket {
  readonly octets: Uint8Array;
  readonly wireLength: number;
  readonly lost: number;
  readonly timeNs: number;
  /** It is not to be compared with the one before. */
  readonly afterGap: boolean;
}

/** What a flow of RTP without TS needs from the pipeline. */
export interface RtpMediaContext {
  readonly epoch: () => Epoch;
  readonly timestamps: TimestampQuality;
  /** For packets that are kept until their kind is known, shared by all flows. */
  readonly memory: ReorderMemory;
  /** Measure video as EBU LIST does, too. */
  readonly listTiming: boolean;
}

/** What a flow turned out to carry. */
export interface FoundMedia {
  readonly kind: Kind2110;
  readonly clockRateHz: number | null;
  /** False while the rate of audio may turn out to be another. */
  readonly rateSettled: boolean;
}

/** Clock rates nearer to each other than this share are told apart by a description first. */
const NEAR_CLOCK = 0.1;

/** Why a stream made of two legs has no timing. */
const MERGED_TIMING = "made of two legs, which came different ways: the timing is theirs";

/** Largest UDP datagram of a stream whose description has no MAXUDP (ST 2110-10 6). */
const STANDARD_UDP_OCTETS = 1460;

/**
 * An RTP flow that carries no TS: finds out within half a second what it is, and has it judged from its first
 * packet on, as far as the memory for keeping packets reaches.
 */
export class RtpMedia {
  /** Packets that came before the kind was known and could not be kept. */
  notJudged = 0;
  /** For comparing the flow with others. */
  readonly recent = new RecentTimestamps();
  readonly #context: RtpMediaContext;
  readonly #detector = new Detector2110();
  #kind: Kind2110 | null = null;
  #analyser: RtpAnalyser | null = null;
  #held: HeldPacket[] = [];
  #heldOctets = 0;
  #overflowed = false;
  /** A gap that no packet has followed yet, while there is nobody to tell of it. */
  #afterGap = false;

  /** What a session description says of the flow, if there is one. */
  readonly #said: SdpStream | null;
  /** Tells what a stream carries that has no timing of its own to tell it by; null for one that has. */
  readonly #told: (() => FoundMedia | null) | null;

  constructor(
    context: RtpMediaContext,
    said: SdpStream | null,
    told: (() => FoundMedia | null) | null = null,
  ) {
    this.#context = context;
    this.#said = said;
    this.#told = told;
  }

  /** What it carries; null while that is not known. */
  get found(): FoundMedia | null {
    if (this.#kind === null) return null;
    const audio = this.#analyser instanceof AudioAnalyser ? this.#analyser : null;
    return {
      kind: this.#kind,
      clockRateHz: this.#audioHz ?? this.#clockRateHz,
      rateSettled: audio?.rateSettled ?? true,
    };
  }

  /** One RTP packet in sequence order, as `RtpAnalyser.packet` takes it. */
  packet(buf: Uint8Array, off: number, len: number, wireLength: number, lost: number, timeNs: number): void {
    if (this.#told !== null) {
      this.#toldPacket(buf, off, len, wireLength, lost, timeNs);
      return;
    }
    this.recent.packet(rtpTimestamp(buf, off), timeNs);
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

  /** The input starts again, or its sender: what follows is not compared with what was before. */
  gap(): void {
    this.recent.gap();
    if (this.#analyser === null) this.#afterGap = true;
    else this.#analyser.gap();
  }

  /** The input is over: what was not clear is settled by what there was. */
  end(): void {
    if (this.#kind !== null) return;
    const own = this.#detector.finish();
    this.#become(this.#toldKind(own) ?? own);
  }

  /** The flow as report data. */
  report(nowNs: number, final: boolean): St2110Report {
    const epoch = this.#context.epoch();
    const part = this.#analyser?.report(nowNs, epoch, final);
    const kind = this.#kind ?? "unknown";
    return {
      kind,
      clockRateHz: this.#audioHz ?? this.#clockRateHz,
      notJudged: this.notJudged,
      ...(this.#told === null ? {} : { timingNotMeasured: MERGED_TIMING }),
      ...(part === undefined ? {} : { [PART[kind]]: part }),
    };
  }

  /** Everything that was found wrong so far. */
  findings(streamId: string, epoch: Epoch): Finding[] {
    return this.#analyser?.findings(streamId, epoch) ?? [];
  }

  get #audioHz(): number | null {
    return this.#analyser instanceof AudioAnalyser ? this.#analyser.sampleRateHz : null;
  }

  get #clockRateHz(): number | null {
    return this.#told === null ? this.#detector.clockRateHz() : (this.#told()?.clockRateHz ?? null);
  }

  /** What others say it is; where they can't tell, since much of it is lost to each, what it looks like itself. */
  #toldKind(own: Kind2110 | null): Kind2110 | null {
    const kind = this.#told?.()?.kind ?? null;
    return kind === "unknown" ? own : kind;
  }

  /** As `packet`, where others find out what it is. */
  #toldPacket(
    buf: Uint8Array,
    off: number,
    len: number,
    wireLength: number,
    lost: number,
    timeNs: number,
  ): void {
    if (this.#kind === null) {
      this.#detector.packet(buf, off, len, wireLength, timeNs);
      const kind = this.#toldKind(this.#detector.kind());
      if (kind === null) {
        this.#hold(buf, off, len, wireLength, lost, timeNs);
        return;
      }
      this.#become(kind);
    }
    this.#analyser?.packet(buf, off, len, wireLength, lost, timeNs);
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
    this.#held.push({
      octets: buf.slice(off, off + len),
      wireLength,
      lost,
      timeNs,
      afterGap: this.#afterGap,
    });
    this.#afterGap = false;
  }

  #become(detected: Kind2110): void {
    // What is seen comes before what is said, which helps where nothing can be seen.
    const kind = detected === "unknown" ? kindOf(this.#said?.format) : detected;
    this.#kind = kind;
    this.#analyser = this.#newAnalyser(kind);
    const held = this.#letGo();
    for (const { octets, wireLength, lost, timeNs, afterGap } of held) {
      if (afterGap) this.#analyser?.gap();
      this.#analyser?.packet(octets, 0, octets.length, wireLength, lost, timeNs);
    }
    if (this.#afterGap) this.#analyser?.gap();
    this.#afterGap = false;
  }

  #letGo(): HeldPacket[] {
    const held = this.#held;
    this.#held = [];
    this.#context.memory.give(this.#heldOctets);
    this.#heldOctets = 0;
    return held;
  }

  #newAnalyser(kind: Kind2110): RtpAnalyser | null {
    const { listTiming } = this.#context;
    const timestamps = this.#told === null ? this.#context.timestamps : MERGED_TIMES;
    const epoch = this.#context.epoch();
    const said = this.#said !== null && kindOf(this.#said.format) === kind ? this.#said : null;
    switch (kind) {
      case "video20":
        return new VideoAnalyser({
          epoch,
          timestamps,
          list: listTiming && isTimed(timestamps),
          ...videoOptions(said),
        });
      case "audio": {
        const rate = audioRate(this.#clockRateHz, said?.clockRate ?? null);
        const encoding = audioEncoding(said);
        const told = this.#told;
        // What others find out, they may find out later.
        const sampleRateHz = (): number | null => (told === null ? rate : (told()?.clockRateHz ?? null));
        return new AudioAnalyser({
          timestamps,
          given: {
            encoding,
            get sampleRateHz() {
              return sampleRateHz();
            },
          },
          settled: () => told?.()?.rateSettled ?? true,
        });
      }
      case "anc":
        return new AncillaryAnalyser(timestamps);
      case "jpegxs":
        return new JpegXsAnalyser({
          epoch,
          quality: timestamps,
          ...(said?.bandwidthKbps ? { bandwidthKbps: said.bandwidthKbps } : {}),
        });
      case "ttml":
        return new TtmlAnalyser(timestamps);
      case "metadata":
        return new MetadataAnalyser(timestamps);
      default:
        return null;
    }
  }
}

/** What a flow of a described format carries. */
function kindOf(format: SdpFormat | undefined): Kind2110 {
  if (format === "st2110-20") return "video20";
  if (format === "st2110-22") return "jpegxs";
  if (format === "st2110-30" || format === "st2110-31") return "audio";
  if (format === "st2110-40") return "anc";
  if (format === "st2110-41") return "metadata";
  return format === "st2022-6" ? "st2022-6" : "unknown";
}

/** TP, TROFF and MAXUDP of a description; without MAXUDP the standard limit holds. */
function videoOptions(said: SdpStream | null): Partial<VideoOptions> {
  if (said === null) return {};
  const { troffUs, senderType, maxUdp } = said;
  return {
    maxUdpOctets: maxUdp ?? STANDARD_UDP_OCTETS,
    ...(troffUs === null ? {} : { troffset: rational(troffUs * 1000) }),
    ...(senderType === null ? {} : { senderType }),
  };
}

/**
 * Bursts make 44.1 kHz look like 48 for a while, and the reverse: there the description has the last word. What no
 * description confirms, the analyser measures itself, for longer than it takes to tell the kind.
 */
function audioRate(detected: number | null, said: number | null): number | null {
  if (said === null || detected === null) return said;
  return Math.abs(detected / said - 1) < NEAR_CLOCK ? said : null;
}

function audioEncoding(said: SdpStream | null): AudioEncoding | null {
  const encoding = said?.encoding?.toUpperCase();
  return encoding === "L16" || encoding === "L24" || encoding === "AM824" ? encoding : null;
}

/** Name of each kind's part in the report; `unknown` and ST 2022-6 have none. */
const PART: Record<Kind2110, string> = {
  video20: "video",
  audio: "audio",
  anc: "ancillary",
  jpegxs: "jpegxs",
  ttml: "ttml",
  metadata: "metadata",
  "st2022-6": "none",
  unknown: "none",
};
