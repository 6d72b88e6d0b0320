import type { TimestampSource } from "../capture/batch.ts";
import type { Report } from "../report/schema.ts";
import type { Epoch } from "../report/time.ts";
import { SystemBoard } from "../system/board.ts";
import { SystemFindings } from "../system/findings.ts";

/** Puts the figures of the machine, and what is wrong with it, into the reports of a live run. */
export class ReportSystem {
  readonly #board: SystemBoard;
  readonly #findings = new SystemFindings();

  /** `memory`: the board's, on which the main thread leaves the figures. */
  constructor(memory: SharedArrayBuffer) {
    this.#board = new SystemBoard(memory);
    const system = this.#board.read();
    // What the devices have counted so far was before this run.
    if (system !== null) this.#findings.look(system, false, Number.NaN);
  }

  /** Adds them to `report`, made at `nowNs` after `epoch`, of packets timed by `timestamps`. */
  add(report: Report, epoch: Epoch, nowNs: number, timestamps: TimestampSource): void {
    const system = this.#board.read();
    if (system === null) return;
    report.system = system;
    // A device's own clock is not the system's.
    const timed = timestamps.kind !== "hardware" && report.streams.some(({ st2110 }) => st2110 !== undefined);
    this.#findings.look(system, timed, nowNs);
    const findings = this.#findings.findings(epoch);
    report.findings.unshift(...findings);
    report.summary.warnings += findings.filter(({ severity }) => severity === "warning").length;
  }
}
