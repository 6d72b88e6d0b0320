import type { BufferReport } from "../../report/mpegts-schema.ts";
import { TS_PACKET_BYTES } from "../packet.ts";
import type { TStdEvents } from "./events.ts";
import { ProgramClock } from "./program-clock.ts";
import { StreamModel, type TStdStream } from "./stream-model.ts";
import { SystemBuffer } from "./system-buffer.ts";

/** A program as the PAT and its PMT describe it. */
export interface TStdProgram {
  /** program_number. */
  readonly program: number;
  readonly pmtPid: number;
  /** Null where the program has no PCR. */
  readonly pcrPid: number | null;
  readonly streams: readonly TStdStream[];
}

/** Packets of a program between two PCRs at most: 100 ms of 240 Mbit/s. More, and the model starts again. */
const MOST_WAITING = 16_384;
const FIRST_WAITING = 256;
/** Stands for a stream where a packet is for the system buffers. */
const SYSTEM = -1;

/**
 * One program through the T-STD. Packets wait until the PCR after them says when they arrived (ISO/IEC 13818-1
 * 2.4.2.2); the queue holds 26 octets for each, 430 kB at most.
 */
export class ProgramModel {
  readonly program: TStdProgram;
  readonly streams: readonly StreamModel[];
  readonly #clock = new ProgramClock();
  readonly #system: SystemBuffer;
  #packet = new Float64Array(FIRST_WAITING);
  #timeNs = new Float64Array(FIRST_WAITING);
  #stream = new Int32Array(FIRST_WAITING);
  #epoch = new Uint16Array(FIRST_WAITING);
  #header = new Uint8Array(FIRST_WAITING);
  #data = new Uint8Array(FIRST_WAITING);
  #waiting = 0;
  #lastTimeNs = Number.NaN;

  constructor(program: TStdProgram, events: TStdEvents) {
    this.program = program;
    this.#system = new SystemBuffer(events);
    this.streams = program.streams.map((stream) => new StreamModel(stream, this.#clock, events));
  }

  /** There is a clock and something that is measured by it. */
  get modelled(): boolean {
    return this.streams.some((stream) => stream.modelled);
  }

  /** A packet of stream number `index`; `off` is where its payload starts, TS_PACKET_BYTES without. */
  packet(
    buf: Uint8Array,
    at: number,
    index: number,
    packet: number,
    timeNs: number,
    off: number,
    pusi: boolean,
    duplicate: boolean,
  ): void {
    if (!this.#clock.running) return;
    const stream = this.streams[index] as StreamModel;
    stream.header = 0;
    stream.data = 0;
    // A duplicate fills TBn, but does not go on from there (2.4.2.3).
    if (!duplicate && off < TS_PACKET_BYTES) {
      if ((buf[at + 3] as number) >= 0x40) stream.scrambled();
      else stream.parse(buf, at + off, at + TS_PACKET_BYTES, pusi);
    }
    this.#wait(index, stream.epoch, stream.header, stream.data, packet, timeNs);
  }

  /** A packet of the PAT, CAT, TSDT or the program's PMT, with `octets` of their sections. */
  system(packet: number, timeNs: number, octets: number): void {
    if (this.#clock.running) this.#wait(SYSTEM, 0, 0, octets, packet, timeNs);
  }

  /** A PCR in packet number `packet`; all before it have their times now. */
  pcr(pcr27: number, packet: number, discontinuity: boolean): void {
    if (discontinuity) this.restart();
    const running = this.#clock.running;
    if (this.#clock.pcr(pcr27, packet)) this.#pass();
    else if (running) this.#startAgain();
    else this.#system.restart(this.#clock.ticks);
  }

  /** Starts again at the next PCR: another time base, or packets are missing. */
  restart(): void {
    this.#clock.stop();
    this.#startAgain();
  }

  /** Rows of the elementary streams. */
  report(): BufferReport[] {
    return this.streams.flatMap((stream) => stream.report());
  }

  /** Rows of TBsys and Bsys. */
  systemReport(): BufferReport[] {
    return this.#system.report();
  }

  #startAgain(): void {
    this.#waiting = 0;
    this.#system.restart(this.#clock.ticks);
    for (const stream of this.streams) stream.restart();
  }

  #wait(index: number, epoch: number, header: number, data: number, packet: number, timeNs: number): void {
    const at = this.#waiting;
    if (at === this.#packet.length && !this.#grow()) {
      this.restart();
      return;
    }
    this.#packet[at] = packet;
    this.#timeNs[at] = timeNs;
    this.#stream[at] = index;
    this.#epoch[at] = epoch;
    this.#header[at] = header;
    this.#data[at] = data;
    this.#waiting = at + 1;
  }

  #grow(): boolean {
    const size = this.#packet.length * 2;
    if (size > MOST_WAITING) return false;
    this.#packet = grown(this.#packet, new Float64Array(size));
    this.#timeNs = grown(this.#timeNs, new Float64Array(size));
    this.#stream = grown(this.#stream, new Int32Array(size));
    this.#epoch = grown(this.#epoch, new Uint16Array(size));
    this.#header = grown(this.#header, new Uint8Array(size));
    this.#data = grown(this.#data, new Uint8Array(size));
    return true;
  }

  /** Lets all that waits through the buffers. */
  #pass(): void {
    const clock = this.#clock;
    const duration = clock.ticksPerPacket;
    const streams = this.streams;
    for (let i = 0; i < this.#waiting; i += 1) {
      const from = clock.arrival(this.#packet[i] as number);
      const to = from + duration;
      const timeNs = this.#timeNs[i] as number;
      const index = this.#stream[i] as number;
      const data = this.#data[i] as number;
      if (index === SYSTEM) this.#system.packet(from, to, data, timeNs);
      else {
        const epoch = this.#epoch[i] as number;
        streams[index]?.pass(epoch, from, to, this.#header[i] as number, data, timeNs);
      }
    }
    if (this.#waiting > 0) this.#lastTimeNs = this.#timeNs[this.#waiting - 1] as number;
    this.#waiting = 0;
    // Streams that sent nothing go on all the same.
    const now = clock.now;
    for (let i = 0; i < streams.length; i += 1) streams[i]?.advance(now, this.#lastTimeNs);
  }
}

function grown<T extends Float64Array | Int32Array | Uint16Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
