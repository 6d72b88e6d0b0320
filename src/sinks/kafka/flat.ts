import type { FlatPid, FlatReport, FlatStream, FlatSystem, FlatTransport } from "./flat-input.ts";

/** Bits of a TS packet of 188 octets. */
const TS_PACKET_BITS = 1504;

/** The earlier rscap's PMT PID of a PID that no PMT names. */
const NO_PMT_PID = 65_535;

const KIBIOCTET = 1024;

/** A flat message: names and plain values, in the order of the names. */
export type FlatMessage = Readonly<Record<string, string | number>>;

/** Counters of a stream at the message before. */
interface Before {
  readonly continuityErrors: number;
  readonly pids: ReadonlyMap<number, { readonly packets: number; readonly errors: number }>;
}

/** A picture for the next message of its stream. */
export interface FlatImage {
  readonly base64: string;
}

/** Streams whose counters are remembered; a client takes no more from all probes together. */
const MOST_STREAMS = 1024;

/**
 * Makes the earlier rscap's Kafka message of each transport stream in a report: one object, `streams.<pid>.<field>`
 * for each PID. docs/kafka-flat.md says where each value comes from, and which ones have no source here.
 */
export class FlatMessages {
  readonly #before = new Map<string, Before>();

  /** The message of `stream`; null where it is no transport stream. `nowMs` stands in for times that are unknown. */
  message(
    probe: string,
    report: FlatReport,
    stream: FlatStream,
    image: FlatImage | null,
    nowMs: number,
  ): FlatMessage | null {
    const { mpegts } = stream;
    if (mpegts === undefined) return null;
    const key = `${probe}\n${stream.id}`;
    const before = this.#before.get(key);
    const reportMs = unixMs(report.time, nowMs);
    const errors = mpegts.continuity.errors;
    const message: Record<string, string | number> = {
      base64_image: image?.base64 ?? "",
      image_pts: 0,
      bitrate_avg_global: whole(mpegts.rates?.total?.mean ?? stream.bitrate),
      cc_errors_global: errors,
      current_cc_errors_global: Math.max(0, errors - (before?.continuityErrors ?? 0)),
      iat_avg_global: (stream.network?.interArrivalUs?.mean ?? 0) / 1000,
      ...destination(stream),
      timestamp: reportMs,
    };
    const host = hostFields(report.system);
    const common = { ...host, ...streamFields(stream, reportMs), ...destination(stream) };
    const pictured = image === null ? null : picturedPid(mpegts);
    const pids = new Map<number, { packets: number; errors: number }>();
    for (const pid of mpegts.pids) {
      pids.set(pid.pid, { packets: pid.packets, errors: pid.continuityErrors });
      const own = pidFields(pid, mpegts, before?.pids.get(pid.pid), stream);
      const fields = { ...common, ...own, has_image: pid.pid === pictured ? 1 : 0 };
      for (const [name, value] of Object.entries(fields)) message[`streams.${pid.pid}.${name}`] = value;
    }
    if (this.#before.size >= MOST_STREAMS && !this.#before.has(key)) this.#before.clear();
    this.#before.set(key, { continuityErrors: errors, pids });
    return Object.fromEntries(Object.entries(message).sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** Of the machine that the probe runs on; nothing known is empty and 0. */
function hostFields(system: FlatSystem | undefined): Record<string, string | number> {
  const { host, cpu, memory, load } = system ?? {};
  return {
    boot_time: Math.floor(unixMs(host?.bootTime, 0) / 1000),
    core_count: host?.cores ?? 0,
    cpu_count: host?.cores ?? 0,
    cpu_usage: cpu?.busyPercent ?? 0,
    host_name: host?.name ?? "",
    kernel_version: host?.kernel ?? "",
    load_avg_one: load?.one ?? 0,
    load_avg_five: load?.five ?? 0,
    load_avg_fifteen: load?.fifteen ?? 0,
    os_version: host?.os ?? "",
    total_memory: Math.floor((memory?.totalBytes ?? 0) / KIBIOCTET),
    total_swap: Math.floor((memory?.swapTotalBytes ?? 0) / KIBIOCTET),
    used_memory: Math.floor((memory?.usedBytes ?? 0) / KIBIOCTET),
    used_swap: Math.floor((memory?.swapUsedBytes ?? 0) / KIBIOCTET),
  };
}

/** The same for all PIDs of a stream; what is of ST 2110 there has no meaning for TS. */
function streamFields(stream: FlatStream, reportMs: number): Record<string, string | number> {
  const lastMs = unixMs(stream.lastTime, reportMs);
  return {
    capture_iat: (stream.network?.interArrivalUs?.mean ?? 0) / 1000,
    capture_time: lastMs,
    continuity_counter: 0,
    last_arrival_time: lastMs,
    last_sample_time: reportMs,
    packet_len: 0,
    packet_start: 0,
    rtp_extended_sequence_number: 0,
    rtp_field_id: 0,
    rtp_line_continuation: 0,
    rtp_line_length: 0,
    rtp_line_number: 0,
    rtp_line_offset: 0,
    rtp_payload_type: stream.rtp?.payloadType ?? 0,
    rtp_payload_type_name: stream.rtp?.payloadType === 33 ? "MP2T" : "",
    rtp_timestamp: 0,
    start_time: unixMs(stream.firstTime, reportMs),
    timestamp: 0,
  };
}

function pidFields(
  pid: FlatPid,
  mpegts: FlatTransport,
  before: { readonly packets: number; readonly errors: number } | undefined,
  stream: FlatStream,
): Record<string, string | number> {
  const service = mpegts.services?.find(
    ({ program, pmtPid, components }) =>
      pid.services?.includes(program) === true ||
      pmtPid === pid.pid ||
      components.some((component) => component.pid === pid.pid),
  );
  const component = service?.components.find((each) => each.pid === pid.pid);
  const mean = pid.rate?.mean ?? pid.bitrate;
  const current = pid.rate?.current ?? mean;
  const seconds = (unixMs(stream.lastTime, 0) - unixMs(stream.firstTime, 0)) / 1000;
  return {
    bitrate: whole(current),
    bitrate_avg: whole(mean),
    bitrate_max: whole(pid.rate?.max ?? mean),
    bitrate_min: whole(pid.rate?.min ?? mean),
    count: pid.packets,
    current_error_count: Math.max(0, pid.continuityErrors - (before?.errors ?? 0)),
    error_count: pid.continuityErrors,
    iat: spacingMs(current),
    iat_avg: pid.packets > 1 && seconds > 0 ? (seconds * 1000) / pid.packets : 0,
    iat_max: 0,
    iat_min: 0,
    packet_count: pid.packets,
    pid: pid.pid,
    pmt_pid: service?.pmtPid ?? NO_PMT_PID,
    program_number: service?.program ?? 0,
    stream_type: pid.codec ?? "unknown",
    stream_type_number: component?.streamType ?? 0,
    total_bits: pid.packets * TS_PACKET_BITS,
    total_bits_sample: Math.max(0, pid.packets - (before?.packets ?? 0)) * TS_PACKET_BITS,
  };
}

/** Mean time between the packets of a PID at this bit rate, milliseconds. */
function spacingMs(bitsPerSecond: number | null | undefined): number {
  const rate = bitsPerSecond ?? 0;
  return rate >= 1 ? (TS_PACKET_BITS * 1000) / rate : 0;
}

/** The captured group and port: there, as in SOURCE_IP, the address that packets go to is called the source. */
function destination({ destination: text }: FlatStream): { source_ip: string; source_port: number } {
  const parts = /^\[?(.*?)\]?:(\d+)$/.exec(text ?? "");
  return { source_ip: parts?.[1] ?? "", source_port: Number(parts?.[2] ?? 0) };
}

/** The PID that a picture is of: the first with video. */
function picturedPid(mpegts: FlatTransport): number | null {
  return mpegts.pids.find(({ kind }) => kind === "video")?.pid ?? null;
}

function whole(value: number | null | undefined): number {
  return Math.round(value ?? 0);
}

/** Milliseconds of Unix time; `otherwise` where the text is none, e.g. time from the start of a file. */
function unixMs(text: string | null | undefined, otherwise: number): number {
  const ms = text === null || text === undefined || text.startsWith("+") ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? otherwise : ms;
}
