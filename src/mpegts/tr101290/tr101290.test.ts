import { describe, expect, test } from "bun:test";
import { indicatorSchema } from "../../report/mpegts-schema.ts";
import { NO_WALL_CLOCK } from "../../report/time.ts";
import { INDICATORS } from "./definitions.ts";
import { errors, faults, played, S } from "./test-stream.ts";

describe("TR 101 290: the table", () => {
  test("has 34 rows in the order of the clause, each as the schema has it", () => {
    const rows = played({}).report(S, NO_WALL_CLOCK);
    expect(rows.map(({ number }) => number)).toEqual(INDICATORS.map(({ number }) => number));
    expect(rows).toHaveLength(34);
    for (const indicator of rows) expect(indicatorSchema.parse(indicator)).toEqual(indicator);
  });

  test("a clean stream of 90 s trips nothing and is measured wherever it can be", () => {
    const tr = played({ seconds: 90 });
    expect(errors(tr, 90)).toEqual({});
    const notOk = tr.report(90 * S, NO_WALL_CLOCK).filter(({ state }) => state !== "ok");
    expect(notOk.map(({ number }) => number)).toEqual(["2.4", "2.6", "3.3", "3.7", "3.9", "3.10"]);
    expect(notOk.every(({ reason }) => (reason ?? "") !== "")).toBe(true);
  });

  test("among the faults none is there twice", () => {
    const without = { sdt: [5, 9], bat: [5, 16], pat: [5, 6] } as const;
    const tr = played({ seconds: 40, without });
    expect(errors(tr, 40)).toEqual({ "1.3": 1, "1.3.a": 1, "3.2": 2, "3.5": 1, "3.5.a": 1 });
    expect(faults(tr, 40)).toEqual({ "1.3.a": 1, "3.2": 1, "3.5.a": 1 });
  });
});
