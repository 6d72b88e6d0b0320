import type { SdpReport } from "../report/sdp-schema.ts";
import type { AcrossReport } from "../report/st2110-across-schema.ts";
import type { RedundancyLegReport, RedundantPairReport } from "../report/st2110-redundancy-schema.ts";
import { clip, printable, type TextStyle } from "./layout.ts";
import { nsRangeText, nsText } from "./range.ts";
import { labelled } from "./text-input.ts";
import { formatCount, formatFigure, formatNumber } from "./units.ts";

/** What came on a leg of a redundant pair. */
export function legText(leg: RedundancyLegReport): string {
  const more = [
    [leg.duplicates, "twice"],
    [leg.late, "late"],
    [leg.early, "early"],
    [leg.unplaced, "out of place"],
  ] as const;
  return [
    formatNumber(leg.packets, "packet"),
    `${formatCount(leg.lost)} lost`,
    `${formatCount(leg.only)} on this leg alone`,
    ...more.filter(([count]) => count > 0).map(([count, what]) => `${formatCount(count)} ${what}`),
    ...(leg.silent ? ["silent"] : []),
  ].join(", ");
}

/** What merging the legs gives. */
export function mergedText(pair: RedundantPairReport): string {
  return [
    formatNumber(pair.merged, "packet"),
    `${formatCount(pair.both)} on both legs`,
    `${formatCount(pair.lostInBoth)} lost in both`,
    ...(pair.mergedStream === null ? [] : [`as stream ${pair.mergedStream}`]),
    ...(pair.passedOnAs === pair.mergedStream || pair.passedOnAs === null
      ? []
      : [`passed on as ${pair.passedOnAs}`]),
    ...(pair.restarts > 0 ? [formatNumber(pair.restarts, "restart")] : []),
  ].join(", ");
}

/** Skew of the second leg against the first, with its class and the quality of the times. */
export function skewText(pair: RedundantPairReport): string {
  const { skewNs, skewClass } = pair;
  if (skewNs.min === null) return "nothing measured";
  const named = skewClass === null ? "beyond all classes" : `class ${skewClass}`;
  return `${nsRangeText(skewNs)}, ${named}, by ${pair.timestampSource} timestamps of ${formatFigure(pair.timestampResolutionNs)} ns`;
}

/** Whether the copies on the legs are alike. */
export function comparedText(pair: RedundantPairReport): string {
  const how = pair.comparedInFull ? "" : ", as far as they were captured";
  return `${formatNumber(pair.payloadDiffers, "payload")} and ${formatNumber(pair.headerDiffers, "header")} of ${formatCount(pair.compared)} compared${how}`;
}

/** A section on each pair of ST 2022-7. */
export function pairLines(
  pairs: readonly RedundantPairReport[],
  columns: number,
  style: TextStyle,
): string[] {
  return pairs.flatMap((pair) => {
    const by = pair.pairedBy === "sdp" ? "by the session description" : "by their content";
    const lines = ["", style.bold(clip(`Redundant pair (ST 2022-7), ${by}`, columns))];
    const add = (label: string, text: string, bad = false): void => {
      const own = labelled(label, printable(text), columns, 2);
      lines.push(...(bad ? own.map(style.red) : own));
    };
    for (const [i, leg] of pair.legs.entries()) {
      add(`Leg ${i + 1}`, `${pair.streams[i] ?? ""}: ${legText(leg)}`, leg.lost > 0 || leg.silent);
    }
    add("Merged", mergedText(pair), pair.lostInBoth > 0);
    add("Skew", skewText(pair));
    add("Different", comparedText(pair), pair.payloadDiffers + pair.headerDiffers > 0);
    return lines;
  });
}

/** Which stream each medium of a session description is. */
export function mediaTexts(sdp: SdpReport): string[] {
  return sdp.media.map(
    ({ format, destination, stream }) =>
      `${format} at ${destination ?? "an address that cannot be read"}: ${stream === null ? "did not come" : `stream ${stream}`}`,
  );
}

/** A section on each session description that was given. */
export function sdpLines(files: readonly SdpReport[], columns: number, style: TextStyle): string[] {
  return files.flatMap((sdp) => [
    "",
    style.bold(clip(`Session description ${printable(sdp.file)}`, columns)),
    ...mediaTexts(sdp).flatMap((text, i) => {
      const lines = labelled(i === 0 ? "Media" : "", printable(text), columns, 2);
      return sdp.media[i]?.stream === null ? lines.map(style.red) : lines;
    }),
  ]);
}

const MEDIA_CLOCK = {
  same: "same media clock",
  different: "different media clocks",
  unknown: "media clock unknown",
} as const;

/** How two streams stand to each other in time: `same media clock, AVDL 379.5 us`. */
export function acrossText(across: AcrossReport): string {
  return [
    MEDIA_CLOCK[across.mediaClock],
    ...(across.avdlNs === null ? [] : [`AVDL ${nsText(across.avdlNs)}`]),
    ...(across.rrtpOffsetTicks === null
      ? []
      : [`RRTPOFFSET ${formatNumber(across.rrtpOffsetTicks, "tick")}`]),
  ].join(", ");
}

/** A section on video against audio and ancillary streams. */
export function acrossLines(rows: readonly AcrossReport[], columns: number, style: TextStyle): string[] {
  if (rows.length === 0) return [];
  return [
    "",
    style.bold("Video against other streams"),
    ...rows.flatMap((row) => {
      const text = `${printable(row.video)} to ${printable(row.other)}: ${acrossText(row)}`;
      return labelled(row.kind === "anc" ? "Ancillary" : "Audio", text, columns, 2);
    }),
  ];
}
