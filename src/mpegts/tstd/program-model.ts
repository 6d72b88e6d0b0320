import type { BufferReport } from "../../report/mpegts-schema.ts";
import type { TStdEvents } from "./events.ts";
import { ownerEpoch, ownerStream, PacketQueue, SYSTEM_STREAM } from "./packet-queue.ts";
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

/**
 * One program through the T-STD. Packets wait until the PCR after them says when they arrived (ISO/IEC 13818-1
 * 2.4.2.2). Where more come than may wait, the model starts again.
 */
export class ProgramModel {
  readonly program: TStdProgram;
  readonly streams: readonly StreamModel[];
  readonly #clock = new ProgramClock();
  readonly #system: SystemBuffer;
  readonly #queue = new PacketQueue();
  #lastTimeNs = Number.NaN;

  constructor(program: TStdProgram, events: TStdEvents) {
    this.program = program;
    this.#system = new SystemBuffer(events);
    this.streams = program.streams.map(
      (stream, index) => new StreamModel(stream, index, this.#clock, this.#queue, events),
    );
  }

  /** There is a clock and something that is measured by it. */
  get modelled(): boolean {
    return this.streams.some((stream) => stream.modelled);
  }

  /** A packet of the PAT, CAT, TSDT or the program's PMT, with `octets` of their sections. */
  system(packet: number, timeNs: number, octets: number): void {
    if (!this.#clock.running) return;
    if (!this.#queue.push(SYSTEM_STREAM, 0, octets, packet, timeNs)) this.restart();
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
    this.#queue.length = 0;
    this.#system.restart(this.#clock.ticks);
    for (const stream of this.streams) stream.restart();
  }

  /** Lets all that waits through the buffers: in its order, all that stand together of a stream at once. */
  #pass(): void {
    const queue = this.#queue;
    const { length, owner } = queue;
    const streams = this.streams;
    for (let first = 0; first < length; ) {
      const whose = owner[first] as number;
      let end = first + 1;
      while (end < length && owner[end] === whose) end += 1;
      const stream = ownerStream(whose);
      if (stream === SYSTEM_STREAM) this.#passSystem(first, end);
      else streams[stream]?.pass(ownerEpoch(whose), first, end);
      first = end;
    }
    if (length > 0) this.#lastTimeNs = queue.timeNs[length - 1] as number;
    queue.length = 0;
    // Streams that sent nothing go on all the same.
    const now = this.#clock.now;
    for (let i = 0; i < streams.length; i += 1) streams[i]?.advance(now, this.#lastTimeNs);
  }

  #passSystem(first: number, end: number): void {
    const { packet, octets, timeNs } = this.#queue;
    for (let i = first; i < end; i += 1) {
      const from = this.#clock.arrival(packet[i] as number);
      const to = from + this.#clock.ticksPerPacket;
      this.#system.packet(from, to, octets[i] as number, timeNs[i] as number);
    }
  }
}
