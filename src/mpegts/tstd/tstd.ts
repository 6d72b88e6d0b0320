import type { BufferReport } from "../../report/mpegts-schema.ts";
import { PID_COUNT, TS_PACKET_BYTES } from "../packet.ts";
import type { TStdEvents } from "./events.ts";
import { ProgramModel, type TStdProgram } from "./program-model.ts";
import type { StreamModel } from "./stream-model.ts";

/** What is modelled at most; the rest is said not to be. Of 64 programs and 256 streams, 36 MB at the very most. */
export const MOST_PROGRAMS = 64;
export const MOST_STREAMS = 256;

/** PAT, CAT and TSDT go into the system buffers of every program (ISO/IEC 13818-1 2.4.2.3). */
const LAST_COMMON_PID = 2;
const NONE = 0;
const SYSTEM = -1;

/**
 * The transport system target decoder, ISO/IEC 13818-1 2.4.2, for TR 101 290 3.3, 3.9 and 3.10.
 *
 * Each program has its own, by the clock of its PCRs. The model starts with empty buffers, and starts again after
 * each discontinuity or loss: at the first access unit that has a time stamp, so that none is judged of which a part
 * was not seen. What it finds comes as events, at most one PCR interval later.
 *
 * MBn to EBn is by the leak method; streams whose STD_descriptor may call for the vbv_delay method (2.4.2.3), or
 * whose timing and HRD descriptor for the HRD's (2.14.3.1, 2.17.2), are not modelled.
 */
export class TStd {
  readonly #events: TStdEvents;
  readonly #programs = new Map<number, { readonly key: string; readonly model: ProgramModel }>();
  readonly #notModelled = new Map<number, TStdProgram>();
  /** By PID: NONE, SYSTEM, or the number of an entry in the lists below, from 1. */
  readonly #owner = new Int16Array(PID_COUNT);
  readonly #ownerModel: ProgramModel[] = [];
  readonly #ownerStream: StreamModel[] = [];
  readonly #isPcr = new Uint8Array(PID_COUNT);
  /** The programs, for loops without iterators. */
  #models: ProgramModel[] = [];

  constructor(events: TStdEvents) {
    this.#events = events;
    this.#index();
  }

  /** Some stream is modelled: 3.3, 3.9 and 3.10 are measured. */
  get modelled(): boolean {
    return this.#models.some((model) => model.modelled);
  }

  /** A program's map, new or the same as before; where it is the same nothing happens. */
  setProgram(program: TStdProgram): void {
    const key = JSON.stringify(program);
    const old = this.#programs.get(program.program);
    if (old?.key === key) return;
    this.removeProgram(program.program);
    let streams = program.streams.length;
    for (const model of this.#models) streams += model.streams.length;
    if (this.#programs.size >= MOST_PROGRAMS || streams > MOST_STREAMS) {
      if (this.#notModelled.size < MOST_STREAMS) this.#notModelled.set(program.program, program);
      return;
    }
    this.#programs.set(program.program, { key, model: new ProgramModel(program, this.#events) });
    this.#index();
  }

  /** A program is gone from the PAT. */
  removeProgram(program: number): void {
    this.#notModelled.delete(program);
    if (this.#programs.delete(program)) this.#index();
  }

  /**
   * Packet number `packet` of the stream, of `pid`, at `buf[at]`; `off` is where its payload starts within it,
   * 188 without payload. A duplicate packet is to be called so (2.4.2.3).
   */
  packet(
    buf: Uint8Array,
    at: number,
    pid: number,
    packet: number,
    timeNs: number,
    off: number,
    pusi: boolean,
    duplicate = false,
  ): void {
    const owner = this.#owner[pid] as number;
    if (owner === NONE) return;
    if (owner === SYSTEM) {
      // Of a scrambled packet nobody knows what is stuffing.
      const unread = duplicate || (buf[at + 3] as number) >= 0x40;
      this.#system(pid, packet, timeNs, unread ? 0 : tableOctets(buf, at + off, at + TS_PACKET_BYTES));
      return;
    }
    const stream = this.#ownerStream[owner - 1] as StreamModel;
    if (!stream.packet(buf, at, packet, timeNs, off, pusi, duplicate)) {
      (this.#ownerModel[owner - 1] as ProgramModel).restart();
    }
  }

  /** A PCR in packet number `packet`, before or after that packet is given to `packet`. */
  pcr(pid: number, pcr27: number, packet: number, discontinuity: boolean): void {
    if (this.#isPcr[pid] === 0) return;
    for (let i = 0; i < this.#models.length; i += 1) {
      const model = this.#models[i] as ProgramModel;
      if (model.program.pcrPid === pid) model.pcr(pcr27, packet, discontinuity);
    }
  }

  /** Packets are missing, or were not seen: all starts again without a word. */
  reset(): void {
    for (let i = 0; i < this.#models.length; i += 1) (this.#models[i] as ProgramModel).restart();
  }

  /** All buffers. TBsys and Bsys are given once: the fullest of all programs, and the sum of the faults. */
  report(): BufferReport[] {
    const rows = this.#models.flatMap((model) => model.report());
    for (const program of this.#notModelled.values()) {
      for (const stream of program.streams) rows.push(tooMany(stream.pid));
    }
    const system = new Map<string, BufferReport>();
    for (const model of this.#models) {
      for (const row of model.systemReport()) {
        const sum = system.get(row.buffer);
        system.set(row.buffer, sum === undefined ? row : merged(sum, row));
      }
    }
    return [...system.values(), ...rows];
  }

  /** A packet of the PAT, CAT, TSDT or a PMT, with `octets` of their sections. */
  #system(pid: number, packet: number, timeNs: number, octets: number): void {
    for (let i = 0; i < this.#models.length; i += 1) {
      const model = this.#models[i] as ProgramModel;
      if (pid <= LAST_COMMON_PID || model.program.pmtPid === pid) model.system(packet, timeNs, octets);
    }
  }

  /** Finds the owner of each PID anew. A stream that two programs share belongs to the first. */
  #index(): void {
    this.#owner.fill(NONE);
    this.#isPcr.fill(0);
    this.#ownerModel.length = 0;
    this.#ownerStream.length = 0;
    this.#models = [...this.#programs.values()].map(({ model }) => model);
    this.#owner.fill(SYSTEM, 0, LAST_COMMON_PID + 1);
    for (const model of this.#models) {
      const { pmtPid, pcrPid } = model.program;
      this.#owner[pmtPid] = SYSTEM;
      if (pcrPid !== null) this.#isPcr[pcrPid] = 1;
    }
    for (const model of this.#models) {
      for (const stream of model.streams) {
        const pid = stream.stream.pid;
        if (!stream.active || this.#owner[pid] !== NONE) continue;
        this.#ownerModel.push(model);
        this.#ownerStream.push(stream);
        this.#owner[pid] = this.#ownerModel.length;
      }
    }
  }
}

/** Octets of `buf[from, end)` without the stuffing of 0xFF after the last section (2.4.4), which is no system information. */
function tableOctets(buf: Uint8Array, from: number, end: number): number {
  let last = end;
  while (last > from && buf[last - 1] === 0xff) last -= 1;
  return last - from;
}

function merged(a: BufferReport, b: BufferReport): BufferReport {
  return {
    ...a,
    peakOctets: Math.max(a.peakOctets, b.peakOctets),
    overflows: a.overflows + b.overflows,
    underflows: a.underflows + b.underflows,
  };
}

function tooMany(pid: number): BufferReport {
  return {
    pid,
    buffer: "EB",
    sizeOctets: 0,
    peakOctets: 0,
    overflows: 0,
    underflows: 0,
    modelled: false,
    reason: `more than ${MOST_PROGRAMS} programs or ${MOST_STREAMS} streams`,
  };
}
