import type { PtpDomainReport, PtpReport } from "../../report/ptp-schema.ts";
import {
  domainTitle,
  grandmasterText,
  masterText,
  messagesText,
  offsetText,
  ptpTimesText,
  requesterText,
} from "../text-ptp.ts";
import { formatReportTime } from "../units.ts";
import { histogramChart } from "./histogram-chart.ts";
import { facts, html, type Markup, NOTHING, type Part } from "./template.ts";

function domainSection(domain: PtpDomainReport, ptp: PtpReport): Markup {
  const best = domain.masters.find(({ grandmaster }) => grandmaster?.identity === domain.grandmaster);
  const announced = best?.grandmaster ?? null;
  const pairs: (readonly [string, Part])[] = [
    ["messages", messagesText(domain)],
    [
      "grandmaster",
      announced === null ? (domain.grandmaster ?? "none announced") : grandmasterText(announced),
    ],
    ["capture clock", offsetText(domain)],
    ["times by", ptpTimesText(ptp)],
    ["delay mechanism", domain.delayMechanism],
    ...domain.masters.map((master) => ["master", masterText(master)] as const),
    ...domain.requesters.map((requester) => ["clock", requesterText(requester)] as const),
    ...domain.grandmasterChanges.map(
      ({ time, from, to }) => ["grandmaster changed", `${formatReportTime(time)}: ${from} to ${to}`] as const,
    ),
  ];
  const charts = domain.masters
    .flatMap((master) => [
      [`Sync interval of ${master.identity}`, master.syncIntervalMs] as const,
      [`Announce interval of ${master.identity}`, master.announceIntervalMs] as const,
      [`Variation of arrival of ${master.identity}`, master.arrivalVariationNs] as const,
    ])
    // A single bar would say nothing.
    .filter(([, histogram]) => histogram.bins.length > 1)
    .map(([title, histogram]) => histogramChart(title, histogram));
  return html`<section><h3>${domainTitle(domain)}</h3>${facts(pairs)}<div class="charts">${charts}</div></section>\n`;
}

/** A section on each PTP domain. */
export function ptpSections(ptp: PtpReport | undefined): Markup {
  if (ptp === undefined) return NOTHING;
  return html`${ptp.domains.map((domain) => domainSection(domain, ptp))}`;
}
