import type { SdpReport } from "../../report/sdp-schema.ts";
import type { AcrossReport } from "../../report/st2110-across-schema.ts";
import type { RedundantPairReport } from "../../report/st2110-redundancy-schema.ts";
import { acrossText, comparedText, legText, mediaTexts, mergedText, skewText } from "../text-pairs.ts";
import { histogramChart } from "./histogram-chart.ts";
import { dataTable, facts, html, type Markup, NOTHING } from "./template.ts";

function pairSection(pair: RedundantPairReport): Markup {
  const chart = pair.skewNs.bins.length > 1 ? [histogramChart("Skew", pair.skewNs)] : [];
  return html`<section><h3>Redundant pair <small>ST 2022-7, paired by ${pair.pairedBy === "sdp" ? "the session description" : "content"}</small></h3>${facts(
    [
      ...pair.legs.map((leg, i) => [`leg ${i + 1}: ${pair.streams[i] ?? ""}`, legText(leg)] as const),
      ["merged", mergedText(pair)],
      ["skew", skewText(pair)],
      ["different", comparedText(pair)],
    ],
  )}<div class="charts">${chart}</div></section>\n`;
}

function sdpSection(sdp: SdpReport): Markup {
  const media = mediaTexts(sdp).map((text, i) =>
    sdp.media[i]?.stream === null ? html`<li class="bad">${text}</li>` : html`<li>${text}</li>`,
  );
  return html`<section><h3>Session description <small>${sdp.file}</small></h3><ul class="plain">${media}</ul></section>\n`;
}

function acrossSection(rows: readonly AcrossReport[]): Markup {
  if (rows.length === 0) return NOTHING;
  return html`<section><h3>Video against other streams <small>RP 2110-25</small></h3>${dataTable(
    [{ title: "video" }, { title: "other stream" }, { title: "in time" }],
    rows.map((row) => [row.video, row.other, acrossText(row)]),
  )}</section>\n`;
}

/** Pairs of ST 2022-7, video against other streams, and the session descriptions that were given. */
export function pairSections(
  pairs: readonly RedundantPairReport[],
  descriptions: readonly SdpReport[],
  across: readonly AcrossReport[],
): Markup {
  return html`${descriptions.map(sdpSection)}${pairs.map(pairSection)}${acrossSection(across)}`;
}
