import { EXIT, type ExitCode } from "../report/error.ts";
import type { Report } from "../report/schema.ts";
import { atLeast, type Severity } from "../report/severity.ts";
import { log } from "./logging.ts";
import type { PipelineData, PipelineJob } from "./pipeline-job.ts";
import { listenForStop } from "./signals.ts";
import { TidyHeap } from "./tidy-heap.ts";
import { startWorker } from "./worker.ts";

/** How a run shows itself while it goes on. */
export interface RunView {
  report(report: Report): void;
  /** Each report of input `input`, the final one too. */
  record?(input: number, report: Report, final: boolean): void;
  progress(input: number, bytesRead: number, packets: number): void;
  /** Takes whatever stands on the screen away, before the end's output. */
  finish(): void;
}

/** What a run came to. */
export interface RunResult {
  /** Final report of each input that could be opened, in order. */
  readonly reports: readonly Report[];
  /** What was wrong with inputs that could not be read to their end, in words. */
  readonly damages: readonly string[];
  /** Sentences for the end, e.g. what was sent. */
  readonly notes: readonly string[];
  readonly interrupted: boolean;
}

/**
 * Runs `job` in the pipeline thread to its end, which SIGINT or SIGTERM brings forward. `onOpened` is called when a live capture
 * is open and privileges are dropped; what it throws ends the run.
 */
export async function runPipeline(
  job: PipelineJob,
  view: RunView,
  onOpened: () => void = () => {},
): Promise<RunResult> {
  const reports: Report[] = [];
  const damages: string[] = [];
  const notes: string[] = [];
  const heap = new TidyHeap();
  let fault: unknown = null;
  const onData = (data: PipelineData): void => {
    if (data.type === "report") view.record?.(data.input, data.report, data.final);
    if (data.type === "report" && data.final) reports.push(data.report);
    else if (data.type === "report") {
      view.report(data.report);
      heap.turn();
    } else if (data.type === "progress") view.progress(data.input, data.bytesRead, data.packets);
    else if (data.type === "opened") {
      try {
        onOpened();
      } catch (error) {
        fault = error;
        worker.stop();
      }
    } else if (data.type === "damaged") damages.push(data.message);
    else notes.push(data.text);
  };
  const worker = startWorker("pipeline", job, onData, log);
  const signals = listenForStop(() => worker.stop());
  try {
    await worker.done;
  } finally {
    signals.remove();
    view.finish();
  }
  if (fault !== null) throw fault;
  return { reports, damages, notes, interrupted: signals.interrupted };
}

/** What `--fail-on` can name. */
export type FailOn = Severity | "p1" | "p2" | "p3" | "never";

const PRIORITY: Readonly<Record<string, number>> = { p1: 1, p2: 2, p3: 3 };

/** True when `report` has a finding, or an indicator of TR 101 290 in error, at or above the threshold. */
function fails(report: Report, failOn: Severity | "p1" | "p2" | "p3"): boolean {
  if (failOn !== "p1" && failOn !== "p2" && failOn !== "p3") {
    return report.findings.some((finding) => atLeast(finding.severity, failOn));
  }
  const lowest = PRIORITY[failOn] ?? 0;
  return report.streams.some((stream) =>
    stream.mpegts?.tr101290?.some(({ state, priority }) => state === "error" && priority <= lowest),
  );
}

/** The exit code for what a run found: damage before interruption before findings. */
export function exitCodeOf(result: RunResult, failOn: FailOn): ExitCode {
  if (result.damages.length > 0) return EXIT.input;
  if (result.interrupted) return EXIT.interrupted;
  if (failOn === "never") return EXIT.ok;
  return result.reports.some((report) => fails(report, failOn)) ? EXIT.findings : EXIT.ok;
}
