import type { SourceStats } from "../capture/batch.ts";
import { STATUS } from "../net/datagram.ts";
import { type Finding, FindingCounter, findingsOf } from "../report/finding.ts";
import type { Drops } from "../report/schema.ts";
import type { Epoch } from "../report/time.ts";
import {
  INPUT_FRAGMENTS,
  INPUT_KERNEL_DROPS,
  INPUT_NO_STREAM,
  INPUT_RTSP,
  INPUT_TABLE_FULL,
  INPUT_UNREADABLE,
} from "./input-findings.ts";

/** Counts what did not reach the analysers, each frame by its reason, and makes the findings on the input of it. */
export class LeftOut {
  #snapped = 0;
  #fragments = 0;
  #unreadable = 0;
  #otherTraffic = 0;
  #flowTableFull = 0;
  readonly #kernelDropsFound = new FindingCounter(INPUT_KERNEL_DROPS);
  readonly #fragmentsFound = new FindingCounter(INPUT_FRAGMENTS);
  readonly #unreadableFound = new FindingCounter(INPUT_UNREADABLE);
  readonly #tableFullFound = new FindingCounter(INPUT_TABLE_FULL);
  readonly #rtspFound = new FindingCounter(INPUT_RTSP);
  readonly #noStreamFound = new FindingCounter(INPUT_NO_STREAM);

  /** A frame without a UDP datagram that could be read, by its status (see `parseFrame`). */
  notUdp(status: number, timeNs: number): void {
    if (status === STATUS.fragment) {
      this.#fragments++;
      this.#fragmentsFound.hit(timeNs);
    } else if (status === STATUS.notIp || status === STATUS.notUdp) {
      this.#otherTraffic++;
    } else {
      this.#unreadable++;
      this.#unreadableFound.hit(timeNs);
    }
  }

  /** One of the frames of `notUdp` was RTSP over TCP. */
  rtsp(timeNs: number): void {
    this.#rtspFound.hit(timeNs);
  }

  /** A datagram of a flow that was not asked for. */
  notWanted(): void {
    this.#otherTraffic++;
  }

  /** A datagram whose end the snap length cut off. */
  cut(): void {
    this.#snapped++;
  }

  /** A datagram without a place in the flow table. */
  tableFull(timeNs: number): void {
    this.#flowTableFull++;
    this.#tableFullFound.hit(timeNs);
  }

  /** The input is over and held no stream; `lastNs` is the time of its last frame. */
  noStream(lastNs: number): void {
    this.#noStreamFound.hit(lastNs);
  }

  /** The counts, with what the source itself left out. */
  report(stats: SourceStats): Drops {
    return {
      kernel: stats.kernelDrops,
      ringFreezes: stats.ringFreezes,
      interface: stats.interfaceDrops,
      filtered: stats.filtered,
      snapped: this.#snapped,
      fragments: this.#fragments,
      unreadable: this.#unreadable + stats.unreadable,
      otherTraffic: this.#otherTraffic,
      flowTableFull: this.#flowTableFull,
    };
  }

  /** The findings at `nowNs`; the source tells no times of its own drops, so those seen since the last call are new. */
  findings(epoch: Epoch, stats: SourceStats, nowNs: number, lastNs: number): Finding[] {
    raise(this.#kernelDropsFound, stats.kernelDrops, nowNs);
    raise(this.#unreadableFound, this.#unreadable + stats.unreadable, lastNs);
    const counters = [
      this.#noStreamFound,
      this.#kernelDropsFound,
      this.#fragmentsFound,
      this.#unreadableFound,
      this.#tableFullFound,
      this.#rtspFound,
    ];
    return findingsOf(counters, "input", epoch);
  }
}

/** Brings `counter` up to `count`, what is new at `timeNs`. */
function raise(counter: FindingCounter, count: number, timeNs: number): void {
  if (count > counter.count) counter.hit(timeNs, count - counter.count);
}
