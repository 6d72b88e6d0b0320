import { clip } from "../render/layout.ts";
import { Painter } from "../render/painter.ts";
import { clientProgressLine } from "../render/progress.ts";
import { systemLine } from "../render/text-system.ts";
import { EXIT, type ExitCode } from "../report/error.ts";
import type { SystemReport } from "../report/system-schema.ts";
import { endpointsOf } from "../settings/endpoint.ts";
import { reportTargets } from "../settings/report-target.ts";
import type { Config } from "../settings/table.ts";
import { SunkDocument } from "../sinks/document-sink.ts";
import { writeFormat } from "../sinks/write-format.ts";
import { type ClientData, type ClientJob, type ClientState, writtenKind } from "./client-job.ts";
import { type ClientMachine, clientMachine } from "./client-machine.ts";
import { outputFileOf, threadedSinks } from "./client-sinks.ts";
import { clientJson, clientText } from "./client-summary.ts";
import { DocumentGate, gateMemory, type PassedDocument } from "./document-gate.ts";
import { type DocumentSinks, openSinks, type SinkOpener } from "./document-sinks.ts";
import { loadCurve } from "./load-curve.ts";
import { log, setLogWriter } from "./logging.ts";
import { openKafka } from "./open-kafka.ts";
import { openClientMetrics } from "./open-metrics.ts";
import { openWebhook } from "./open-webhook.ts";
import { OutputSinks } from "./output-sinks.ts";
import { dropPrivileges, userOf } from "./privileges.ts";
import { listenForStop } from "./signals.ts";
import type { SinkState } from "./sink-job.ts";
import { errScreen, terminal } from "./terminal.ts";
import { TidyHeap } from "./tidy-heap.ts";
import { startWorker } from "./worker.ts";
import { checkReportFiles, writeReport } from "./write-report.ts";

/** The sinks of documents that a client can have. */
const OPENERS: readonly SinkOpener<Config>[] = [openKafka, openWebhook, openClientMetrics];

/**
 * `rscap client`: receives what probes publish and writes it, until it is stopped or a limit is reached.
 * `start`, `openers` and `startSink` stand in for the worker thread, the sinks of documents and the threads of the
 * others in tests.
 */
export async function runClient(
  config: Config,
  start: typeof startWorker<ClientData> = startWorker,
  openers: readonly SinkOpener<Config>[] = OPENERS,
  startSink: typeof startWorker<SinkState> = startWorker,
): Promise<ExitCode> {
  const user = userOf(config.user);
  // Keys may be root's to read; nothing that follows needs a privilege.
  const plain = clientJob(config);
  if (user !== null) dropPrivileges(user, log);
  checkReportFiles(config.report);
  const sinks = await openSinks(openers, config, log);
  const threaded = threadedSinks(config, plain.outputFile, plain.format);
  const outputs = new OutputSinks(threaded, config.sinkQueue, log, () => worker?.stop(), startSink);
  const gate = sinks === null ? null : gateMemory();
  const job: ClientJob = { ...plain, gate, feeds: outputs.feeds };
  const machine = clientMachine(config, plain.outputFile);
  const view = clientView(config, job, machine);
  let last: ClientState | null = null;
  const take = sinks === null || job.gate === null ? null : documentTaker(sinks, job.gate);
  const heap = new TidyHeap();
  const onData = (data: ClientData): void => {
    if (data.type === "document") take?.(data);
    else {
      last = withOutputs(data.state, outputs);
      view.state(last);
      sinks?.look(last);
      heap.turn();
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
    try {
      await outputs.end();
    } finally {
      await sinks?.close();
      machine?.close();
      if (last !== null) {
        const state = withOutputs(last as ClientState, outputs);
        const system = machine?.at(performance.now()) ?? null;
        printSummary(config, job, { ...state, sinks: sinks?.counts() ?? [] }, system);
      }
    }
  }
  return signals.interrupted ? EXIT.interrupted : EXIT.ok;
}

/** The state with what the sinks in threads of their own say. */
function withOutputs(state: ClientState, outputs: OutputSinks): ClientState {
  outputs.counts = state.feeds;
  const states = outputs.states();
  const files = [
    ...state.files,
    ...states.filter(({ type }) => type === "file").flatMap((sink) => sink.files),
  ];
  return { ...state, files, outputs: states };
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
  const outputFile = outputFileOf(config);
  return {
    endpoints,
    curve: loadCurve(config, role, endpoints),
    transport: config.transport,
    ackEndpoint: config.ackEndpoint,
    heartbeatMs: config.heartbeat,
    highWaterMark: config.highWaterMark,
    streams: [...config.stream],
    outputFile,
    format: writeFormat(outputFile, config.write),
    flushMs: config.flushTime,
    packetCount: config.packetCount,
    durationMs: config.duration,
    silenceMs: config.silenceTime,
    probeTimeoutMs: config.probeTimeout,
    events: !config.noEvents,
    gate: null,
    feeds: [],
  };
}

function startLine(job: ClientJob): string {
  const where = job.endpoints.join(", ");
  const how = {
    pub: `Subscribing to ${where}`,
    push: `Waiting for probes at ${where}`,
    share: `Sharing what comes from ${where} with other clients`,
  }[job.transport];
  const names = job.feeds.map(({ name }) => name);
  if (job.outputFile !== "" && !job.feeds.some(({ takes }) => takes === "packets")) {
    names.unshift(job.outputFile === "-" ? "standard output" : job.outputFile);
  }
  return `${how}, writing ${names.join(", ")}.`;
}

function printSummary(config: Config, job: ClientJob, state: ClientState, system: SystemReport | null): void {
  const busy = job.outputFile === "-" || config.jsonl === "-";
  const print = busy ? terminal.err : terminal.out;
  for (const target of reportTargets(config.report)) {
    if (target.format === "json") writeReport(target, clientJson(job, state, system), print);
    if (target.format === "text") writeReport(target, clientText(job, state, system), print);
  }
}

interface ClientView {
  state(state: ClientState): void;
  finish(): void;
}

/** A line refreshed in place on a terminal; elsewhere a log line each `--log-interval`. */
function clientView(config: Config, job: ClientJob, machine: ClientMachine | null): ClientView {
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
        if (machine !== null) log("info", systemLine(machine.at(now)));
      },
      finish: () => {},
    };
  }
  const painter = new Painter(errScreen);
  setLogWriter((text) => painter.above(text));
  return {
    state(state) {
      const columns = terminal.errColumns();
      const system = machine === null ? [] : [clip(systemLine(machine.at(performance.now())), columns)];
      painter.paint([line(state, columns), ...system]);
    },
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
