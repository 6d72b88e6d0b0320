import { ByteWindow } from "../capture/chunk.ts";
import type { RscapError } from "../report/error.ts";

/** Octets that may wait before those that bring them must wait: a long segment, so that it is loaded at once. */
const QUEUE_OCTETS = 32 * 1024 * 1024;

/** Octets that follow each other, from one discontinuity to the next. */
interface OctetRun {
  readonly pieces: Uint8Array[];
  /** Octets of the first piece that were taken already. */
  taken: number;
  /** Nothing more comes. */
  ended: boolean;
  /** Seconds of media that are missing between the run before and this one. */
  readonly missingSeconds: number;
}

/** Octets on their way from the server to the analysis, in runs; bounded. */
export class OctetQueue {
  /** All octets that came. */
  received = 0;
  /** Why everything ended too early, if it did. */
  fault: RscapError | null = null;
  readonly #limit: number;
  /** Those not given out yet. */
  readonly #runs: OctetRun[] = [];
  /** What is put goes here; it may have been given out already. */
  #writing: OctetRun | null = null;
  #waiting = 0;
  #ended = false;
  #onRoom: () => void = () => {};
  #onNews: () => void = () => {};

  /** `limit` octets may wait. */
  constructor(limit = QUEUE_OCTETS) {
    this.#limit = limit;
  }

  /** Octets that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Appends a piece, which is not copied; the promise is kept once there is room for more. */
  put(piece: Uint8Array): Promise<void> | void {
    if (this.#ended || piece.length === 0) return;
    const run = this.#writing ?? this.#begin(0);
    run.pieces.push(piece);
    this.received += piece.length;
    this.#waiting += piece.length;
    this.#onNews();
    if (this.#waiting < this.#limit) return;
    return new Promise((resolve) => {
      this.#onRoom = resolve;
    });
  }

  /** What comes next does not follow what came before: `missingSeconds` of media are left out. */
  cut(missingSeconds: number): void {
    if (this.#ended) return;
    // Before the first octet there is nothing to be cut from.
    if (this.#writing === null) return;
    this.#writing.ended = true;
    this.#begin(missingSeconds);
    this.#onNews();
  }

  /** Nothing more comes, for `fault` or because that was all. */
  end(fault: RscapError | null): void {
    this.#ended = true;
    this.fault ??= fault;
    if (this.#writing !== null) this.#writing.ended = true;
    this.#onRoom();
    this.#onNews();
  }

  #begin(missingSeconds: number): OctetRun {
    const run = { pieces: [], taken: 0, ended: false, missingSeconds };
    this.#writing = run;
    this.#runs.push(run);
    return run;
  }

  /** The run after those taken before; null where there is none yet, or (see `over`) none to come. */
  nextRun(): OctetRun | null {
    return this.#runs.shift() ?? null;
  }

  /** Nothing more comes and all runs were taken. */
  get over(): boolean {
    return this.#ended && this.#runs.length === 0;
  }

  /** Moves waiting octets of `run` to `buf[off]` on, at most `length`; returns their number. */
  take(run: OctetRun, buf: Uint8Array, off: number, length: number): number {
    let got = 0;
    for (let piece = run.pieces[0]; piece !== undefined && got < length; piece = run.pieces[0]) {
      const some = Math.min(piece.length - run.taken, length - got);
      buf.set(piece.subarray(run.taken, run.taken + some), off + got);
      got += some;
      run.taken += some;
      if (run.taken < piece.length) break;
      run.pieces.shift();
      run.taken = 0;
    }
    this.#waiting -= got;
    if (got > 0 && this.#waiting < this.#limit) this.#onRoom();
    return got;
  }

  /** Waits until something is put, cut or ended, `timeoutMs` at most. */
  news(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, timeoutMs);
      const queue = this;
      function done(): void {
        clearTimeout(timer);
        queue.#onNews = () => {};
        resolve();
      }
      this.#onNews = done;
    });
  }
}

/** A window over one run of a queue. */
export class RunWindow extends ByteWindow {
  override readonly offsetNote = "";
  readonly #queue: OctetQueue;
  readonly #run: OctetRun;

  /** Reads `run`, which `queue` gave out. */
  constructor(queue: OctetQueue, run: OctetRun) {
    super();
    this.#queue = queue;
    this.#run = run;
  }

  /** Seconds of media that are missing before the first octet. */
  get missingSeconds(): number {
    return this.#run.missingSeconds;
  }

  override fill(need: number, timeoutMs: number): number | Promise<number> {
    if (this.ended) return 0;
    this.makeRoom(need);
    return this.#take() || this.#wait(timeoutMs);
  }

  async #wait(timeoutMs: number): Promise<number> {
    if (!this.#run.ended) await this.#queue.news(timeoutMs);
    return this.#take();
  }

  /** Octets that came; 0 where there are none, and the run may have ended. */
  #take(): number {
    const got = this.#queue.take(this.#run, this.buf, this.end, this.buf.length - this.end);
    this.end += got;
    if (got === 0 && this.#run.ended) this.ended = true;
    return got;
  }

  override close(): void {}
}
