import { END_OF_INPUT, FrameBatch, type FrameSource } from "../capture/batch.ts";
import { MERGED_SUFFIX } from "../flow/leg-pair.ts";
import { ChosenPackets, FanOut } from "../flow/outputs.ts";
import { Pipeline } from "../flow/pipeline.ts";
import { WantedStreams } from "../flow/wanted.ts";
import { EXIT, RscapError } from "../report/error.ts";
import type { PacketOutput } from "../report/output.ts";
import type { Report } from "../report/schema.ts";
import { type OpenedInput, openInputs } from "./open-input.ts";
import { type JobOutputs, openOutputs } from "./open-outputs.ts";
import type { LiveInput, PipelineData, PipelineJob, RecordedInput } from "./pipeline-job.ts";
import { dropAfterCapture, dropPrivileges } from "./privileges.ts";
import { ReportSystem } from "./report-system.ts";
import { TidyHeap } from "./tidy-heap.ts";
import { timestampText } from "./timestamp-text.ts";
import type { WorkerLink } from "./worker.ts";

/** Frames of one batch at most: a 1 MiB ring block of small frames fits. */
const BATCH_FRAMES = 8192;

/** Longest wait for a packet: the stop flag and idle streams are looked at this often. */
const WAIT_MS = 100;

/** Time between two progress messages to the main thread. */
const PROGRESS_MS = 200;

const NS_PER_MS = 1e6;

/** How long `replay --publish` waits for the first subscriber. */
const SUBSCRIBER_WAIT_MS = 3000;

/** Step of that wait. */
const SUBSCRIBER_STEP_MS = 20;

/** From a subscriber's connection to its subscription. */
const SUBSCRIPTION_GRACE_MS = 200;

/** What one input came to. */
interface RunEnd {
  /** The limit on packets or time was reached, or the stop flag went up: no further input is to be read. */
  readonly enough: boolean;
  readonly fault: RscapError | null;
  readonly nextStream: number;
}

/**
 * The hot thread of `probe` and `replay`: opens the input, runs its packets through the pipeline and the
 * outputs, and sends reports until the input ends or the stop flag goes up.
 */
export async function runPipelineWorker(job: PipelineJob, link: WorkerLink<PipelineData>): Promise<void> {
  const inputs: (readonly LiveInput[] | RecordedInput)[] = isLive(job.inputs)
    ? [job.inputs]
    : [...job.inputs];
  let outputs: JobOutputs | null = null;
  let firstStream = 0;
  try {
    for (const [index, input] of inputs.entries()) {
      let opened: OpenedInput;
      try {
        opened = await openInputs(input, { stop: link.stop, version: job.version, log: link.log });
      } catch (error) {
        if (!(error instanceof RscapError) || error.exitCode !== EXIT.input) throw error;
        link.send({ type: "damaged", input: index, code: error.code, message: error.message });
        continue;
      }
      try {
        if (outputs === null) {
          if (opened.source.live) dropAfterCapture(job.user ?? null);
          outputs = await openOutputs(job, opened.source, link);
          if (opened.source.live) {
            dropPrivileges(job.user ?? null, link.log);
            link.send({ type: "opened" });
          }
          if (!opened.source.live) waitForSubscriber(job, outputs, link);
        }
        const run = new InputRun(job, link, opened, outputs, index, firstStream);
        const end = await run.run();
        firstStream = end.nextStream;
        if (end.fault) {
          link.send({ type: "damaged", input: index, code: end.fault.code, message: end.fault.message });
        }
        if (end.enough) break;
      } finally {
        opened.close();
      }
    }
  } finally {
    const notes = (await outputs?.close()) ?? [];
    for (const text of notes) link.send({ type: "note", text });
  }
}

/**
 * A file that is published is over before a subscriber, who tries to connect a few times a second, is there:
 * so a PUB waits for the first one, for a while. A live probe never waits.
 */
function waitForSubscriber(job: PipelineJob, outputs: JobOutputs, link: WorkerLink<PipelineData>): void {
  if (job.publish?.transport !== "pub") return;
  link.log(
    "info",
    `Waiting up to ${SUBSCRIBER_WAIT_MS / 1000} s for a subscriber on ${job.publish.endpoint}.`,
  );
  const endMs = performance.now() + SUBSCRIBER_WAIT_MS;
  while (performance.now() < endMs && Atomics.load(link.stop, 0) === 0) {
    outputs.poll(performance.now(), true);
    if ((outputs.published()?.subscribers ?? 0) > 0) {
      // It is connected; its subscription follows at once.
      Atomics.wait(link.stop, 0, 0, SUBSCRIPTION_GRACE_MS);
      return;
    }
    Atomics.wait(link.stop, 0, 0, SUBSCRIBER_STEP_MS);
  }
  if (Atomics.load(link.stop, 0) === 0) {
    link.log("warning", "No subscriber has come: what is published now reaches nobody until one does.");
  }
}

function isLive(inputs: PipelineJob["inputs"]): inputs is readonly LiveInput[] {
  return inputs[0]?.kind === "live";
}

/** One input on its way through the pipeline. */
class InputRun {
  readonly #job: PipelineJob;
  readonly #link: WorkerLink<PipelineData>;
  readonly #source: FrameSource;
  readonly #opened: OpenedInput;
  readonly #outputs: JobOutputs;
  readonly #index: number;
  readonly #chosen: ChosenPackets;
  readonly #pipeline: Pipeline;
  readonly #system: ReportSystem | null;
  #progressAt = 0;
  readonly #heap = new TidyHeap();
  /** performance.now() when the last packet came: the capture's time goes on from it while none comes. */
  #packetAtMs = performance.now();
  #windowAtMs = performance.now();
  readonly #startedMs = performance.now();
  /** The stream's own clock tells the time, not its arrival. */
  readonly #ownTime: boolean;

  constructor(
    job: PipelineJob,
    link: WorkerLink<PipelineData>,
    opened: OpenedInput,
    outputs: JobOutputs,
    index: number,
    firstStream: number,
  ) {
    this.#job = job;
    this.#link = link;
    this.#source = opened.source;
    this.#opened = opened;
    this.#outputs = outputs;
    this.#index = index;
    this.#ownTime = clockOf(opened.source) !== "arrival";
    this.#system = job.system === undefined ? null : new ReportSystem(job.system);
    outputs.useEpoch(() => opened.source.epoch);
    const output: PacketOutput | null = outputs.packets.length === 0 ? null : new FanOut(outputs.packets);
    this.#chosen = new ChosenPackets(output, chosenIds(job), job.packetCount);
    const wanted = new WantedStreams(job.wanted);
    this.#pipeline = new Pipeline({
      output: output || job.packetCount > 0 ? this.#chosen : null,
      passIllegal: job.passIllegal,
      dropNull: job.dropNull,
      reorderPackets: job.reorderPackets,
      reorderNs: job.reorderMs * NS_PER_MS,
      maxFlows: job.maxFlows,
      clock: clockOf(opened.source),
      monitor: job.monitor,
      epoch: () => opened.source.epoch,
      timestamps: opened.source.timestampSource,
      inputName: opened.source.name,
      ...(opened.source.devices ? { devices: opened.source.devices } : {}),
      version: job.version,
      sdp: job.sdp,
      listTiming: job.listTiming,
      redundancy: job.redundancy,
      redundancyClass: job.redundancyClass,
      chosen: (id) => this.#chosen.chooses(id),
      windowNs: job.reportIntervalMs * NS_PER_MS,
      onWindow: (nowNs) => this.#window(nowNs),
      wanted: (source, destination, port) => wanted.accepts(source, destination, port),
      unheard: () => wanted.unheard(),
      firstStream,
      ...(outputs.datagrams ? { datagrams: outputs.datagrams } : {}),
    });
  }

  async run(): Promise<RunEnd> {
    let fault: RscapError | null = null;
    try {
      await this.#loop();
    } catch (error) {
      if (!(error instanceof RscapError) || error.exitCode !== EXIT.input) {
        this.#finish();
        throw error;
      }
      fault = error;
    }
    this.#finish();
    return { enough: this.#enough() || this.#stopped(), fault, nextStream: this.#pipeline.nextStream };
  }

  async #loop(): Promise<void> {
    const batch = new FrameBatch(BATCH_FRAMES);
    const source = this.#source;
    const pipeline = this.#pipeline;
    let repeat = 1;
    while (!this.#stopped() && !this.#enough()) {
      const result = source.next(batch, WAIT_MS);
      const count = typeof result === "number" ? result : await result;
      if (count === END_OF_INPUT) return;
      if (count > 0) {
        if (this.#opened.repeat() !== repeat) {
          repeat = this.#opened.repeat();
          pipeline.gap();
        }
        pipeline.batch(batch);
        this.#packetAtMs = performance.now();
      } else if (source.live) {
        this.#idle();
      }
      this.#outputs.poll(performance.now(), count === 0);
      this.#progress();
    }
  }

  /**
   * No packet came. A capture's time goes on without them; where the stream itself tells the time it stands still, but
   * the report is made all the same.
   */
  #idle(): void {
    if (this.#ownTime) {
      const silentMs = performance.now() - Math.max(this.#packetAtMs, this.#windowAtMs);
      if (silentMs >= this.#job.reportIntervalMs) this.#window(this.#nowNs());
    } else {
      this.#pipeline.idle(this.#nowNs());
    }
  }

  #stopped(): boolean {
    return Atomics.load(this.#link.stop, 0) !== 0;
  }

  #enough(): boolean {
    if (this.#chosen.full || this.#outputs.abandoned()) return true;
    const { durationMs } = this.#job;
    if (durationMs === 0) return false;
    if (this.#source.live && this.#ownTime) return performance.now() - this.#startedMs >= durationMs;
    const { firstNs } = this.#pipeline;
    if (Number.isNaN(firstNs)) {
      return this.#source.live && performance.now() - this.#packetAtMs >= durationMs;
    }
    return this.#nowNs() - firstNs >= durationMs * NS_PER_MS;
  }

  /** The capture's time now; on a live source it goes on while no packet comes. */
  #nowNs(): number {
    const { lastNs } = this.#pipeline;
    const { live, epoch } = this.#source;
    if (!live || this.#ownTime) return lastNs;
    if (Number.isNaN(lastNs)) return (Date.now() - epoch.seconds * 1000) * NS_PER_MS - epoch.nanoseconds;
    return lastNs + (performance.now() - this.#packetAtMs) * NS_PER_MS;
  }

  #window(nowNs: number): void {
    this.#windowAtMs = performance.now();
    if (this.#source.live) this.#heap.turn();
    const told = this.#source.live || this.#job.windows === true;
    if (!told && this.#job.publish === null) return;
    const report = this.#report(nowNs, false);
    this.#outputs.report(report);
    if (told) this.#link.send({ type: "report", input: this.#index, final: false, report });
  }

  #report(nowNs: number, final: boolean): Report {
    const source = this.#source;
    const report = this.#pipeline.report(
      {
        kind: source.kind,
        name: source.name,
        timestampSource: timestampText(source.timestampSource),
        epoch: source.epoch,
        stats: source.stats(),
      },
      nowNs,
      final,
    );
    const published = this.#outputs.published();
    if (published) report.published = published;
    const ring = source.ring?.();
    if (ring) report.input.ring = ring;
    source.annotate?.(report);
    this.#system?.add(report, source.epoch, nowNs, source.timestampSource);
    return report;
  }

  #progress(): void {
    const now = performance.now();
    if (this.#source.live || now - this.#progressAt < PROGRESS_MS) return;
    this.#progressAt = now;
    const { packets } = this.#source.stats();
    this.#link.send({ type: "progress", input: this.#index, bytesRead: this.#opened.position(), packets });
  }

  #finish(): void {
    this.#pipeline.end();
    this.#outputs.drain();
    const nowNs = this.#nowNs();
    this.#outputs.report(this.#report(nowNs, false));
    this.#outputs.drain();
    const report = this.#report(nowNs, true);
    this.#link.send({ type: "report", input: this.#index, final: true, report });
  }
}

/** A merged stream that is asked for by its own id goes on from its first leg, and under that one's id. */
function chosenIds({ streams, redundancy }: PipelineJob): string[] {
  if (redundancy !== "merge") return [...streams];
  return streams.map((id) => (id.endsWith(MERGED_SUFFIX) ? id.slice(0, -MERGED_SUFFIX.length) : id));
}

function clockOf(source: FrameSource): "arrival" | "pcr" | "none" {
  const { kind } = source.timestampSource;
  return kind === "pcr" || kind === "none" ? kind : "arrival";
}
