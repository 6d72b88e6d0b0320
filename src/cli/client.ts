import { Painter } from "../render/painter.ts";
import { clientProgressLine } from "../render/progress.ts";
import { EXIT, type ExitCode } from "../report/error.ts";
import { endpointsOf } from "../settings/endpoint.ts";
import { reportTargets } from "../settings/report-target.ts";
import type { Config } from "../settings/table.ts";
import { SunkDocument } from "../sinks/document-sink.ts";
import { writeFormat } from "../sinks/write-format.ts";
import { type ClientData, type ClientJob, type ClientState, writtenKind } from "./client-job.ts";
import { clientJson, clientText } from "./client-summary.ts";
import { DocumentGate, gateMemory, type PassedDocument } from "./document-gate.ts";
import { type DocumentSinks, openSinks, type SinkOpener } from "./document-sinks.ts";
import { loadCurve } from "./load-curve.ts";
import { log, setLogWriter } from "./logging.ts";
import { listenForStop } from "./signals.ts";
import { errScreen, terminal } from "./terminal.ts";
import { startWorker } from "./worker.ts";
import { checkReportFiles, writeReport } from "./write-report.ts";

/** The sinks of documents that a client can have. */
const OPENERS: readonly SinkOpener<Config>[] = [];

/**
 * `rscap client`: receives what probes publish and writes it, until it is stopped or a limit is reached.
 * `start` and `openers` stand in for the worker thread and the sinks in tests.
 */
export async function runClient(
  config: Config,
  start: typeof startWorker<ClientData> = startWorker,
  openers: readonly SinkOpener<Config>[] = OPENERS,
): Promise<ExitCode> {
  const plain = clientJob(config);
  checkReportFiles(config.report);
  const sinks = await openSinks(openers, config, log);
  const job: ClientJob = sinks === null ? plain : { ...plain, gate: gateMemory() };
  const view = clientView(config, job);
  let last: ClientState | null = null;
  const take = sinks === null || job.gate === null ? null : documentTaker(sinks, job.gate);
  const onData = (data: ClientData): void => {
    if (data.type === "document") take?.(data);
    else {
      last = data.state;
      view.state(data.state);
    }
  };
  log("info", startLine(job));
  const worker = start("client", job, onData, log);
  const signals = listenForStop(() => worker.stop());
  try {
    await worker.done;
  } finally {
    signals.remove();
    view.finish();
    await sinks?.close();
    if (last !== null) printSummary(config, job, { ...(last as ClientState), sinks: sinks?.counts() ?? [] });
  }
  return signals.interrupted ? EXIT.interrupted : EXIT.ok;
}

/** Gives what comes through the gate to the sinks. */
function documentTaker(sinks: DocumentSinks, memory: SharedArrayBuffer): (document: PassedDocument) => void {
  const gate = new DocumentGate(memory);
  return ({ octets, ...origin }) => {
    gate.arrived(octets.length);
    sinks.take(new SunkDocument(origin, octets));
  };
}

/** The settings as the worker takes them. */
export function clientJob(config: Config): ClientJob {
  const role = config.transport === "push" ? "bind" : "connect";
  const endpoints = endpointsOf(config, role);
  return {
    endpoints,
    curve: loadCurve(config, role, endpoints),
    transport: config.transport,
    highWaterMark: config.highWaterMark,
    streams: [...config.stream],
    outputFile: config.outputFile,
    format: writeFormat(config.outputFile, config.write),
    flushMs: config.flushTime,
    packetCount: config.packetCount,
    durationMs: config.duration,
    silenceMs: config.silenceTime,
    jsonl: config.jsonl,
    events: !config.noEvents,
    gate: null,
  };
}

function startLine(job: ClientJob): string {
  const where = job.endpoints.join(", ");
  const how = job.transport === "push" ? `Waiting for probes at ${where}` : `Subscribing to ${where}`;
  return `${how}, writing ${job.outputFile === "-" ? "standard output" : job.outputFile}.`;
}

function printSummary(config: Config, job: ClientJob, state: ClientState): void {
  const busy = job.outputFile === "-" || job.jsonl === "-";
  const print = busy ? terminal.err : terminal.out;
  for (const target of reportTargets(config.report)) {
    if (target.format === "json") writeReport(target, clientJson(job, state), print);
    if (target.format === "text") writeReport(target, clientText(job, state), print);
  }
}

interface ClientView {
  state(state: ClientState): void;
  finish(): void;
}

/** A line refreshed in place on a terminal; elsewhere a log line each `--log-interval`. */
function clientView(config: Config, job: ClientJob): ClientView {
  if (config.quiet) return { state: () => {}, finish: () => {} };
  const line = (state: ClientState, columns: number): string =>
    clientProgressLine(progressOf(job, state), columns);
  if (!terminal.errIsTerminal() || config.noProgress) {
    let lastMs = performance.now();
    return {
      state(state) {
        const now = performance.now();
        if (state.final || config.logInterval === 0 || now - lastMs < config.logInterval) return;
        lastMs = now;
        log("info", line(state, Number.POSITIVE_INFINITY));
      },
      finish: () => {},
    };
  }
  const painter = new Painter(errScreen);
  setLogWriter((text) => painter.above(text));
  return {
    state: (state) => painter.paint([line(state, terminal.errColumns())]),
    finish() {
      painter.clear();
      setLogWriter(terminal.err);
    },
  };
}

function progressOf(job: ClientJob, state: ClientState): Parameters<typeof clientProgressLine>[0] {
  const [first, second] = state.files;
  const name = first?.path ?? job.outputFile;
  return {
    target: second === undefined ? (name === "-" ? "standard output" : name) : `${state.files.length} files`,
    packets: state.packets,
    bytes: state.bytes,
    bitrate: state.bitrate,
    streams: state.streams.filter(({ kind }) => kind === writtenKind(job)).length,
    gaps: state.streams.reduce((sum, { lostMessages }) => sum + lostMessages, 0),
  };
}
