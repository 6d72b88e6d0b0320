import type { VideoFormatReport } from "../../report/st2110-video-schema.ts";
import type { VideoFormat } from "./format-learner.ts";
import { rateText } from "./frame-rate.ts";

/** A format as report data; nothing is guessed: several samplings that fit are `unknown`, and listed. */
export function formatReport(format: VideoFormat | null): VideoFormatReport {
  const candidates = (format?.candidates ?? []).map(({ sampling, depth }) => ({ sampling, depth }));
  const [first] = candidates;
  const samplings = new Set(candidates.map(({ sampling }) => sampling));
  const depths = new Set(candidates.map(({ depth }) => depth));
  return {
    width: format?.width ?? null,
    height: format?.height ?? null,
    scan: format?.scan ?? null,
    rate: format === null || format.rate === null ? null : rateText(format.rate),
    sampling: first !== undefined && samplings.size === 1 ? first.sampling : "unknown",
    depth: first !== undefined && depths.size === 1 ? first.depth : null,
    candidates,
    colour: "unknown",
    packing: format?.packing ?? "unknown",
  };
}
