import type { Report, StreamReport } from "../../report/schema.ts";
import { lampSummary } from "../lamps.ts";
import { illegalCount, kindName, kindText, type StreamState, streamState } from "../stream-facts.ts";
import { verdict } from "../text.ts";
import { dropsText, isOctets, periodText } from "../text-input.ts";
import { formatBitrate, formatCount, formatNumber, formatOctets, formatReportTime } from "../units.ts";
import { buffersSection, clocksSection, timestampsSection } from "./clocks.ts";
import { findingsSection } from "./findings.ts";
import { hlsSection } from "./hls.ts";
import { lampsSection } from "./lamps.ts";
import { networkSection } from "./network.ts";
import { pairSections } from "./pairs.ts";
import { ptpSections } from "./ptp.ts";
import { rateChart } from "./rate-chart.ts";
import { pidsSection, ratesTable, servicesSection } from "./services.ts";
import { st2110Sections } from "./st2110.ts";
import { STYLE } from "./style.ts";
import { systemSection } from "./system.ts";
import { facts, html, type Markup, NOTHING, type Part } from "./template.ts";
import { tablesSection } from "./tree.ts";

const STATE_CLASS: Readonly<Record<StreamState, string>> = {
  ok: "ok",
  warnings: "warning",
  errors: "error",
  stopped: "error",
};

function anchor(input: number, stream: number): string {
  return `stream-${input}-${stream}`;
}

function streamFacts(stream: StreamReport): Markup {
  const { mpegts } = stream;
  const flow =
    stream.source === null && stream.destination === null
      ? []
      : [["flow", `${stream.source ?? "?"} to ${stream.destination ?? "?"}`] as const];
  const pairs: (readonly [string, Part])[] = [
    ...flow,
    ...(stream.vlan.length === 0 ? [] : [["VLAN", stream.vlan.join(" in ")] as const]),
    ["time", periodText(stream.firstTime, stream.lastTime)],
    ["bit rate", formatBitrate(stream.bitrate)],
    stream.transport === "file"
      ? ["read", formatOctets(stream.bytes)]
      : ["datagrams", `${formatCount(stream.packets)}, ${formatOctets(stream.bytes)}`],
  ];
  if (mpegts !== undefined) {
    const { continuity } = mpegts;
    pairs.push(
      ["TS packets", `${formatCount(mpegts.packets)} of ${mpegts.packetLength} octets`],
      ["illegal", formatCount(illegalCount(stream) ?? 0)],
      [
        "continuity",
        `${formatNumber(continuity.errors, "error")}, ${formatCount(continuity.missing)} missing`,
      ],
      ["sync losses", formatCount(mpegts.syncLosses)],
    );
  }
  return facts(pairs);
}

function tsSections(stream: StreamReport): Markup {
  const { mpegts } = stream;
  if (mpegts === undefined) return NOTHING;
  const { rates } = mpegts;
  const rateSection =
    rates === undefined
      ? NOTHING
      : html`<section><h3>Bit rates</h3>${rateChart(rates.series, mpegts.pids)}${ratesTable(rates)}</section>`;
  return html`${rateSection}${servicesSection(mpegts.services ?? [])}${clocksSection(mpegts.pcr ?? [])}${timestampsSection(mpegts.pts ?? [])}${buffersSection(mpegts.buffers ?? [])}`;
}

function streamArticle(report: Report, stream: StreamReport, id: string): Markup {
  const state = streamState(report, stream);
  const rows = stream.mpegts?.tr101290 ?? [];
  const findings = report.findings.filter((finding) => finding.stream === stream.id);
  const lamps = rows.length === 0 ? "" : `, ${lampSummary(rows)}`;
  return html`<article id="${id}"><h2>${stream.id} <span class="badge ${STATE_CLASS[state]}">${state}</span></h2>
<p class="kind">${kindName(stream)}${lamps}</p>${streamFacts(stream)}
${lampsSection(rows)}
${findingsSection(findings, "None: no rule was broken.")}
${st2110Sections(stream.st2110)}
${tsSections(stream)}
${networkSection(stream.network, stream.rtp)}
${pidsSection(stream.mpegts?.pids ?? [])}
${tablesSection(stream.mpegts?.tables ?? [])}</article>\n`;
}

/** A file's name without its folders. */
function shortName(name: string): string {
  return name.split("/").at(-1) || name;
}

function verdictClass(report: Report): string {
  if (report.summary.errors > 0) return "error";
  return report.summary.warnings > 0 ? "warning" : "ok";
}

function reportMarkup(report: Report, input: number): Markup {
  const { input: capture, streams } = report;
  const drops = dropsText(capture.drops);
  const contents = streams.map((stream, i) => {
    const state = streamState(report, stream);
    return html`<li><a href="#${anchor(input, i)}">${stream.id}</a> <span class="badge ${STATE_CLASS[state]}">${state}</span> <small>${kindText(stream)}, ${formatBitrate(stream.bitrate)}</small></li>`;
  });
  const pairs: readonly (readonly [string, Part])[] = [
    ["input", `${capture.name} (${capture.kind})`],
    ["time", periodText(capture.firstTime, capture.lastTime)],
    ["times by", capture.timestampSource],
    isOctets(capture.kind)
      ? ["read", formatOctets(capture.bytes)]
      : ["frames", `${formatCount(capture.packets)}, ${formatOctets(capture.bytes)}`],
    ["left out", drops === "" ? "nothing" : drops],
  ];
  return html`<header><h1>${shortName(capture.name)}</h1><p class="verdict ${verdictClass(report)}">${verdict(report)}</p>
${facts(pairs)}
${streams.length === 0 ? html`<p>No stream was found.</p>` : html`<nav aria-label="Streams"><ul>${contents}</ul></nav>`}</header>
${findingsSection(
  report.findings.filter(({ stream }) => stream === "input"),
  "",
)}
${hlsSection(report.hls)}${ptpSections(report.ptp)}${pairSections(report.redundancy ?? [], report.sdp ?? [], report.across ?? [])}
${streams.map((stream, i) => streamArticle(report, stream, anchor(input, i)))}${systemSection(report.system)}`;
}

/**
 * The reports as one HTML page without anything from elsewhere: no script, no font, no picture; the page
 * itself forbids them. Follows the reader's light or dark scheme, and can be printed.
 */
export function renderHtml(reports: readonly Report[], damages: readonly string[]): string {
  const [first] = reports;
  const name = first === undefined ? "no input" : shortName(first.input.name);
  const title = reports.length > 1 ? `${name} and ${reports.length - 1} more` : name;
  const damaged =
    damages.length === 0
      ? NOTHING
      : html`<section><h3>Damaged inputs</h3><ul>${damages.map((text) => html`<li class="bad">${text}</li>`)}</ul></section>`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="generator" content="rscap ${first?.rscap ?? ""}">
<title>rscap: ${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${damaged}
${reports.map(reportMarkup)}
</main>
<footer>rscap ${first?.rscap ?? ""}${typeof first?.time === "string" ? `, ${formatReportTime(first.time)}` : ""}</footer>
</body>
</html>
`;
  return page.text;
}
