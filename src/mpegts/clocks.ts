import type { PcrReport, PtsReport } from "../report/mpegts-schema.ts";
import { PID_COUNT, payloadUnitStartIndicator } from "./packet.ts";
import type { PidMap } from "./psi/pid-map.ts";
import type { SyntaxCheck } from "./syntax-check.ts";
import { PcrClock } from "./timing/pcr-clock.ts";
import { startsPes } from "./timing/pes.ts";
import { PtsTrack } from "./timing/pts-track.ts";
import type { Tr101290 } from "./tr101290/tr101290.ts";

/** PIDs whose PCRs are measured, those that come first; 50 kB each. */
export const MOST_CLOCKS = 256;

/** Elementary streams whose time stamps are measured, those that come first; 20 kB each. */
const MOST_TRACKS = 1024;

/** What a PID's PES packets are measured with. */
interface Measured {
  readonly track: PtsTrack;
  /** The clock of its program; null until it has one. */
  clock: PcrClock | null;
  /** The video of its program, for an audio stream; null else. */
  video: PtsTrack | null;
}

/** The clocks of all programs, and the time stamps of their streams. */
export class Clocks {
  /** PCRs and PES packets of PIDs beyond those that are measured. */
  unmeasured = 0;
  readonly #map: PidMap;
  readonly #indicators: Tr101290;
  readonly #syntax: SyntaxCheck;
  /** False where the times come from the PCRs themselves: they then say nothing of the PCRs. */
  readonly #arrival: boolean;
  readonly #clocks = new Map<number, PcrClock>();
  /** By PID; sparse. */
  readonly #streams: (Measured | undefined)[] = new Array(PID_COUNT);
  /** 1 for PIDs with a PES header that goes on in their next packet. */
  readonly #unfinished = new Uint8Array(PID_COUNT);
  #tracks: PtsTrack[] = [];
  #generation = -1;
  /** PIDs with a discontinuity_indicator since their last PCR. */
  readonly #signalled = new Uint8Array(PID_COUNT);
  /** Number of the packet of each PID's last PCR, and of the last packet before which packets are missing. */
  readonly #pcrPacket = new Float64Array(PID_COUNT);
  #lossPacket = -1;

  constructor(map: PidMap, indicators: Tr101290, arrival: boolean, syntax: SyntaxCheck) {
    this.#syntax = syntax;
    this.#map = map;
    this.#indicators = indicators;
    this.#arrival = arrival;
  }

  /** A packet of `pid` has discontinuity_indicator set. */
  discontinuity(pid: number): void {
    this.#signalled[pid] = 1;
    this.#streams[pid]?.track.restart();
  }

  /** Packets of `pid` are missing before packet number `index`. */
  lost(pid: number, index: number): void {
    this.#lossPacket = index;
    this.#streams[pid]?.track.lost();
  }

  /** A PCR of `pcr27` ticks in packet number `index`. */
  pcr(pid: number, pcr27: number, index: number, timeNs: number): void {
    let clock = this.#clocks.get(pid);
    if (clock === undefined) {
      if (this.#clocks.size === MOST_CLOCKS) {
        this.unmeasured += 1;
        return;
      }
      clock = this.#newClock(pid);
    }
    const lossy = this.#lossPacket > (this.#pcrPacket[pid] as number);
    clock.pcr(pcr27, index, timeNs, this.#signalled[pid] === 1, lossy);
    this.#signalled[pid] = 0;
    this.#pcrPacket[pid] = index;
    const reason = clock.notMeasurable;
    if (reason !== null) this.#indicators.pcrAccuracyNotMeasurable(reason);
  }

  /** A packet with payload, not scrambled, of a PID that carries no sections: maybe PES packets. */
  pes(buf: Uint8Array, at: number, pid: number, index: number, timeNs: number): void {
    const starts = payloadUnitStartIndicator(buf, at) === 1;
    // Nearly always: the middle of a PES packet.
    if (!starts && this.#unfinished[pid] === 0) return;
    if (this.#map.generation !== this.#generation) this.#readTables();
    let stream = this.#streams[pid];
    if (stream === undefined) {
      if (!startsPes(buf, at)) return;
      if (this.#tracks.length === MOST_TRACKS) {
        this.unmeasured += 1;
        return;
      }
      stream = this.#newTrack(pid);
    }
    const clock27 = starts && stream.clock !== null ? stream.clock.ticksAt(index) : Number.NaN;
    const { track } = stream;
    const { broken } = track;
    const stamped = track.packet(buf, at, clock27);
    this.#unfinished[pid] = track.unfinished ? 1 : 0;
    if (!stamped) {
      if (track.broken !== broken) this.#syntax.malformedPes(pid, timeNs);
      return;
    }
    this.#indicators.pts(pid, timeNs);
    if (stream.video !== null) track.against(stream.video);
  }

  /** Packets in between were not seen, by no fault of the stream. */
  gap(): void {
    for (const clock of this.#clocks.values()) clock.gap();
    for (const track of this.#tracks) track.restart();
  }

  /** The clocks, by PID; the bins of their histograms only where they are asked for. */
  pcrReports(bins: boolean): PcrReport[] {
    return [...this.#clocks.values()].map((clock) => clock.report(bins)).sort((a, b) => a.pid - b.pid);
  }

  /** The time stamps, by PID. */
  ptsReports(bins: boolean): PtsReport[] {
    return this.#tracks.map((track) => track.report(bins)).sort((a, b) => a.pid - b.pid);
  }

  #newClock(pid: number): PcrClock {
    const clock = new PcrClock(pid, { arrival: this.#arrival, listener: this.#indicators });
    this.#clocks.set(pid, clock);
    this.#generation = -1;
    return clock;
  }

  #newTrack(pid: number): Measured {
    const track = new PtsTrack(pid);
    const stream: Measured = { track, clock: null, video: null };
    this.#streams[pid] = stream;
    this.#tracks = [...this.#tracks, track];
    this.#generation = -1;
    return stream;
  }

  /** Takes from the tables which clock each stream goes by, and which video each audio stream belongs to. */
  #readTables(): void {
    this.#generation = this.#map.generation;
    for (const { pcrPid, components } of this.#map.services()) {
      const clock = pcrPid === null ? null : (this.#clocks.get(pcrPid) ?? null);
      const video = components.find(({ codec }) => codec.kind === "video");
      for (const { pid, codec } of components) {
        const stream = this.#streams[pid];
        if (stream === undefined) continue;
        stream.clock = clock;
        stream.video = codec.kind === "audio" && video ? (this.#streams[video.pid]?.track ?? null) : null;
      }
    }
  }
}
