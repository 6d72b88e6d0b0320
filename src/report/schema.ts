import { z } from "zod";
import { hlsSchema } from "./hls-schema.ts";
import {
  bufferSchema,
  indicatorSchema,
  monitorSchema,
  networkSchema,
  pcrSchema,
  ptsSchema,
  rateSchema,
  ratesSchema,
  serviceSchema,
  tableSchema,
} from "./mpegts-schema.ts";
import { ptpSchema } from "./ptp-schema.ts";
import { sdpSchema } from "./sdp-schema.ts";
import { acrossSchema } from "./st2110-across-schema.ts";
import { redundantPairSchema } from "./st2110-redundancy-schema.ts";
import { st2110Schema } from "./st2110-schema.ts";
import { systemSchema } from "./system-schema.ts";

/** Version of the report; a reader checks it before anything else. */
export const REPORT_SCHEMA = "rscap.report/1";

const count = z.int().nonnegative();
const time = z
  .string()
  .nullable()
  .describe(
    "RFC 3339 in UTC with nanoseconds; seconds from the start as +S.nnnnnnnnns where the input has no wall clock; null without times",
  );

/** What was lost before the analysers saw it, by place. */
export const dropsSchema = z.strictObject({
  kernel: count.describe("frames the kernel dropped because the ring or buffer was full"),
  ringFreezes: count.describe("times the ring stood still because every block was in use"),
  interface: count.describe("frames the network interface dropped, where the system tells"),
  snapped: count.describe("frames cut by the snap length before the end of their payload"),
  fragments: count.describe("IP fragments, which are not reassembled"),
  unreadable: count.describe("frames or records that could not be decoded, e.g. an unknown link type"),
  filtered: count.describe("frames the filter rejected in our process"),
  otherTraffic: count.describe("frames that are not UDP, or UDP of a flow that was not asked for"),
  flowTableFull: count.describe("UDP datagrams without a place in the flow table"),
});

/** The kernel's packet ring, at the moment of the report. */
export const ringSchema = z.strictObject({
  blocks: count.describe("all that there are"),
  waiting: count.describe("filled by the kernel and not yet worked off"),
  mostWaiting: count.describe("the most of all reports so far"),
});

/** The capture itself. */
export const inputSchema = z.strictObject({
  kind: z.enum(["ring", "libpcap", "pcap", "pcapng", "ts", "generator", "hls"]),
  name: z.string(),
  packets: count.describe("frames captured"),
  bytes: count.describe("octets of those frames on the wire"),
  firstTime: time,
  lastTime: time,
  timestampSource: z.string().describe("where the times come from, with their resolution"),
  drops: dropsSchema,
  ring: ringSchema.optional().describe("how full the packet ring is"),
  forgottenFlows: count.describe("silent flows taken out of the full flow table"),
});

/** RTP as received, before and after the reorder window. */
export const rtpSchema = z.strictObject({
  payloadType: z.int().min(0).max(127),
  ssrc: z.int().nonnegative(),
  packets: count,
  lost: count.describe("sequence numbers that never came within the reorder window"),
  reordered: count.describe("packets that came late but within the window and were put back in order"),
  duplicates: count.describe("packets seen twice; the second was dropped"),
  late: count.describe(
    "packets that came after the window had moved past them; dropped, counted in lost too",
  ),
  invalid: count.describe("datagrams on the flow that are not RTP"),
  restarts: count.describe("sequence jumps too far to be loss: the sender started again"),
});

/** One PID. */
export const pidSchema = z.strictObject({
  pid: z.int().min(0).max(8191),
  packets: count,
  bitrate: z
    .number()
    .nonnegative()
    .nullable()
    .describe("bits per second, mean over the stream; null without times"),
  continuityErrors: count,
  missing: count.describe("packets missing by the continuity counter, modulo 16"),
  duplicates: count,
  scrambled: count,
  pcrs: count,
  kind: z
    .enum(["psi", "si", "video", "audio", "subtitle", "data", "ca", "pcr", "null", "other", "unreferenced"])
    .optional()
    .describe("by the tables; absent until they say"),
  codec: z.string().nullable().optional(),
  services: z.array(z.int().min(0).max(65535)).optional().describe("program numbers that it belongs to"),
  rate: rateSchema.optional(),
  stopped: z.boolean().optional().describe("seen before, but not for the user period"),
});

/** MPEG transport stream. */
export const mpegtsSchema = z.strictObject({
  packets: count.describe("TS packets that were looked at: legal and illegal"),
  packetLength: z.union([z.literal(188), z.literal(192), z.literal(204)]),
  illegal: z.strictObject({
    syncByte: count.describe("sync byte is not 0x47"),
    transportError: count.describe("transport_error_indicator is 1"),
    reservedAdaptation: count.describe("adaptation_field_control is 00, reserved"),
    adaptationLength: count.describe("adaptation_field_length out of bounds"),
  }),
  syncLosses: count,
  skippedBytes: count.describe("octets passed over while looking for packets"),
  nullPackets: count,
  nullDropped: count.describe("null packets not passed on because of --drop-null"),
  passed: count.describe("packets passed on"),
  bitrateSource: z.enum(["arrival", "pcr"]).nullable().describe("what the bit rates are measured by"),
  continuity: z.strictObject({
    errors: count,
    missing: count,
    duplicates: count,
    discontinuities: count.describe("signalled by discontinuity_indicator"),
  }),
  pids: z.array(pidSchema).describe("ascending"),
  tr101290: z.array(indicatorSchema).optional().describe("every row of the table, in its order"),
  services: z.array(serviceSchema).optional(),
  rates: ratesSchema.optional(),
  pcr: z.array(pcrSchema).optional(),
  pts: z.array(ptsSchema).optional(),
  buffers: z.array(bufferSchema).optional(),
  tables: z.array(tableSchema).optional().describe("only where they were asked for"),
  monitor: monitorSchema.optional(),
});

/** One stream: a flow and what it carries. */
export const streamSchema = z.strictObject({
  id: z.string(),
  kind: z.enum(["mpegts", "rtp", "other"]),
  transport: z.enum(["udp", "rtp", "file"]),
  source: z.string().nullable().describe("address and port of the sender"),
  destination: z.string().nullable(),
  vlan: z.array(z.int().min(0).max(4095)).describe("VLAN ids, outer first"),
  packets: count.describe("datagrams"),
  bytes: count.describe("octets of their UDP payload"),
  bitrate: z
    .number()
    .nonnegative()
    .nullable()
    .describe("bits per second of UDP payload, mean; null without times"),
  recentBitrate: z
    .number()
    .nonnegative()
    .nullable()
    .describe("bits per second over the last second; zero when the stream has stopped"),
  active: z.boolean().describe("a datagram came within the last two seconds of the capture's time"),
  senderRestarts: count.describe("times the same sender came back from another port"),
  firstTime: time,
  lastTime: time,
  network: networkSchema.optional(),
  rtp: rtpSchema.optional(),
  mpegts: mpegtsSchema.optional(),
  st2110: st2110Schema.optional(),
});

/** One rule broken on one stream. */
export const findingSchema = z.strictObject({
  code: z.string(),
  clause: z.string(),
  severity: z.enum(["error", "warning", "info"]),
  stream: z.string(),
  pid: z.int().min(0).max(8191).optional().describe("where each PID has a finding of its own"),
  lastPid: z
    .int()
    .min(0)
    .max(8191)
    .optional()
    .describe("of the last one, where all PIDs are counted together"),
  count: count,
  first: time,
  last: time,
  text: z.string(),
});

const publishedSpoolSchema = z.strictObject({
  messages: count.describe("on disk now"),
  bytes: count.describe("on disk now"),
  limitBytes: count,
  resent: count.describe("messages sent once more after a connection broke"),
  damaged: count.describe("messages found damaged on disk and left out"),
});

/** What left over ZeroMQ. */
export const publishedSchema = z.strictObject({
  endpoint: z.string(),
  transport: z.enum(["pub", "push", "share"]),
  messages: count.describe("handed to ZeroMQ; with a spool those that the client has"),
  bytes: count.describe("payload octets"),
  packets: count.describe("datagrams"),
  subscribers: count.describe("connected now"),
  queued: count.describe(
    "messages held back now (push, share); with a spool those that the client does not have yet",
  ),
  queueLimit: count,
  heldBackMs: z
    .number()
    .nonnegative()
    .describe("time the pipeline has stood still for a full queue (push, share)"),
  dropped: count.describe("messages dropped because the queue stayed full at the end, or the spool was full"),
  failedConnections: count.optional().describe("connections that were refused or failed in their handshake"),
  spool: publishedSpoolSchema.optional(),
});

/** The whole report. */
export const reportSchema = z.strictObject({
  schema: z.literal(REPORT_SCHEMA),
  rscap: z.string().describe("version of rscap"),
  time: time.describe("packet time of this report"),
  input: inputSchema,
  hls: hlsSchema.optional().describe("the playlist, where the input is one"),
  ptp: ptpSchema.optional().describe("PTP messages seen on the network, all domains"),
  sdp: z.array(sdpSchema).optional().describe("session descriptions that were given, in their order"),
  streams: z.array(streamSchema),
  redundancy: z.array(redundantPairSchema).optional().describe("pairs of streams by ST 2022-7"),
  across: z.array(acrossSchema).optional().describe("video against audio and ancillary streams of ST 2110"),
  published: publishedSchema.optional(),
  system: systemSchema.optional().describe("the machine that captures; of live runs only"),
  findings: z.array(findingSchema),
  summary: z.strictObject({ errors: count, warnings: count }).describe("number of findings by severity"),
});

/** See `dropsSchema`. */
export type Drops = z.infer<typeof dropsSchema>;
/** See `inputSchema`. */
export type InputReport = z.infer<typeof inputSchema>;
/** See `ringSchema`. */
export type RingReport = z.infer<typeof ringSchema>;
/** See `rtpSchema`. */
export type RtpReport = z.infer<typeof rtpSchema>;
/** See `pidSchema`. */
export type PidReport = z.infer<typeof pidSchema>;
/** See `mpegtsSchema`. */
export type MpegtsReport = z.infer<typeof mpegtsSchema>;
/** See `streamSchema`. */
export type StreamReport = z.infer<typeof streamSchema>;
/** See `publishedSchema`. */
export type PublishedReport = z.infer<typeof publishedSchema>;
/** See `reportSchema`. */
export type Report = z.infer<typeof reportSchema>;
