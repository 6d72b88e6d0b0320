import type { BufferReport, PcrReport, PtsReport } from "../../report/mpegts-schema.ts";
import { formatBitrate, formatCount, formatFigure } from "../units.ts";
import { histogramChart } from "./histogram-chart.ts";
import { dataTable, facts, html, type Markup, NOTHING, type Part, pidText } from "./template.ts";

function withUnit(value: number | null, unit: string): string {
  return value === null ? "-" : `${formatFigure(value)} ${unit}`;
}

function clock(pcr: PcrReport): Markup {
  const { accuracy, discontinuities } = pcr;
  const why = accuracy.reason === undefined ? "" : `: ${accuracy.reason}`;
  const pairs: readonly (readonly [string, Part])[] = [
    ["PCRs", formatCount(pcr.count)],
    ["discontinuities", `${discontinuities.signalled} signalled, ${discontinuities.unsignalled} not`],
    ["bit rate by this clock", formatBitrate(pcr.bitrate)],
    ["drift against arrival", withUnit(pcr.driftPpm, "ppm")],
    ["accuracy by", `${accuracy.method}${why}`],
    ["PCR_FO", withUnit(accuracy.frequencyOffsetHz, "Hz")],
    ["PCR_DR", withUnit(accuracy.driftRateMhzPerS, "mHz/s")],
    ["PCR_OJ", withUnit(accuracy.overallJitterNs, "ns")],
  ];
  const charts = [
    histogramChart("PCR interval", pcr.intervalMs),
    pcr.jitterNs === null ? NOTHING : histogramChart("PCR jitter against arrival", pcr.jitterNs),
    accuracy.accuracyNs === null ? NOTHING : histogramChart("PCR accuracy (PCR_AC)", accuracy.accuracyNs),
  ];
  return html`<h4>PID ${pidText(pcr.pid)}</h4>${facts(pairs)}<div class="charts">${charts}</div>`;
}

/** The clock of each PCR PID: figures and histograms. */
export function clocksSection(pcrs: readonly PcrReport[]): Markup {
  return pcrs.length === 0 ? NOTHING : html`<section><h3>Clocks</h3>${pcrs.map(clock)}</section>`;
}

/** Time stamps of each elementary stream. */
export function timestampsSection(rows: readonly PtsReport[]): Markup {
  if (rows.length === 0) return NOTHING;
  const range = (low: number | null, mean: number | null, high: number | null): string =>
    `${formatFigure(low)} / ${formatFigure(mean)} / ${formatFigure(high)}`;
  const cells = rows.map((row): Part[] => {
    const { ptsIntervalMs, ptsMinusPcrMs, audioOffsetMs } = row;
    return [
      pidText(row.pid),
      formatCount(row.pts),
      formatCount(row.dts),
      range(ptsIntervalMs.min, ptsIntervalMs.mean, ptsIntervalMs.max),
      ptsMinusPcrMs === null ? "-" : range(ptsMinusPcrMs.min, ptsMinusPcrMs.mean, ptsMinusPcrMs.max),
      audioOffsetMs === null ? "-" : range(audioOffsetMs.min, audioOffsetMs.mean, audioOffsetMs.max),
      row.dtsDisorder > 0 ? html`<span class="bad">${formatCount(row.dtsDisorder)}</span>` : "0",
    ];
  });
  return html`<section><h3>Time stamps <small>minimum / mean / maximum in ms</small></h3>${dataTable(
    [
      { title: "PID" },
      { title: "PTS", figures: true },
      { title: "DTS", figures: true },
      { title: "PTS interval", figures: true },
      { title: "PTS minus PCR", figures: true },
      { title: "audio ahead of video", figures: true },
      { title: "out of order", figures: true },
    ],
    cells,
  )}</section>`;
}

/** The buffers of the T-STD. */
export function buffersSection(buffers: readonly BufferReport[]): Markup {
  if (buffers.length === 0) return NOTHING;
  const count = (value: number): Part =>
    value > 0 ? html`<span class="bad">${formatCount(value)}</span>` : formatCount(value);
  const rows = buffers.map((buffer): Part[] => {
    const share = buffer.sizeOctets > 0 ? (buffer.peakOctets / buffer.sizeOctets) * 100 : 0;
    const bar = html`<svg class="meter" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="8"/><rect class="bar" width="${Math.min(100, share).toFixed(1)}" height="8"/></svg> ${share.toFixed(0)} %`;
    return [
      buffer.pid === null ? "system" : pidText(buffer.pid),
      buffer.buffer,
      formatCount(buffer.sizeOctets),
      buffer.modelled ? bar : html`<small>not modelled: ${buffer.reason ?? "unknown"}</small>`,
      count(buffer.overflows),
      count(buffer.underflows),
    ];
  });
  return html`<section><h3>Decoder buffers <small>T-STD, ISO/IEC 13818-1 2.4.2</small></h3>${dataTable(
    [
      { title: "PID" },
      { title: "buffer" },
      { title: "octets", figures: true },
      { title: "highest fill" },
      { title: "overflows", figures: true },
      { title: "underflows", figures: true },
    ],
    rows,
  )}</section>`;
}
