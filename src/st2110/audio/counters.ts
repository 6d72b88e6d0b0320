import { type Finding, FindingCounter } from "../../report/finding.ts";
import type { Epoch } from "../../report/time.ts";
import { AUDIO_RULES, type AudioRule } from "./rules.ts";

/** One counter a rule of `AUDIO_RULES`. */
export class AudioCounters {
  readonly #counters = new Map<AudioRule, FindingCounter>();

  constructor() {
    for (const name of Object.keys(AUDIO_RULES) as AudioRule[]) {
      this.#counters.set(name, new FindingCounter(AUDIO_RULES[name]));
    }
  }

  /** Counts `n` breaches of a rule at `timeNs`. */
  hit(rule: AudioRule, timeNs: number, n = 1): void {
    this.#counters.get(rule)?.hit(timeNs, n);
  }

  /** The rules that were broken, in the order of `AUDIO_RULES`. */
  findings(stream: string, epoch: Epoch): Finding[] {
    const findings: Finding[] = [];
    for (const counter of this.#counters.values()) {
      const finding = counter.toFinding(stream, epoch);
      if (finding) findings.push(finding);
    }
    return findings;
  }
}
