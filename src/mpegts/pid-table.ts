import { NO_COUNTER } from "./continuity.ts";
import { PID_COUNT, TS_PACKET_BYTES } from "./packet.ts";

/** The last packet of a slot stands in the table's own memory (`saved`). */
export const SAVED = 0;

const FIRST_SLOTS = 16;

/** `old` with room for `slots`; what is new holds `fill`. */
function grown(old: Float64Array, slots: number, fill: number): Float64Array<ArrayBuffer> {
  const bigger = new Float64Array(slots).fill(fill);
  bigger.set(old);
  return bigger;
}

/**
 * State of each PID seen, in arrays side by side: `slotOf[pid]` is its place in them, 0 until its first
 * packet. `add` may replace the arrays: whoever holds one in a local takes it anew.
 */
export class PidTable {
  readonly slotOf = new Uint16Array(PID_COUNT);
  /** Slots in use, slot 0 (nobody's) included. */
  size = 1;
  pid = new Uint16Array(FIRST_SLOTS);
  packets = new Float64Array(FIRST_SLOTS);
  /** Packets of the datagram that opened the measurement of time: not part of the interval. */
  opening = new Float64Array(FIRST_SLOTS);
  scrambled = new Float64Array(FIRST_SLOTS);
  pcrs = new Float64Array(FIRST_SLOTS);
  errors = new Float64Array(FIRST_SLOTS);
  missing = new Float64Array(FIRST_SLOTS);
  duplicates = new Float64Array(FIRST_SLOTS);
  /** See `continuityState`; NO_COUNTER before the first packet. */
  counter = new Uint16Array(FIRST_SLOTS).fill(NO_COUNTER);
  /** Where the PID's last packet stands: number of the buffer (SAVED is the table's own) and offset there. */
  lastBuffer = new Uint16Array(FIRST_SLOTS);
  lastOffset = new Float64Array(FIRST_SLOTS);
  /** Last PCR in ticks of 27 MHz, NaN for none to compare with, and the number of its packet in the stream. */
  lastPcr = new Float64Array(FIRST_SLOTS).fill(Number.NaN);
  lastPcrPacket = new Float64Array(FIRST_SLOTS);
  /** Last packets of the buffers that are gone, one of 188 octets for each slot. */
  saved = new Uint8Array(FIRST_SLOTS * TS_PACKET_BYTES);

  /** Gives `pid` a slot; it must have none. */
  add(pid: number): number {
    const slot = this.size;
    if (slot === this.pid.length) this.#grow(Math.min(slot * 2, PID_COUNT + 1));
    this.size += 1;
    this.pid[slot] = pid;
    this.slotOf[pid] = slot;
    return slot;
  }

  /** Copies the last packet of each slot out of `buffers` (by number; SAVED is left out). */
  saveLast(buffers: readonly Uint8Array[]): void {
    for (let slot = 1; slot < this.size; slot += 1) {
      const buf = buffers[this.lastBuffer[slot] as number];
      if (this.lastBuffer[slot] === SAVED || buf === undefined) continue;
      const from = this.lastOffset[slot] as number;
      const to = slot * TS_PACKET_BYTES;
      // A loop, not set(subarray()): that would make an object for each PID of each batch.
      for (let i = 0; i < TS_PACKET_BYTES; i += 1) this.saved[to + i] = buf[from + i] as number;
      this.lastBuffer[slot] = SAVED;
      this.lastOffset[slot] = to;
    }
  }

  #grow(slots: number): void {
    const pid = new Uint16Array(slots);
    pid.set(this.pid);
    this.pid = pid;
    const counter = new Uint16Array(slots).fill(NO_COUNTER);
    counter.set(this.counter);
    this.counter = counter;
    const lastBuffer = new Uint16Array(slots);
    lastBuffer.set(this.lastBuffer);
    this.lastBuffer = lastBuffer;
    const saved = new Uint8Array(slots * TS_PACKET_BYTES);
    saved.set(this.saved);
    this.saved = saved;
    this.packets = grown(this.packets, slots, 0);
    this.opening = grown(this.opening, slots, 0);
    this.scrambled = grown(this.scrambled, slots, 0);
    this.pcrs = grown(this.pcrs, slots, 0);
    this.errors = grown(this.errors, slots, 0);
    this.missing = grown(this.missing, slots, 0);
    this.duplicates = grown(this.duplicates, slots, 0);
    this.lastOffset = grown(this.lastOffset, slots, 0);
    this.lastPcr = grown(this.lastPcr, slots, Number.NaN);
    this.lastPcrPacket = grown(this.lastPcrPacket, slots, 0);
  }
}
