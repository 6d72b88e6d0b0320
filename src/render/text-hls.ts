import type { HlsReport } from "../report/hls-schema.ts";
import { printable, type TextStyle } from "./layout.ts";
import { labelled } from "./text-input.ts";
import { formatBitrate, formatNumber, formatOctets } from "./units.ts";

const TYPE_TEXT: Readonly<Record<HlsReport["type"], string>> = {
  vod: "complete",
  event: "growing",
  live: "live",
};

/** Labels and values of the section on a playlist, for text and HTML. */
export function hlsFacts(hls: HlsReport): (readonly [string, string])[] {
  const { address, playlist, variant, renditions, targetDurationSeconds, mediaSequence } = hls;
  const target = targetDurationSeconds > 0 ? `, segments of up to ${targetDurationSeconds} s` : "";
  const last = mediaSequence === null ? "" : `, last loaded number ${mediaSequence}`;
  return [
    ...(playlist === address ? [] : [["Media", playlist] as const]),
    ...(variant === null ? [] : [["Variant", variantText(variant)] as const]),
    ...(renditions.length === 0 ? [] : [["Others", `${renditions.join(", ")}: not analysed`] as const]),
    ["Type", `${TYPE_TEXT[hls.type]}${hls.ended && hls.type !== "vod" ? ", ended" : ""}${target}${last}`],
    ["Segments", segmentsText(hls)],
    ["Rate", `${formatBitrate(hls.meanBps)} mean, ${formatBitrate(hls.peakBps)} peak segment bit rate`],
    ["Loading", loadingText(hls)],
  ];
}

function variantText(variant: NonNullable<HlsReport["variant"]>): string {
  const { number, of, resolution, codecs, bandwidthBps, averageBandwidthBps } = variant;
  const parts = [`${number} of ${of}`];
  if (resolution !== "") parts.push(resolution);
  parts.push(bandwidthBps > 0 ? `BANDWIDTH ${formatBitrate(bandwidthBps)}` : "no BANDWIDTH");
  if (averageBandwidthBps > 0) parts.push(`AVERAGE-BANDWIDTH ${formatBitrate(averageBandwidthBps)}`);
  if (codecs !== "") parts.push(codecs);
  return parts.join(", ");
}

/** How many segments came, and what became of the others. */
export function segmentsText({ segments, bytes, foreign }: HlsReport): string {
  const parts = [`${segments.loaded} loaded (${formatOctets(bytes)})`];
  if (segments.failed > 0) parts.push(`${segments.failed} failed`);
  if (segments.passedOver > 0) parts.push(`${segments.passedOver} passed over`);
  if (segments.gaps > 0) parts.push(`${segments.gaps} marked as missing`);
  if (segments.leftOut > 0)
    parts.push(`${segments.leftOut} left out${foreign === "" ? "" : ` (${foreign})`}`);
  if (segments.discontinuities > 0)
    parts.push(formatNumber(segments.discontinuities, "discontinuity", "discontinuities"));
  return parts.join(", ");
}

function loadingText({ playlistLoads, playlistFailures, retries, redirections }: HlsReport): string {
  const parts = [formatNumber(playlistLoads, "playlist")];
  if (playlistFailures > 0) parts.push(`${playlistFailures} that did not come`);
  if (retries > 0) parts.push(formatNumber(retries, "request made again", "requests made again"));
  if (redirections > 0) parts.push(formatNumber(redirections, "redirection"));
  return parts.join(", ");
}

/** The section on the playlist that is the input. */
export function hlsLines(hls: HlsReport, columns: number, style: TextStyle): string[] {
  return [
    "",
    style.bold(`Playlist ${printable(hls.address)}`),
    ...hlsFacts(hls).flatMap(([label, value]) => labelled(label, printable(value), columns, 2)),
  ];
}
