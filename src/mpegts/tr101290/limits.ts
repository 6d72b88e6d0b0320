import { z } from "zod";
import { type RscapError, usageError } from "../../report/error.ts";

/** One limit: where it comes from, and its value in the built-in profiles. */
export interface LimitSetting {
  readonly help: string;
  /** Clause that gives the value. */
  readonly clause: string;
  readonly dvb: number;
  readonly atsc: number;
}

/** Every limit, by the name that it has in a file; the unit is the end of the name. 0 turns a check off. */
export const LIMIT_SETTINGS = {
  patMs: limit("longest time between PATs", "TR 101 290 1.3; A/53-3 6.3", 500, 100),
  pmtMs: limit("longest time between PMTs of a PID", "TR 101 290 1.5; A/53-3 6.3", 500, 400),
  catMs: limit(
    "longest time without a CAT while packets are scrambled",
    "TR 101 290 2.6, which names no time",
    1000,
    1000,
  ),
  pidMs: limit("longest silence of a video or audio PID", "TR 101 290 1.6", 5000, 5000),
  otherPidMs: limit("longest silence of any other PID that a PMT names", "TR 101 290 1.6 excepts them", 0, 0),
  pcrRepetitionMs: limit("longest time between PCRs", "TR 101 290 2.3.a", 100, 100),
  pcrStepMs: limit("largest step of a PCR", "TR 101 290 2.3.b", 100, 100),
  pcrAccuracyNs: limit("largest error of a PCR", "TR 101 290 2.4", 500, 500),
  ptsMs: limit("longest time between PTS", "TR 101 290 2.5", 700, 700),
  nitMs: limit("longest time between NITs", "TR 101 290 3.1; TR 101 211 4.4", 10_000, 10_000),
  nitOtherMs: limit(
    "longest time between the same section of a NIT_other",
    "TR 101 290 3.1.b",
    10_000,
    10_000,
  ),
  batMs: limit("longest time between the same section of a BAT", "TR 101 211 4.4", 10_000, 10_000),
  sdtMs: limit("longest time between SDT_actual", "TR 101 290 3.5", 2000, 2000),
  sdtOtherMs: limit(
    "longest time between the same section of an SDT_other",
    "TR 101 290 3.5.b",
    10_000,
    10_000,
  ),
  eitMs: limit("longest time between EIT present/following actual", "TR 101 290 3.6", 2000, 2000),
  eitOtherMs: limit(
    "longest time between the same section of an EIT present/following other",
    "TR 101 290 3.6.b",
    10_000,
    10_000,
  ),
  eitScheduleMs: limit(
    "longest time between the same section of an EIT schedule, first 8 days (of a terrestrial network: this stream's first day)",
    "TR 101 211 4.4",
    10_000,
    10_000,
  ),
  eitScheduleLaterMs: limit(
    "longest time between the same section of an EIT schedule, later days",
    "TR 101 211 4.4",
    30_000,
    30_000,
  ),
  eitScheduleTerrestrialMs: limit(
    "the same for other streams of a terrestrial network, first day",
    "TR 101 211 4.4",
    60_000,
    60_000,
  ),
  eitScheduleTerrestrialLaterMs: limit(
    "the same for other streams of a terrestrial network, later days",
    "TR 101 211 4.4",
    300_000,
    300_000,
  ),
  tdtMs: limit("longest time between TDTs", "TR 101 290 3.8", 30_000, 30_000),
  totMs: limit("longest time between TOTs", "TR 101 211 4.4", 30_000, 30_000),
  mgtMs: limit("longest time between MGTs", "A/65 7.1", 150, 150),
  vctMs: limit("longest time between the same section of a VCT", "A/65 7.1", 400, 400),
  sttMs: limit("longest time between STTs", "A/65 7.1", 1000, 1000),
  rrtMs: limit("longest time between the same section of an RRT", "A/65 7.1", 60_000, 60_000),
  sectionGapMs: limit(
    "shortest time between two sections of a table_id and its extension, in streams of up to 100 Mbit/s",
    "EN 300 468 5.1.4",
    25,
    0,
  ),
  unreferencedMs: limit("time within which a table must name a new PID", "TR 101 290 3.4", 500, 500),
  dataDelayMs: limit("longest stay of data in the T-STD", "TR 101 290 3.10", 1000, 1000),
  dataDelayStillMs: limit("longest stay of still pictures in the T-STD", "TR 101 290 3.10", 60_000, 60_000),
} as const satisfies Record<string, LimitSetting>;

/** Name of a limit. */
export type LimitName = keyof typeof LIMIT_SETTINGS;

/** The built-in profiles. */
export const PROFILES = ["dvb", "atsc"] as const;
/** Name of a built-in profile. */
export type Profile = (typeof PROFILES)[number];

/** All limits, and what else a user may state of a stream. */
export type Limits = Readonly<Record<LimitName, number>> & {
  /** The profile that values not stated come from. */
  readonly profile: Profile;
  /** NIT, SDT, EIT and TDT are faults where they never come (dvb); else only what was there can go missing. */
  readonly requireSi: boolean;
  /** PIDs that the user knows to be private data: never unreferenced (TR 101 290 3.4). */
  readonly privatePids: readonly number[];
};

const NAMES = Object.keys(LIMIT_SETTINGS) as LimitName[];

const fileSchema = z.strictObject({
  profile: z.enum(PROFILES).default("dvb"),
  requireSi: z.boolean().default(false),
  privatePids: z.array(z.int().min(0).max(8191)).default([]),
  ...(Object.fromEntries(NAMES.map((name) => [name, z.number().min(0).max(1e9).optional()])) as Record<
    LimitName,
    z.ZodOptional<z.ZodNumber>
  >),
});

function limit(help: string, clause: string, dvb: number, atsc: number): LimitSetting {
  return { help, clause, dvb, atsc };
}

/** The limits of a built-in profile. */
export function profileLimits(profile: Profile): Limits {
  const values = Object.fromEntries(NAMES.map((name) => [name, LIMIT_SETTINGS[name][profile]]));
  return { ...(values as Record<LimitName, number>), profile, requireSi: false, privatePids: [] };
}

/**
 * Limits from the text of a TOML file, e.g. `profile = "dvb"` and `pmtMs = 200`; what it does not state comes from its
 * profile, dvb unless stated. `origin` is the file's name for messages. Throws RscapError (usage) that names the key.
 */
export function parseLimits(text: string, origin: string): Limits {
  let data: unknown;
  try {
    data = Bun.TOML.parse(text);
  } catch (cause) {
    throw refused(
      `${origin} is no TOML file: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    );
  }
  const parsed = fileSchema.safeParse(data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    if (issue?.code === "unrecognized_keys") {
      const known = ["profile", "requireSi", "privatePids", ...NAMES].join(", ");
      throw refused(
        `${origin}: there is no limit ${issue.keys.join(", ")}; known are ${known}`,
        parsed.error,
      );
    }
    throw refused(`${origin}: ${issue?.path.join(".")}: ${issue?.message}`, parsed.error);
  }
  const { profile, requireSi, privatePids, ...stated } = parsed.data;
  const given = Object.entries(stated).filter(([, value]) => value !== undefined);
  return {
    ...profileLimits(profile),
    ...(Object.fromEntries(given) as Partial<Record<LimitName, number>>),
    requireSi,
    privatePids,
  };
}

function refused(message: string, cause: unknown): RscapError {
  return usageError("limits", `--limits (RSCAP_LIMITS): ${message}`, cause);
}
