import { PacketSlots, type ReorderMemory, SlotOwner } from "../../net/packet-slots.ts";

/** Packets that one pair may hold back: 75 ms of 216,000 packets a second. */
const MAX_HELD = 16384;

/** Copies of the packets that wait for one before them. Memory is taken on first use, within a shared budget. */
export class HoldPool {
  readonly #slots: PacketSlots;
  readonly #owner: SlotOwner;
  /** Slots that are free, used like a stack. */
  readonly #free = new Int32Array(MAX_HELD);
  #freeCount = 0;
  #used = 0;

  constructor(memory: ReorderMemory, release: () => void) {
    this.#owner = new SlotOwner(memory, release);
    this.#slots = new PacketSlots(MAX_HELD, this.#owner);
  }

  /** Copies a packet; returns its slot, or -1 when there is no memory. */
  hold(buf: Uint8Array, off: number, len: number, wireLength: number, timeNs: number): number {
    const recycled = this.#freeCount > 0;
    if (!recycled && this.#used >= MAX_HELD) return -1;
    const slot = recycled ? (this.#free[this.#freeCount - 1] as number) : this.#used;
    if (!this.#slots.hold(slot, buf, off, len, timeNs, wireLength)) return -1;
    if (recycled) this.#freeCount--;
    else this.#used++;
    return slot;
  }

  /** Octets of a held packet, from offset 0. */
  octets(slot: number): Uint8Array {
    return this.#slots.octets(slot);
  }

  /** Captured length of a held packet. */
  length(slot: number): number {
    return this.#slots.length[slot] as number;
  }

  /** Arrival of a held packet, ns. */
  timeNs(slot: number): number {
    return this.#slots.timeNs[slot] as number;
  }

  /** The packet is being delivered: its octets stay until the next release, its slot may be taken again. */
  deliver(slot: number): void {
    this.#slots.deliver(slot);
    this.#free[this.#freeCount++] = slot;
  }

  /** Lets the consumer copy, and gives all memory back. Nothing may be held. */
  free(): void {
    this.#owner.release();
    this.#slots.free();
    this.#freeCount = 0;
    this.#used = 0;
  }
}
