import type { Datagram } from "../net/datagram.ts";

/** 32-bit words of a key: ports, VLAN ids and version, source (4), destination (4). */
const KEY_WORDS = 10;
const EMPTY = -1;

/** Returned by `find` when the table has no room for a flow that is not in it yet. */
export const TABLE_FULL = -1;

/**
 * Flows by source, destination, ports and VLAN: open addressing over typed arrays, nothing allocated per
 * packet. Memory is bounded by `capacity` flows of 44 octets and twice as many slots. Words are kept as
 * signed 32-bit integers, which the engine compares without going through doubles.
 */
export class FlowTable {
  /** Number of flows, which have the indices 0 to `count` - 1. */
  count = 0;
  readonly capacity: number;
  readonly #keys: Int32Array;
  readonly #hashes: Int32Array;
  readonly #slots: Int32Array;
  readonly #mask: number;
  readonly #probe = new Int32Array(KEY_WORDS);
  /** The flow found last, and the words that tell whether the next datagram is of it too (IPv4). */
  #last = EMPTY;
  #lastSource = 0;
  #lastDestination = 0;
  #lastPorts = 0;
  #lastTags = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#keys = new Int32Array(capacity * KEY_WORDS);
    this.#hashes = new Int32Array(capacity);
    const slots = 2 ** Math.ceil(Math.log2(Math.max(capacity, 1) * 2));
    this.#slots = new Int32Array(slots).fill(EMPTY);
    this.#mask = slots - 1;
  }

  /**
   * Index of the flow that `datagram` (parsed from `buf`) belongs to. A flow seen for the first time gets
   * the next index: the caller sees it by comparing with `count` before. TABLE_FULL when there is no room.
   */
  find(buf: Uint8Array, datagram: Datagram): number {
    const ports = (datagram.sourcePort << 16) | datagram.destinationPort;
    // 12 bits an id; the count tells VLAN 0 (a priority tag) from no tag, at most 4 of them; bit 31 is IPv6.
    const tags =
      (datagram.ipVersion === 6 ? 1 << 31 : 0) |
      (datagram.vlanCount << 24) |
      (datagram.vlan0 << 12) |
      datagram.vlan1;
    if (tags < 0) return this.#find6(buf, datagram, ports, tags);
    const source = i32(buf, datagram.sourceOff | 0);
    const destination = i32(buf, datagram.destinationOff | 0);
    if (
      source === this.#lastSource &&
      destination === this.#lastDestination &&
      ports === this.#lastPorts &&
      tags === this.#lastTags &&
      this.#last !== EMPTY
    ) {
      return this.#last;
    }
    const probe = this.#probe;
    probe[0] = ports;
    probe[1] = tags;
    probe[2] = source;
    probe[3] = 0;
    probe[4] = 0;
    probe[5] = 0;
    probe[6] = destination;
    probe[7] = 0;
    probe[8] = 0;
    probe[9] = 0;
    const flow = this.#look(mix(mix(mix(mix(0, source), destination), ports), tags));
    if (flow !== TABLE_FULL) {
      this.#last = flow;
      this.#lastSource = source;
      this.#lastDestination = destination;
      this.#lastPorts = ports;
      this.#lastTags = tags;
    }
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

  #find6(buf: Uint8Array, datagram: Datagram, ports: number, tags: number): number {
    const probe = this.#probe;
    const source = datagram.sourceOff | 0;
    const destination = datagram.destinationOff | 0;
    probe[0] = ports;
    probe[1] = tags;
    let hash = mix(mix(0, ports), tags);
    for (let word = 0; word < 4; word++) {
      const from = i32(buf, source + word * 4);
      const to = i32(buf, destination + word * 4);
      probe[2 + word] = from;
      probe[6 + word] = to;
      hash = mix(mix(hash, from), to);
    }
    return this.#look(hash);
  }

  /** The flow whose key stands in the probe words, added where it is new. */
  #look(hash: number): number {
    const slots = this.#slots;
    const hashes = this.#hashes;
    let slot = hash & this.#mask;
    for (;;) {
      const flow = slots[slot] as number;
      if (flow === EMPTY) break;
      if (hashes[flow] === hash && this.#matches(flow)) return flow;
      slot = (slot + 1) & this.#mask;
    }
    if (this.count === this.capacity) return TABLE_FULL;
    const flow = this.count++;
    this.#keys.set(this.#probe, flow * KEY_WORDS);
    hashes[flow] = hash;
    slots[slot] = flow;
    return flow;
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

/** Signed 32 bits, big-endian; the caller has checked that they are there. */
function i32(buf: Uint8Array, off: number): number {
  return (
    ((buf[off] as number) << 24) |
    ((buf[off + 1] as number) << 16) |
    ((buf[off + 2] as number) << 8) |
    (buf[off + 3] as number)
  );
}

/** One step of a multiplicative hash; the high bits, where products mix, are folded down. */
function mix(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x9e3779b1 | 0);
  return product ^ (product >>> 15);
}
