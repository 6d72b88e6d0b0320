import { describe, expect, test } from "bun:test";
import { indicatorSchema } from "../../report/mpegts-schema.ts";
import { NO_WALL_CLOCK } from "../../report/time.ts";
import { REFERENCE } from "./context.ts";
import { INDICATORS } from "./definitions.ts";
import { profileLimits } from "./limits.ts";
import {
  type Changes,
  cleanContext,
  errors,
  FakeContext,
  MS,
  PIDS,
  played,
  S,
  section,
} from "./test-stream.ts";
import { Tr101290 } from "./tr101290.ts";

/** What the stream with these changes trips, at its end. */
const trips = (changes: Changes): Record<string, number> => errors(played(changes), changes.seconds ?? 1);
const row = (tr: Tr101290, number: string, seconds: number) =>
  tr.report(seconds * S, NO_WALL_CLOCK).find((indicator) => indicator.number === number);
const scrambledAt = (pid: number) => (tr: Tr101290, t: number) => tr.packet(pid, t, true);
const foreign = (pid: number, tableId: number) => (tr: Tr101290, t: number) => section(tr, t, pid, tableId);

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

  test("an error_count has no fault twice", () => {
    const without = { sdt: [5, 9], bat: [5, 16], pat: [5, 6] } as const;
    const tr = played({ seconds: 40, without });
    expect(errors(tr, 40)).toEqual({ "1.3": 1, "1.3.a": 1, "3.2": 2, "3.5": 1, "3.5.a": 1 });
    expect(tr.errorCount(40 * S)).toBe(3);
  });
});

describe("priority 1", () => {
  test("1.1 and 1.2", () => {
    expect(trips({ extra: [[0.5, (tr, t) => tr.syncByte(t, 3)]] })).toEqual({ "1.2": 3 });
    expect(trips({ extra: [[0.5, (tr, t) => tr.syncLoss(t)]] })).toEqual({ "1.1": 1 });
  });

  test("1.3: PID 0 absent for more than 0.5 s, once for each absence, at the time it was too long", () => {
    const tr = played({ seconds: 4, without: { pat: [1, 3] } });
    expect(errors(tr, 4)).toEqual({ "1.3": 1, "1.3.a": 1 });
    expect(row(tr, "1.3", 4)).toMatchObject({ first: "+1.400000000s", last: "+1.400000000s", lastPid: 0 });
    expect(trips({ seconds: 4, without: { pat: [1, 1.35] } })).toEqual({});
  });

  test("1.3.a alone: PID 0 goes on without PAT sections", () => {
    const extra = Array.from(
      { length: 10 },
      (_, i) => [1 + i / 10, (tr: Tr101290, t: number) => tr.packet(0, t, false)] as const,
    );
    expect(trips({ seconds: 3, without: { pat: [1, 2] }, extra })).toEqual({ "1.3.a": 1 });
  });

  test("1.3: another table on PID 0; scrambled PID 0", () => {
    expect(trips({ extra: [[0.5, foreign(0, 0x01)]] })).toEqual({ "1.3": 1, "1.3.a": 1 });
    expect(trips({ extra: [[0.5, scrambledAt(0)]] })).toEqual({ "1.3": 1, "1.3.a": 1 });
  });

  test("1.4", () => {
    const extra: Changes["extra"] = [
      [
        0.5,
        (tr, t) => {
          tr.packet(PIDS.video, t, false);
          tr.continuity(PIDS.video, t);
        },
      ],
    ];
    const tr = played({ extra });
    expect(errors(tr, 1)).toEqual({ "1.4": 1 });
    expect(row(tr, "1.4", 1)).toMatchObject({ lastPid: PIDS.video, scope: "pid", clause: "TR 101 290 1.4" });
  });

  test("1.5: no PMT for more than 0.5 s on a program_map_PID; other sections there do not help", () => {
    expect(trips({ seconds: 4, without: { pmt: [1, 2] } })).toEqual({ "1.5": 1, "1.5.a": 1 });
    const extra = [[1.3, foreign(PIDS.pmt, 0x80)]] as const;
    expect(trips({ seconds: 4, without: { pmt: [1, 2] }, extra })).toEqual({ "1.5": 1, "1.5.a": 1 });
    expect(trips({ extra: [[0.5, scrambledAt(PIDS.pmt)]] })).toEqual({ "1.5": 1, "1.5.a": 1 });
  });

  test("1.5: a PMT that never came is missed from the PAT on, until the PAT names it no longer", () => {
    const context = cleanContext().set(0x200, REFERENCE.programMap);
    const extra: Changes["extra"] = [[2, () => context.set(0x200, 0)]];
    expect(trips({ seconds: 1, context: cleanContext().set(0x200, REFERENCE.programMap) })).toEqual({
      "1.5": 1,
      "1.5.a": 1,
    });
    expect(trips({ seconds: 9, context, extra })).toEqual({ "1.5": 1, "1.5.a": 1 });
  });

  test("1.6: a video PID away for more than 5 s, counted in the report and once when it comes back", () => {
    const without = { audio: [1, 7], audioPts: [1, 7] } as const;
    expect(errors(played({ seconds: 5.9, without }), 5.9)).toEqual({ "2.5": 1 });
    expect(errors(played({ seconds: 6.9, without }), 6.9)).toEqual({ "1.6": 1, "2.5": 1 });
    const tr = played({ seconds: 9, without });
    expect(errors(tr, 9)).toEqual({ "1.6": 1, "2.5": 1 });
    expect(row(tr, "1.6", 9)).toMatchObject({ first: "+5.953000000s", lastPid: PIDS.audio });
  });

  test("1.6: a component that never comes; subtitles and data may stay away (5.2.1)", () => {
    const context = cleanContext()
      .set(0x200, REFERENCE.component | REFERENCE.audioVideo)
      .set(0x201, REFERENCE.component);
    expect(trips({ seconds: 6, context })).toEqual({ "1.6": 1 });
    const subtitles = cleanContext().set(0x201, REFERENCE.component);
    expect(trips({ seconds: 6, context: subtitles })).toEqual({});
    expect(trips({ seconds: 6, context: subtitles, limits: { otherPidMs: 2000 } })).toEqual({ "1.6": 1 });
  });

  test("1.6: what a PID missed until it was no longer named stays counted", () => {
    const context = cleanContext().set(0x200, REFERENCE.component | REFERENCE.audioVideo);
    expect(trips({ seconds: 9, context, extra: [[7, () => context.set(0x200, 0)]] })).toEqual({ "1.6": 1 });
    const early = cleanContext().set(0x200, REFERENCE.component | REFERENCE.audioVideo);
    expect(trips({ seconds: 9, context: early, extra: [[3, () => early.set(0x200, 0)]] })).toEqual({});
  });
});

describe("priority 2", () => {
  test("2.1", () => {
    expect(trips({ extra: [[0.5, (tr, t) => tr.transportError(-1, t)]] })).toEqual({ "2.1": 1 });
  });

  test("2.2: of the tables that the clause names only, and of ATSC in its profile", () => {
    const damaged = (...tables: number[]): Changes["extra"] =>
      tables.map((id, i) => [
        i / 1000 + 0.5,
        (tr, t) => {
          tr.packet(0x12, t, false);
          tr.crcError(0x12, id, t);
        },
      ]);
    const named = [0x00, 0x01, 0x02, 0x40, 0x41, 0x42, 0x46, 0x4a, 0x4e, 0x50, 0x6f, 0x73];
    expect(trips({ extra: damaged(...named) })).toEqual({ "2.2": named.length });
    expect(trips({ extra: damaged(0x03, 0x70, 0x72, 0x74, 0xc7, 0xcd, 0xfc) })).toEqual({});
    expect(trips({ extra: damaged(0xc7, 0xcd, 0xfc), limits: { profile: "atsc" } })).toEqual({ "2.2": 2 });
  });

  test("2.3.a: PCRs late, but with values that go on", () => {
    const late: Changes["extra"] = [
      [
        0.12,
        (tr, t) => {
          tr.packet(PIDS.video, t, false);
          tr.pcr(PIDS.video, 0.084 * 27e6, t, false);
        },
      ],
      [
        0.16,
        (tr, t) => {
          tr.packet(PIDS.video, t, false);
          tr.pcr(PIDS.video, 0.15 * 27e6, t, false);
        },
      ],
    ];
    // 4 ms, then 120 ms with the value of 84 ms.
    expect(trips({ without: { pcr: [0.01, 0.2] }, extra: late })).toEqual({ "2.3": 1, "2.3.a": 1 });
  });

  test("2.3.b: a step that nothing signals, forward or back, is not counted in 2.3.a again", () => {
    expect(trips({ without: { pcr: [0.3, 0.5] } })).toEqual({ "2.3": 1, "2.3.b": 1 });
    const back: Changes["extra"] = [
      [
        0.345,
        (tr, t) => {
          tr.packet(PIDS.video, t, false);
          tr.pcr(PIDS.video, 5 * 27e6, t, false);
        },
      ],
    ];
    // Forward to the strange value, and back.
    expect(trips({ extra: back })).toEqual({ "2.3": 2, "2.3.b": 2 });
  });

  test("2.3.a: times made from PCRs say nothing of the time between two; they show where PCRs stop", () => {
    const tr = new Tr101290(profileLimits("dvb"), cleanContext(), false);
    section(tr, 0, 0x00, 0x00);
    for (const ms of [10, 110.3, 209.8]) {
      tr.packet(PIDS.video, ms * MS, false);
      tr.pcr(PIDS.video, Math.round(ms / 100) * 2_700_000, ms * MS, false);
    }
    expect(errors(tr, 0.3)).toEqual({});
    expect(errors(tr, 0.4)).toEqual({ "2.3": 1, "2.3.a": 1 });
  });

  test("2.3: a signalled step is none; the time counts all the same", () => {
    const jump = (signal: boolean, at: number): Changes["extra"] => [
      [at - 0.001, (tr) => signal && tr.discontinuity(PIDS.video)],
      [
        at,
        (tr, t) => {
          tr.packet(PIDS.video, t, false);
          tr.pcr(PIDS.video, 5000 * 27e6, t, false);
        },
      ],
    ];
    const without = { pcr: [0.8, 1] } as const;
    expect(trips({ seconds: 0.9, without, extra: jump(true, 0.81) })).toEqual({});
    expect(trips({ seconds: 0.9, without, extra: jump(false, 0.81) })).toEqual({ "2.3": 1, "2.3.b": 1 });
    expect(trips({ without, extra: jump(true, 0.94) })).toEqual({ "2.3": 1, "2.3.a": 1 });
  });

  test("2.3: the PCR wraps after 26.5 hours without an error", () => {
    const tr = new Tr101290(profileLimits("dvb"), new FakeContext());
    const modulus = 2 ** 33 * 300;
    for (let i = 0; i < 10; i += 1) {
      tr.packet(PIDS.video, i * 40 * MS, false);
      tr.pcr(PIDS.video, (modulus - 5 * 1_080_000 + i * 1_080_000) % modulus, i * 40 * MS, false);
    }
    expect(errors(tr, 0.4)).toEqual({});
  });

  test("2.3: PCRs stop, or never come; those of a PID that is no PCR_PID are nobody's clock", () => {
    expect(trips({ without: { pcr: [0.5, 9] } })).toEqual({ "2.3": 1, "2.3.a": 1 });
    expect(trips({ without: { pcr: [0, 9] } })).toEqual({ "2.3": 1, "2.3.a": 1 });
    const extra: Changes["extra"] = [0.1, 0.9].map((at) => [
      at,
      (tr, t) => {
        tr.packet(PIDS.audio, t, false);
        tr.pcr(PIDS.audio, t, t, false);
      },
    ]);
    expect(trips({ extra })).toEqual({});
  });

  test("2.4: beyond 500 ns either way; not measurable until something is measured", () => {
    expect(trips({ extra: [[0.5, (tr, t) => tr.pcrAccuracy(PIDS.video, -501, t)]] })).toEqual({ "2.4": 1 });
    const tr = played({ extra: [[0.5, (t) => t.pcrAccuracyNotMeasurable("too coarse")]] });
    expect(row(tr, "2.4", 1)).toMatchObject({ state: "not measurable", reason: "too coarse", count: 0 });
    tr.pcrAccuracy(PIDS.video, Number.NaN, S);
    expect(row(tr, "2.4", 1)?.state).toBe("not measurable");
    tr.pcrAccuracy(PIDS.video, 500, S);
    tr.pcrAccuracyNotMeasurable("later");
    expect(row(tr, "2.4", 1)?.state).toBe("ok");
  });

  test("2.5: more than 700 ms between PTS of video or audio, still pictures and other streams excepted", () => {
    const without = { videoPts: [1, 1.8] } as const;
    expect(trips({ seconds: 3, without })).toEqual({ "2.5": 1 });
    expect(trips({ seconds: 2.5, without: { videoPts: [1, 9] } })).toEqual({ "2.5": 1 });
    const flags = REFERENCE.component | REFERENCE.pcr;
    const still = cleanContext().set(PIDS.video, flags | REFERENCE.audioVideo | REFERENCE.stillPictures);
    expect(trips({ seconds: 3, without, context: still })).toEqual({});
    expect(trips({ seconds: 3, without, context: cleanContext().set(PIDS.video, flags) })).toEqual({});
  });

  test("2.5: where packets are scrambled no PTS can be seen, so none is missed", () => {
    const extra: Changes["extra"] = [
      [0.5, scrambledAt(PIDS.video)],
      [0.6, (tr, t) => section(tr, t, 1, 1)],
      [1.4, (tr, t) => section(tr, t, 1, 1)],
    ];
    expect(trips({ seconds: 2.2, without: { videoPts: [0.5, 9] }, extra })).toEqual({});
  });

  test("2.6: scrambled packets without a CAT; another table on PID 1", () => {
    const scrambled: Changes["extra"] = Array.from({ length: 20 }, (_, i) => [
      0.5 + i / 10,
      scrambledAt(PIDS.audio),
    ]);
    const tr = played({ seconds: 4, extra: scrambled });
    expect(errors(tr, 4)).toEqual({ "2.6": 1 });
    expect(row(tr, "2.6", 4)?.first).toBe("+1.500000000s");
    const cats: Changes["extra"] = [0.9, 1.8].map((at) => [at, foreign(1, 1)]);
    expect(trips({ seconds: 4, extra: [...scrambled, ...cats] })).toEqual({});
    expect(trips({ extra: [[0.5, foreign(1, 0)]] })).toEqual({ "2.6": 1 });
  });

  test("2.6: after a pause in scrambling the CAT has its time again; one that comes late counts once", () => {
    const at = (seconds: number) => [seconds, scrambledAt(PIDS.audio)] as const;
    const cat = (seconds: number) => [seconds, foreign(1, 1)] as const;
    expect(trips({ seconds: 9, extra: [cat(0.4), at(0.5), at(6), cat(6.5)] })).toEqual({});
    expect(trips({ seconds: 9, extra: [at(0.5), at(1), at(2), cat(2.5), at(3)] })).toEqual({ "2.6": 1 });
    expect(trips({ seconds: 9, extra: [cat(0.4), at(0.5), at(1.45), at(5), cat(5.1)] })).toEqual({
      "2.6": 1,
    });
  });
});

describe("priority 3", () => {
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
