import type { PtpDomainReport } from "../report/ptp-schema.ts";
import { type Epoch, formatTime } from "../report/time.ts";
import type { PtpMaster } from "./master.ts";
import { identityText } from "./message.ts";
import type { PtpCounters } from "./rules.ts";

/** Changes of the grandmaster that are remembered with their times. */
const MAX_CHANGES = 16;
/** Announce messages that a worse grandmaster may still send when a better one has come up (9.3.2.4.4). */
const OVERLAP_ANNOUNCES = 4;
/** Announce messages before a newcomer is believed: FOREIGN_MASTER_THRESHOLD (9.3.2.4.4). */
const FOREIGN_MASTER_THRESHOLD = 2;

/** The best master algorithm as a listener can follow it, for one domain. */
export class PtpElection {
  /** The best master by what was heard; null before the first. */
  best: PtpMaster | null = null;
  readonly #counters: PtpCounters;
  readonly #changes: { timeNs: number; from: string; to: string }[] = [];
  #grandmasterHigh = 0;
  #grandmasterLow = 0;

  constructor(counters: PtpCounters) {
    this.#counters = counters;
  }

  /**
   * Chooses the best of those of `masters` that announce (9.3.2); remembers when its grandmaster is another. True when
   * another master is the best now.
   */
  elect(masters: readonly PtpMaster[], timeNs: number): boolean {
    let best = this.best?.electable ? this.best : null;
    for (const master of masters) {
      if (master === best || !master.electable) continue;
      if (best !== null && master.announce.count < FOREIGN_MASTER_THRESHOLD) continue;
      if (best === null || master.compare(best) < 0) best = master;
    }
    if (best === null) return false;
    const { grandmasterHigh: high, grandmasterLow: low } = best;
    const changed = this.best !== null && (high !== this.#grandmasterHigh || low !== this.#grandmasterLow);
    if (changed) {
      this.#counters.grandmasterChange.hit(timeNs);
      if (this.#changes.length >= MAX_CHANGES) this.#changes.shift();
      const from = identityText(this.#grandmasterHigh, this.#grandmasterLow);
      this.#changes.push({ timeNs, from, to: identityText(high, low) });
    }
    const another = best !== this.best;
    this.best = best;
    this.#grandmasterHigh = high;
    this.#grandmasterLow = low;
    return another;
  }

  /**
   * True when clocks follow `master`: the best one, or one that goes on beside it for the same grandmaster, as boundary
   * clocks do on links of their own. Another one's silence is what the algorithm asks of it (9.3.2, 9.2.5 PASSIVE).
   */
  isNeeded(master: PtpMaster): boolean {
    return !master.alternate && (master === this.best || master.beside > OVERLAP_ANNOUNCES);
  }

  /** Takes note of an Announce of `master`: a worse grandmaster must fall silent when it hears a better one. */
  overlap(master: PtpMaster, timeNs: number): void {
    const { best } = this;
    if (best === null || best === master || master.alternate) {
      master.overlap = 0;
      master.beside = 0;
      return;
    }
    // One an interval counts, however many unicast receivers it has, and only beside a best one that goes on too.
    const { comparedNs, announce } = master;
    if (best.announce.lastNs <= comparedNs || timeNs - comparedNs < announce.intervalNs() / 2) return;
    master.comparedNs = timeNs;
    const same = best.sameGrandmaster(master);
    master.beside = same ? master.beside + 1 : 0;
    master.overlap = same ? 0 : master.overlap + 1;
    if (master.overlap > OVERLAP_ANNOUNCES) this.#counters.twoGrandmasters.hit(timeNs);
  }

  /** The grandmaster and its changes as report data. */
  report(epoch: Epoch): Pick<PtpDomainReport, "grandmaster" | "grandmasterChanges"> {
    return {
      grandmaster: this.best ? identityText(this.#grandmasterHigh, this.#grandmasterLow) : null,
      grandmasterChanges: this.#changes.map(({ timeNs, from, to }) => ({
        time: formatTime(epoch, timeNs),
        from,
        to,
      })),
    };
  }
}
