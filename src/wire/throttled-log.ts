import type { WireLog } from "./log.ts";

/** Least time between two lines of one kind. */
const INTERVAL_MS = 10_000;

/** Kinds that are told apart; the names are fixed words, so there are never more than a few. */
interface Told {
  atMs: number;
  left: number;
}

/**
 * Lets the first line of each kind through, then one in ten seconds with the number of those left out: what strangers
 * cause must not fill the log.
 */
export class ThrottledLog {
  readonly #log: WireLog;
  readonly #told = new Map<string, Told>();

  constructor(log: WireLog) {
    this.#log = log;
  }

  /** Logs a warning of `kind` at `nowMs`, or counts it. */
  tell(kind: string, nowMs: number, message: string, properties: Record<string, unknown> = {}): void {
    const told = this.#told.get(kind);
    if (told !== undefined && nowMs - told.atMs < INTERVAL_MS) {
      told.left++;
      return;
    }
    const left = told?.left ?? 0;
    this.#told.set(kind, { atMs: nowMs, left: 0 });
    const more = left === 0 ? "" : ` (and ${left} more times since this was last told)`;
    this.#log("warning", message + more, left === 0 ? properties : { ...properties, left });
  }
}
