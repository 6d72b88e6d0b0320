import type { Finding } from "../../report/finding.ts";
import { atLeast, type Severity } from "../../report/severity.ts";

/** Findings that are watched at once; more are counted and not told. */
const MOST_WATCHED = 10_000;

/** When a finding is told, and again, and when it counts as over. */
export interface WatchOptions {
  /** Less severe findings are passed over. */
  readonly severity: Severity;
  /** Changes of one stream within this time are told together, milliseconds. */
  readonly groupMs: number;
  /** A finding that goes on is told again after this time; 0 for never. */
  readonly repeatMs: number;
  /** A finding whose count has not grown for this time is over. */
  readonly recoveryMs: number;
}

/** `firing`: it came or goes on; `resolved`: it has not been seen for the recovery time. */
export type FindingStatus = "firing" | "resolved";

/** What is to be said of one finding. */
export interface FindingChange {
  readonly status: FindingStatus;
  readonly finding: Finding;
  /** Occurrences since it was last told. */
  readonly added: number;
}

/** The changes of one stream of one probe that are told together. */
export interface FindingGroup {
  readonly probe: string;
  readonly stream: string;
  readonly changes: readonly FindingChange[];
}

/** One finding and what was told of it. */
interface Watched {
  readonly probe: string;
  finding: Finding;
  count: number;
  added: number;
  firing: boolean;
  grewMs: number;
  /** When it was last told, and as what; NaN and null before. */
  toldMs: number;
  told: FindingStatus | null;
}

/** The findings of a report, and its time (milliseconds of any clock; NaN for none). */
export interface ReportedFindings {
  readonly findings: readonly Finding[];
  readonly timeMs: number;
}

/**
 * Makes of the reports that probes send each second what a person wants to be told: a finding when it comes, again
 * when it goes on for long, and when it is over. Counts come from reports, so a report that is lost hides nothing.
 * Times are milliseconds of a clock that only goes on.
 */
export class FindingWatch {
  /** Findings that found no room to be watched. */
  unwatched = 0;
  readonly #options: WatchOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #probes = new Set<string>();
  /** When the first change of a group came, by probe and stream. */
  readonly #groups = new Map<string, number>();

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** A report of `probe` has come. */
  report(probe: string, { findings, timeMs }: ReportedFindings, nowMs: number): void {
    const known = this.#probes.has(probe);
    if (!known && this.#probes.size < MOST_WATCHED) this.#probes.add(probe);
    const seen = new Set<string>();
    for (const finding of findings) {
      if (!atLeast(finding.severity, this.#options.severity)) continue;
      const key = `${probe}\n${finding.stream}\n${finding.code}\n${finding.clause}\n${finding.pid ?? ""}`;
      seen.add(key);
      const watched = this.#watched.get(key);
      if (watched !== undefined) this.#update(watched, finding, nowMs);
      else this.#begin(key, probe, finding, known || this.#recent(finding, timeMs), nowMs);
    }
    this.#look(probe, seen, nowMs);
  }

  /** The groups whose time has come; with `all` every one that has a change. */
  due(nowMs: number, all = false): FindingGroup[] {
    const groups: FindingGroup[] = [];
    for (const [key, sinceMs] of this.#groups) {
      if (!all && nowMs - sinceMs < this.#options.groupMs) continue;
      this.#groups.delete(key);
      const [probe = "", stream = ""] = key.split("\n");
      const changes = this.#changesOf(probe, stream, nowMs);
      if (changes.length > 0) groups.push({ probe, stream, changes });
    }
    return groups;
  }

  #begin(key: string, probe: string, finding: Finding, firing: boolean, nowMs: number): void {
    if (this.#watched.size >= MOST_WATCHED) {
      this.unwatched++;
      return;
    }
    const { count } = finding;
    const watched: Watched = {
      probe,
      finding,
      count,
      added: firing ? count : 0,
      firing,
      grewMs: nowMs,
      toldMs: Number.NaN,
      told: null,
    };
    this.#watched.set(key, watched);
    if (firing) this.#open(watched, nowMs);
  }

  #update(watched: Watched, finding: Finding, nowMs: number): void {
    const { count } = watched;
    watched.finding = finding;
    watched.count = finding.count;
    if (finding.count === count) return;
    // A smaller count is that of a probe which started again.
    watched.added += finding.count > count ? finding.count - count : finding.count;
    watched.grewMs = nowMs;
    if (watched.firing) return;
    watched.firing = true;
    this.#open(watched, nowMs);
  }

  /** Ends what has not grown, and repeats what goes on; only when a report came, as silence proves nothing. */
  #look(probe: string, seen: ReadonlySet<string>, nowMs: number): void {
    const { recoveryMs, repeatMs } = this.#options;
    for (const [key, watched] of this.#watched) {
      if (watched.probe !== probe) continue;
      if (watched.firing && nowMs - watched.grewMs >= recoveryMs) {
        watched.firing = false;
        this.#open(watched, nowMs);
      } else if (watched.firing && repeatMs > 0 && nowMs - watched.toldMs >= repeatMs) {
        this.#open(watched, nowMs);
      } else if (!watched.firing && watched.told !== "firing" && !seen.has(key)) {
        this.#watched.delete(key);
      }
    }
  }

  #open({ probe, finding }: Watched, nowMs: number): void {
    const key = `${probe}\n${finding.stream}`;
    if (!this.#groups.has(key)) this.#groups.set(key, nowMs);
  }

  #changesOf(probe: string, stream: string, nowMs: number): FindingChange[] {
    const { repeatMs } = this.#options;
    const changes: FindingChange[] = [];
    for (const watched of this.#watched.values()) {
      if (watched.probe !== probe || watched.finding.stream !== stream) continue;
      const status: FindingStatus = watched.firing ? "firing" : "resolved";
      const again = watched.firing && repeatMs > 0 && nowMs - watched.toldMs >= repeatMs;
      // What was over when the client came has nothing new, and is not told.
      const news = watched.firing
        ? watched.told !== "firing"
        : watched.told === "firing" || watched.added > 0;
      if (!again && !news) continue;
      changes.push({ status, finding: watched.finding, added: watched.added });
      watched.added = 0;
      watched.told = status;
      watched.toldMs = nowMs;
    }
    return changes;
  }

  /** A finding in the first report of a probe may be old. */
  #recent({ last }: Finding, timeMs: number): boolean {
    const lastMs = last === null ? Number.NaN : Date.parse(last);
    return !(timeMs - lastMs >= this.#options.recoveryMs);
  }
}
