import { NO_LOG_INTERVAL } from "./message.ts";

/** Where the messages of one type to one destination stand. */
export class SequencePool {
  /** sequenceId of the last message; -1 for none. */
  sequence = -1;
  lastNs = Number.NaN;
  logInterval = NO_LOG_INTERVAL;
  /** Messages of which the mean interval is being taken, and when the first of them came. */
  rateCount = 0;
  rateStartNs = Number.NaN;

  /** What follows is not compared with what was before. */
  gap(): void {
    this.sequence = -1;
    this.lastNs = Number.NaN;
    this.rateCount = 0;
  }
}

/**
 * One address that a port sends to. Each has sequenceIds of its own (IEEE 1588-2008 7.3.7), so that of a master with
 * several unicast receivers the messages to one don't follow those to another.
 */
export class PtpDestination {
  readonly announces = new SequencePool();
  readonly syncs = new SequencePool();
  /** Number of the address. */
  address: number;
  /** Time of the last message to it, ns. */
  lastNs: number;
  /** sequenceId of the two-step Sync that waits for its Follow_Up, -1 for none; when it came, and its correction. */
  pending = -1;
  pendingArrivedNs = Number.NaN;
  pendingCorrectionNs = 0;
  /** sequenceId of a Follow_Up without a Sync, -1 for none, and the time in it. */
  early = -1;
  earlySentNs = Number.NaN;

  constructor(address: number, timeNs: number) {
    this.address = address;
    this.lastNs = timeNs;
  }

  /** What follows is not compared with what was before. */
  gap(): void {
    this.announces.gap();
    this.syncs.gap();
    this.pending = -1;
    this.early = -1;
  }
}

/** Destinations of one port that are kept apart. */
export const MAX_DESTINATIONS = 32;
/** One that has had nothing for this long gives up its place, ns: more than three of any interval. */
const FORGET_NS = 60e9;

/** The addresses that one port sends to; messages to more than are kept are not judged by their sequenceId. */
export class PtpDestinations {
  readonly #destinations: PtpDestination[] = [];

  /** The destination of the number `address`, to which a message was captured at `timeNs`; null without room. */
  find(address: number, timeNs: number): PtpDestination | null {
    let oldest: PtpDestination | null = null;
    for (const destination of this.#destinations) {
      if (destination.address === address) {
        destination.lastNs = timeNs;
        return destination;
      }
      if (oldest === null || destination.lastNs < oldest.lastNs) oldest = destination;
    }
    if (this.#destinations.length < MAX_DESTINATIONS) {
      const added = new PtpDestination(address, timeNs);
      this.#destinations.push(added);
      return added;
    }
    if (oldest === null || !(timeNs - oldest.lastNs > FORGET_NS)) return null;
    oldest.gap();
    oldest.address = address;
    oldest.lastNs = timeNs;
    return oldest;
  }

  /** What follows is not compared with what was before. */
  gap(): void {
    for (const destination of this.#destinations) destination.gap();
  }
}
