import type { Severity } from "./severity.ts";
import { type Epoch, formatTime } from "./time.ts";

/** What a rule is: written once beside the check, shared by every finding it makes. */
export interface Rule {
  /** Stable, kebab-case name for machines, e.g. `ts-continuity`. */
  readonly code: string;
  /** The clause it comes from, e.g. `TR 101 290 1.4`. */
  readonly clause: string;
  readonly severity: Severity;
  /** One plain sentence: what was expected and what this means; see `ruleText` for `{count}` and `{one|many}`. */
  readonly text: string;
}

/**
 * The sentence of `rule` for `count` occurrences: `{count}` becomes the number with commas, `{packet|packets}`
 * the first word for 1 and the second for any other count.
 */
export function ruleText(rule: Rule, count: number): string {
  return rule.text
    .replaceAll("{count}", String(count).replace(/\B(?=(\d{3})+$)/g, ","))
    .replaceAll(/\{([^{}|]*)\|([^{}|]*)\}/g, (_, one: string, many: string) => (count === 1 ? one : many));
}

/** One rule broken on one stream (and PID), however often: plain data, part of the report. */
export interface Finding {
  code: string;
  clause: string;
  severity: Severity;
  /** Stream id, or `input` when it concerns the capture itself. */
  stream: string;
  /** Where each PID has a finding of its own. */
  pid?: number;
  /** PID of the last occurrence, where those of all PIDs are counted together. */
  lastPid?: number;
  count: number;
  /** Time of the first and last occurrence (see `formatTime`); null when the input has no times. */
  first: string | null;
  last: string | null;
  text: string;
}

/** Counts one rule on one stream or PID; no allocation per occurrence. */
export class FindingCounter {
  count = 0;
  firstNs = Number.NaN;
  lastNs = Number.NaN;

  /** The PID it is counted for, or -1 for the whole stream. */
  readonly pid: number;
  readonly rule: Rule;

  constructor(rule: Rule, pid = -1) {
    this.rule = rule;
    this.pid = pid;
  }

  /** Counts `n` occurrences at `timeNs` (NaN where the input has no times). */
  hit(timeNs: number, n = 1): void {
    if (this.count === 0) this.firstNs = timeNs;
    this.count += n;
    this.lastNs = timeNs;
  }

  /** The finding as report data, or null when the rule was never broken. */
  toFinding(stream: string, epoch: Epoch): Finding | null {
    if (this.count === 0) return null;
    const finding: Finding = {
      code: this.rule.code,
      clause: this.rule.clause,
      severity: this.rule.severity,
      stream,
      count: this.count,
      first: Number.isNaN(this.firstNs) ? null : formatTime(epoch, this.firstNs),
      last: Number.isNaN(this.lastNs) ? null : formatTime(epoch, this.lastNs),
      text: ruleText(this.rule, this.count),
    };
    if (this.pid >= 0) finding.pid = this.pid;
    return finding;
  }
}

/** A counter for each rule of a set, by its name there. */
export type RuleCounters<Name extends string> = Readonly<Record<Name, FindingCounter>>;

/** Counters for all of `rules`, in their order, none hit. */
export function ruleCounters<Name extends string>(rules: Readonly<Record<Name, Rule>>): RuleCounters<Name> {
  const entries = Object.entries<Rule>(rules).map(([name, rule]) => [name, new FindingCounter(rule)]);
  return Object.fromEntries(entries) as RuleCounters<Name>;
}

/** The findings of those of `counters` whose rule was broken, in their order. */
export function findingsOf(counters: readonly FindingCounter[], stream: string, epoch: Epoch): Finding[] {
  return counters.flatMap((counter) => counter.toFinding(stream, epoch) ?? []);
}
