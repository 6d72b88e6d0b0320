import type { MpegtsReport, PidReport, Report, RtpReport, StreamReport } from "../report/schema.ts";
import { printable, type TextStyle } from "./layout.ts";
import { illegalCount, kindName, streamState } from "./stream-facts.ts";
import { type Column, table } from "./table.ts";
import { labelled, periodText } from "./text-input.ts";
import { monitorLines } from "./text-monitor.ts";
import { st2110Lines } from "./text-st2110.ts";
import { formatBitrate, formatCount, formatNumber, formatOctets } from "./units.ts";

/** The reasons of illegality, as the report names them. */
const ILLEGAL_TEXT: readonly (readonly [keyof MpegtsReport["illegal"], string])[] = [
  ["syncByte", "sync byte not 0x47"],
  ["transportError", "transport_error_indicator"],
  ["reservedAdaptation", "reserved adaptation_field_control"],
  ["adaptationLength", "adaptation_field_length out of bounds"],
];

const PID_COLUMNS: readonly Column[] = [
  { title: "PID", align: "right" },
  { title: "hex", align: "right" },
  { title: "packets", align: "right" },
  { title: "bit rate", align: "right" },
  { title: "errors", align: "right" },
  { title: "missing", align: "right" },
  { title: "dupl.", align: "right" },
  { title: "scr.", align: "right" },
  { title: "PCRs", align: "right" },
];

function rtpText(rtp: RtpReport): string {
  const parts = [
    `payload type ${rtp.payloadType}`,
    `SSRC 0x${rtp.ssrc.toString(16).padStart(8, "0")}`,
    formatNumber(rtp.packets, "packet"),
    `${formatCount(rtp.lost)} lost`,
    `${formatCount(rtp.reordered)} reordered`,
    `${formatCount(rtp.duplicates)} duplicate`,
    `${formatCount(rtp.late)} late`,
  ];
  if (rtp.invalid > 0) parts.push(`${formatCount(rtp.invalid)} not RTP`);
  if (rtp.restarts > 0) parts.push(formatNumber(rtp.restarts, "restart"));
  return parts.join(", ");
}

function tsText(mpegts: MpegtsReport): string {
  const parts = [
    `${formatNumber(mpegts.packets, "packet")} of ${mpegts.packetLength} octets`,
    `${formatCount(mpegts.passed)} passed on`,
    `${formatCount(mpegts.nullPackets)} null`,
  ];
  if (mpegts.nullDropped > 0) parts.push(`${formatCount(mpegts.nullDropped)} null not passed on`);
  if (mpegts.syncLosses > 0) parts.push(formatNumber(mpegts.syncLosses, "sync loss", "sync losses"));
  if (mpegts.skippedBytes > 0) parts.push(`${formatNumber(mpegts.skippedBytes, "octet")} passed over`);
  return parts.join(", ");
}

function illegalText(stream: StreamReport, mpegts: MpegtsReport): string {
  const reasons = ILLEGAL_TEXT.filter(([key]) => mpegts.illegal[key] > 0).map(
    ([key, words]) => `${words} (${formatCount(mpegts.illegal[key])})`,
  );
  return reasons.length === 0 ? "none" : `${formatCount(illegalCount(stream) ?? 0)}: ${reasons.join(", ")}`;
}

function continuityText(mpegts: MpegtsReport): string {
  const { errors, missing, duplicates, discontinuities } = mpegts.continuity;
  const parts = [
    formatNumber(errors, "error"),
    `${formatNumber(missing, "packet")} missing`,
    formatNumber(duplicates, "duplicate"),
  ];
  if (discontinuities > 0) parts.push(`${formatCount(discontinuities)} announced`);
  return parts.join(", ");
}

/** What stands in place of the hexadecimal PID at the end of the line, once the tables have said it. */
const CARRIES: Column = { title: "carries", align: "left" };

function carriesText(pid: PidReport): string {
  const what = printable(pid.codec ?? pid.kind ?? "");
  return pid.stopped === true ? `${what} (stopped)` : what;
}

function pidLines(mpegts: MpegtsReport, columns: number, style: TextStyle): string[] {
  const known = mpegts.pids.some((pid) => pid.kind !== undefined);
  const heads = known ? [...PID_COLUMNS.filter(({ title }) => title !== "hex"), CARRIES] : PID_COLUMNS;
  const rows = mpegts.pids.map((pid) => [
    String(pid.pid),
    ...(known ? [] : [`0x${pid.pid.toString(16).padStart(4, "0")}`]),
    formatCount(pid.packets),
    formatBitrate(pid.bitrate),
    formatCount(pid.continuityErrors),
    formatCount(pid.missing),
    formatCount(pid.duplicates),
    formatCount(pid.scrambled),
    formatCount(pid.pcrs),
    ...(known ? [carriesText(pid)] : []),
  ]);
  const lines = table(heads, rows, columns - 2).map((line) => `  ${line}`);
  return lines.map((line, i) => {
    if (i === 0) return style.dim(line);
    return (mpegts.pids[i - 1]?.continuityErrors ?? 0) > 0 ? style.red(line) : line;
  });
}

/** The section on one stream, its PIDs at the end. */
export function streamLines(
  report: Report,
  stream: StreamReport,
  columns: number,
  style: TextStyle,
): string[] {
  const vlan = stream.vlan.length === 0 ? "" : `, VLAN ${stream.vlan.join(" in ")}`;
  const stopped = streamState(report, stream) === "stopped" ? ", stopped before the end" : "";
  const lines = [`${style.bold(`Stream ${printable(stream.id)}`)}  ${kindName(stream)}${vlan}${stopped}`];
  const add = (label: string, value: string): void => {
    lines.push(...labelled(label, value, columns, 2));
  };
  if (stream.source !== null || stream.destination !== null) {
    add("Flow", `${stream.source ?? "?"} to ${stream.destination ?? "?"}`);
  }
  const restarts =
    stream.senderRestarts === 0 ? "" : `, ${formatNumber(stream.senderRestarts, "sender restart")}`;
  const rate = `${formatOctets(stream.bytes)}, ${formatBitrate(stream.bitrate)}${restarts}`;
  if (stream.transport === "file") add("Octets", rate);
  else add("Datagrams", `${formatCount(stream.packets)}, ${rate}`);
  add("From", periodText(stream.firstTime, stream.lastTime));
  if (stream.rtp !== undefined) add("RTP", rtpText(stream.rtp));
  if (stream.st2110 !== undefined) lines.push(...st2110Lines(stream.st2110, columns, style));
  if (stream.mpegts !== undefined) {
    add("TS", tsText(stream.mpegts));
    add("Illegal", illegalText(stream, stream.mpegts));
    add("Continuity", continuityText(stream.mpegts));
    lines.push(...monitorLines(stream, stream.mpegts, columns, style));
    if (stream.mpegts.pids.length > 0) lines.push("", ...pidLines(stream.mpegts, columns, style));
  }
  return lines;
}
