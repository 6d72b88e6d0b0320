import { statSync } from "node:fs";
import { Painter } from "../render/painter.ts";
import { fileProgressLine } from "../render/progress.ts";
import type { ExitCode } from "../report/error.ts";
import type { Report } from "../report/schema.ts";
import type { Config } from "../settings/table.ts";
import { commonJob, publishJob } from "./job.ts";
import { setLogWriter } from "./logging.ts";
import type { PipelineJob } from "./pipeline-job.ts";
import { printReports } from "./print-reports.ts";
import { exitCodeOf, type RunView, runPipeline } from "./run-pipeline.ts";
import { errScreen, terminal } from "./terminal.ts";
import { checkReportFiles } from "./write-report.ts";

/** No progress bar before this: most files are done by then. */
const QUIET_START_MS = 1000;

/** Datagrams reach the sender this long before they are due, so that it can time each to the microsecond. */
const SEND_AHEAD_MS = 20;

/** `rscap replay FILE…`: capture files through the same pipeline as live capture. */
export async function runReplay(config: Config, files: readonly string[]): Promise<ExitCode> {
  const paced = config.realtime || config.send !== "";
  const speed = config.speed > 0 ? config.speed : paced ? 1 : 0;
  // A message is to hold a batch, not the one datagram that is due this very millisecond.
  const horizonMs = config.publish && config.send === "" ? Math.max(1, config.batchTime) : 1;
  const aheadMs = config.send === "" ? 0 : SEND_AHEAD_MS;
  const job: PipelineJob = {
    ...commonJob(config),
    inputs: files.map((path) => ({
      kind: "file",
      path,
      filter: config.filter,
      speed,
      loop: config.loop,
      aheadMs,
      horizonMs,
    })),
    wanted: [],
    publish: config.publish ? publishJob(config) : null,
    outputFile:
      config.replayOutputFile === "" ? null : { path: config.replayOutputFile, flushMs: config.flushTime },
    send: config.send === "" ? null : { url: config.send, speed },
  };
  checkReportFiles(config.report);
  const result = await runPipeline(job, replayView(config, files));
  printReports(result, config, files.length, config.replayOutputFile === "-");
  return exitCodeOf(result, config.failOn);
}

function replayView(config: Config, files: readonly string[]): RunView {
  const shown = terminal.errIsTerminal() && !config.quiet && !config.noProgress;
  const painter = new Painter(errScreen);
  if (shown) setLogWriter((line) => painter.above(line));
  const sizes = files.map(sizeOf);
  const startedMs = performance.now();
  return {
    report(_report: Report): void {},
    progress(input, bytesRead, packets) {
      const elapsedMs = performance.now() - startedMs;
      if (!shown || elapsedMs < QUIET_START_MS) return;
      const name = files[input] ?? "";
      painter.paint([
        fileProgressLine(
          { name, doneOctets: bytesRead, totalOctets: sizes[input] ?? 0, packets, elapsedMs },
          terminal.errColumns(),
        ),
      ]);
    },
    finish() {
      painter.clear();
      if (shown) setLogWriter(terminal.err);
    },
  };
}

/** Octets of a regular file, 0 where that says nothing of what will be read. */
function sizeOf(path: string): number {
  try {
    const stats = statSync(path);
    return stats.isFile() ? stats.size : 0;
  } catch {
    return 0; // Opening it will say what is wrong.
  }
}
