import { describe, expect, test } from "bun:test";
import { RscapError } from "../../report/error.ts";
import { LIMIT_SETTINGS, parseLimits, profileLimits } from "./limits.ts";

/** What is thrown for this file. */
function refusal(text: string): RscapError {
  try {
    parseLimits(text, "limits.toml");
  } catch (error) {
    if (error instanceof RscapError) return error;
  }
  throw new Error("it was accepted");
}

describe("limits of TR 101 290", () => {
  test("the dvb profile has those of the clauses", () => {
    const { patMs, pmtMs, pcrRepetitionMs, pcrAccuracyNs, ptsMs, sectionGapMs, tdtMs } = profileLimits("dvb");
    expect([patMs, pmtMs, pcrRepetitionMs, pcrAccuracyNs, ptsMs, sectionGapMs, tdtMs]).toEqual([
      500, 500, 100, 500, 700, 25, 30_000,
    ]);
  });

  test("the atsc profile has those of A/53 and A/65", () => {
    const { patMs, pmtMs, mgtMs, vctMs, profile } = profileLimits("atsc");
    expect([patMs, pmtMs, mgtMs, vctMs, profile]).toEqual([100, 400, 150, 400, "atsc"]);
  });

  test("a file states some, its profile the rest", () => {
    expect(parseLimits("", "x")).toEqual(profileLimits("dvb"));
    expect(parseLimits('profile = "atsc"\n', "x")).toEqual(profileLimits("atsc"));
    const limits = parseLimits("pmtMs = 200.5\nprivatePids = [500]\nrequireSi = true\n", "x");
    expect(limits).toEqual({ ...profileLimits("dvb"), pmtMs: 200.5, privatePids: [500], requireSi: true });
  });

  test("every limit can be stated", () => {
    for (const name of Object.keys(LIMIT_SETTINGS)) {
      expect(parseLimits(`${name} = 1`, "x")).toEqual({ ...profileLimits("dvb"), [name]: 1 });
    }
  });

  test("what is wrong is refused by name, as a wrong setting", () => {
    expect(refusal("pmtMs = -1").message).toContain("pmtMs");
    expect(refusal('patMs = "soon"').message).toContain("patMs");
    expect(refusal("patms = 3").message).toContain("no limit patms");
    expect(refusal("patms = 3").message).toContain("known are profile");
    expect(refusal('profile = "isdb"').message).toContain("profile");
    expect(refusal("privatePids = [9000]").message).toContain("privatePids");
    expect(refusal("this is = = no toml").message).toContain("limits.toml is no TOML file");
    expect(refusal("pmtMs = -1").exitCode).toBe(2);
    expect(refusal("pmtMs = -1").message).toContain("--limits (RSCAP_LIMITS)");
  });
});
