/** How often we look whether anything came; a fifth of the wait where that is shorter. */
const STEP_MS = 200;

/**
 * Ends a wait that lasts too long. It counts steps of a timer and not the clock: while our own thread was busy no
 * step is taken, so that what lies ready is not taken for silence.
 */
export class Patience {
  readonly #limit: number;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #stepMs: number;
  #steps = 0;
  #all = 0;
  #paused = false;

  /** `giveUp` is called once nothing was heard for `timeoutMs`. */
  constructor(timeoutMs: number, giveUp: () => void) {
    const step = Math.max(1, Math.min(STEP_MS, timeoutMs / 5));
    this.#stepMs = step;
    this.#limit = Math.ceil(timeoutMs / step);
    this.#timer = setInterval(() => {
      if (this.#paused) return;
      this.#all++;
      if (++this.#steps === this.#limit) giveUp();
    }, step);
  }

  /** Time that we listened, to a step: without pauses, and without that in which our own thread was busy. */
  get listenedMs(): number {
    return (this.#all + 1) * this.#stepMs;
  }

  /** Something came. */
  heard(): void {
    this.#steps = 0;
  }

  /** We don't listen for a while, by our own choice. */
  pause(): void {
    this.#paused = true;
  }

  /** We listen again. */
  resume(): void {
    this.#paused = false;
    this.#steps = 0;
  }

  /** No more waiting. */
  end(): void {
    clearInterval(this.#timer);
  }
}

/** Waits, unless everything ends before. */
export function pause(ms: number, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stop.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    stop.addEventListener("abort", end);
  });
}
