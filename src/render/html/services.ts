import type { RateReport, RatesReport, ServiceReport } from "../../report/mpegts-schema.ts";
import type { PidReport } from "../../report/schema.ts";
import { formatBitrate, formatCount } from "../units.ts";
import { dataTable, html, type Markup, NOTHING, type Part, pidText, type TableColumn } from "./template.ts";

const RATE_COLUMNS: readonly TableColumn[] = [
  { title: "now", figures: true },
  { title: "mean", figures: true },
  { title: "min in 1 s", figures: true },
  { title: "max in 1 s", figures: true },
];

function rateCells(rate: RateReport | undefined): Part[] {
  return [rate?.current, rate?.mean, rate?.min, rate?.max].map((value) => formatBitrate(value ?? null));
}

/** Services with their components and rates. */
export function servicesSection(services: readonly ServiceReport[]): Markup {
  if (services.length === 0) return NOTHING;
  const rows = services.map((service): Part[] => {
    const components = service.components.map((one) => {
      const languages = one.languages.length === 0 ? "" : ` (${one.languages.join(", ")})`;
      return html`<li><b>${one.codec}</b>${languages} <small>PID ${pidText(one.pid)}</small></li>`;
    });
    const locked = service.scrambled ? html` <span class="badge">scrambled</span>` : NOTHING;
    return [
      html`<b>${service.name ?? "without a name"}</b>${locked}<br><small>${[service.provider, service.type].filter((text) => text !== null).join(", ")}</small>`,
      String(service.program),
      html`PMT ${pidText(service.pmtPid)}<br>PCR ${service.pcrPid === null ? "-" : pidText(service.pcrPid)}`,
      html`<ul class="plain">${components}</ul>`,
      ...rateCells(service.rate),
    ];
  });
  return html`<section><h3>Services</h3>${dataTable(
    [
      { title: "service" },
      { title: "program", figures: true },
      { title: "PIDs" },
      { title: "components" },
      ...RATE_COLUMNS,
    ],
    rows,
  )}</section>`;
}

/** Rates by what the packets carry. */
export function ratesTable(rates: RatesReport): Markup {
  const { total, byType, stoppedPids } = rates;
  const rows: Part[][] = [
    [html`<b>total</b>`, ...rateCells(total)],
    ...Object.entries(byType)
      .filter(([, rate]) => (rate.max ?? rate.mean ?? 0) > 0)
      .map(([name, rate]) => [name === "si" ? "PSI and SI" : name, ...rateCells(rate)]),
  ];
  const stopped =
    stoppedPids.length === 0
      ? NOTHING
      : html`<p class="note bad">Stopped: PID ${stoppedPids.map(pidText).join(", ")}</p>`;
  return html`${dataTable([{ title: "type" }, ...RATE_COLUMNS], rows)}${stopped}`;
}

/** One row a PID. */
export function pidsSection(pids: readonly PidReport[]): Markup {
  if (pids.length === 0) return NOTHING;
  const rows = pids.map((pid): Part[] => {
    const what = [pid.codec ?? pid.kind ?? "-", ...(pid.stopped === true ? ["stopped"] : [])].join(", ");
    const programs = pid.services ?? [];
    return [
      pidText(pid.pid),
      what,
      programs.join(", "),
      formatCount(pid.packets),
      ...(pid.rate === undefined ? ["-", formatBitrate(pid.bitrate), "-", "-"] : rateCells(pid.rate)),
      pid.continuityErrors > 0
        ? html`<span class="bad">${formatCount(pid.continuityErrors)}</span>`
        : formatCount(pid.continuityErrors),
      formatCount(pid.missing),
      formatCount(pid.duplicates),
      formatCount(pid.scrambled),
      formatCount(pid.pcrs),
    ];
  });
  return html`<section><h3>PIDs</h3>${dataTable(
    [
      { title: "PID" },
      { title: "carries" },
      { title: "program" },
      { title: "packets", figures: true },
      ...RATE_COLUMNS,
      { title: "continuity", figures: true },
      { title: "missing", figures: true },
      { title: "duplicates", figures: true },
      { title: "scrambled", figures: true },
      { title: "PCRs", figures: true },
    ],
    rows,
  )}</section>`;
}
