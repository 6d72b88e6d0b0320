import type {
  BufferReport,
  IndicatorReport,
  MonitorCounts,
  NetworkReport,
  PcrReport,
  RatesReport,
  ServiceReport,
} from "../report/mpegts-schema.ts";
import type { MpegtsReport, StreamReport } from "../report/schema.ts";
import { LAMP_LEGEND, lampErrors, lampLines, lampReasons, lampSummary } from "./lamps.ts";
import { clip, printable, type TextStyle, wrap } from "./layout.ts";
import { rangeText } from "./range.ts";
import { labelled } from "./text-input.ts";
import { formatBitrate, formatCount, formatFigure, formatNumber } from "./units.ts";

/** Columns before what belongs to a labelled line. */
const INDENT = 14;

function indented(text: string, columns: number): string[] {
  return wrap(text, columns - INDENT).map((line) => " ".repeat(INDENT) + line);
}

/** A lamp for each indicator of TR 101 290, those in error in words, and why others are dark. */
function indicatorLines(rows: readonly IndicatorReport[], columns: number, style: TextStyle): string[] {
  const lines = [...labelled("TR 101 290", lampSummary(rows), columns, 2)];
  lines.push(...lampLines(rows, columns, style), style.dim(`       ${LAMP_LEGEND}`));
  for (const text of lampErrors(rows)) {
    lines.push(...wrap(`X ${text}`, columns - 7).map((line) => style.red(`       ${line}`)));
  }
  for (const text of lampReasons(rows)) {
    lines.push(...wrap(text, columns - 7).map((line) => style.dim(`       ${line}`)));
  }
  return lines;
}

function serviceLines(services: readonly ServiceReport[], columns: number): string[] {
  return services.flatMap((service) => {
    const name = service.name === null ? "without a name" : `"${printable(service.name)}"`;
    const of = [service.provider, service.type].filter((text) => text !== null).map(printable);
    const head = [
      `${service.program} ${name}`,
      ...of,
      formatBitrate(service.rate.mean),
      ...(service.scrambled ? ["scrambled"] : []),
    ].join(", ");
    const components = service.components.map(({ pid, codec, languages }) => {
      const spoken = languages.length === 0 ? "" : ` ${languages.map(printable).join("/")}`;
      return `${pid} ${printable(codec)}${spoken}`;
    });
    return [
      ...labelled("Service", head, columns, 2),
      ...(components.length === 0 ? [] : indented(components.join(", "), columns)),
    ];
  });
}

function rateLines(rates: RatesReport, columns: number, style: TextStyle): string[] {
  const { total, byType, stoppedPids } = rates;
  const parts = Object.entries(byType)
    .filter(([, { mean }]) => (mean ?? 0) > 0)
    .map(([name, { mean }]) => `${name === "si" ? "SI" : name} ${formatBitrate(mean)}`);
  // The mean is over all packets, also those of a last second cut short: it may lie beyond the whole ones.
  const seconds =
    total.min === null
      ? ""
      : `, whole seconds from ${formatBitrate(total.min)} to ${formatBitrate(total.max)}`;
  const range = `mean ${formatBitrate(total.mean)}${seconds}`;
  const lines =
    total.mean === null
      ? []
      : [...labelled("Mux rate", range, columns, 2), ...indented(parts.join(", "), columns)];
  if (stoppedPids.length === 0) return lines;
  return [...lines, ...labelled("Stopped", style.red(`PID ${stoppedPids.join(", ")}`), columns, 2)];
}

function clockLines(pcr: PcrReport, columns: number): string[] {
  const { accuracy, jitterNs, driftPpm } = pcr;
  const lines = labelled("PCR", `PID ${pcr.pid}, interval ${rangeText(pcr.intervalMs)}`, columns, 2);
  if (jitterNs !== null) lines.push(...indented(`jitter ${rangeText(jitterNs)}`, columns));
  const parts: string[] = [];
  if (driftPpm !== null) parts.push(`drift ${formatFigure(driftPpm)} ppm against arrival`);
  if (accuracy.accuracyNs !== null) {
    parts.push(`accuracy ${rangeText(accuracy.accuracyNs)} by ${accuracy.method}`);
  } else {
    parts.push(`accuracy not measurable${accuracy.reason === undefined ? "" : `: ${accuracy.reason}`}`);
  }
  return [...lines, ...indented(parts.join(", "), columns)];
}

function bufferLines(buffers: readonly BufferReport[], columns: number, style: TextStyle): string[] {
  return buffers
    .filter(({ overflows, underflows }) => overflows + underflows > 0)
    .flatMap(({ pid, buffer, overflows, underflows }) => {
      const where = pid === null ? buffer : `${buffer} of PID ${pid}`;
      const text = `${where}: ${formatNumber(overflows, "overflow")}, ${formatNumber(underflows, "underflow")}`;
      return labelled("Buffer", style.red(text), columns, 2);
    });
}

/** What could not be read or kept, where there is any. */
function countLines(counts: MonitorCounts, columns: number, style: TextStyle): string[] {
  const { pointerField, sectionLength, cut, sectionNumber } = counts.malformedSections;
  const sections = [
    [pointerField, "pointer_field"],
    [sectionLength, "section_length"],
    [cut, "cut short"],
    [sectionNumber, "section_number"],
  ] as const;
  const reasons = sections
    .filter(([count]) => count > 0)
    .map(([count, why]) => `${formatCount(count)} ${why}`);
  const malformed = pointerField + sectionLength + cut + sectionNumber;
  const broken: string[] = [];
  if (malformed > 0) broken.push(`${formatNumber(malformed, "section")} (${reasons.join(", ")})`);
  if (counts.malformedTables > 0)
    broken.push(`${formatNumber(counts.malformedTables, "table section")} inside`);
  if (counts.malformedPes > 0) broken.push(formatNumber(counts.malformedPes, "PES header"));
  const more = [
    [counts.sectionsEvicted, "section", "sections"],
    [counts.tablesNotChecked, "section not checked", "sections not checked"],
    [counts.referencesNotKept, "program or stream", "programs or streams"],
    [counts.clocksNotMeasured, "PCR or PES packet", "PCRs or PES packets"],
  ] as const;
  const notKept = more
    .filter(([count]) => count > 0)
    .map(([count, one, many]) => formatNumber(count, one, many));
  return [
    ...(broken.length === 0 ? [] : labelled("Malformed", broken.join(", "), columns, 2)),
    ...(notKept.length === 0 ? [] : labelled("Not kept", notKept.join(", "), columns, 2)),
  ].map((line) => style.red(line));
}

/** Arrival of the datagrams: MDI, inter-arrival, bursts, FEC. */
function networkLines(network: NetworkReport, columns: number): string[] {
  const { mdi, rtpJitterMs, interArrivalUs, bursts, fec, partialDatagrams } = network;
  const lines = labelled("Arrival", `gaps of ${rangeText(interArrivalUs)}`, columns, 2);
  const parts: string[] = [];
  if (rtpJitterMs !== null) parts.push(`RTP jitter ${formatFigure(rtpJitterMs)} ms`);
  if (mdi !== null) {
    const { delayFactorMs, mediaLossRate } = mdi;
    parts.push(
      `MDI ${formatFigure(delayFactorMs.max)} ms : ${formatFigure(mediaLossRate.max)} packets/s at most`,
    );
  }
  const burst = bursts
    .map(({ windowMs, maxBitrate }) => `${formatBitrate(maxBitrate)} in ${windowMs} ms`)
    .join(", ");
  if (burst !== "") parts.push(`bursts of ${burst}`);
  if (partialDatagrams > 0) parts.push(`${formatCount(partialDatagrams)} not whole TS packets`);
  if (fec !== "none") parts.push(fec);
  return parts.length === 0 ? lines : [...lines, ...indented(parts.join(", "), columns)];
}

/** What the conformance monitor found out about a transport stream; nothing where it did not run. */
export function monitorLines(
  stream: StreamReport,
  mpegts: MpegtsReport,
  columns: number,
  style: TextStyle,
): string[] {
  const { tr101290, services, rates, pcr, buffers, monitor } = mpegts;
  const lines: string[] = [];
  if (stream.network !== undefined) lines.push(...networkLines(stream.network, columns));
  if (rates !== undefined) lines.push(...rateLines(rates, columns, style));
  for (const clock of pcr ?? []) lines.push(...clockLines(clock, columns));
  lines.push(...bufferLines(buffers ?? [], columns, style));
  if (monitor !== undefined) lines.push(...countLines(monitor, columns, style));
  lines.push(...serviceLines(services ?? [], columns));
  if (tr101290 !== undefined && tr101290.length > 0) {
    lines.push("", ...indicatorLines(tr101290, columns, style));
  }
  return lines.map((line) => (line.includes("\x1b") ? line : clip(line, columns)));
}
