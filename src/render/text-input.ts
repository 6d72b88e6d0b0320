import type { Drops, PublishedReport, Report } from "../report/schema.ts";
import { printable, type TextStyle, wrap } from "./layout.ts";
import {
  formatCount,
  formatNumber,
  formatOctets,
  formatReportTime,
  formatSeconds,
  secondsBetween,
} from "./units.ts";

/** Column where the value of a labelled line begins. */
const LABEL_COLUMNS = 12;

/** `Label     value`, the value wrapped under itself. */
export function labelled(label: string, value: string, columns: number, indent = 0): string[] {
  const start = " ".repeat(indent) + label.padEnd(LABEL_COLUMNS);
  const lines = wrap(value, columns - start.length);
  return lines.map((line, i) => (i === 0 ? start : " ".repeat(start.length)) + line);
}

/** What each kind of drop is called, one and many, in the order of the way through the machine. */
const DROP_TEXT: readonly (readonly [keyof Drops, string, string])[] = [
  ["interface", "dropped by the network device", "dropped by the network device"],
  ["kernel", "dropped by the kernel", "dropped by the kernel"],
  ["ringFreezes", "standstill of the ring", "standstills of the ring"],
  ["snapped", "cut by the snap length", "cut by the snap length"],
  ["fragments", "IP fragment", "IP fragments"],
  ["unreadable", "unreadable", "unreadable"],
  ["filtered", "rejected by the filter", "rejected by the filter"],
  ["otherTraffic", "of other traffic", "of other traffic"],
  ["flowTableFull", "without a place in the flow table", "without a place in the flow table"],
];

/** What did not reach the analysers, in words; empty when nothing is missing. */
export function dropsText(drops: Drops): string {
  return DROP_TEXT.filter(([key]) => drops[key] > 0)
    .map(([key, one, many]) => formatNumber(drops[key], one, many))
    .join(", ");
}

/** From when to when, and how long; `no times` where the input has none. */
export function periodText(first: string | null, last: string | null): string {
  if (first === null || last === null) return "no times";
  const seconds = secondsBetween(first, last);
  const start = formatReportTime(first);
  return seconds === null ? start : `${start}, for ${formatSeconds(seconds)}`;
}

/** Whether an input of this kind has no frames: those it is read in mean nothing to its owner. */
export function isOctets(kind: Report["input"]["kind"]): boolean {
  return kind === "ts" || kind === "hls";
}

/** How much was taken in, in one word and a figure: `704 frames`, or `3.971 MB` of a transport stream file. */
export function amountText({ kind, packets, bytes }: Report["input"]): string {
  return isOctets(kind) ? formatOctets(bytes) : formatNumber(packets, "frame");
}

/** The section on the capture itself. */
export function inputLines(report: Report, columns: number, style: TextStyle): string[] {
  const { input } = report;
  const lines = [
    style.bold(`rscap ${report.rscap}`),
    ...labelled("Input", `${printable(input.name)} (${input.kind})`, columns),
    ...(isOctets(input.kind)
      ? labelled("Read", formatOctets(input.bytes), columns)
      : labelled(
          "Frames",
          `${formatCount(input.packets)}, ${formatOctets(input.bytes)} on the wire`,
          columns,
        )),
    ...labelled("From", periodText(input.firstTime, input.lastTime), columns),
    ...labelled("Times by", printable(input.timestampSource), columns),
  ];
  const drops = dropsText(input.drops);
  lines.push(...labelled("Left out", drops === "" ? "nothing" : drops, columns));
  if (input.forgottenFlows > 0) {
    const text = `${formatNumber(input.forgottenFlows, "silent flow")} taken out of the full flow table`;
    lines.push(...labelled("Forgotten", text, columns));
  }
  return lines;
}

/** Who takes what is published, and what waits for that. */
function peersText(published: PublishedReport): string {
  const { spool, queued, queueLimit, heldBackMs } = published;
  if (published.transport === "pub") return formatNumber(published.subscribers, "subscriber");
  if (spool === undefined) {
    return (
      `${formatCount(queued)} of ${formatNumber(queueLimit, "message")} queued, ` +
      `held back for ${formatSeconds(heldBackMs / 1000)}`
    );
  }
  const disk = `${formatOctets(spool.bytes)} of ${formatOctets(spool.limitBytes)} on disk`;
  const again = spool.resent === 0 ? "" : `, ${formatNumber(spool.resent, "message")} sent again`;
  return `${formatNumber(queued, "message")} not acknowledged, ${disk}${again}`;
}

/** The section on what left over ZeroMQ. */
export function publishedLines(published: PublishedReport, columns: number, style: TextStyle): string[] {
  const sent = [
    formatNumber(published.messages, "message"),
    formatNumber(published.packets, "datagram"),
    formatOctets(published.bytes),
  ].join(", ");
  const lines = [
    style.bold(`Published on ${printable(published.endpoint)} (${published.transport})`),
    ...labelled("Sent", sent, columns, 2),
    ...labelled("Peers", peersText(published), columns, 2),
  ];
  if (published.failedConnections !== undefined && published.failedConnections > 0) {
    const text = `${formatNumber(published.failedConnections, "connection")}, in the handshake`;
    lines.push(...labelled("Refused", style.red(text), columns, 2));
  }
  if (published.dropped > 0) {
    const what = published.spool === undefined ? "a full queue" : "a full spool";
    const text = `${formatNumber(published.dropped, "message")} for ${what}`;
    lines.push(...labelled("Dropped", style.red(text), columns, 2));
  }
  return lines;
}
