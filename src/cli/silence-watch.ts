import { missingIn, wantedText } from "../flow/wanted.ts";
import type { Report } from "../report/schema.ts";
import type { LivePlan } from "./live-inputs.ts";
import { log } from "./logging.ts";

/**
 * Says what to check when no packet has come for a while, once a silence, and which of several sources have
 * sent nothing, once.
 */
export class SilenceWatch {
  readonly #silenceMs: number;
  readonly #plan: LivePlan;
  readonly #nowMs: () => number;
  readonly #startedMs: number;
  #packets = 0;
  #sinceMs: number;
  #said = false;
  #named = false;

  /** `silenceMs` is how long is too long, 0 for never; `nowMs` a clock that only goes forward. */
  constructor(silenceMs: number, plan: LivePlan, nowMs: () => number) {
    this.#silenceMs = silenceMs;
    this.#plan = plan;
    this.#nowMs = nowMs;
    this.#startedMs = nowMs();
    this.#sinceMs = this.#startedMs;
  }

  /** Called with each report. */
  look(report: Report): void {
    const packets = report.streams.reduce((sum, stream) => sum + stream.packets, 0);
    const now = this.#nowMs();
    if (packets > 0) this.#nameMissing(report, now);
    if (packets !== this.#packets) {
      if (this.#said) log("info", "Packets are coming again.");
      this.#packets = packets;
      this.#sinceMs = now;
      this.#said = false;
      return;
    }
    if (this.#silenceMs === 0 || this.#said || now - this.#sinceMs < this.#silenceMs) return;
    this.#said = true;
    log("warning", this.#advice(Math.round((now - this.#sinceMs) / 1000), report));
  }

  /** Others come, so device and permission are right. */
  #nameMissing(report: Report, now: number): void {
    if (this.#named || this.#silenceMs === 0 || now - this.#startedMs < this.#silenceMs) return;
    this.#named = true;
    const missing = missingIn(report.streams, this.#plan.wanted).map(wantedText);
    if (missing.length === 0) return;
    log(
      "warning",
      `Nothing has come from ${missing.join(", ")}, unlike from the others. Check: does it send, to this group and port; ` +
        "does the switch see the membership (IGMP/MLD snooping, querier, source)?",
    );
  }

  #advice(seconds: number, report: Report): string {
    const devices = this.#plan.inputs.map(({ options }) => options.device).join(", ");
    const groups = this.#plan.inputs.flatMap(({ memberships }) => memberships.map(({ group }) => group));
    const other = report.input.drops.otherTraffic;
    return [
      `No packet for ${seconds} s. Check:`,
      `device: is the stream on ${devices}? rscap devices lists them, --source-device sets it;`,
      groups.length > 0
        ? `membership: ${groups.join(", ")} joined; does the switch see it (IGMP/MLD snooping, querier, source)?`
        : "membership: no group was joined; a multicast stream needs --source;",
      `filter: is address and port right? rscap probe --discover shows all UDP (${other} other frames seen);`,
      "permission: in a container or virtual machine the device must let multicast through (promiscuous, --promiscuous).",
    ].join(" ");
  }
}
