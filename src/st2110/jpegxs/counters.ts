import { type Finding, FindingCounter } from "../../report/finding.ts";
import type { Epoch } from "../../report/time.ts";
import { JXS_RULES, type JxsRule } from "./rules.ts";

/** One counter a rule of `JXS_RULES`. */
export class JxsCounters {
  readonly #counters = new Map<JxsRule, FindingCounter>();

  constructor() {
    for (const name of Object.keys(JXS_RULES) as JxsRule[]) {
      this.#counters.set(name, new FindingCounter(JXS_RULES[name]));
    }
  }

  /** Counts a breach of a rule at `timeNs`. */
  hit(rule: JxsRule, timeNs: number): void {
    this.#counters.get(rule)?.hit(timeNs);
  }

  /** The rules that were broken, in the order of `JXS_RULES`. */
  findings(stream: string, epoch: Epoch): Finding[] {
    const findings: Finding[] = [];
    for (const counter of this.#counters.values()) {
      const finding = counter.toFinding(stream, epoch);
      if (finding) findings.push(finding);
    }
    return findings;
  }
}
