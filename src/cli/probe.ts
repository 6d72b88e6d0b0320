import { missingIn, wantedText } from "../flow/wanted.ts";
import { liveLines, streamLogLine } from "../render/live.ts";
import { Painter } from "../render/painter.ts";
import type { ExitCode } from "../report/error.ts";
import type { Report } from "../report/schema.ts";
import type { Config } from "../settings/table.ts";
import { commonJob, publishJob } from "./job.ts";
import { type LivePlan, planLive } from "./live-inputs.ts";
import { log, setLogWriter } from "./logging.ts";
import type { PipelineJob } from "./pipeline-job.ts";
import { printReports } from "./print-reports.ts";
import { exitCodeOf, type RunView, runPipeline } from "./run-pipeline.ts";
import { errScreen, terminal } from "./terminal.ts";
import { checkReportFiles } from "./write-report.ts";

/** `rscap probe`: captures, judges, shows and publishes until it is stopped. */
export async function runProbe(config: Config): Promise<ExitCode> {
  const plan = planLive(config);
  const job: PipelineJob = {
    ...commonJob(config),
    inputs: plan.inputs,
    wanted: plan.wanted,
    publish: config.noZmq ? null : publishJob(config),
    outputFile: null,
    send: null,
  };
  checkReportFiles(config.report);
  for (const input of plan.inputs) logStart(input, plan);
  const result = await runPipeline(job, probeView(config, plan));
  printReports(result, config, 1, false);
  return exitCodeOf(result, config.failOn);
}

function logStart(input: LivePlan["inputs"][number], plan: LivePlan): void {
  const { options, memberships, backend } = input;
  const wanted = plan.wanted.map(({ destination, port }) => `${destination}:${port}`).join(", ");
  const what = wanted || (options.filter === "" ? "everything" : `what matches "${options.filter}"`);
  const groups = memberships.map((membership) => membership.group).join(", ");
  const joined = groups === "" ? "no group joined" : `joined ${groups}`;
  log("info", `Capturing ${what} on ${options.device} (${backend}), ${joined}.`);
}

function probeView(config: Config, plan: LivePlan): RunView {
  const silence = new SilenceWatch(config, plan);
  if (config.quiet) return { report: () => {}, progress: () => {}, finish: () => {} };
  const onTerminal = terminal.errIsTerminal() && !config.noProgress;
  const view = onTerminal ? liveView(plan) : logView(config);
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
function liveView(plan: LivePlan): Pick<RunView, "report" | "finish"> {
  const painter = new Painter(errScreen);
  setLogWriter((line) => painter.above(line));
  return {
    report(report) {
      painter.paint(
        liveLines(report, {
          columns: terminal.errColumns(),
          rows: terminal.errRows(),
          colour: terminal.errColour(),
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
    },
    finish: () => {},
  };
}

/**
 * Says what to check when no packet has come for a while, once a silence, and which of several sources have
 * sent nothing, once.
 */
class SilenceWatch {
  readonly #config: Config;
  readonly #plan: LivePlan;
  #packets = 0;
  #sinceMs = performance.now();
  #said = false;
  readonly #startedMs = performance.now();
  #named = false;

  constructor(config: Config, plan: LivePlan) {
    this.#config = config;
    this.#plan = plan;
  }

  look(report: Report): void {
    const packets = report.streams.reduce((sum, stream) => sum + stream.packets, 0);
    const now = performance.now();
    if (packets > 0) this.#nameMissing(report, now);
    if (packets !== this.#packets) {
      if (this.#said) log("info", "Packets are coming again.");
      this.#packets = packets;
      this.#sinceMs = now;
      this.#said = false;
      return;
    }
    const { silenceTime } = this.#config;
    if (silenceTime === 0 || this.#said || now - this.#sinceMs < silenceTime) return;
    this.#said = true;
    log("warning", this.#advice(Math.round((now - this.#sinceMs) / 1000), report));
  }

  /** Others come, so device and permission are right. */
  #nameMissing(report: Report, now: number): void {
    const { silenceTime } = this.#config;
    if (this.#named || silenceTime === 0 || now - this.#startedMs < silenceTime) return;
    this.#named = true;
    const missing = missingIn(report.streams, this.#plan.wanted).map(wantedText);
    if (missing.length === 0) return;
    log(
      "warning",
      `Nothing has come from ${missing.join(", ")}, unlike from the others. Check: does it send, to this group and port; ` +
        "does the switch see the membership (IGMP/MLD snooping, querier, source)?",
    );
  }

  #advice(seconds: number, report: Report): string {
    const devices = this.#plan.inputs.map(({ options }) => options.device).join(", ");
    const groups = this.#plan.inputs.flatMap(({ memberships }) => memberships.map(({ group }) => group));
    const other = report.input.drops.otherTraffic;
    return [
      `No packet for ${seconds} s. Check:`,
      `device: is the stream on ${devices}? rscap devices lists them, --source-device sets it;`,
      groups.length > 0
        ? `membership: ${groups.join(", ")} joined; does the switch see it (IGMP/MLD snooping, querier, source)?`
        : "membership: no group was joined; a multicast stream needs --source;",
      `filter: is address and port right? rscap probe --discover shows all UDP (${other} other frames seen);`,
      "permission: in a container or virtual machine the device must let multicast through (promiscuous, --promiscuous).",
    ].join(" ");
  }
}
