import { describe, expect, test } from "bun:test";
import { NO_WALL_CLOCK } from "../../report/time.ts";
import { REFERENCE } from "./context.ts";
import { profileLimits } from "./limits.ts";
import {
  type Changes,
  cleanContext,
  errors,
  FakeContext,
  foreign,
  MS,
  PIDS,
  played,
  row,
  S,
  section,
  trips,
} from "./test-stream.ts";
import { Tr101290 } from "./tr101290.ts";

describe("TR 101 290 5.2.3: third priority", () => {
  test("3.1, 3.1.a: another table on PID 0x10; no NIT for more than 10 s", () => {
    expect(trips({ extra: [[0.5, foreign(0x10, 0x42)]] })).toEqual({ "3.1": 1, "3.1.a": 1 });
    const all = { nit: [1, 17], nitOther0: [1, 17], nitOther1: [1, 17] } as const;
    expect(trips({ seconds: 30, without: all })).toEqual({ "3.1": 1, "3.1.a": 1, "3.1.b": 2, "3.2": 3 });
  });

  test("3.1.a: no NIT_actual while a NIT_other comes; two within 25 ms", () => {
    expect(trips({ seconds: 30, without: { nit: [1, 17] } })).toEqual({ "3.1.a": 1, "3.2": 1 });
    const soon = (gap: number): Changes["extra"] => [[5.007 + gap, (tr, t) => section(tr, t, 0x10, 0x40, 1)]];
    expect(trips({ seconds: 9, extra: soon(0.0249) })).toEqual({ "3.1.a": 1, "3.2": 1 });
    expect(trips({ seconds: 9, extra: soon(0.025) })).toEqual({});
  });

  test("3.1.b: the same section of a NIT_other after more than 10 s", () => {
    const tr = played({ seconds: 30, without: { nitOther1: [1, 17] } });
    expect(errors(tr, 30)).toEqual({ "3.1.b": 1, "3.2": 1 });
    expect(row(tr, "3.1.b", 30)).toMatchObject({ first: "+10.058000000s", lastPid: 0x10 });
  });

  test("3.1.b: a section that the next version has no longer is not missed", () => {
    const extra: Changes["extra"] = [2, 7, 12, 17, 22, 27].map((at) => [
      at,
      (tr, t) => section(tr, t, 0x10, 0x41, 3, 0, 0),
    ]);
    const first: Changes["extra"] = [[1, (tr, t) => section(tr, t, 0x10, 0x41, 3, 1, 1)]];
    expect(trips({ seconds: 30, extra: [...first, ...extra] })).toEqual({});
  });

  test("3.2 alone: BAT, TOT, EIT schedule, one of two services of an EIT", () => {
    expect(trips({ seconds: 30, without: { bat: [1, 17] } })).toEqual({ "3.2": 1 });
    expect(trips({ seconds: 60, without: { tot: [1, 50] } })).toEqual({ "3.2": 1 });
    expect(trips({ seconds: 30, without: { schedule: [1, 17] } })).toEqual({ "3.2": 1 });
    expect(trips({ seconds: 9, without: { secondEit0: [3, 6], secondEit1: [3, 6] } })).toEqual({ "3.2": 2 });
  });

  test("3.2: a section of a schedule that comes no more was taken out", () => {
    expect(trips({ seconds: 90, without: { schedule: [1, 99] } })).toEqual({});
    expect(trips({ seconds: 130, without: { schedule: [1, 110] } })).toEqual({});
  });

  test("3.1.b, 3.5.b, 3.6.b, 3.2: what no table announces may end; it is late when it comes again", () => {
    const quiet = (announced: boolean, to: number): Record<string, number> => {
      const context = cleanContext();
      for (const [id, key] of [
        [0x41, 2],
        [0x46, 2],
        [0x4a, 1],
        [0x4f, 9],
        [0x4e, 2],
      ] as const)
        context.announce(id, key, announced);
      const gone = [21, to] as const;
      const other = { nitOther0: gone, nitOther1: gone, sdtOther: gone, eitOther0: gone, eitOther1: gone };
      const without = { ...other, bat: gone, secondEit0: gone, secondEit1: gone };
      return trips({ seconds: 150, context, without });
    };
    const late = { "3.1.b": 2, "3.2": 8, "3.5.b": 1, "3.6.b": 2 };
    expect(quiet(true, 999)).toEqual(late);
    expect(quiet(true, 38)).toEqual(late);
    expect(quiet(false, 999)).toEqual({});
    expect(quiet(false, 38)).toEqual(late);
    expect(quiet(false, 130)).toEqual({});
  });

  test("3.2, 3.6.b: what is announced no longer is not missed, nor late when its service is there again", () => {
    for (const [id, key, name, other] of [
      [0x4e, 2, "secondEit0", "secondEit1"],
      [0x4f, 9, "eitOther0", "eitOther1"],
      [0x50, 1, "schedule", "schedule"],
    ] as const) {
      const context = cleanContext();
      const extra: Changes["extra"] = [
        [15, () => context.announce(id, key, false)],
        [30, () => context.announce(id, key, true)],
      ];
      const without = { [name]: [15, 30], [other]: [15, 30] };
      expect(trips({ seconds: 45, context, without, extra })).toEqual({});
      expect(trips({ seconds: 45, without })["3.2"]).toBeGreaterThan(0);
    }
  });

  test("EN 300 468 5.1.1: tables that are not in force yet end when they come into force", () => {
    const next = (pid: number, id: number): Changes["extra"] =>
      [2, 4].map((at) => [
        at,
        (tr, t) => {
          tr.packet(pid, t, false);
          tr.section(pid, id, 0x77, 0, 0, t, t, false);
        },
      ]);
    const extra = [
      [0x10, 0x41],
      [0x11, 0x46],
      [0x11, 0x42],
      [0x12, 0x4f],
    ].flatMap(([pid = 0, id = 0]) => next(pid, id) ?? []);
    expect(trips({ seconds: 30, extra })).toEqual({});
  });

  test("TR 101 211 4.4: schedules of terrestrial networks, by day and stream", () => {
    const late = (terrestrial: boolean, tableId: number, number: number, afterS: number): number => {
      const context = new FakeContext();
      context.terrestrial = terrestrial;
      const tr = new Tr101290(profileLimits("dvb"), context);
      tr.packet(0x12, 0, false);
      for (const t of [0, afterS * S]) tr.section(0x12, tableId, 1, number, number, t);
      const rows = tr.faults(afterS * S, NO_WALL_CLOCK);
      return rows.find((row) => row.number === "3.2")?.count ?? 0;
    };
    const longest = (terrestrial: boolean, tableId: number, number: number): number => {
      const least = [10, 30, 60, 300].find((s) => late(terrestrial, tableId, number, s + 1) > 0) ?? 0;
      expect(late(terrestrial, tableId, number, least)).toBe(0);
      return least;
    };
    const cases = [
      [0x50, 0],
      [0x50, 63],
      [0x50, 64],
      [0x51, 0],
      [0x52, 0],
      [0x60, 63],
      [0x60, 64],
      [0x61, 0],
      [0x6f, 0],
    ] as const;
    expect(cases.map(([table, number]) => longest(false, table, number))).toEqual([
      10, 10, 10, 10, 30, 10, 10, 10, 30,
    ]);
    expect(cases.map(([table, number]) => longest(true, table, number))).toEqual([
      10, 10, 30, 30, 30, 60, 300, 300, 300,
    ]);
  });

  test("3.2: the tables of A/65", () => {
    const every = (seconds: number, id: number, to: number): Changes["extra"] =>
      Array.from({ length: Math.floor(to / seconds) }, (_, i) => [
        i * seconds + 0.001,
        (tr, t) => section(tr, t, 0x1ffb, id),
      ]);
    expect(trips({ seconds: 3, extra: every(0.14, 0xc7, 3.1) })).toEqual({});
    expect(trips({ seconds: 3, extra: every(0.2, 0xc7, 3) })).toEqual({ "3.2": 15 });
  });

  test("3.3, 3.9, 3.10: not measurable until a stream is modelled", () => {
    const extra: Changes["extra"] = [[0.5, (tr) => tr.notModelled("no such codec")]];
    const tr = played({ extra });
    expect(row(tr, "3.3", 1)).toMatchObject({ state: "not measurable", reason: "no such codec" });
    tr.modelled();
    tr.notModelled("later");
    for (const number of ["3.3", "3.9", "3.10"]) expect(row(tr, number, 1)?.state).toBe("ok");
    expect(trips({ extra: [[0.5, (t, at) => t.bufferError(PIDS.video, at)]] })).toEqual({ "3.3": 1 });
    expect(trips({ extra: [[0.5, (t, at) => t.emptyBuffer(PIDS.video, at)]] })).toEqual({ "3.9": 1 });
    expect(trips({ extra: [[0.5, (t, at) => t.dataDelay(PIDS.video, 1 * S, at)]] })).toEqual({});
    expect(trips({ extra: [[0.5, (t, at) => t.dataDelay(PIDS.video, 1.1 * S, at)]] })).toEqual({ "3.10": 1 });
    const still = cleanContext().set(
      PIDS.video,
      REFERENCE.component | REFERENCE.pcr | REFERENCE.stillPictures,
    );
    const delay = (seconds: number): Changes["extra"] => [
      [0.5, (t, at) => t.dataDelay(PIDS.video, seconds * S, at)],
    ];
    expect(trips({ context: still, extra: delay(59) })).toEqual({});
    expect(trips({ context: still, extra: delay(61) })).toEqual({ "3.10": 1 });
  });

  test("3.4, 3.4.a: a PID that no table names, once however long it comes", () => {
    const stray = (pid: number, times: number): Changes["extra"] =>
      Array.from({ length: times }, (_, i) => [0.2 + i / 10, (tr, t) => tr.packet(pid, t, false)]);
    const tr = played({ seconds: 3, extra: stray(PIDS.stray, 20) });
    expect(errors(tr, 3)).toEqual({ "3.4": 1, "3.4.a": 1 });
    expect(row(tr, "3.4", 3)).toMatchObject({ first: "+0.700000000s", lastPid: PIDS.stray });
    // One packet only: seen by the report.
    expect(trips({ seconds: 3, extra: stray(PIDS.stray, 1) })).toEqual({ "3.4": 1, "3.4.a": 1 });
    expect(errors(played({ seconds: 0.7, extra: stray(PIDS.stray, 5) }), 0.7)).toEqual({});
    for (const pid of [0x1f, 0x1fff, 0x1ffb])
      expect(trips({ seconds: 3, extra: stray(pid, 20) })).toEqual({});
    expect(trips({ seconds: 3, extra: stray(0x55, 20), limits: { privatePids: [0x55] } })).toEqual({});
  });

  test("3.4: named in time, by the CAT too; named no longer", () => {
    const emm: Changes["extra"] = Array.from({ length: 20 }, (_, i) => [
      0.2 + i / 10,
      (tr, t) => tr.packet(PIDS.emm, t, false),
    ]);
    const named = (at: number, context: FakeContext, bits: number): Changes["extra"] => [
      ...emm,
      [at, () => context.set(PIDS.emm, bits)],
    ];
    const inTime = cleanContext();
    expect(trips({ seconds: 3, context: inTime, extra: named(0.5, inTime, REFERENCE.cat) })).toEqual({});
    const late = cleanContext();
    expect(trips({ seconds: 3, context: late, extra: named(1.5, late, REFERENCE.cat) })).toEqual({
      "3.4": 1,
      "3.4.a": 1,
    });
    const gone = cleanContext().set(PIDS.emm, REFERENCE.cat);
    const tr = played({ seconds: 3, context: gone, extra: named(1.35, gone, 0) });
    expect(errors(tr, 3)).toEqual({ "3.4": 1, "3.4.a": 1 });
    expect(row(tr, "3.4.a", 3)?.first).toBe("+1.900000000s");
  });

  test("3.5, 3.5.a: no SDT_actual for 2 s; another table; two within 25 ms", () => {
    expect(trips({ seconds: 9, without: { sdt: [2, 5] } })).toEqual({ "3.2": 1, "3.5": 1, "3.5.a": 1 });
    expect(trips({ extra: [[0.5, foreign(0x11, 0x40)]] })).toEqual({ "3.5": 1, "3.5.a": 1 });
    const soon: Changes["extra"] = [[1.02, (tr, t) => section(tr, t, 0x11, 0x42, 1)]];
    expect(trips({ seconds: 2, extra: soon })).toEqual({ "3.2": 1, "3.5.a": 1 });
  });

  test("3.5.b: the same section of an SDT_other after more than 10 s", () => {
    expect(trips({ seconds: 30, without: { sdtOther: [1, 17] } })).toEqual({ "3.2": 1, "3.5.b": 1 });
  });

  test("3.6, 3.6.a: no present/following for 2 s; another table on PID 0x12", () => {
    const all = { eit0: [2, 6], eit1: [2, 6], secondEit0: [2, 6], secondEit1: [2, 6] } as const;
    expect(trips({ seconds: 9, without: all })).toEqual({ "3.2": 4, "3.6": 1, "3.6.a": 2 });
    expect(trips({ extra: [[0.6, foreign(0x12, 0x42)]] })).toEqual({ "3.6": 1, "3.6.a": 1 });
  });

  test("3.6.a: section 1 away for 2 s; two sections of a service within 25 ms, not of two services", () => {
    const without = { eit1: [2, 5], secondEit1: [2, 5] } as const;
    expect(trips({ seconds: 9, without })).toEqual({ "3.2": 2, "3.6.a": 1, "3.6.c": 2 });
    const soon: Changes["extra"] = [[1.02, (tr, t) => section(tr, t, 0x12, 0x4e, 1, 1, 1)]];
    expect(trips({ seconds: 2, extra: soon })).toEqual({ "3.2": 1, "3.6.a": 1 });
  });

  test("3.6.b: section 0 or 1 of an EIT of another stream after more than 10 s", () => {
    expect(trips({ seconds: 40, without: { eitOther0: [1, 17] } })).toEqual({
      "3.2": 1,
      "3.6.b": 1,
      "3.6.c": 1,
    });
    const both = { eitOther0: [6, 22], eitOther1: [6, 22] } as const;
    expect(trips({ seconds: 40, without: both })).toEqual({ "3.2": 2, "3.6.b": 2 });
  });

  test("3.6.c: one section without the other, counted once until it comes", () => {
    const alone: Changes["extra"] = [1, 5, 9, 13, 17].map((at) => [
      at,
      (tr, t) => section(tr, t, 0x12, 0x4f, 8, 0, 1),
    ]);
    expect(trips({ seconds: 20, extra: alone })).toEqual({ "3.6.c": 1 });
  });

  test("3.7: another table on PID 0x13; two RST within 25 ms; none has to come", () => {
    expect(trips({ extra: [[0.5, foreign(0x13, 0x70)]] })).toEqual({ "3.7": 1 });
    expect(
      trips({
        extra: [
          [0.5, foreign(0x13, 0x71)],
          [0.51, foreign(0x13, 0x71)],
        ],
      }),
    ).toEqual({ "3.2": 1, "3.7": 1 });
    expect(
      trips({
        extra: [
          [0.5, foreign(0x13, 0x71)],
          [0.6, foreign(0x13, 0x71)],
        ],
      }),
    ).toEqual({});
  });

  test("3.8: no TDT for 30 s; another table on PID 0x14; two TDT within 25 ms", () => {
    expect(trips({ seconds: 70, without: { tdt: [1, 55] } })).toEqual({ "3.2": 1, "3.8": 1 });
    expect(trips({ extra: [[0.5, foreign(0x14, 0x42)]] })).toEqual({ "3.8": 1 });
    expect(trips({ extra: [[0.02, foreign(0x14, 0x70)]] })).toEqual({ "3.2": 1, "3.8": 1 });
  });

  test("stuffing tables are allowed on the PIDs of SI", () => {
    const extra: Changes["extra"] = [0x10, 0x11, 0x12, 0x13, 0x14].map((pid) => [0.5, foreign(pid, 0x72)]);
    expect(trips({ extra })).toEqual({});
  });

  test("tables that DVB asks for are missed only where their PID comes, or the limits ask for them", () => {
    const none = (seconds: number, limits = {}): Record<string, number> => {
      const tr = new Tr101290({ ...profileLimits("dvb"), ...limits }, new FakeContext());
      for (let t = 0; t < seconds * S; t += 100 * MS) section(tr, t, 0, 0, 1);
      return errors(tr, seconds);
    };
    expect(none(40)).toEqual({});
    expect(none(40, { requireSi: true })).toEqual({
      "3.1": 1,
      "3.1.a": 1,
      "3.5": 1,
      "3.5.a": 1,
      "3.6": 1,
      "3.6.a": 2,
      "3.8": 1,
    });
  });
});
