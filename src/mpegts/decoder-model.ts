import type { BufferReport } from "../report/mpegts-schema.ts";
import { payloadOffset, payloadUnitStartIndicator } from "./packet.ts";
import type { PidMap } from "./psi/pid-map.ts";
import type { Tr101290 } from "./tr101290/tr101290.ts";
import type { BufferFault, BufferName, TStdEvents } from "./tstd/events.ts";
import { MOST_PROGRAMS, TStd } from "./tstd/tstd.ts";

/** The tables are looked at again after so many packets at the soonest, whatever a stream does to them. */
const PACKETS_A_READING = 64;

/** PID that stands for the system buffers, which are of no PID, in the indicators. */
const SYSTEM_PID = -1;

/** Runs the T-STD over the programs that the tables name, and tells the indicators what it finds. */
export class DecoderModel implements TStdEvents {
  readonly #map: PidMap;
  readonly #indicators: Tr101290;
  readonly #tstd = new TStd(this);
  #generation = -1;
  #readAt = Number.NEGATIVE_INFINITY;
  /** The indicators know that a stream is modelled: that comes only with its first access units. */
  #modelled = false;
  /** Programs that the T-STD was told of. */
  #programs = new Set<number>();

  constructor(map: PidMap, indicators: Tr101290) {
    this.#map = map;
    this.#indicators = indicators;
  }

  /** Packet number `index`, sound, scrambled or not. A duplicate is to be called so (13818-1 2.4.2.3). */
  packet(buf: Uint8Array, at: number, pid: number, index: number, timeNs: number, duplicate: boolean): void {
    if (this.#map.generation !== this.#generation && index - this.#readAt >= PACKETS_A_READING) {
      this.#readTables(index);
    }
    const starts = payloadUnitStartIndicator(buf, at) === 1;
    this.#tstd.packet(buf, at, pid, index, timeNs, payloadOffset(buf, at), starts, duplicate);
  }

  /** A PCR in packet number `index`. */
  pcr(pid: number, pcr27: number, index: number, discontinuity: boolean): void {
    this.#tstd.pcr(pid, pcr27, index, discontinuity);
    if (this.#modelled || !this.#tstd.modelled) return;
    this.#modelled = true;
    this.#indicators.modelled();
  }

  /** Packets are missing, or were not seen: the model starts again. */
  reset(): void {
    this.#tstd.reset();
  }

  bufferError(pid: number | null, _buffer: BufferName, _kind: BufferFault, timeNs: number): void {
    this.#indicators.bufferError(pid ?? SYSTEM_PID, timeNs);
  }

  emptyBuffer(pid: number | null, _buffer: BufferName, timeNs: number): void {
    this.#indicators.emptyBuffer(pid ?? SYSTEM_PID, timeNs);
  }

  dataDelay(pid: number, delayNs: number, timeNs: number): void {
    this.#indicators.dataDelay(pid, delayNs, timeNs);
  }

  /** Every buffer, and the streams that are not modelled with the reason. */
  report(): BufferReport[] {
    return this.#tstd.report();
  }

  #readTables(index: number): void {
    this.#generation = this.#map.generation;
    this.#readAt = index;
    const programs = new Set<number>();
    for (const service of this.#map.services()) {
      // The T-STD tells of those beyond its bound; of many more there is no need to tell each.
      if (programs.size > 2 * MOST_PROGRAMS) break;
      if (!service.pmtSeen) continue;
      programs.add(service.program);
      this.#tstd.setProgram({
        program: service.program,
        pmtPid: service.pmtPid,
        pcrPid: service.pcrPid,
        streams: service.components.map(({ pid, streamType, codec, stillPicture, leak }) => ({
          pid,
          streamType,
          codec: codec.id,
          stillPicture,
          leak,
        })),
      });
    }
    for (const program of this.#programs) if (!programs.has(program)) this.#tstd.removeProgram(program);
    this.#programs = programs;
    if (!this.#modelled) {
      this.#indicators.notModelled("no stream of a program with PCRs has been modelled");
    }
  }
}
