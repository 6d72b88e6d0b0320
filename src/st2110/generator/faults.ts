import { ANC_RULES } from "../ancillary/rules.ts";
import { AUDIO_RULES } from "../audio/rules.ts";
import { JXS_RULES } from "../jpegxs/rules.ts";
import { METADATA_RULES } from "../metadata.ts";
import { REDUNDANCY_RULES } from "../redundancy/rules.ts";
import { TIMING21_RULES } from "../timing21/rules.ts";
import { TTML_RULES } from "../ttml.ts";
import { VIDEO_RULES } from "../video/rules.ts";
import { ANCILLARY_FAULTS } from "./ancillary-faults.ts";
import { AUDIO_FAULTS } from "./audio-faults.ts";
import { JPEGXS_FAULTS } from "./jpegxs-faults.ts";
import { METADATA_FAULTS } from "./metadata.ts";
import { PAIR_FAULTS } from "./redundant-faults.ts";
import { TTML_FAULTS } from "./ttml.ts";
import { VIDEO_FAULTS } from "./video-faults.ts";

/** What all codes of a table begin with, which `fault=` leaves out. */
const PREFIX = /^(st2110-(20|21|22|30)|st2022-7|anc|fast-metadata|ttml)-/;

/** A fault and the code of the rule that it breaks. */
type WithCode<F> = F & { readonly code: string };

/** A table's faults by what `fault=` calls them: the code of the rule that each breaks, without PREFIX. */
function byCode<N extends string, F>(
  faults: Readonly<Record<N, F>>,
  rules: Readonly<Record<N, { readonly code: string }>>,
): ReadonlyMap<string, WithCode<F>> {
  const names = Object.keys(faults) as N[];
  return new Map(
    names.map((name) => [rules[name].code.replace(PREFIX, ""), { ...faults[name], code: rules[name].code }]),
  );
}

/** The faults of each kind of stream, and those of a pair of any streams, by what `fault=` calls them. */
export const FAULTS = {
  video: byCode(VIDEO_FAULTS, { ...VIDEO_RULES, ...TIMING21_RULES }),
  jpegxs: byCode(JPEGXS_FAULTS, { ...JXS_RULES, cinst: TIMING21_RULES.cinst }),
  audio: byCode(AUDIO_FAULTS, AUDIO_RULES),
  ancillary: byCode(ANCILLARY_FAULTS, ANC_RULES),
  metadata: byCode(METADATA_FAULTS, METADATA_RULES),
  ttml: byCode(TTML_FAULTS, TTML_RULES),
  pair: byCode(PAIR_FAULTS, REDUNDANCY_RULES),
} as const;

/** The code of the rule that each breaks. */
function codesOf(faults: ReadonlyMap<string, { readonly code: string }>): ReadonlyMap<string, string> {
  return new Map([...faults].map(([name, { code }]) => [name, code]));
}

/** Kinds of streams that have faults, -31 those of -30, and pairs of them. */
export type FaultKind =
  | "st2110-20"
  | "st2110-22"
  | "st2110-30"
  | "st2110-40"
  | "st2110-41"
  | "st2110-43"
  | "redundant";

/** What `fault=` may say for each, and the code of the rule that it breaks. */
export const FAULT_CODES: Readonly<Record<FaultKind, ReadonlyMap<string, string>>> = {
  "st2110-20": codesOf(FAULTS.video),
  "st2110-22": codesOf(FAULTS.jpegxs),
  "st2110-30": codesOf(FAULTS.audio),
  "st2110-40": codesOf(FAULTS.ancillary),
  "st2110-41": codesOf(FAULTS.metadata),
  "st2110-43": codesOf(FAULTS.ttml),
  redundant: codesOf(FAULTS.pair),
};
