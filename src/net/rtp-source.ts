import { PacketSlots, type SlotOwner } from "./packet-slots.ts";
import { rtpSequence } from "./rtp.ts";
import { HISTORY_LENGTH, SequenceHistory } from "./sequence-history.ts";

/** A step forward of this many sequence numbers or more is not loss (RFC 3550 A.1). */
export const MAX_DROPOUT = 3000;

/** A step back of this many or more is neither reordering nor a duplicate (RFC 3550 A.1). */
export const MAX_MISORDER = 100;

/**
 * Takes an RTP packet of `len` octets, header included; `timeNs` is its own capture time, `wireLength` what it had
 * on the wire: more where the snap length cut it.
 */
export type DeliverPacket = (
  buf: Uint8Array,
  off: number,
  len: number,
  timeNs: number,
  wireLength: number,
) => void;

/** Counts of one RTP stream, as `rtpSchema` of the report describes them. */
export class RtpCounters {
  /** Packets received: delivered, duplicate, late, and those that still wait. */
  packets = 0;
  lost = 0;
  reordered = 0;
  duplicates = 0;
  late = 0;
  /** Datagrams that are not RTP, and lone packets whose sequence number fits nothing. */
  invalid = 0;
  restarts = 0;
}

/** What the sources of one reorder window share. */
export interface RtpSourceContext {
  readonly counters: RtpCounters;
  readonly owner: SlotOwner;
  readonly windowPackets: number;
  readonly windowNs: number;
  readonly deliver: DeliverPacket;
  readonly reset: (sameSource: boolean) => void;
}

/** `a` - `b` of sequence numbers, 0 to 65535. */
function distance(a: number, b: number): number {
  return (a - b) & 0xffff;
}

/**
 * The packets of one SSRC, put in order. Those in order pass straight through; those behind a gap wait in slots until
 * the gap fills or the window is over. A packet whose number is far off waits as a candidate: if the next one follows
 * it the sender has started again, if the old sequence goes on it was a stray (RFC 3550 A.1, with the first packet of
 * the new sequence kept).
 */
export class RtpSource {
  ssrc = 0;
  /** `counters.packets` when this source was last turned away from. */
  lastUse = 0;

  readonly #context: RtpSourceContext;
  readonly #history = new SequenceHistory();
  readonly #slots: PacketSlots;
  readonly #slotMask: number;
  readonly #candidateSlot: number;
  readonly #misorderLimit: number;

  /** Octets on the wire of the packet at hand. */
  #wireLength = 0;
  #started = false;
  /** Started, and nothing waits: a packet in order needs no more looking at. */
  #quiet = false;
  /** The highest sequence number that has come. */
  #highest = 0;
  /** The next sequence number to deliver. */
  #expected = 0;
  /** Sequence numbers from the first to the highest, at most HISTORY_LENGTH. */
  #span = 0;
  #held = 0;
  /** Capture time of the held packet that has waited longest. */
  #oldestNs = Number.POSITIVE_INFINITY;
  #candidate = false;
  #candidateSequence = 0;

  constructor(context: RtpSourceContext) {
    this.#context = context;
    const { windowPackets } = context;
    // One more than can be held, so that the number that is missing has a slot of its own.
    let ring = 1;
    while (ring < windowPackets + 1) ring *= 2;
    this.#slots = new PacketSlots(ring + 1, context.owner);
    this.#slotMask = ring - 1;
    this.#candidateSlot = ring;
    this.#misorderLimit = Math.max(MAX_MISORDER, windowPackets + 1);
  }

  /** Begins with a new SSRC; nothing may be waiting. */
  begin(ssrc: number): void {
    this.ssrc = ssrc;
    this.#started = false;
    this.#quiet = false;
  }

  /** The next sequence number to deliver; -1 before the first packet. */
  get next(): number {
    return this.#started ? this.#expected : -1;
  }

  /** Shows each packet that waits, in order; it goes on waiting. */
  waiting(show: DeliverPacket): void {
    const { length, timeNs, wireLength } = this.#slots;
    const ahead = this.#held > 0 ? distance(this.#highest, this.#expected) : -1;
    for (let i = 0; i <= ahead; i++) {
      const sequence = (this.#expected + i) & 0xffff;
      if (!this.#isHeld(sequence)) continue;
      const slot = sequence & this.#slotMask;
      show(
        this.#slots.octets(slot),
        0,
        length[slot] as number,
        timeNs[slot] as number,
        wireLength[slot] as number,
      );
    }
  }

  /** Takes the next packet, a valid one of this SSRC. */
  push(buf: Uint8Array, off: number, len: number, timeNs: number, wireLength: number): void {
    this.#wireLength = wireLength;
    const sequence = rtpSequence(buf, off);
    if (this.#quiet && sequence === this.#expected) {
      this.#next(sequence);
      this.#context.deliver(buf, off, len, timeNs, this.#wireLength);
      return;
    }
    if (!this.#started) this.#start(sequence);
    this.expire(timeNs);
    if (this.#candidate && sequence === ((this.#candidateSequence + 1) & 0xffff)) this.#restart();
    const ahead = distance(sequence, this.#highest);
    if (ahead !== 0 && ahead < MAX_DROPOUT) this.#forward(buf, off, len, timeNs, sequence, ahead);
    else if (65536 - ahead < this.#misorderLimit || ahead === 0)
      this.#backward(buf, off, len, timeNs, sequence);
    else this.#jump(buf, off, len, timeNs, sequence);
    this.#quiet = this.#held === 0 && !this.#candidate;
  }

  /** It is `nowNs`: whatever has waited for the window's time waits no longer. */
  expire(nowNs: number): void {
    const { windowNs } = this.#context;
    if (this.#held > 0 && nowNs - this.#oldestNs >= windowNs) {
      // Everything up to the last packet, in sequence order, whose time is over.
      let last = this.#highest;
      while (!this.#isHeld(last) || !(nowNs - this.#slotTime(last) >= windowNs)) last = (last - 1) & 0xffff;
      this.#advance((last + 1) & 0xffff);
      this.#quiet = this.#held === 0 && !this.#candidate;
    }
    if (this.#candidate && nowNs - (this.#slots.timeNs[this.#candidateSlot] as number) >= windowNs) {
      // The old sequence has not gone on meanwhile.
      this.#restart();
    }
  }

  /** Delivers whatever waits, and counts what is missing in between as lost. */
  flush(): void {
    if (this.#held > 0) this.#advance((this.#highest + 1) & 0xffff);
    if (this.#candidate) this.#restart();
    this.#quiet = this.#started;
  }

  /** Gives the memory of the slots back; `flush` first. */
  free(): void {
    this.#slots.free();
  }

  #start(sequence: number): void {
    this.#started = true;
    this.#history.clear();
    this.#span = 0;
    this.#expected = sequence;
    this.#highest = (sequence - 1) & 0xffff;
  }

  /** Notes that `sequence`, the one expected and a new highest, has come. */
  #next(sequence: number): void {
    this.#context.counters.packets++;
    this.#history.add(sequence);
    this.#highest = sequence;
    this.#expected = (sequence + 1) & 0xffff;
    if (this.#span < HISTORY_LENGTH) this.#span++;
  }

  /** A number above all that have come: the next, or behind a gap. */
  #forward(buf: Uint8Array, off: number, len: number, timeNs: number, sequence: number, ahead: number): void {
    this.#dropCandidate();
    this.#context.counters.packets++;
    this.#history.open((this.#highest + 1) & 0xffff, ahead - 1);
    this.#history.add(sequence);
    this.#highest = sequence;
    this.#span = Math.min(this.#span + ahead, HISTORY_LENGTH);
    const { windowPackets } = this.#context;
    if (distance(sequence, this.#expected) > windowPackets)
      this.#advance((sequence - windowPackets) & 0xffff);
    this.#place(buf, off, len, timeNs, sequence);
  }

  /** A number not above the highest: it fills a gap, is late, or has been seen. */
  #backward(buf: Uint8Array, off: number, len: number, timeNs: number, sequence: number): void {
    const { counters } = this.#context;
    const behind = distance(this.#highest, sequence);
    counters.packets++;
    if (behind >= this.#span) {
      // Older than the first packet of all: the sequence began earlier than it seemed.
      counters.lost += behind + 1 - this.#span;
      this.#span = behind + 1;
    } else if (this.#history.has(sequence)) {
      counters.duplicates++;
      return;
    }
    this.#history.add(sequence);
    if (behind > distance(this.#highest, this.#expected) || this.#held === 0) {
      counters.late++;
      return;
    }
    this.#dropCandidate();
    counters.reordered++;
    this.#place(buf, off, len, timeNs, sequence);
  }

  /** A number far from all that have come: a new sequence, or a stray. The next packet tells. */
  #jump(buf: Uint8Array, off: number, len: number, timeNs: number, sequence: number): void {
    this.#dropCandidate();
    this.#candidateSequence = sequence;
    if (this.#slots.hold(this.#candidateSlot, buf, off, len, timeNs, this.#wireLength)) {
      this.#candidate = true;
      return;
    }
    // No memory to wait with: believe it.
    this.#newSequence(sequence);
    this.#next(sequence);
    this.#context.deliver(buf, off, len, timeNs, this.#wireLength);
  }

  /** The old sequence goes on: the candidate was a stray, counted by what the history knows of it. */
  #dropCandidate(): void {
    if (!this.#candidate) return;
    this.#candidate = false;
    this.#slots.drop(this.#candidateSlot);
    const { counters } = this.#context;
    const sequence = this.#candidateSequence;
    if (distance(this.#highest, sequence) >= this.#span) {
      counters.invalid++;
      return;
    }
    counters.packets++;
    if (this.#history.has(sequence)) counters.duplicates++;
    else counters.late++;
    this.#history.add(sequence);
  }

  /** The candidate begins the new sequence. */
  #restart(): void {
    this.#candidate = false;
    const sequence = this.#candidateSequence;
    this.#newSequence(sequence);
    this.#next(sequence);
    this.#quiet = true;
    this.#deliverSlot(this.#candidateSlot);
  }

  #newSequence(sequence: number): void {
    if (this.#held > 0) this.#advance((this.#highest + 1) & 0xffff);
    this.#context.counters.restarts++;
    this.#context.reset(true);
    this.#start(sequence);
  }

  /** Delivers the packet when it is its turn, with those that waited for it; else holds it. */
  #place(buf: Uint8Array, off: number, len: number, timeNs: number, sequence: number): void {
    if (sequence !== this.#expected) {
      if (this.#slots.hold(sequence & this.#slotMask, buf, off, len, timeNs, this.#wireLength)) {
        this.#held++;
        if (timeNs < this.#oldestNs) this.#oldestNs = timeNs;
        return;
      }
      // No memory to wait with: what is missing before it is lost.
      this.#advance(sequence);
    }
    this.#expected = (sequence + 1) & 0xffff;
    this.#context.deliver(buf, off, len, timeNs, this.#wireLength);
    this.#advance(this.#expected);
  }

  /** Moves on to `to`: held packets are delivered, missing ones lost; then those in order behind it. */
  #advance(to: number): void {
    let sequence = this.#expected;
    while (sequence !== to && this.#held > 0) {
      if (this.#isHeld(sequence)) this.#deliverHeld(sequence);
      else this.#context.counters.lost++;
      sequence = (sequence + 1) & 0xffff;
    }
    this.#context.counters.lost += distance(to, sequence);
    sequence = to;
    while (this.#held > 0 && this.#isHeld(sequence)) {
      this.#deliverHeld(sequence);
      sequence = (sequence + 1) & 0xffff;
    }
    this.#expected = sequence;
    this.#findOldest();
  }

  #isHeld(sequence: number): boolean {
    return this.#slots.held[sequence & this.#slotMask] === 1;
  }

  #slotTime(sequence: number): number {
    return this.#slots.timeNs[sequence & this.#slotMask] as number;
  }

  #deliverHeld(sequence: number): void {
    this.#held--;
    this.#deliverSlot(sequence & this.#slotMask);
  }

  #deliverSlot(slot: number): void {
    const { length, timeNs, wireLength } = this.#slots;
    this.#slots.deliver(slot);
    this.#context.deliver(
      this.#slots.octets(slot),
      0,
      length[slot] as number,
      timeNs[slot] as number,
      wireLength[slot] as number,
    );
  }

  #findOldest(): void {
    let oldest = Number.POSITIVE_INFINITY;
    if (this.#held > 0) {
      for (let ahead = distance(this.#highest, this.#expected); ahead > 0; ahead--) {
        const sequence = (this.#expected + ahead) & 0xffff;
        const timeNs = this.#slotTime(sequence);
        if (this.#isHeld(sequence) && timeNs < oldest) oldest = timeNs;
      }
    }
    this.#oldestNs = oldest;
  }
}
