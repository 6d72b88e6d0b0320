import type {
  GrandmasterReport,
  PtpDomainReport,
  PtpMasterReport,
  PtpReport,
  PtpRequesterReport,
} from "../report/ptp-schema.ts";
import { clip, printable, type TextStyle } from "./layout.ts";
import { nsRangeText, nsText } from "./range.ts";
import { labelled } from "./text-input.ts";
import { formatCount, formatFigure, formatNumber, formatReportTime, formatSeconds } from "./units.ts";

/** Where a grandmaster has its time from (IEEE 1588-2008 table 7). */
const TIME_SOURCES: Readonly<Record<number, string>> = {
  16: "atomic clock",
  32: "GPS",
  48: "terrestrial radio",
  64: "PTP",
  80: "NTP",
  96: "set by hand",
  144: "another source",
  160: "internal oscillator",
};

function hex(octet: number): string {
  return `0x${octet.toString(16).toUpperCase().padStart(2, "0")}`;
}

/** What a grandmaster says of itself. */
export function grandmasterText(master: GrandmasterReport): string {
  const { utcOffsetSeconds, timeSource } = master;
  return [
    master.identity,
    `class ${master.clockClass}`,
    `accuracy ${hex(master.clockAccuracy)}`,
    `priorities ${master.priority1} and ${master.priority2}`,
    TIME_SOURCES[timeSource] ?? `time source ${hex(timeSource)}`,
    `${formatNumber(master.stepsRemoved, "step")} away`,
    master.ptpTimescale ? "TAI" : "arbitrary time",
    ...(master.timeTraceable ? ["traceable"] : ["not traceable"]),
    ...(utcOffsetSeconds === null ? [] : [`UTC ${utcOffsetSeconds} s behind`]),
  ].join(", ");
}

/** Interval of messages by what they say of it: `every 125 ms`. */
function intervalText(log: number | null): string {
  return log === null || log === 127 ? "" : ` every ${formatSeconds(2 ** log)}`;
}

/** Sync and Announce of one port. */
export function masterText(master: PtpMasterReport): string {
  const { announces, syncs } = master;
  const announced =
    announces === 0
      ? "no Announce"
      : `${formatCount(announces)} Announce${intervalText(master.announceLogInterval)}, ${formatCount(master.announcesLost)} lost, ${formatNumber(master.announceTimeouts, "timeout")}`;
  const synced = `${formatCount(syncs)} Sync${intervalText(master.syncLogInterval)}, ${formatCount(master.syncsLost)} lost, ${master.twoStep ? `two-step, ${formatCount(master.followUpsMissing)} without Follow_Up` : "one-step"}`;
  return `${master.identity} port ${master.port}: ${announced}; ${synced}`;
}

/** What a clock's own requests show. */
export function requesterText(requester: PtpRequesterReport): string {
  const { requests, responses, pathDelayNs } = requester;
  const delay = pathDelayNs === null ? "" : `, path delay ${nsText(pathDelayNs)}`;
  return `${requester.identity} port ${requester.port}: ${formatNumber(requests, "delay request")}, ${formatNumber(responses, "response")}${delay}`;
}

/** Capture clock against PTP, and what that means. */
export function offsetText(domain: PtpDomainReport): string {
  const { offsetNs, timescale, remainderNs } = domain;
  if (offsetNs === null) return "not measured";
  const rest =
    remainderNs === null || remainderNs === offsetNs
      ? ""
      : `, ${nsText(remainderNs)} without the whole seconds`;
  const means = timescale === "unknown" ? "" : `: ${timescale}`;
  return `${nsText(offsetNs)}${means}${rest}`;
}

/** How many messages of each kind. */
export function messagesText(domain: PtpDomainReport): string {
  return Object.entries(domain.messages)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${formatCount(count)}`)
    .join(", ");
}

/** Where the times of PTP come from. */
export function ptpTimesText(ptp: PtpReport): string {
  return `${ptp.timestampSource} timestamps of ${formatFigure(ptp.timestampResolutionNs)} ns`;
}

/** Offset of the capture clock by the first domain of each network, with its name where there are several. */
export function ptpOffsets(ptp: PtpReport | undefined): string[] {
  const seen = new Set<string>();
  return (ptp?.domains ?? []).flatMap(({ network = "", remainderNs }) => {
    if (seen.has(network)) return [];
    seen.add(network);
    const name = network === "" ? "PTP" : `PTP ${printable(network)}:`;
    return remainderNs === null ? [] : [`${name} ${nsText(remainderNs)}`];
  });
}

/** `PTP domain 127`, with its network where there are several. */
export function domainTitle({ domain, network }: PtpDomainReport): string {
  return printable(`PTP domain ${domain}${network === undefined ? "" : `, ${network}`}`);
}

function domainLines(domain: PtpDomainReport, ptp: PtpReport, columns: number, style: TextStyle): string[] {
  const lines = [style.bold(domainTitle(domain))];
  const add = (label: string, text: string, bad = false): void => {
    const own = labelled(label, printable(text), columns, 2).map((line) => clip(line, columns));
    lines.push(...(bad ? own.map(style.red) : own));
  };
  add("Messages", messagesText(domain));
  const best = domain.masters.find(({ grandmaster }) => grandmaster?.identity === domain.grandmaster);
  add(
    "Grandmaster",
    best?.grandmaster == null ? (domain.grandmaster ?? "none announced") : grandmasterText(best.grandmaster),
  );
  for (const { time, from, to } of domain.grandmasterChanges) {
    add("", `${formatReportTime(time)} from ${from} to ${to}`, true);
  }
  for (const master of domain.masters) {
    const { announcesLost, syncsLost, announceTimeouts, followUpsMissing } = master;
    add("Master", masterText(master), announcesLost + syncsLost + announceTimeouts + followUpsMissing > 0);
    if (master.arrivalVariationNs.count > 1)
      add("", `arrival varies by ${nsRangeText(master.arrivalVariationNs)}`);
  }
  for (const requester of domain.requesters) add("Clock", requesterText(requester));
  add("Delay", domain.delayMechanism);
  add("Capture", `${offsetText(domain)}, by ${ptpTimesText(ptp)}`);
  const { messages, frameRate, dropFrame } = domain.synchronizationMetadata;
  if (messages > 0) {
    const drop = dropFrame === null ? "" : dropFrame ? ", drop-frame" : ", not drop-frame";
    add("ST 2059-2", `${formatNumber(messages, "message")}, ${frameRate ?? "unknown"} frames/s${drop}`);
  }
  return lines;
}

/** A section on each PTP domain. */
export function ptpLines(ptp: PtpReport, columns: number, style: TextStyle): string[] {
  return ptp.domains.flatMap((domain) => ["", ...domainLines(domain, ptp, columns, style)]);
}
