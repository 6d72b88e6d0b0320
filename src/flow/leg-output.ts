import type { ReorderMemory } from "../net/packet-slots.ts";
import type { PacketOutput, StreamInfo } from "../report/output.ts";

/** What becomes of a flow's packets. */
const STATE = {
  /** Not known before the first packet: the stream is not announced yet. */
  undecided: 0,
  passing: 1,
  /** The flow may be a leg of one that is passed on already: copies are kept until that is clear. */
  holding: 2,
  /** The flow is a leg, and the merged stream is passed on in its place. */
  off: 3,
} as const;

interface HeldRun {
  readonly octets: Uint8Array;
  readonly timeNs: number;
  readonly datagrams: number;
}

/** A stream as it was announced to an output. */
export interface AnnouncedStream {
  readonly stream: number;
  readonly info: StreamInfo;
}

/**
 * The output of one flow that may turn out to be a leg of ST 2022-7: passes on, or holds back for a while, and hands its
 * stream over to the merged one.
 */
export class LegOutput implements PacketOutput {
  readonly #output: PacketOutput;
  readonly #memory: ReorderMemory;
  #state: (typeof STATE)[keyof typeof STATE] = STATE.undecided;
  #announced: AnnouncedStream | null = null;
  /** The output knows of it. */
  #open = false;
  #held: HeldRun[] = [];
  #heldOctets = 0;

  /** `memory` is for what is held back, of all flows together. */
  constructor(output: PacketOutput, memory: ReorderMemory) {
    this.#output = output;
    this.#memory = memory;
  }

  /** Nothing has been asked of it yet. */
  get undecided(): boolean {
    return this.#state === STATE.undecided;
  }

  /** Packets go out as they come. */
  get passing(): boolean {
    return this.#state === STATE.passing;
  }

  /** Packets wait until it is clear whether the flow is a leg. */
  get holding(): boolean {
    return this.#state === STATE.holding;
  }

  /** Keeps what comes until `pass` or `end`; what the memory has no room for passes everything. */
  hold(): void {
    this.#state = STATE.holding;
  }

  /** Passes on what was held back, and everything from now on. */
  pass(): void {
    this.#state = STATE.passing;
    const announced = this.#announced;
    if (announced === null) return;
    if (!this.#open) this.#output.open(announced.stream, announced.info);
    this.#open = true;
    for (const { octets, timeNs, datagrams } of this.#held) {
      this.#output.packets(announced.stream, octets, 0, octets.length, timeNs, datagrams);
    }
    // While the copies are still referred to.
    if (this.#held.length > 0) this.#output.bufferEnd();
    this.#letGo();
  }

  /** Ends the flow's own stream, without what is held of it. */
  end(): void {
    const stream = this.handOver();
    if (stream !== null) this.#output.close(stream.stream);
  }

  /** The same, but leaves the stream open for another to go on with; null where it was never announced. */
  handOver(): AnnouncedStream | null {
    this.#state = STATE.off;
    this.#letGo();
    const announced = this.#open ? this.#announced : null;
    this.#open = false;
    this.#announced = null;
    return announced;
  }

  open(stream: number, info: StreamInfo): void {
    if (this.#state === STATE.off) return;
    this.#announced = { stream, info };
    if (this.#state === STATE.passing) this.pass();
  }

  packets(
    stream: number,
    buf: Uint8Array,
    off: number,
    len: number,
    timeNs: number,
    datagrams: number,
  ): void {
    if (this.#state === STATE.off) return;
    if (this.#state === STATE.holding) {
      if (this.#memory.take(len)) {
        this.#heldOctets += len;
        const octets = new Uint8Array(new ArrayBuffer(len));
        octets.set(buf.subarray(off, off + len));
        this.#held.push({ octets, timeNs, datagrams });
        return;
      }
      this.pass();
    } else if (this.#state === STATE.undecided) this.pass();
    this.#output.packets(stream, buf, off, len, timeNs, datagrams);
  }

  /** What is held are copies: nothing to do. */
  bufferEnd(): void {}

  close(stream: number): void {
    if (this.#held.length > 0) this.pass();
    if (this.#open) this.#output.close(stream);
    this.#open = false;
    this.#announced = null;
  }

  #letGo(): void {
    this.#held = [];
    this.#memory.give(this.#heldOctets);
    this.#heldOctets = 0;
  }
}
