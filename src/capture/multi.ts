import type { RingReport } from "../report/schema.ts";
import { type Epoch, NS_PER_SECOND } from "../report/time.ts";
import {
  END_OF_INPUT,
  emptyStats,
  type FrameBatch,
  type FrameSource,
  type SourceStats,
  type TimestampSource,
} from "./batch.ts";

/** With several devices, how long one that is silent is waited for before the next is looked at. */
const TURN_MS = 2;

/** Several live sources as one: their batches in turn, their times from one epoch, their losses added up. */
export class MultiSource implements FrameSource {
  readonly live = true;
  readonly #sources: readonly FrameSource[];
  #turn = 0;

  /** `sources` must not be empty. */
  constructor(sources: readonly FrameSource[]) {
    this.#sources = sources;
  }

  get kind(): FrameSource["kind"] {
    return this.#first.kind;
  }

  get name(): string {
    return this.#sources.map((source) => source.name).join(", ");
  }

  get devices(): readonly string[] {
    return this.#sources.map((source) => source.name);
  }

  get epoch(): Epoch {
    return this.#first.epoch;
  }

  /** The coarsest of the sources' times: what can be said of all of them. */
  get timestampSource(): TimestampSource {
    return this.#sources
      .map((source) => source.timestampSource)
      .reduce((coarsest, next) => (next.resolutionNs > coarsest.resolutionNs ? next : coarsest));
  }

  get #first(): FrameSource {
    return this.#sources[0] as FrameSource;
  }

  /**
   * The next batch of whichever source has one. Live sources answer at once, so this never is a promise.
   * A batch belongs to the source that filled it last; the others keep theirs until their next turn.
   */
  next(batch: FrameBatch, timeoutMs: number): number {
    const rounds = Math.max(1, Math.ceil(timeoutMs / (TURN_MS * this.#sources.length)));
    for (let turn = 0; turn < rounds * this.#sources.length; turn++) {
      const device = this.#turn;
      const source = this.#sources[device] as FrameSource;
      this.#turn = (this.#turn + 1) % this.#sources.length;
      const count = source.next(batch, Math.min(TURN_MS, timeoutMs)) as number;
      if (count === END_OF_INPUT) return END_OF_INPUT;
      if (count > 0) {
        batch.device = device;
        this.#toCommonEpoch(batch, source.epoch);
        return count;
      }
    }
    return 0;
  }

  stats(): SourceStats {
    const sum = emptyStats();
    for (const source of this.#sources) {
      const stats = source.stats();
      for (const key of Object.keys(sum) as (keyof SourceStats)[]) sum[key] += stats[key];
    }
    return sum;
  }

  /** The rings of all devices together. */
  ring(): RingReport | null {
    const rings = this.#sources.flatMap((source) => source.ring?.() ?? []);
    if (rings.length === 0) return null;
    const sum = { blocks: 0, waiting: 0, mostWaiting: 0 };
    for (const { blocks, waiting, mostWaiting } of rings) {
      sum.blocks += blocks;
      sum.waiting += waiting;
      sum.mostWaiting += mostWaiting;
    }
    return sum;
  }

  close(): void {
    for (const source of this.#sources) source.close();
  }

  #toCommonEpoch(batch: FrameBatch, epoch: Epoch): void {
    const { epoch: common } = this;
    const shiftNs =
      (epoch.seconds - common.seconds) * NS_PER_SECOND + (epoch.nanoseconds - common.nanoseconds);
    if (shiftNs === 0) return;
    for (let i = 0; i < batch.count; i++) batch.timeNs[i] = (batch.timeNs[i] as number) + shiftNs;
  }
}
