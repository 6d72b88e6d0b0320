import { rtpSequence, rtpTimestamp } from "../net/rtp.ts";
import type { Epoch } from "../report/time.ts";
import type { AudioFormat } from "../st2110/audio/format.ts";
import { FormatFinder } from "../st2110/audio/format-finder.ts";
import { Detector2110, type Kind2110 } from "../st2110/detector.ts";
import { VideoAnalyser } from "../st2110/video/analyser.ts";
import type { VideoFormat } from "../st2110/video/format-learner.ts";
import { PayloadSpan } from "./rtp-payload.ts";

/** What a flow turned out to be. */
export interface Found {
  readonly kind: Kind2110;
  readonly audio: AudioFormat | null;
  readonly video: VideoFormat | null;
}

/** Finds out what an RTP flow carries, and in what format, from its first packets. */
export class RtpProbe {
  readonly #epoch: () => Epoch;
  readonly #detector = new Detector2110();
  readonly #finder: FormatFinder = new FormatFinder({ encoding: null, sampleRateHz: null, channels: null });
  readonly #span = new PayloadSpan();
  #video: VideoAnalyser | null = null;
  #sequence = -1;

  constructor(epoch: () => Epoch) {
    this.#epoch = epoch;
  }

  /** One whole RTP packet in order. */
  packet(buf: Uint8Array, off: number, len: number, timeNs: number): void {
    const sequence = rtpSequence(buf, off);
    const lost = this.#sequence < 0 ? 0 : (sequence - this.#sequence - 1) & 0xffff;
    this.#sequence = sequence;
    this.#detector.packet(buf, off, len, len, timeNs);
    const kind = this.#detector.kind();
    if (kind === null || kind === "audio") {
      const span = this.#span;
      if (span.locate(buf, off, len)) {
        this.#finder.packet(buf, span.off, span.len, span.len, rtpTimestamp(buf, off), lost === 0, timeNs);
      }
    }
    if (kind === null || kind === "video20") {
      this.#video ??= new VideoAnalyser({
        epoch: this.#epoch(),
        timestamps: { kind: "none", resolutionNs: 1 },
      });
      this.#video.packet(buf, off, len, len, lost, timeNs);
    }
  }

  /** What the flow carries, as far as that is known; null as long as that is not. */
  get kind(): Kind2110 | null {
    return this.#detector.kind();
  }

  /** Kind and format once both are known. */
  get found(): Found | null {
    const kind = this.#detector.kind();
    if (kind === null) return null;
    if (kind === "audio") return this.#finder.enough ? this.#settled(kind) : null;
    if (kind === "video20" && (this.#video?.format ?? null) === null) return null;
    return this.#settled(kind);
  }

  /** The flow is over: what it is by what there was. */
  finish(): Found {
    return this.#settled(this.#detector.finish());
  }

  #settled(kind: Kind2110): Found {
    return {
      kind,
      audio: kind === "audio" ? this.#audio() : null,
      video: kind === "video20" ? (this.#video?.format ?? null) : null,
    };
  }

  #audio(): AudioFormat {
    const format = this.#finder.decide(true);
    return { ...format, sampleRateHz: format.sampleRateHz ?? this.#detector.clockRateHz() };
  }
}
