import type { Health } from "../sinks/metrics-endpoint.ts";

/** Time that a run has to show its first sign of life. */
const START_MS = 30_000;

/** Signs of life come each second or each `--report-interval`; so many of them may fail to come. */
const MISSED_SIGNS = 5;

/** Shortest silence that counts, milliseconds: a machine may stand still for a moment. */
const LEAST_SILENCE_MS = 10_000;

/**
 * Whether a run is well, by the signs of life of its thread: reports of a probe, states of a client. A capture or
 * socket that can't be opened ends the run, so the first sign says that it is open.
 */
export class RunHealth implements Health {
  readonly #now: () => number;
  readonly #silenceMs: number;
  readonly #startMs: number;
  #lastMs: number | null = null;
  #fault: string | null = "has not begun";

  /** `intervalMs` lies between two signs; `now` is a clock that only goes on, milliseconds. */
  constructor(intervalMs: number, now: () => number = () => performance.now()) {
    this.#now = now;
    this.#startMs = now();
    this.#silenceMs = Math.max(LEAST_SILENCE_MS, MISSED_SIGNS * intervalMs);
  }

  /** A sign of life; `fault` says why the run can't do what it is for, null when it can. */
  sign(fault: string | null): void {
    this.#lastMs = this.#now();
    this.#fault = fault;
  }

  readonly alive = (): string | null => {
    const now = this.#now();
    const silentMs = now - (this.#lastMs ?? this.#startMs);
    const limitMs = this.#lastMs === null ? Math.max(START_MS, this.#silenceMs) : this.#silenceMs;
    return silentMs <= limitMs ? null : `no sign of life for ${Math.round(silentMs / 1000)} s`;
  };

  readonly ready = (): string | null => this.alive() ?? this.#fault;
}
