/** Octets of memory that the reorder windows of a probe may take together, unless set otherwise. */
export const REORDER_MEMORY_OCTETS = 32 * 1024 * 1024;

/** The smallest slot: a packet of an Ethernet MTU fits. */
const MIN_SLOT_OCTETS = 2048;

/** The largest packet that is held; UDP can't carry more but in a jumbogram. */
const MAX_SLOT_OCTETS = 65536;

/** A budget of octets that several reorder windows share, so that many hostile flows can't fill the memory. */
export class ReorderMemory {
  /** Octets taken now. */
  used = 0;
  readonly limit: number;

  constructor(limit = REORDER_MEMORY_OCTETS) {
    this.limit = limit;
  }

  /** Takes `octets`; false, and nothing is taken, when they are not there. */
  take(octets: number): boolean {
    if (this.used + octets > this.limit) return false;
    this.used += octets;
    return true;
  }

  /** Gives `octets` back. */
  give(octets: number): void {
    this.used -= octets;
  }
}

/**
 * What the slots of all sources of one window share: the budget, and who may still refer to a slot. A slot that was
 * delivered stays as it is until the consumer has copied it: `release` asks it to.
 */
export class SlotOwner {
  /** Counts the times that the consumer has let go of everything delivered. */
  generation = 1;
  readonly memory: ReorderMemory;
  readonly #release: () => void;

  constructor(memory: ReorderMemory, release: () => void) {
    this.memory = memory;
    this.#release = release;
  }

  /** Asks the consumer to let go of everything delivered. */
  release(): void {
    this.#release();
    this.generation++;
  }
}

/** Copies of packets in numbered slots, made on first use and kept: 2 to 64 KiB each, by the largest packet held. */
export class PacketSlots {
  readonly length: Uint32Array;
  /** Octets that the packet had on the wire. */
  readonly wireLength: Uint32Array;
  readonly timeNs: Float64Array;
  /** 1 while the slot holds a packet that was not delivered. */
  readonly held: Uint8Array;
  readonly #octets: (Uint8Array | null)[];
  /** The owner's generation at which the slot was delivered; 0 for never. */
  readonly #delivered: Float64Array;
  readonly #owner: SlotOwner;
  #size = 0;

  constructor(slots: number, owner: SlotOwner) {
    this.length = new Uint32Array(slots);
    this.wireLength = new Uint32Array(slots);
    this.timeNs = new Float64Array(slots);
    this.held = new Uint8Array(slots);
    this.#octets = new Array<Uint8Array | null>(slots).fill(null);
    this.#delivered = new Float64Array(slots);
    this.#owner = owner;
  }

  /** Octets of the slot, from offset 0. */
  octets(slot: number): Uint8Array {
    return this.#octets[slot] as Uint8Array;
  }

  /** Copies a packet into a free slot; false when there is no memory for it. */
  hold(slot: number, buf: Uint8Array, off: number, len: number, timeNs: number, wireLength: number): boolean {
    if (this.#delivered[slot] === this.#owner.generation) this.#owner.release();
    let octets = this.#octets[slot] as Uint8Array | null;
    if (octets === null || octets.length < len) {
      octets = this.#grow(slot, len);
      if (octets === null) return false;
    }
    octets.set(buf.subarray(off, off + len));
    this.length[slot] = len;
    this.wireLength[slot] = wireLength;
    this.timeNs[slot] = timeNs;
    this.held[slot] = 1;
    return true;
  }

  /** The slot's packet is being delivered: it stays in place until the next release. */
  deliver(slot: number): void {
    this.held[slot] = 0;
    this.#delivered[slot] = this.#owner.generation;
  }

  /** The slot's packet is thrown away. */
  drop(slot: number): void {
    this.held[slot] = 0;
  }

  /** Gives all memory back. Nothing may be held or still referred to. */
  free(): void {
    this.#owner.memory.give(this.#size);
    this.#size = 0;
    this.#octets.fill(null);
    this.#delivered.fill(0);
  }

  #grow(slot: number, len: number): Uint8Array | null {
    if (len > MAX_SLOT_OCTETS) return null;
    let size = MIN_SLOT_OCTETS;
    while (size < len) size *= 2;
    const more = size - (this.#octets[slot]?.length ?? 0);
    if (!this.#owner.memory.take(more)) return null;
    this.#size += more;
    // An ArrayBuffer of its own: outputs take the address of what is delivered.
    const octets = new Uint8Array(new ArrayBuffer(size));
    this.#octets[slot] = octets;
    return octets;
  }
}
