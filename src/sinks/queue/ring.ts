/**
 * A queue of records in shared memory, from one thread to one other: one writer, one reader, neither of which ever
 * waits for the other. A record stands in one piece; the reader uses it where it stands and then gives its room back.
 */

/** What a record is. */
export const RECORD = {
  /** No record has come. */
  none: 0,
  /** Facts of a track, as JSON, before its first packets. */
  track: 1,
  /** Whole TS packets. */
  ts: 2,
  /** RTP packets end to end. */
  rtp: 3,
  /** A report, an event or a picture. */
  document: 4,
} as const;

/** One of the values of RECORD. */
export type RecordType = (typeof RECORD)[keyof typeof RECORD];

/** What stands in a record before its octets. */
export interface RecordFacts {
  type: RecordType;
  /** Number of the track it belongs to. */
  track: number;
  packets: number;
  /** Packets of the track are missing before it, or its probe has started again. */
  discontinuity: boolean;
  /** Times of the first and the last packet: whole seconds (NaN where they are not known) and nanoseconds. */
  firstSeconds: number;
  firstNs: number;
  lastSeconds: number;
  lastNs: number;
  /** When it was put into the ring, nanoseconds of CLOCK_MONOTONIC. */
  putNs: number;
}

/** Facts of nothing, to be filled in. */
export function recordFacts(): RecordFacts {
  return {
    type: RECORD.none,
    track: 0,
    packets: 0,
    discontinuity: false,
    firstSeconds: Number.NaN,
    firstNs: 0,
    lastSeconds: Number.NaN,
    lastNs: 0,
    putNs: 0,
  };
}

/** Octets before the records: four words, each on a cache line of its own. */
const CONTROL_BYTES = 256;
/** Words: where the writer goes on, units at the end that it left out when it last went to the front, where the reader goes on, a counter to wait on, 1 when nothing more comes. */
const HEAD = 0;
const LEFT_OUT = 1;
const TAIL = 16;
const SIGNAL = 32;
const CLOSED = 48;

/** Positions count in units of as many octets, so that numbers of 64 bits stand where they may. */
const UNIT_BYTES = 8;
/** Octets of a record before its lengths and octets. */
const FACTS_BYTES = 64;
/** An empty ring starts again at its front from here on: memory that is not needed is never touched. */
const FRONT_UNITS = (2 * 1024 * 1024) / UNIT_BYTES;

/** Memory for a ring of about `bytes` octets of records. The longest record may take half of it. */
export function ringMemory(bytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(CONTROL_BYTES + Math.ceil(bytes / UNIT_BYTES) * UNIT_BYTES);
}

/** Says that nothing more comes; any thread may, once the writer has stopped. */
export function closeRing(memory: SharedArrayBuffer): void {
  const words = new Int32Array(memory, 0, CONTROL_BYTES / 4);
  Atomics.store(words, CLOSED, 1);
  Atomics.add(words, SIGNAL, 1);
  Atomics.notify(words, SIGNAL);
}

/** What both ends see of the memory. */
class Ring {
  protected readonly control: Int32Array;
  protected readonly octets: Uint8Array;
  protected readonly words: Uint32Array;
  protected readonly doubles: Float64Array;
  protected readonly units: number;

  constructor(memory: SharedArrayBuffer) {
    this.control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.octets = new Uint8Array(memory, CONTROL_BYTES);
    this.words = new Uint32Array(memory, CONTROL_BYTES);
    this.doubles = new Float64Array(memory, CONTROL_BYTES);
    this.units = this.doubles.length;
  }

  /** Octets that hold records. */
  get usedBytes(): number {
    const used = Atomics.load(this.control, HEAD) - Atomics.load(this.control, TAIL);
    const turned = used < 0 ? used + this.units - Atomics.load(this.control, LEFT_OUT) : used;
    return turned * UNIT_BYTES;
  }
}

/** The end that puts records in. */
export class RingWriter extends Ring {
  #head = Atomics.load(this.control, HEAD);

  /** Copies `buf[off, off + len)` into the ring behind its facts and, of RTP, the packets' lengths; false when it is full. */
  put(
    facts: RecordFacts,
    lengths: readonly number[] | null,
    buf: Uint8Array,
    off: number,
    len: number,
  ): boolean {
    const count = lengths === null ? 0 : facts.packets;
    const units = Math.ceil((FACTS_BYTES + count * 4 + len) / UNIT_BYTES);
    const at = this.#room(units);
    if (at < 0) return false;
    const word = at * 2;
    this.words[word] = units;
    this.words[word + 1] = facts.type;
    this.words[word + 2] = facts.track;
    this.words[word + 3] = facts.packets;
    this.words[word + 4] = len;
    this.words[word + 5] = facts.discontinuity ? 1 : 0;
    this.words[word + 6] = facts.firstNs;
    this.words[word + 7] = facts.lastNs;
    this.words[word + 8] = count;
    this.doubles[at + 5] = facts.firstSeconds;
    this.doubles[at + 6] = facts.lastSeconds;
    this.doubles[at + 7] = facts.putNs;
    const start = at * UNIT_BYTES + FACTS_BYTES;
    if (lengths !== null) for (let i = 0; i < count; i++) this.words[start / 4 + i] = lengths[i] ?? 0;
    this.octets.set(off === 0 && len === buf.length ? buf : buf.subarray(off, off + len), start + count * 4);
    this.#head = at + units === this.units ? 0 : at + units;
    if (this.#head === 0) Atomics.store(this.control, LEFT_OUT, 0);
    Atomics.store(this.control, HEAD, this.#head);
    Atomics.add(this.control, SIGNAL, 1);
    Atomics.notify(this.control, SIGNAL);
    return true;
  }

  /** Where `units` units fit; -1 for nowhere. The head never catches up with the tail: that would look empty. */
  #room(units: number): number {
    const head = this.#head;
    const tail = Atomics.load(this.control, TAIL);
    if (head < tail) return units < tail - head ? head : -1;
    const fitsInFront = units < tail;
    if (head !== tail || head < FRONT_UNITS || !fitsInFront) {
      const left = this.units - head;
      if (units < left || (units === left && tail > 0)) return head;
    }
    if (!fitsInFront) return -1;
    this.words[head * 2 + 1] = RECORD.none;
    Atomics.store(this.control, LEFT_OUT, this.units - head);
    return 0;
  }
}

/** The end that takes records out. Its fields tell of the record that `next` found, until `release`. */
export class RingReader extends Ring implements RecordFacts {
  type: RecordType = RECORD.none;
  track = 0;
  packets = 0;
  discontinuity = false;
  firstSeconds = Number.NaN;
  firstNs = 0;
  lastSeconds = Number.NaN;
  lastNs = 0;
  putNs = 0;
  /** Where its octets stand in `buf`, and how many they are. */
  off = 0;
  len = 0;
  #tail = Atomics.load(this.control, TAIL);
  #units = 0;
  #lengthsAt = 0;

  /** All memory of records. */
  get buf(): Uint8Array {
    return this.octets;
  }

  /** Everything was taken out and nothing more comes. */
  get ended(): boolean {
    if (Atomics.load(this.control, CLOSED) === 0) return false;
    return Atomics.load(this.control, HEAD) === this.#tail && this.#units === 0;
  }

  /** Octets of RTP packet `i` of the record. */
  packetBytes(i: number): number {
    return this.words[this.#lengthsAt + i] as number;
  }

  /** The type of the next record; waits up to `timeoutMs` for one. The record before is released. */
  next(timeoutMs: number): RecordType {
    this.release();
    const until = timeoutMs > 0 ? performance.now() + timeoutMs : 0;
    for (;;) {
      const signal = Atomics.load(this.control, SIGNAL);
      if (Atomics.load(this.control, HEAD) !== this.#tail) {
        if (this.words[this.#tail * 2 + 1] !== RECORD.none) return this.#read();
        this.#tail = 0;
        Atomics.store(this.control, TAIL, 0);
        continue;
      }
      if (until === 0 || Atomics.load(this.control, CLOSED) !== 0) return RECORD.none;
      const left = until - performance.now();
      if (left <= 0) return RECORD.none;
      Atomics.wait(this.control, SIGNAL, signal, left);
    }
  }

  #read(): RecordType {
    const at = this.#tail;
    const word = at * 2;
    const { words } = this;
    this.#units = words[word] as number;
    this.type = words[word + 1] as RecordType;
    this.track = words[word + 2] as number;
    this.packets = words[word + 3] as number;
    this.len = words[word + 4] as number;
    this.discontinuity = words[word + 5] === 1;
    this.firstNs = words[word + 6] as number;
    this.lastNs = words[word + 7] as number;
    this.firstSeconds = this.doubles[at + 5] as number;
    this.lastSeconds = this.doubles[at + 6] as number;
    this.putNs = this.doubles[at + 7] as number;
    const start = at * UNIT_BYTES + FACTS_BYTES;
    this.#lengthsAt = start / 4;
    this.off = start + (words[word + 8] as number) * 4;
    return this.type;
  }

  /** The record is done with: its room is free again. */
  release(): void {
    if (this.#units === 0) return;
    const tail = this.#tail + this.#units;
    this.#units = 0;
    this.#tail = tail === this.units ? 0 : tail;
    Atomics.store(this.control, TAIL, this.#tail);
  }
}
