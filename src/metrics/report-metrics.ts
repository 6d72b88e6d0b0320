import { probeGroups, systemGroups } from "./families-probe.ts";
import { streamGroups } from "./families-stream.ts";
import type { MetricGroup } from "./group.ts";
import { at, list, number, text } from "./read.ts";

/** Probes that are remembered. */
const MOST_PROBES = 256;

/** PIDs of one stream at most; those beyond are counted as left out. */
const MOST_PIDS = 256;

/** Findings, indicators and other parts of one report at most. */
const MOST_PARTS = 10_000;

/** What no report has told of for this long disappears, or for three times the pause between reports if that is more. */
const STALE_MS = 60_000;

/** A probe that is silent for this long is down, or for three times the pause between its reports if that is more. */
const DOWN_MS = 10_000;

/** A probe that is down is told of for so long. */
const FORGET_PROBE_MS = 86_400_000;

/** How often what has gone is looked for. */
const EXPIRE_MS = 5000;

/** Reasons for which packets are dropped: where they stand in the report, and what they are called. */
const DROP_REASONS: readonly (readonly [string, string])[] = [
  ["kernel", "kernel"],
  ["interface", "interface"],
  ["snapped", "snapped"],
  ["fragments", "fragment"],
  ["unreadable", "unreadable"],
  ["filtered", "filtered"],
  ["otherTraffic", "other_traffic"],
  ["flowTableFull", "flow_table_full"],
];

/** What became of the segments of a playlist. */
const HLS_OUTCOMES: readonly (readonly [string, string])[] = [
  ["loaded", "loaded"],
  ["failed", "failed"],
  ["passedOver", "passed_over"],
  ["gaps", "marked_missing"],
  ["leftOut", "left_out"],
];

/** Reasons for which TS packets are not legal. */
const ILLEGAL_REASONS: readonly (readonly [string, string])[] = [
  ["syncByte", "sync_byte"],
  ["transportError", "transport_error"],
  ["reservedAdaptation", "reserved_adaptation"],
  ["adaptationLength", "adaptation_length"],
];

/** What is remembered of one probe. */
interface ProbeState {
  /** Counts the times that its counters began anew; part of what their figures count from. */
  run: number;
  firstTime: string;
  packets: number;
  reports: number;
  lastMs: number;
  receivedMs: number;
  /** Between its last two reports. */
  pauseMs: number;
}

/** The reports of probes as metrics. Reports may come from the network: any JSON gives metrics or none. */
export class ReportMetrics {
  readonly #probe = probeGroups();
  readonly #system = systemGroups();
  readonly #stream = streamGroups();
  readonly #states = new Map<string, ProbeState>();
  #expiredMs = Number.NEGATIVE_INFINITY;

  /** All groups, in the order of the page. */
  get groups(): readonly MetricGroup[] {
    return [...Object.values(this.#probe), ...Object.values(this.#system), ...Object.values(this.#stream)];
  }

  /** Takes a report of `probe` that came at `receivedMs` (Unix time); `nowMs` is any clock that only goes on. */
  take(probe: string, report: object, receivedMs: number, nowMs: number): void {
    this.#expire(nowMs);
    const state = this.#state(probe, report, receivedMs, nowMs);
    if (state === null) {
      this.#probe.probe.leftOut++;
      return;
    }
    const run = String(state.run);
    const { inputInfo, input, drops, published } = this.#probe;
    inputInfo.write(
      [
        probe,
        text(report, "rscap"),
        text(report, "input.name"),
        text(report, "input.kind"),
        text(report, "input.timestampSource"),
      ],
      report,
      nowMs,
    );
    input.write([probe], report, nowMs, run);
    this.#reasons(drops, [probe], at(report, ["input", "drops"]), DROP_REASONS, nowMs, run);
    const playlist = at(report, ["hls"]);
    if (playlist !== undefined) {
      this.#probe.hls.write([probe], playlist, nowMs, run);
      this.#reasons(this.#probe.hlsSegments, [probe], at(playlist, ["segments"]), HLS_OUTCOMES, nowMs, run);
    }
    const sent = at(report, ["published"]);
    if (sent !== undefined) published.write([probe], sent, nowMs, run);
    this.#takeFindings(probe, report, nowMs, run);
    this.#takeNetwork(probe, report, nowMs, run);
    this.#takeSystem(probe, at(report, ["system"]), nowMs, run);
    for (const stream of list(report, "streams")) this.#takeStream(probe, stream, nowMs, run);
  }

  /** Brings up to date what depends on the time: which probes are up, and what has gone. */
  refresh(nowMs: number): void {
    this.#expire(nowMs);
    for (const [name, state] of this.#states) {
      const source = {
        up: nowMs - state.lastMs <= Math.max(DOWN_MS, 3 * state.pauseMs),
        lastSeconds: state.receivedMs / 1000,
        reports: state.reports,
        restarts: state.run,
      };
      this.#probe.probe.write([name], source, nowMs);
    }
  }

  #state(probe: string, report: object, receivedMs: number, nowMs: number): ProbeState | null {
    const firstTime = text(report, "input.firstTime");
    const packets = number(at(report, ["input", "packets"]));
    const known = this.#states.get(probe);
    if (known === undefined) {
      if (this.#states.size >= MOST_PROBES) return null;
      const made = { run: 0, firstTime, packets, reports: 1, lastMs: nowMs, receivedMs, pauseMs: 0 };
      this.#states.set(probe, made);
      return made;
    }
    // The first time is empty until the first packet has come.
    const anew = known.firstTime !== "" && known.firstTime !== firstTime;
    if (anew || packets < known.packets) known.run++;
    known.firstTime = firstTime;
    known.packets = packets;
    known.reports++;
    known.pauseMs = nowMs - known.lastMs;
    known.lastMs = nowMs;
    known.receivedMs = receivedMs;
    return known;
  }

  #takeFindings(probe: string, report: object, nowMs: number, run: string): void {
    const counts = new Map<string, { labels: string[]; count: number }>();
    for (const finding of list(report, "findings").slice(0, MOST_PARTS)) {
      const labels = [probe, ...["stream", "code", "severity"].map((name) => text(finding, name))];
      const count = number(at(finding, ["count"]));
      if (Number.isNaN(count)) continue;
      // One rule may be broken on many PIDs.
      const key = labels.join("\n");
      const sum = counts.get(key) ?? { labels, count: 0 };
      sum.count += count;
      counts.set(key, sum);
    }
    for (const { labels, count } of counts.values()) {
      this.#probe.findings.write(labels, { count }, nowMs, run);
    }
  }

  #takeNetwork(probe: string, report: object, nowMs: number, run: string): void {
    for (const domain of list(report, "ptp.domains")) {
      const labels = [probe, text(domain, "domain"), text(domain, "grandmaster")];
      const network = text(domain, "network");
      if (network !== "") labels.push(network);
      this.#probe.ptp.write(labels, domain, nowMs);
    }
    for (const pair of list(report, "redundancy")) {
      const labels = [probe, text(pair, "streams.0"), text(pair, "streams.1")];
      this.#probe.redundancy.write(labels, pair, nowMs, run);
    }
  }

  #takeSystem(probe: string, system: unknown, nowMs: number, run: string): void {
    if (system === undefined) return;
    const { hostInfo, host, process, threads, devices, disks } = this.#system;
    const facts = ["name", "os", "kernel", "machine"].map((name) => text(system, `host.${name}`));
    hostInfo.write([probe, ...facts], system, nowMs);
    host.write([probe], system, nowMs);
    // A process that was started again counts from 0, the kernel's counters when the machine was.
    const pid = `${run} ${text(system, "process.pid")}`;
    process.write([probe], at(system, ["process"]), nowMs, pid);
    for (const thread of list(system, "process.threads")) {
      threads.write([probe, text(thread, "name")], thread, nowMs, pid);
    }
    for (const device of list(system, "interfaces")) {
      devices.write([probe, text(device, "name")], device, nowMs, text(system, "host.bootTime"));
    }
    for (const disk of list(system, "disks")) disks.write([probe, text(disk, "path")], disk, nowMs);
  }

  #takeStream(probe: string, stream: unknown, nowMs: number, run: string): void {
    const labels = [probe, text(stream, "id")];
    // A stream that was forgotten and came back counts from 0.
    const epoch = `${run} ${text(stream, "firstTime")}`;
    const { streamInfo, indicators, illegal, media } = this.#stream;
    if (!this.#stream.stream.write(labels, stream, nowMs, epoch)) return;
    const facts = ["kind", "st2110.kind", "transport", "source", "destination"];
    streamInfo.write([...labels, ...facts.map((name) => text(stream, name))], stream, nowMs);
    const st2110 = at(stream, ["st2110"]);
    if (st2110 !== undefined) media.write(labels, st2110, nowMs, epoch);
    this.#reasons(illegal, labels, at(stream, ["mpegts", "illegal"]), ILLEGAL_REASONS, nowMs, epoch);
    for (const row of list(stream, "mpegts.tr101290").slice(0, MOST_PIDS)) {
      if (text(row, "state").startsWith("not ")) continue;
      const own = [text(row, "number"), text(row, "name"), text(row, "priority")];
      indicators.write([...labels, ...own], row, nowMs, epoch);
    }
    this.#takePids(labels, stream, nowMs, epoch);
  }

  #takePids(labels: readonly string[], stream: unknown, nowMs: number, epoch: string): void {
    const { pids, clocks } = this.#stream;
    for (const [group, path] of [
      [pids, "mpegts.pids"],
      [clocks, "mpegts.pcr"],
    ] as const) {
      const parts = list(stream, path);
      group.leftOut += Math.max(0, parts.length - MOST_PIDS);
      for (const part of parts.slice(0, MOST_PIDS)) {
        group.write([...labels, text(part, "pid")], part, nowMs, epoch);
      }
    }
  }

  #reasons(
    group: MetricGroup,
    labels: readonly string[],
    counts: unknown,
    reasons: readonly (readonly [string, string])[],
    nowMs: number,
    epoch: string,
  ): void {
    for (const [name, label] of reasons) {
      const count = at(counts, [name]);
      if (count !== undefined) group.write([...labels, label], { count }, nowMs, epoch);
    }
  }

  #expire(nowMs: number): void {
    if (nowMs - this.#expiredMs < EXPIRE_MS) return;
    this.#expiredMs = nowMs;
    let longestPause = 0;
    for (const [name, state] of this.#states) {
      if (nowMs - state.lastMs > FORGET_PROBE_MS) this.#states.delete(name);
      else longestPause = Math.max(longestPause, state.pauseMs);
    }
    const before = nowMs - Math.max(STALE_MS, 3 * longestPause);
    for (const group of this.groups) group.expire(before);
  }
}
