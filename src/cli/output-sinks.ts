import { RscapError } from "../report/error.ts";
import type { FeedCounts, FeedJob } from "../sinks/queue/feed.ts";
import { closeRing, RingReader, ringMemory } from "../sinks/queue/ring.ts";
import type { WireLog } from "../wire/log.ts";
import {
  NO_STATE,
  type OutputState,
  type SinkJob,
  type SinkSpec,
  type SinkState,
  takesDocuments,
} from "./sink-job.ts";
import { leftIn } from "./sink-worker.ts";
import { startWorker, type WorkerHandle } from "./worker.ts";

/** Time that the sinks have at the end to take what their queues hold. */
const DRAIN_MS = 5000;

/** What is to run, and what the user calls it. */
export interface NamedSink {
  readonly name: string;
  readonly spec: SinkSpec;
}

interface Sink {
  readonly job: SinkJob;
  readonly worker: WorkerHandle;
  /** Its thread has ended, well or not. */
  ended: boolean;
  /** It has opened what it writes to. */
  opened: boolean;
  state: SinkState;
  failure: RscapError | null;
  /** Packets that were in the queue of a sink that failed. */
  left: number;
}

/**
 * The sinks of a client that run in threads of their own. One that fails before anything came ends the run; one that
 * fails later is told, and the others go on.
 */
export class OutputSinks {
  readonly #sinks: Sink[] = [];
  readonly #log: WireLog;
  readonly #onOpenFailure: () => void;
  #feeds: readonly FeedCounts[] = [];

  /** Starts a thread for each of `sinks`; `start` stands in for that in tests. */
  constructor(
    sinks: readonly NamedSink[],
    queueBytes: number,
    log: WireLog,
    onOpenFailure: () => void,
    start: typeof startWorker<SinkState> = startWorker,
  ) {
    this.#log = log;
    this.#onOpenFailure = onOpenFailure;
    for (const [id, { name, spec }] of sinks.entries()) this.#start(id, name, spec, queueBytes, start);
  }

  /** What the receiving thread needs to feed them. */
  get feeds(): FeedJob[] {
    return this.#sinks.map(({ job: { id, name, takes, ring } }) => ({ id, name, takes, ring }));
  }

  /** The counts of the queues, as the receiving thread said last. */
  set counts(feeds: readonly FeedCounts[]) {
    this.#feeds = feeds;
  }

  /** Where each sink stands. */
  states(): OutputState[] {
    return this.#sinks.map(({ job, state, failure, left }) => {
      const feed = this.#feeds.find(({ id }) => id === job.id);
      return {
        name: job.name,
        type: job.spec.type,
        ...state,
        discarded: state.discarded + left,
        droppedPackets: feed?.droppedPackets ?? 0,
        droppedBytes: feed?.droppedBytes ?? 0,
        queuedBytes: feed?.queuedBytes ?? 0,
        peakBytes: feed?.peakBytes ?? 0,
        failure: failure?.message ?? "",
      };
    });
  }

  /** Nothing more comes: lets each take what its queue holds, for `drainMs` at most; throws the first failure. */
  async end(drainMs: number = DRAIN_MS): Promise<void> {
    for (const { job } of this.#sinks) closeRing(job.ring);
    const late = setTimeout(() => {
      for (const { worker, ended } of this.#sinks) if (!ended) worker.stop();
    }, drainMs);
    await Promise.all(this.#sinks.map(({ worker }) => worker.done.catch(() => {})));
    clearTimeout(late);
    for (const sink of this.#sinks) {
      if (sink.failure !== null) sink.left = leftIn(new RingReader(sink.job.ring));
    }
    const failed = this.#sinks.find(({ failure }) => failure !== null);
    if (failed?.failure) throw failed.failure;
  }

  #start(
    id: number,
    name: string,
    spec: SinkSpec,
    queueBytes: number,
    start: typeof startWorker<SinkState>,
  ): void {
    const takes = takesDocuments(spec.type) ? "documents" : "packets";
    const job: SinkJob = { id, takes, ring: ringMemory(queueBytes), name, spec };
    const onState = (state: SinkState): void => {
      sink.opened = true;
      sink.state = state;
    };
    const sink: Sink = {
      job,
      worker: start("sink", job, onState, this.#log),
      ended: false,
      opened: false,
      state: NO_STATE,
      failure: null,
      left: 0,
    };
    this.#sinks.push(sink);
    sink.worker.done.then(
      () => {
        sink.ended = true;
      },
      (error: unknown) => this.#failed(sink, error),
    );
  }

  #failed(sink: Sink, error: unknown): void {
    sink.ended = true;
    sink.failure = error instanceof RscapError ? error : new RscapError("sink-failed", 4, String(error));
    if (!sink.opened) this.#onOpenFailure();
    else this.#log("error", `${sink.job.name} has failed, the rest goes on: ${sink.failure.message}`);
  }
}
