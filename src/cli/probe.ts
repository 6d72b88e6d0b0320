import { missingIn, wantedText } from "../flow/wanted.ts";
import { isPlaylistAddress, shownAddress } from "../hls/address.ts";
import { liveLines, streamLogLine } from "../render/live.ts";
import { Painter } from "../render/painter.ts";
import { systemLine } from "../render/text-system.ts";
import { type ExitCode, usageError } from "../report/error.ts";
import type { Config } from "../settings/table.ts";
import { commonJob, publishJob } from "./job.ts";
import { type LivePlan, planLive } from "./live-inputs.ts";
import { log, setLogWriter } from "./logging.ts";
import { hlsInput } from "./open-hls.ts";
import { openProbeMetrics } from "./open-metrics.ts";
import type { HlsInput, PipelineJob } from "./pipeline-job.ts";
import { printReports } from "./print-reports.ts";
import { dropInMainThread, prepareDrop, userOf } from "./privileges.ts";
import { exitCodeOf, type RunView, runPipeline } from "./run-pipeline.ts";
import { SilenceWatch } from "./silence-watch.ts";
import { startSystemFeed, systemJob } from "./system-feed.ts";
import { errScreen, terminal } from "./terminal.ts";
import { checkReportFiles } from "./write-report.ts";

/** `rscap probe`: captures, judges, shows and publishes until it is stopped. */
export async function runProbe(config: Config): Promise<ExitCode> {
  const playlist = playlistOf(config);
  const plan = playlist === null ? planLive(config) : NO_DEVICES;
  const user = userOf(config.user);
  prepareDrop(user, log);
  // Whoever we become must be able to write them.
  if (user === null) checkReportFiles(config.report);
  const job: PipelineJob = {
    ...commonJob(config),
    inputs: playlist === null ? plan.inputs : [playlist],
    wanted: plan.wanted,
    publish: config.noZmq ? null : publishJob(config),
    outputFile: null,
    send: null,
    user,
  };
  const onOpened = (): void => {
    dropInMainThread(user);
    if (user !== null) checkReportFiles(config.report);
  };
  for (const input of plan.inputs) logStart(input, plan);
  if (playlist !== null) log("info", `Following ${shownAddress(new URL(playlist.address))}.`);
  const metrics = openProbeMetrics(config, log);
  const feed = startSystemFeed(config, plan.inputs);
  try {
    const view = probeView(config, plan);
    const result = await runPipeline(
      { ...job, ...systemJob(feed) },
      {
        ...view,
        report(report) {
          view.report(report);
          metrics?.report(report);
        },
      },
      onOpened,
    );
    printReports(result, config, 1, false);
    return exitCodeOf(result, config.failOn);
  } finally {
    feed?.stop();
    await metrics?.close();
  }
}

/** A playlist is no device's: nothing is captured. */
const NO_DEVICES: LivePlan = { inputs: [], wanted: [] };

/** The playlist that is the source, if one is; it stands alone. */
function playlistOf(config: Config): HlsInput | null {
  const address = config.source.find((source) => isPlaylistAddress(source));
  if (address === undefined) return null;
  if (config.source.length > 1 || config.sdp.length > 0 || config.discover || config.filter !== "") {
    throw usageError(
      "playlist-alone",
      `--source (SOURCE): ${address} is a playlist and must be the only source, without --sdp, --filter and ` +
        "--discover. Run another probe for the other streams.",
    );
  }
  const horizonMs = Math.max(1, config.batchTime);
  return hlsInput(address, "--source (SOURCE)", config, { live: true, speed: 1, aheadMs: 0, horizonMs });
}

function logStart(input: LivePlan["inputs"][number], plan: LivePlan): void {
  const { options, memberships, backend } = input;
  const here = plan.wanted.filter((stream) =>
    options.sources.some(
      ({ destination, port }) => destination === stream.destination && port === stream.port,
    ),
  );
  const wanted = here.map(wantedText).join(", ");
  const what = wanted || (options.filter === "" ? "everything" : `what matches "${options.filter}"`);
  const groups = memberships.map((membership) => membership.group).join(", ");
  const joined = groups === "" ? "no group joined" : `joined ${groups}`;
  log("info", `Capturing ${what} on ${options.device} (${backend}), ${joined}.`);
}

function probeView(config: Config, plan: LivePlan): RunView {
  // Of a playlist that stands still its own findings tell.
  const watched = plan === NO_DEVICES ? 0 : config.silenceTime;
  const silence = new SilenceWatch(watched, plan, () => performance.now());
  if (config.quiet) return { report: () => {}, progress: () => {}, finish: () => {} };
  const onTerminal = terminal.errIsTerminal() && !config.noProgress;
  const view = onTerminal ? liveView(plan, config.showOsStats) : logView(config);
  return {
    report(report) {
      silence.look(report);
      view.report(report);
    },
    progress: () => {},
    finish: view.finish,
  };
}

/** Lines refreshed in place; the log goes above them. */
function liveView(plan: LivePlan, system: boolean): Pick<RunView, "report" | "finish"> {
  const painter = new Painter(errScreen);
  setLogWriter((line) => painter.above(line));
  return {
    report(report) {
      painter.paint(
        liveLines(report, {
          columns: terminal.errColumns(),
          rows: terminal.errRows(),
          colour: terminal.errColour(),
          system,
          waitingFor: missingIn(report.streams, plan.wanted).map(wantedText),
        }),
      );
    },
    finish() {
      painter.end();
      setLogWriter(terminal.err);
    },
  };
}

/** Without a terminal: a line per stream each `--log-interval`. */
function logView(config: Config): Pick<RunView, "report" | "finish"> {
  let lastMs = performance.now();
  return {
    report(report) {
      const now = performance.now();
      if (config.logInterval === 0 || now - lastMs < config.logInterval) return;
      lastMs = now;
      for (const stream of report.streams) log("info", streamLogLine(report, stream));
      if (config.showOsStats && report.system !== undefined) log("info", systemLine(report.system));
    },
    finish: () => {},
  };
}
