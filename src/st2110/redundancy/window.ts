/** Slots that a window starts with. */
const FIRST_SLOTS = 1024;
/** The most a window can have: 500 ms of 260,000 packets a second, 150 ms of 870,000; 5.4 MB. */
export const MAX_WINDOW_SLOTS = 131072;

/** Bits of `legs` when the packet has come on both. */
export const BOTH = 3;

/** `legs` shifted right by this is the leg on which the packet came first. */
export const FIRST_LEG_SHIFT = 2;

/** No copy is held for the slot. */
export const NOT_HELD = -1;

/**
 * The packets that are not settled yet, by their extended sequence number: a ring of typed arrays that doubles when
 * more are on their way. `[tail, head)` are the numbers in it. 41 octets a slot.
 */
export class RedundancyWindow {
  /** Lowest number of this numbering. */
  first = 0;
  /** Lowest number in the window. */
  tail = 0;
  /** One above the highest. */
  head = 0;
  /** Time at which the number came up: its own arrival, or that of the first packet after it, ns. */
  openedNs = new Float64Array(FIRST_SLOTS);
  /** Arrival of the first copy, ns. */
  firstNs = new Float64Array(FIRST_SLOTS);
  /** Bit 0: came on the first leg, bit 1: on the second, bit 2: on the second first. */
  legs = new Uint8Array(FIRST_SLOTS);
  /** CRC-32 of the captured octets after the fixed header. */
  crc = new Uint32Array(FIRST_SLOTS);
  captured = new Uint32Array(FIRST_SLOTS);
  wire = new Uint32Array(FIRST_SLOTS);
  /** First two octets of the header. */
  flags = new Uint16Array(FIRST_SLOTS);
  timestamp = new Uint32Array(FIRST_SLOTS);
  ssrc = new Uint32Array(FIRST_SLOTS);
  /** Slot of the pool that holds a copy of the packet, or NOT_HELD. */
  held = new Int32Array(FIRST_SLOTS);
  #mask = FIRST_SLOTS - 1;

  /** Numbers that there are places for. */
  get slots(): number {
    return this.#mask + 1;
  }

  /** Place of the number `ext` in the arrays. */
  at(ext: number): number {
    return ext & this.#mask;
  }

  /** Empties the window; it goes on at `ext`. */
  begin(ext: number): void {
    this.first = ext;
    this.tail = ext;
    this.head = ext;
  }

  /** True when a packet with this number came and is still known: settled ones are until newer ones take their places. */
  remembers(ext: number): boolean {
    if (ext < this.first || ext >= this.head || this.head - ext > this.slots) return false;
    return this.legs[this.at(ext)] !== 0;
  }

  /** Makes room for one more number; false when the window is as large as can be. */
  reserve(): boolean {
    const { slots } = this;
    if (this.head - this.tail < slots) return true;
    if (slots >= MAX_WINDOW_SLOTS) return false;
    this.#grow(slots * 2);
    return true;
  }

  /** Adds the number `head`, not come yet, at `timeNs`. There must be room. */
  open(timeNs: number): void {
    const at = this.at(this.head);
    this.openedNs[at] = timeNs;
    this.legs[at] = 0;
    this.held[at] = NOT_HELD;
    this.head++;
  }

  #grow(slots: number): void {
    const { tail, head } = this;
    const from = this.#mask;
    const moved = <T extends Float64Array | Uint8Array | Uint16Array | Uint32Array | Int32Array>(
      old: T,
      grown: T,
    ): T => {
      for (let ext = tail; ext < head; ext++) grown[ext & (slots - 1)] = old[ext & from] as number;
      return grown;
    };
    this.openedNs = moved(this.openedNs, new Float64Array(slots));
    this.firstNs = moved(this.firstNs, new Float64Array(slots));
    this.legs = moved(this.legs, new Uint8Array(slots));
    this.crc = moved(this.crc, new Uint32Array(slots));
    this.captured = moved(this.captured, new Uint32Array(slots));
    this.wire = moved(this.wire, new Uint32Array(slots));
    this.flags = moved(this.flags, new Uint16Array(slots));
    this.timestamp = moved(this.timestamp, new Uint32Array(slots));
    this.ssrc = moved(this.ssrc, new Uint32Array(slots));
    this.held = moved(this.held, new Int32Array(slots));
    this.#mask = slots - 1;
  }
}
