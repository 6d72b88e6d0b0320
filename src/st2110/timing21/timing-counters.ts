import { type Finding, FindingCounter, findingsOf, type Rule } from "../../report/finding.ts";
import type { Epoch } from "../../report/time.ts";
import { TIMING21_RULES } from "./rules.ts";

/** Counters of the rules that times can break. */
export interface TimingRuleCounters {
  readonly cinst: FindingCounter;
  readonly underflow: FindingCounter;
  readonly overflow: FindingCounter;
}

/** What a counter held at some moment. */
interface Mark {
  count: number;
  firstNs: number;
  lastNs: number;
}

/** Until when findings hold: to here the `format` was what it was taken for, or the `clock` was. */
export type Hold = "format" | "clock";

/**
 * Timing findings of one stream. They outlast the schedule that they were made by: when the format or the relation of the clocks
 * turns out to have changed, only those made since it was last seen to hold are taken back.
 */
export class TimingCounters {
  /** For times that prove a fault, and for times that are too coarse to. */
  readonly #sure = countersOf((rule) => rule);
  readonly #unsure = countersOf(unproved);
  readonly #all = [...Object.values(this.#sure), ...Object.values(this.#unsure)] as readonly FindingCounter[];
  readonly #marks: Readonly<Record<Hold, readonly Mark[]>> = {
    format: this.#all.map(markOf),
    clock: this.#all.map(markOf),
  };
  /** When `settle` was called last: a rate that has changed shows one frame late. */
  readonly #newest: Readonly<Record<Hold, readonly Mark[]>> = {
    format: this.#all.map(markOf),
    clock: this.#all.map(markOf),
  };

  /** Those to count in, by whether times are fine enough to prove it. */
  of(sure: boolean): TimingRuleCounters {
    return sure ? this.#sure : this.#unsure;
  }

  /** What was found until this was called last holds. No allocation. */
  settle(hold: Hold): void {
    const newest = this.#newest[hold];
    const marks = this.#marks[hold];
    for (let i = 0; i < this.#all.length; i += 1) {
      const mark = newest[i] as Mark;
      copy(mark, marks[i] as Mark);
      copy(this.#all[i] as Mark, mark);
    }
  }

  /** What was found since the call of `settle` before the last was by a wrong schedule. */
  revert(hold: Hold): void {
    for (const [i, counter] of this.#all.entries()) {
      copy(this.#marks[hold][i] as Mark, counter);
      for (const marks of [...Object.values(this.#marks), ...Object.values(this.#newest)]) {
        const mark = marks[i] as Mark;
        if (mark.count > counter.count) copy(counter, mark);
      }
    }
  }

  /** What is at fault. */
  findings(stream: string, epoch: Epoch): Finding[] {
    return findingsOf(this.#all, stream, epoch);
  }
}

function countersOf(ruleOf: (rule: Rule) => Rule): TimingRuleCounters {
  const { cinst, underflow, overflow } = TIMING21_RULES;
  return {
    cinst: new FindingCounter(ruleOf(cinst)),
    underflow: new FindingCounter(ruleOf(underflow)),
    overflow: new FindingCounter(ruleOf(overflow)),
  };
}

/** A rule that times can't prove is no error. */
function unproved(rule: Rule): Rule {
  const text = `${rule.text} The capture's timestamps are too coarse to prove it.`;
  return { ...rule, severity: "warning", text };
}

function markOf({ count, firstNs, lastNs }: FindingCounter): Mark {
  return { count, firstNs, lastNs };
}

function copy(from: Mark, to: Mark): void {
  to.count = from.count;
  to.firstNs = from.firstNs;
  to.lastNs = from.lastNs;
}
