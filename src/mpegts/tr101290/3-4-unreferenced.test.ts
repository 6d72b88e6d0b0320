import { describe, expect, test } from "bun:test";
import { REFERENCE } from "./context.ts";
import { type Limits, profileLimits } from "./limits.ts";
import { errors, FakeContext, MS, PIDS, row, S, scrambledAt, section } from "./test-stream.ts";
import { Tr101290 } from "./tr101290.ts";

const PMT = (program: number): number => 0x100 + program;
const COUNTED = { "3.4": 1, "3.4.a": 1 };

type Play = (tr: Tr101290, timeNs: number, context: FakeContext) => void;

/** The PAT with its first or another section. */
const pat = (number = 0, last = 0, programs = [1]): Play => {
  return (tr, t, context) => {
    context.programs = programs;
    for (const program of programs) context.set(PMT(program), REFERENCE.programMap);
    section(tr, t, 0, 0, 7, number, last);
  };
};

/** The PMT of a program, with a PID that it names. */
const pmt = (program: number, pid: number, current = true): Play => {
  return (tr, t, context) => {
    if (current) context.set(pid, REFERENCE.component);
    tr.packet(PMT(program), t, false);
    tr.section(PMT(program), 2, (current ? 65536 : 0) + program, 0, 0, t, t, current);
  };
};

/** A stream of two PIDs, one of them without a name for ever, with tables at milliseconds of it. */
function joined(ms: number, tables: readonly (readonly [at: number, play: Play])[], limits = {}) {
  const context = new FakeContext();
  const tr = new Tr101290({ ...profileLimits("dvb"), ...limits } satisfies Limits, context);
  for (let at = 0; at < ms; at += 10) {
    for (const [when, play] of tables) if (when === at) play(tr, at * MS, context);
    for (const pid of [PIDS.audio, PIDS.stray]) tr.packet(pid, at * MS, false);
  }
  return tr;
}

const counts = (tr: Tr101290, ms: number): Record<string, number> => {
  const { "3.4": old = 0, "3.4.a": now = 0 } = errors(tr, ms / 1000);
  return { "3.4": old, "3.4.a": now };
};

describe("TR 101 290 3.4, 3.4.a: a stream that is joined", () => {
  test("1.3.a, 1.5.a: PAT and PMT may take 0.5 s each, so the limit begins once both have come", () => {
    const tables = [[440, pat()] as const, [880, pmt(1, PIDS.audio)] as const];
    expect(counts(joined(1380, tables), 1380)).toEqual({ "3.4": 0, "3.4.a": 0 });
    const tr = joined(1500, tables);
    expect(counts(tr, 1500)).toEqual(COUNTED);
    expect(row(tr, "3.4.a", 1.5)).toMatchObject({ first: "+1.380000000s", lastPid: PIDS.stray });
  });

  test("each program of each section of the PAT has to be known", () => {
    const tables = [
      [0, pat(0, 1, [1])] as const,
      [10, pmt(1, PIDS.audio)] as const,
      [300, pat(1, 1, [1, 2])] as const,
      [700, pmt(2, 0x300)] as const,
    ];
    expect(row(joined(1300, tables), "3.4", 1.3)).toMatchObject({ count: 1, first: "+1.200000000s" });
  });

  test("a PMT that is not in force yet says nothing", () => {
    const tables = [
      [0, pat()],
      [10, pmt(1, PIDS.audio, false)],
      [400, pmt(1, PIDS.audio)],
    ] as const;
    expect(row(joined(1000, tables), "3.4", 1)).toMatchObject({ count: 1, first: "+0.900000000s" });
  });

  test("tables that do not come in their time are waited for no longer", () => {
    expect(row(joined(2000, []), "3.4", 2)).toMatchObject({ count: 2, first: "+1.500000000s" });
    expect(row(joined(2000, [[100, pat()]]), "3.4", 2)).toMatchObject({ count: 2, first: "+1.100000000s" });
  });

  test("2.6: where packets are scrambled the CAT is waited for too", () => {
    const known = [
      [0, pat()],
      [10, pmt(1, PIDS.audio)],
      [20, scrambledAt(PIDS.audio)],
    ] as const;
    const cat: Play = (tr, t) => section(tr, t, 1, 1);
    expect(row(joined(1400, [...known, [800, cat]]), "3.4", 1.4)).toMatchObject({ first: "+1.300000000s" });
    expect(row(joined(1800, known), "3.4", 1.8)).toMatchObject({ first: "+1.500000000s" });
  });

  test("after a gap the tables may be others, and are waited for again", () => {
    const tables = [
      [0, pat()],
      [10, pmt(1, 0x300)],
      [20, (tr: Tr101290) => tr.reset()],
      [460, pat()],
      [900, pmt(1, PIDS.audio)],
    ] as const;
    const tr = joined(1500, tables);
    expect(row(tr, "3.4", 1.5)).toMatchObject({ count: 1, first: "+1.400000000s" });
  });

  test("not measurable until the tables are known for 0.5 s", () => {
    const tr = joined(
      800,
      [
        [0, pat()],
        [400, pmt(1, PIDS.audio)],
      ],
      { privatePids: [PIDS.stray] },
    );
    const reason = "PAT and PMTs are not known for 0.5 s yet";
    expect(row(tr, "3.4", 0.8)).toMatchObject({ state: "not measurable", reason });
    expect(row(tr, "3.4", 0.9)?.state).toBe("ok");
    tr.reset();
    section(tr, 90 * S, 0, 0);
    expect(row(tr, "3.4", 90.1)?.state).toBe("not measurable");
    const long = joined(
      1000,
      [
        [0, pat()],
        [400, pmt(1, PIDS.audio)],
      ],
      { privatePids: [PIDS.stray] },
    );
    long.reset();
    section(long, 90 * S, 0, 0);
    expect(row(long, "3.4", 90.1)?.state).toBe("ok");
  });
});
