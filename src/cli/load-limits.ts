import { readFileSync } from "node:fs";
import { type Limits, PROFILES, parseLimits, profileLimits } from "../mpegts/tr101290/limits.ts";
import { usageError } from "../report/error.ts";

/** The limits that `--limits` names: a built-in profile, or a TOML file. Throws a usage error. */
export function loadLimits(setting: string): Limits {
  const profile = PROFILES.find((name) => name === setting.toLowerCase());
  if (profile !== undefined) return profileLimits(profile);
  let text: string;
  try {
    text = readFileSync(setting, "utf8");
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const why = missing ? "there is no such file" : error instanceof Error ? error.message : String(error);
    throw usageError(
      "limits",
      `--limits (LIMITS): expected ${PROFILES.join(", ")} or a TOML file, got "${setting}": ${why}.`,
      error,
    );
  }
  return parseLimits(text, setting);
}
