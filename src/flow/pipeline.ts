import type { FrameBatch, SourceStats } from "../capture/batch.ts";
import type { MonitorOptions } from "../mpegts/analyser.ts";
import { formatAddress } from "../net/addresses.ts";
import { Datagram, parseFrame, STATUS } from "../net/datagram.ts";
import { LINKTYPE_TS } from "../net/linktype.ts";
import { ReorderMemory } from "../net/packet-slots.ts";
import { isRtspTcp } from "../net/rtsp.ts";
import { isPtpPort, PtpMonitor } from "../ptp/monitor.ts";
import type { PacketOutput } from "../report/output.ts";
import type { Report } from "../report/schema.ts";
import { REPORT_SCHEMA } from "../report/schema.ts";
import { type Epoch, formatTime, NS_PER_SECOND } from "../report/time.ts";
import type { TimestampQuality } from "../st2110/analyser.ts";
import type { SkewClass } from "../st2110/redundancy/skew-class.ts";
import { Flow } from "./flow.ts";
import type { FlowAddress, FlowContext } from "./flow-context.ts";
import { FlowTable, TABLE_FULL } from "./flow-table.ts";
import { LeftOut } from "./left-out.ts";
import { LegPairs, type LegsMode } from "./legs.ts";
import {
  describedFindings,
  flowsAcross,
  ptpTimeFindings,
  sharedDestinationFindings,
} from "./pipeline-report.ts";
import { ptpAddress, ptpNetwork, ptpNetworkName } from "./ptp-network.ts";
import { type SdpFile, SdpSessions } from "./sdp-sessions.ts";
import { fileStreamId, streamId } from "./stream-id.ts";
import { silentSources, type WantedStream } from "./wanted.ts";

/** A flow silent for this long may have been restarted by its sender from another port. */
const RESTART_SILENCE_NS = NS_PER_SECOND;

/** For RTP packets that are kept until it is clear what they are, all flows together. */
const MEDIA_MEMORY_OCTETS = 64 * 1024 * 1024;

/** When the table is full, flows silent for this long give up their place. */
const FORGET_AFTER_NS = 30 * NS_PER_SECOND;

/** A stream that was asked for is late when others have come for this long. */
const LATE_AFTER_NS = 5 * NS_PER_SECOND;

/** Takes datagrams as they came. */
export interface DatagramOutput {
  /** UDP payload of a stream at `buf[off, off + len)`; valid until the outputs' `bufferEnd`. */
  datagram(stream: FlowAddress, buf: Uint8Array, off: number, len: number, timeNs: number): void;
}

/** What the pipeline does with what it finds. */
export interface PipelineOptions {
  readonly output: PacketOutput | null;
  readonly passIllegal: boolean;
  readonly dropNull: boolean;
  readonly reorderPackets: number;
  readonly reorderNs: number;
  readonly maxFlows: number;
  readonly clock: "arrival" | "pcr" | "none";
  /** What times count from; asked once packets have come. */
  readonly epoch: () => Epoch;
  readonly timestamps: TimestampQuality;
  /** How much of the conformance monitor's results reports show; null to count packets only. */
  readonly monitor: MonitorOptions | null;
  /** Names of the devices that batches are numbered by, where there are several. */
  readonly devices?: readonly string[];
  /** Device or file, for the stream id of a transport stream file. */
  readonly inputName: string;
  /** Whether a flow was asked for; the capture filter lets a little more pass. Asked once a flow. */
  readonly wanted: (source: string, destination: string, port: number) => boolean;
  /** Streams asked for that have not come; they are told of once they are late. */
  readonly unheard?: () => readonly WantedStream[];
  /** Takes each datagram of the streams as it came, before it is judged; for playing it out again. */
  readonly datagrams?: DatagramOutput;
  /** Session descriptions that the streams are compared with. */
  readonly sdp?: readonly SdpFile[];
  /** Measure ST 2110 video as EBU LIST does, too. */
  readonly listTiming?: boolean;
  /** Whether legs of ST 2022-7 are looked for and merged; off unless told. */
  readonly redundancy?: LegsMode;
  /** Whether the stream of that id was chosen to be passed on; all are unless told. */
  readonly chosen?: (id: string) => boolean;
  /** Class of ST 2022-7 that legs are held to; none unless told. */
  readonly redundancyClass?: SkewClass | null;
  /** Version of rscap, for the report. */
  readonly version: string;
  /** Packet time between two calls of `onWindow`, nanoseconds. */
  readonly windowNs: number;
  /** Called each time that `windowNs` of packet time have passed: the moment for a report. */
  readonly onWindow?: (nowNs: number) => void;
  /** The first index given to `PacketOutput.open`, when several pipelines in turn feed one output. */
  readonly firstStream: number;
}

/** What only the source can tell of itself. */
export interface InputFacts {
  readonly kind: Report["input"]["kind"];
  readonly name: string;
  readonly timestampSource: string;
  readonly epoch: Epoch;
  readonly stats: SourceStats;
}

/**
 * From frame batch to analysers: walks the headers of each frame, gives its datagram to its flow, and asks
 * the flows for their reports. Live capture, replay and tests all run through it; it does no I/O and reads
 * no clock.
 */
export class Pipeline {
  firstNs = Number.NaN;
  lastNs = Number.NaN;
  readonly #options: PipelineOptions;
  readonly #context: FlowContext;
  readonly #datagram = new Datagram();
  readonly #table: FlowTable;
  /** By index of the flow table; a restarted sender's two flows share one object; null: not asked for. */
  #flows: (Flow | null)[] = [];
  /** Each stream once, in the order of appearance. */
  #streams: Flow[] = [];
  readonly #ids = new Set<string>();
  #file: Flow | null = null;
  #outputStreams: number;
  /** PTP of all networks, once a message of it has come. */
  #ptp: PtpMonitor | null = null;
  /** Device that the batch in hand came from. */
  #device = 0;
  #nextWindowNs = Number.NaN;
  #forgotten = 0;
  #ended = false;
  readonly #sessions: SdpSessions | null;
  readonly #legs: LegPairs | null;
  readonly #leftOut = new LeftOut();

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#outputStreams = options.firstStream;
    this.#table = new FlowTable(options.maxFlows);
    this.#sessions = options.sdp?.length ? new SdpSessions(options.sdp) : null;
    const redundancy = options.redundancy ?? "off";
    const timestamps = options.timestamps;
    const sessions = this.#sessions;
    this.#legs =
      redundancy === "off"
        ? null
        : new LegPairs({
            mode: redundancy,
            timestamps,
            sessions,
            chosen: options.chosen ?? (() => true),
            expectedClass: options.redundancyClass ?? null,
          });
    this.#context = {
      legs: this.#legs,
      merged: null,
      output: options.output,
      passIllegal: options.passIllegal,
      dropNull: options.dropNull,
      reorderPackets: options.reorderPackets,
      reorderNs: options.reorderNs,
      reorderMemory: new ReorderMemory(),
      clock: options.clock,
      monitor: options.monitor,
      media: {
        epoch: options.epoch,
        timestamps: options.timestamps,
        memory: new ReorderMemory(MEDIA_MEMORY_OCTETS),
        listTiming: options.listTiming ?? false,
      },
      nextStream: () => this.#outputStreams++,
      release: () => options.output?.bufferEnd(),
    };
  }

  /** Takes the frames of one batch; its buffer may be reused once this returns. */
  batch(batch: FrameBatch): void {
    const { buf, count, offset, capturedLength, wireLength, timeNs, linkType, vlanTci, vlanTpid } = batch;
    const datagram = this.#datagram;
    this.#device = batch.device;
    for (let i = 0; i < count; i++) {
      const at = timeNs[i] as number;
      if (Number.isNaN(this.firstNs)) this.#start(at);
      // Written so that a time that goes backwards, or NaN, never moves the clock.
      if (at > this.lastNs) this.lastNs = at;
      if (at >= this.#nextWindowNs) this.#endWindow(at);
      const link = linkType[i] as number;
      if (link === LINKTYPE_TS) {
        this.#fileFlow().chunk(buf, offset[i] as number, capturedLength[i] as number, at);
        continue;
      }
      const status = parseFrame(
        buf,
        offset[i] as number,
        capturedLength[i] as number,
        wireLength[i] as number,
        link,
        vlanTci[i] as number,
        vlanTpid[i] as number,
        datagram,
      );
      if (status === STATUS.udp) this.#datagramOf(buf, datagram, at);
      else {
        this.#leftOut.notUdp(status, at);
        if (status === STATUS.notUdp && isRtspTcp(buf, datagram)) this.#leftOut.rtsp(at);
      }
    }
    for (const flow of this.#streams) flow.bufferEnd();
    this.#legs?.bufferEnd();
    this.#options.output?.bufferEnd();
  }

  /** The capture's time has come to `nowNs` without a packet: what was held back may be due. */
  idle(nowNs: number): void {
    for (const flow of this.#streams) flow.expire(nowNs);
    this.#legs?.expire(nowNs);
    if (Number.isNaN(this.#nextWindowNs)) this.#nextWindowNs = nowNs + this.#options.windowNs;
    if (nowNs >= this.#nextWindowNs) this.#endWindow(nowNs);
    this.#options.output?.bufferEnd();
  }

  /** The input starts again (a loop): what comes next does not follow what came before. */
  gap(): void {
    this.#ptp?.gap();
    for (const flow of this.#streams) flow.gap();
    this.#legs?.gap();
  }

  /** Index that the next stream would get; see `firstStream`. */
  get nextStream(): number {
    return this.#outputStreams;
  }

  /** The input is over: everything held back is judged and handed on. */
  end(): void {
    for (const flow of this.#streams) flow.end();
    this.#legs?.end();
    this.#ended = true;
    // Without a stream those asked for say more than that there is none.
    if (this.#streams.length === 0 && this.#unheard().length === 0) this.#leftOut.noStream(this.lastNs);
  }

  /**
   * The report at `nowNs`, the capture's time (NaN for an input without times). What is large (tables, series)
   * is only in a `final` one.
   */
  report(input: InputFacts, nowNs: number, final: boolean): Report {
    const { epoch, stats } = input;
    // A final report settles what was still held back: before the findings are taken.
    const streams = this.#streams.map((flow) => flow.report(epoch, nowNs, final));
    const findings = this.#leftOut.findings(epoch, stats, nowNs, this.lastNs);
    const late = this.#ended || nowNs - this.firstNs >= LATE_AFTER_NS;
    const unheard = this.#unheard();
    const silent = late ? silentSources(unheard) : null;
    if (silent) findings.unshift(silent);
    for (const flow of this.#streams) findings.push(...flow.findings(epoch, nowNs));
    findings.push(
      ...sharedDestinationFindings(this.#streams, epoch),
      ...(this.#ptp?.findings("ptp", epoch) ?? []),
    );
    findings.push(...(this.#legs?.findings(epoch, nowNs) ?? []));
    const ptp = this.#ptp?.report(epoch);
    const redundancy = this.#legs?.report(nowNs) ?? [];
    const across = flowsAcross(this.#streams, streams, this.#legs?.secondLegs() ?? new Set());
    findings.push(...ptpTimeFindings(streams, ptp, epoch));
    if (this.#sessions) {
      // Streams that were asked for and did not come are told of as such.
      findings.push(...this.#sessions.findings(late && unheard.length === 0));
      findings.push(...describedFindings(this.#streams, streams, ptp, this.#options.devices));
    }
    return {
      schema: REPORT_SCHEMA,
      rscap: this.#options.version,
      time: Number.isNaN(nowNs) ? null : formatTime(epoch, nowNs),
      input: {
        kind: input.kind,
        name: input.name,
        packets: stats.packets,
        bytes: stats.bytes,
        firstTime: Number.isNaN(this.firstNs) ? null : formatTime(epoch, this.firstNs),
        lastTime: Number.isNaN(this.lastNs) ? null : formatTime(epoch, this.lastNs),
        timestampSource: input.timestampSource,
        drops: this.#leftOut.report(stats),
        forgottenFlows: this.#forgotten,
      },
      ...(ptp === undefined ? {} : { ptp }),
      ...(this.#sessions === null ? {} : { sdp: this.#sessions.report() }),
      streams: [...streams, ...(this.#legs?.streams(epoch, nowNs, final) ?? [])],
      ...(redundancy.length === 0 ? {} : { redundancy }),
      ...(across.length === 0 ? {} : { across }),
      findings,
      summary: {
        errors: findings.filter((finding) => finding.severity === "error").length,
        warnings: findings.filter((finding) => finding.severity === "warning").length,
      },
    };
  }

  #start(at: number): void {
    this.firstNs = at;
    this.lastNs = at;
    this.#nextWindowNs = at + this.#options.windowNs;
  }

  #endWindow(nowNs: number): void {
    for (const flow of this.#streams) {
      flow.expire(nowNs);
      flow.endWindow(nowNs);
    }
    this.#legs?.expire(nowNs);
    this.#legs?.endWindow(nowNs);
    this.#ptp?.expire(nowNs);
    this.#nextWindowNs = nowNs + this.#options.windowNs;
    this.#options.onWindow?.(nowNs);
  }

  #datagramOf(buf: Uint8Array, datagram: Datagram, at: number): void {
    let index = this.#table.find(buf, datagram);
    if (index === TABLE_FULL && this.#forgetSilentFlows(at)) index = this.#table.find(buf, datagram);
    if (index === TABLE_FULL) {
      this.#leftOut.tableFull(at);
      return;
    }
    if (index >= this.#flows.length) this.#flows.push(this.#newFlow(buf, datagram, at));
    const flow = this.#flows[index];
    if (!flow) {
      this.#leftOut.notWanted();
      return;
    }
    const cut = datagram.payloadLength - datagram.capturedPayloadLength;
    if (cut > 0) this.#leftOut.cut();
    if (isPtpPort(datagram.destinationPort)) this.#ptpMessage(buf, datagram, at);
    this.#options.datagrams?.datagram(
      flow.address,
      buf,
      datagram.payloadOff,
      datagram.capturedPayloadLength,
      at,
    );
    flow.datagram(buf, datagram.payloadOff, datagram.capturedPayloadLength, cut, at);
  }

  #newFlow(buf: Uint8Array, datagram: Datagram, at: number): Flow | null {
    const { ipVersion, vlanCount, vlan0, vlan1 } = datagram;
    const sourceAddress = formatAddress(buf, datagram.sourceOff, ipVersion);
    const destinationAddress = formatAddress(buf, datagram.destinationOff, ipVersion);
    const { sourcePort, destinationPort } = datagram;
    if (!this.#options.wanted(sourceAddress, destinationAddress, destinationPort)) return null;
    const vlan = [vlan0, vlan1].slice(0, vlanCount);
    const restarted = this.#streams.find(
      ({ address, lastNs }) =>
        address.destinationAddress === destinationAddress &&
        address.destinationPort === destinationPort &&
        address.sourceAddress === sourceAddress &&
        address.vlan.join() === vlan.join() &&
        at - lastNs > RESTART_SILENCE_NS,
    );
    if (restarted) {
      restarted.senderRestarted(at);
      return restarted;
    }
    const id = streamId(
      { address: destinationAddress, port: destinationPort },
      { address: sourceAddress, port: sourcePort },
      vlan,
      (candidate) => this.#ids.has(candidate),
    );
    const said = this.#sessions?.match(id, sourceAddress, destinationAddress, destinationPort) ?? null;
    const address = { id, sourceAddress, sourcePort, destinationAddress, destinationPort, vlan };
    return this.#add(new Flow(address, this.#context, said));
  }

  #fileFlow(): Flow {
    if (!this.#file) {
      const id = fileStreamId(this.#options.inputName);
      const nowhere = { sourceAddress: "", sourcePort: 0, destinationAddress: "", destinationPort: 0 };
      this.#file = this.#add(new Flow({ id, ...nowhere, vlan: [] }, this.#context));
    }
    return this.#file;
  }

  #add(flow: Flow): Flow {
    this.#ids.add(flow.address.id);
    this.#streams.push(flow);
    return flow;
  }

  /** Makes room in a full table; false when every flow is in use. */
  #forgetSilentFlows(at: number): boolean {
    const silent = (flow: Flow | null | undefined): boolean =>
      !flow || at - (this.#legs?.lastNs(flow) ?? flow.lastNs) > FORGET_AFTER_NS;
    const gone = this.#streams.filter(silent);
    if (gone.length === 0 && !this.#flows.includes(null)) return false;
    for (const flow of gone) {
      flow.end();
      this.#legs?.forget(flow);
      this.#ids.delete(flow.address.id);
    }
    this.#forgotten += gone.length;
    this.#table.compact((index) => !silent(this.#flows[index]));
    this.#flows = this.#flows.filter((flow) => !silent(flow));
    this.#streams = this.#streams.filter((flow) => !silent(flow));
    return true;
  }

  #ptpMessage(buf: Uint8Array, datagram: Datagram, at: number): void {
    const { kind, resolutionNs } = this.#options.timestamps;
    this.#ptp ??= new PtpMonitor({
      timestampSource: kind,
      timestampResolutionNs: resolutionNs,
      networkName: (network) => ptpNetworkName(network, this.#options.devices),
    });
    const { payloadOff, capturedPayloadLength, payloadLength, destinationPort } = datagram;
    const epoch = this.#options.epoch();
    this.#ptp.datagram(
      buf,
      payloadOff,
      capturedPayloadLength,
      payloadLength,
      destinationPort,
      at,
      epoch,
      ptpNetwork(datagram, this.#device),
      ptpAddress(buf, datagram),
    );
  }

  #unheard(): readonly WantedStream[] {
    return this.#options.unheard?.() ?? [];
  }
}
