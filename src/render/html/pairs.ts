import type { SdpReport } from "../../report/sdp-schema.ts";
import type { RedundantPairReport } from "../../report/st2110-redundancy-schema.ts";
import { comparedText, legText, mediaTexts, mergedText, skewText } from "../text-pairs.ts";
import { histogramChart } from "./histogram-chart.ts";
import { facts, html, type Markup } from "./template.ts";

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

/** Pairs of ST 2022-7, and the session descriptions that were given. */
export function pairSections(
  pairs: readonly RedundantPairReport[],
  descriptions: readonly SdpReport[],
): Markup {
  return html`${descriptions.map(sdpSection)}${pairs.map(pairSection)}`;
}
