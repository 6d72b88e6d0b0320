import { type Finding, findingsOf, type Rule, ruleCounters } from "../report/finding.ts";
import type { InterfaceReport, SystemReport } from "../report/system-schema.ts";
import type { Epoch } from "../report/time.ts";

const CLAUSE = "rscap system";

const RULES = {
  errors: {
    code: "interface-errors",
    clause: CLAUSE,
    severity: "warning",
    text: "The network device received {count} damaged {frame|frames} (CRC, length): losses reported for the streams may come from the cable, the transceiver or the device.",
  },
  missed: {
    code: "interface-missed",
    clause: CLAUSE,
    severity: "warning",
    text: "The network device dropped {count} {frame|frames} because it had no buffer left: losses reported for the streams may be this machine's own. Raise the device's ring (ethtool -G).",
  },
  dropped: {
    code: "interface-dropped",
    clause: CLAUSE,
    severity: "info",
    text: "The network device counted {count} dropped {frame|frames}. Frames of protocols that nobody here speaks count, too.",
  },
  carrier: {
    code: "carrier-lost",
    clause: CLAUSE,
    severity: "warning",
    text: "The link of the network device went away {count} {time|times}: nothing was received meanwhile.",
  },
  clock: {
    code: "clock-not-synchronised",
    clause: CLAUSE,
    // A container or a virtual machine may not know that its host keeps the clock.
    severity: "info",
    text: "No time service keeps the system's clock, by which the packets are timed, while ST 2110 streams are judged: figures against the epoch (TR offset, latency) have its error. Run ptp4l with phc2sys, or chrony.",
  },
} as const satisfies Record<string, Rule>;

/** Counters that a finding is made of. */
type Watched = "errors" | "missed" | "dropped" | "carrier";

/** Finds what is wrong with the machine in its figures: what its devices lost since the first call. */
export class SystemFindings {
  readonly #counters = ruleCounters(RULES);
  readonly #before = new Map<string, number>();
  #seenTime = "";

  /**
   * Looks at `system` as it is at `nowNs`; figures that were looked at before count once. `timed`: streams are
   * judged by the system's clock.
   */
  look(system: SystemReport, timed: boolean, nowNs: number): void {
    if (timed && system.clock?.synchronised === false && this.#counters.clock.count === 0) {
      this.#counters.clock.hit(nowNs);
    }
    if (system.time === this.#seenTime) return;
    this.#seenTime = system.time;
    for (const device of system.interfaces) {
      this.#count(device, "errors", device.receiveErrors, nowNs);
      this.#count(device, "missed", (device.receiveMissed ?? 0) + device.receiveFifo, nowNs);
      this.#count(device, "dropped", device.receiveDropped, nowNs);
      this.#count(device, "carrier", device.carrierLosses ?? 0, nowNs);
    }
  }

  /** What was found, for the report. */
  findings(epoch: Epoch): Finding[] {
    const { errors, missed, dropped, carrier, clock } = this.#counters;
    return findingsOf([errors, missed, dropped, carrier, clock], "input", epoch);
  }

  #count({ name }: InterfaceReport, what: Watched, now: number, nowNs: number): void {
    const key = `${what} ${name}`;
    const before = this.#before.get(key);
    this.#before.set(key, now);
    if (before === undefined) return;
    // A device that was made anew counts from 0 again.
    const added = now < before ? now : now - before;
    if (added > 0) this.#counters[what].hit(nowNs, added);
  }
}
