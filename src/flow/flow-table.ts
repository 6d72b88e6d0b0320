import { u32 } from "../bits/read.ts";
import type { Datagram } from "../net/datagram.ts";

/** 32-bit words of a key: version, source (4), destination (4), ports, VLAN ids. */
const KEY_WORDS = 11;
const EMPTY = -1;

/** Returned by `find` when the table has no room for a flow that is not in it yet. */
export const TABLE_FULL = -1;

/**
 * Flows by source, destination, ports and VLAN: open addressing over typed arrays, nothing allocated per
 * packet. Memory is bounded by `capacity` flows of 52 octets and twice as many slots.
 */
export class FlowTable {
  /** Number of flows, which have the indices 0 to `count` - 1. */
  count = 0;
  readonly capacity: number;
  readonly #keys: Uint32Array;
  readonly #hashes: Uint32Array;
  readonly #slots: Int32Array;
  readonly #mask: number;
  readonly #probe = new Uint32Array(KEY_WORDS);
  #last = EMPTY;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#keys = new Uint32Array(capacity * KEY_WORDS);
    this.#hashes = new Uint32Array(capacity);
    const slots = 2 ** Math.ceil(Math.log2(Math.max(capacity, 1) * 2));
    this.#slots = new Int32Array(slots).fill(EMPTY);
    this.#mask = slots - 1;
  }

  /**
   * Index of the flow that `datagram` (parsed from `buf`) belongs to. A flow seen for the first time gets
   * the next index: the caller sees it by comparing with `count` before. TABLE_FULL when there is no room.
   */
  find(buf: Uint8Array, datagram: Datagram): number {
    const hash = this.#load(buf, datagram);
    const last = this.#last;
    if (last !== EMPTY && this.#hashes[last] === hash && this.#matches(last)) return last;
    let slot = hash & this.#mask;
    for (;;) {
      const flow = this.#slots[slot] as number;
      if (flow === EMPTY) break;
      if (this.#hashes[flow] === hash && this.#matches(flow)) {
        this.#last = flow;
        return flow;
      }
      slot = (slot + 1) & this.#mask;
    }
    if (this.count === this.capacity) return TABLE_FULL;
    const flow = this.count++;
    this.#keys.set(this.#probe, flow * KEY_WORDS);
    this.#hashes[flow] = hash;
    this.#slots[slot] = flow;
    this.#last = flow;
    return flow;
  }

  /**
   * Keeps the flows for which `keep` is true and closes the gaps: flow `i` of before becomes the number of
   * kept flows below `i`. Rare: the caller does it when the table is full.
   */
  compact(keep: (flow: number) => boolean): void {
    let kept = 0;
    for (let flow = 0; flow < this.count; flow++) {
      if (!keep(flow)) continue;
      this.#keys.copyWithin(kept * KEY_WORDS, flow * KEY_WORDS, (flow + 1) * KEY_WORDS);
      this.#hashes[kept] = this.#hashes[flow] as number;
      kept++;
    }
    this.count = kept;
    this.#last = EMPTY;
    this.#slots.fill(EMPTY);
    for (let flow = 0; flow < kept; flow++) {
      let slot = (this.#hashes[flow] as number) & this.#mask;
      while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = flow;
    }
  }

  /** Puts the datagram's key into the probe words and returns its hash. */
  #load(buf: Uint8Array, datagram: Datagram): number {
    const key = this.#probe;
    const { sourceOff, destinationOff } = datagram;
    key[0] = datagram.ipVersion;
    key[1] = u32(buf, sourceOff);
    key[5] = u32(buf, destinationOff);
    if (datagram.ipVersion === 6) {
      for (let word = 1; word < 4; word++) {
        key[1 + word] = u32(buf, sourceOff + word * 4);
        key[5 + word] = u32(buf, destinationOff + word * 4);
      }
    } else {
      key[2] = key[3] = key[4] = key[6] = key[7] = key[8] = 0;
    }
    key[9] = (datagram.sourcePort << 16) | datagram.destinationPort;
    // Ids are 12 bits; the count tells VLAN 0 (a priority tag) from no tag.
    key[10] = (datagram.vlanCount << 24) | (datagram.vlan0 << 12) | datagram.vlan1;
    let hash = 0x811c9dc5;
    for (let word = 0; word < KEY_WORDS; word++) {
      hash = Math.imul(hash ^ (key[word] as number), 0x01000193);
      hash ^= hash >>> 15;
    }
    return hash >>> 0;
  }

  #matches(flow: number): boolean {
    const keys = this.#keys;
    const base = flow * KEY_WORDS;
    for (let word = 0; word < KEY_WORDS; word++) {
      if (keys[base + word] !== this.#probe[word]) return false;
    }
    return true;
  }
}
