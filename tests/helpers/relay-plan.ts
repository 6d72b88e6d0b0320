import { Random } from "../../fixtures/lib/random.ts";

/** Chances, 0 to 1, of what may befall a datagram; at most one of them does. */
export interface RelayOptions {
  readonly seed: number;
  readonly drop?: number;
  readonly duplicate?: number;
  readonly reorder?: number;
  /** Longest random delay that keeps the order, milliseconds. */
  readonly jitterMs?: number;
  /** Numbers of the first datagram that is dropped with all that follow, and of the first that passes again. */
  readonly blackout?: readonly [from: number, to: number];
  /** Datagrams at the start that pass untouched, so that the edges of the stream are certain. */
  readonly calm?: number;
}

/** Most places that a datagram is put back by. */
export const MAX_DISPLACEMENT = 4;

/** What was done: the numbers are those of the datagrams as they came, from 0. */
export interface Journal {
  received: number;
  /** Numbers in the order in which they were sent on. */
  sent: number[];
  dropped: number[];
  duplicated: number[];
  delayed: number[];
}

/**
 * Decides the fate of each datagram by the seed alone, and keeps a journal: the same datagrams with the
 * same seed always meet the same.
 */
export class RelayPlan<Item> {
  readonly journal: Journal = { received: 0, sent: [], dropped: [], duplicated: [], delayed: [] };
  readonly #options: RelayOptions;
  readonly #random: Random;
  #held: { number: number; item: Item; left: number }[] = [];

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
  }

  /** Takes the next datagram; returns what is to be sent now, in order. */
  take(item: Item): Item[] {
    const { drop = 0, duplicate = 0, reorder = 0, calm = 8, blackout } = this.#options;
    const number = this.journal.received++;
    const fate = this.#random.u32() / 2 ** 32;
    const places = 1 + this.#random.below(MAX_DISPLACEMENT);
    const out: { number: number; item: Item }[] = [];
    if (blackout !== undefined && number >= blackout[0] && number < blackout[1]) {
      this.journal.dropped.push(number);
    } else if (number < calm || fate >= drop + duplicate + reorder) {
      out.push({ number, item });
    } else if (fate < drop) {
      this.journal.dropped.push(number);
    } else if (fate < drop + duplicate) {
      this.journal.duplicated.push(number);
      out.push({ number, item });
      this.#held.push({ number, item, left: places });
    } else {
      this.journal.delayed.push(number);
      this.#held.push({ number, item, left: places + 1 });
    }
    for (const held of this.#held) held.left--;
    out.push(...this.#held.filter(({ left }) => left <= 0));
    this.#held = this.#held.filter(({ left }) => left > 0);
    return this.#send(out);
  }

  /** The stream is over: what is still held back. */
  end(): Item[] {
    const out = this.#held;
    this.#held = [];
    return this.#send(out);
  }

  /** Random delay of the next datagram, milliseconds. */
  jitterMs(): number {
    return this.#options.jitterMs ? this.#random.below(this.#options.jitterMs * 1000) / 1000 : 0;
  }

  #send(out: { number: number; item: Item }[]): Item[] {
    return out.map(({ number, item }) => {
      this.journal.sent.push(number);
      return item;
    });
  }
}

/** What a receiver with a reorder window must count when the datagrams carry RTP sequence numbers. */
export function rtpTruth({ sent }: Journal): {
  packets: number;
  lost: number;
  duplicates: number;
  reordered: number;
} {
  const seen = new Set<number>();
  let highest = -1;
  let duplicates = 0;
  let reordered = 0;
  for (const number of sent) {
    if (seen.has(number)) duplicates++;
    else if (number < highest) reordered++;
    seen.add(number);
    highest = Math.max(highest, number);
  }
  return { packets: sent.length, lost: highest + 1 - seen.size, duplicates, reordered };
}
