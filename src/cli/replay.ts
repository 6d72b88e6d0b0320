import { statSync } from "node:fs";
import { isPlaylistAddress } from "../hls/address.ts";
import { Painter } from "../render/painter.ts";
import { fileProgressLine } from "../render/progress.ts";
import { type ExitCode, usageError } from "../report/error.ts";
import type { Report } from "../report/schema.ts";
import type { Config } from "../settings/table.ts";
import { checkGenerated } from "./generated-source.ts";
import { commonJob, publishJob } from "./job.ts";
import { log, setLogWriter } from "./logging.ts";
import { hlsInput } from "./open-hls.ts";
import type { GeneratorInput, PipelineJob, RecordedInput } from "./pipeline-job.ts";
import { printReports } from "./print-reports.ts";
import { openReplayStore } from "./replay-store.ts";
import { exitCodeOf, type RunResult, type RunView, runPipeline } from "./run-pipeline.ts";
import { errScreen, terminal } from "./terminal.ts";
import { checkReportFiles } from "./write-report.ts";

/** How an input is played. */
type Play = Pick<GeneratorInput, "speed" | "loop" | "aheadMs" | "horizonMs">;

/** No progress bar before this: most files are done by then. */
const QUIET_START_MS = 1000;

/** Length of generated streams that are not sent, unless they say theirs. */
const GENERATED_SECONDS = 1;

/** Datagrams reach the sender this long before they are due, so that it can time each to the microsecond. */
const SEND_AHEAD_MS = 20;

/** `rscap replay FILE…`: capture files through the same pipeline as live capture. */
export async function runReplay(config: Config, files: readonly string[]): Promise<ExitCode> {
  const paced = config.realtime || config.send !== "";
  const speed = config.speed > 0 ? config.speed : paced ? 1 : 0;
  // A message is to hold a batch, not the one datagram that is due this very millisecond.
  const horizonMs = config.publish && config.send === "" ? Math.max(1, config.batchTime) : 1;
  const aheadMs = config.send === "" ? 0 : SEND_AHEAD_MS;
  const play = { speed, loop: config.loop, aheadMs, horizonMs };
  checkGenerated(config.generate);
  checkPlaylists(config, files);
  const names = [...(config.generate.length > 0 ? [config.generate.join(" ")] : []), ...files];
  const job: PipelineJob = {
    ...commonJob(config),
    inputs: [
      ...(config.generate.length > 0 ? [generatorInput(config, play)] : []),
      ...files.map((path) => recordedInput(path, config, play)),
    ],
    wanted: [],
    publish: config.publish ? publishJob(config) : null,
    outputFile:
      config.replayOutputFile === ""
        ? null
        : { path: config.replayOutputFile, flushMs: config.flushTime, write: config.write },
    ...(config.still === "" ? {} : { still: { path: config.still, matrix: config.matrix } }),
    send: config.send === "" ? null : { url: config.send, speed },
  };
  checkReportFiles(config.report);
  const store = openReplayStore(config, log);
  const view = replayView(config, names);
  const stored: RunView =
    store === null ? view : { ...view, record: (input, report, final) => store.report(input, report, final) };
  let result: RunResult;
  let kept: string | null = null;
  try {
    result = await runPipeline({ ...job, windows: store !== null }, stored);
  } finally {
    kept = store?.close() ?? null;
  }
  if (kept !== null) result = { ...result, notes: [...result.notes, kept] };
  printReports(result, config, names.length, config.replayOutputFile === "-");
  return exitCodeOf(result, config.failOn);
}

/** A file's name, or the address of a playlist, as an input. */
function recordedInput(path: string, config: Config, play: Play): RecordedInput {
  return isPlaylistAddress(path)
    ? hlsInput(path, "rscap replay", config, { live: false, ...play })
    : { kind: "file", path, filter: config.filter, ...play };
}

/** Throws a usage error for settings that say nothing for a playlist. */
function checkPlaylists(config: Config, files: readonly string[]): void {
  const playlist = files.find(isPlaylistAddress);
  if (playlist === undefined) return;
  if (config.loop !== 1) {
    throw usageError(
      "loop-on-playlist",
      `--loop (REPLAY_LOOP): ${playlist} is loaded once. Save the stream (-o FILE) and repeat the file.`,
    );
  }
  if (config.filter !== "") {
    throw usageError(
      "filter-on-ts",
      `${playlist}: --filter chooses network packets, and a playlist's segments have no network headers. Leave ` +
        "--filter (FILTER) out for it.",
    );
  }
}

/** The streams of `--generate` as one input; those that are sent go on until they are stopped. */
function generatorInput(config: Config, play: Play): GeneratorInput {
  const endless = config.send !== "" || config.duration > 0;
  const seconds = endless ? Number.POSITIVE_INFINITY : GENERATED_SECONDS;
  return { kind: "generator", specs: config.generate, seconds, now: play.speed > 0, snapLength: 0, ...play };
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
