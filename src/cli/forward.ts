import { formatBitrate, formatNumber, formatOctets, formatSeconds } from "../render/units.ts";
import { EXIT, type ExitCode } from "../report/error.ts";
import { endpointsOf } from "../settings/endpoint.ts";
import { reportTargets } from "../settings/report-target.ts";
import type { Config } from "../settings/table.ts";
import type { ForwardJob, ForwardState } from "./forward-job.ts";
import { loadCurve } from "./load-curve.ts";
import { log } from "./logging.ts";
import { dropPrivileges, userOf } from "./privileges.ts";
import { listenForStop } from "./signals.ts";
import { terminal } from "./terminal.ts";
import { startWorker } from "./worker.ts";
import { checkReportFiles, writeReport } from "./write-report.ts";

/** Version of the forwarder's JSON summary. */
const FORWARD_SCHEMA = "rscap.forward/1";

/** `rscap client --forward`: passes on what probes publish, until it is stopped. `start` stands in for the thread. */
export async function runForward(
  config: Config,
  start: typeof startWorker<ForwardState> = startWorker,
): Promise<ExitCode> {
  const user = userOf(config.user);
  const job = forwardJob(config);
  if (user !== null) dropPrivileges(user, log);
  checkReportFiles(config.report);
  let last: ForwardState | null = null;
  let toldMs = performance.now();
  const onState = (state: ForwardState): void => {
    last = state;
    const now = performance.now();
    if (config.quiet || state.final || config.logInterval === 0 || now - toldMs < config.logInterval) return;
    toldMs = now;
    log("info", progressLine(state));
  };
  log("info", `Forwarding what comes from ${job.endpoints.join(", ")} to subscribers at ${job.forward}.`);
  const worker = start("forward", job, onState, log);
  const signals = listenForStop(() => worker.stop());
  try {
    await worker.done;
  } finally {
    signals.remove();
    if (last !== null) printSummary(config, job, last);
  }
  return signals.interrupted ? EXIT.interrupted : EXIT.ok;
}

/** The settings as the worker takes them. */
export function forwardJob(config: Config): ForwardJob {
  const { transport } = config;
  const role = transport === "push" ? "bind" : "connect";
  const endpoints = endpointsOf(config, role);
  return {
    endpoints,
    transport,
    forward: config.forward,
    highWaterMark: config.highWaterMark,
    heartbeatMs: config.heartbeat,
    curve: loadCurve(config, role, endpoints),
    forwardCurve: loadCurve(config, "bind", [config.forward]),
    durationMs: config.duration,
  };
}

/** The end of a forwarder's run as exactly one JSON document. */
export function forwardJson(job: ForwardJob, state: ForwardState): string {
  const { final: _final, elapsedMs, bitrate: _bitrate, ...totals } = state;
  const { endpoints, transport, forward } = job;
  const seconds = elapsedMs / 1000;
  const summary = { schema: FORWARD_SCHEMA, endpoints, transport, forward, seconds, ...totals };
  return `${JSON.stringify(summary, null, 2)}\n`;
}

/** The end of a forwarder's run for a person. */
export function forwardText(state: ForwardState): string {
  const { messages, bytes, elapsedMs, slow, unheard, refused } = state;
  const mean = elapsedMs > 0 ? (bytes * 8000) / elapsedMs : null;
  const lines = [
    `${formatNumber(messages, "message")} forwarded in ${formatSeconds(elapsedMs / 1000)}: ` +
      `${formatOctets(bytes)}, ${formatBitrate(mean)}.`,
  ];
  if (slow > 0)
    lines.push(`${formatNumber(slow, "message")} did not reach every subscriber: a queue was full.`);
  if (unheard > 0) lines.push(`${formatNumber(unheard, "message")} came while no subscriber was connected.`);
  if (refused > 0) lines.push(`${formatNumber(refused, "message")} cut: more parts than rscap sends.`);
  return `${lines.join("\n")}\n`;
}

function progressLine({ messages, bitrate, probes, subscribers, slow }: ForwardState): string {
  const parts = [
    formatNumber(messages, "message"),
    formatBitrate(bitrate),
    formatNumber(probes, "probe"),
    formatNumber(subscribers, "subscriber"),
  ];
  if (slow > 0) parts.push(`${formatNumber(slow, "message")} not for all`);
  return parts.join("  ");
}

function printSummary(config: Config, job: ForwardJob, state: ForwardState): void {
  for (const target of reportTargets(config.report)) {
    if (target.format === "json") writeReport(target, forwardJson(job, state), terminal.out);
    if (target.format === "text") writeReport(target, forwardText(state), terminal.out);
  }
}
