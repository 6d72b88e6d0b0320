import { describe, expect, test } from "bun:test";
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
  scrambledAt,
  section,
  trips,
} from "./test-stream.ts";
import { Tr101290 } from "./tr101290.ts";

describe("TR 101 290 5.2.2: second priority", () => {
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
