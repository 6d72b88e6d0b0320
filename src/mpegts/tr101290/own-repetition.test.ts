import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Changes, errors, faults, played, type SourceName, section } from "./test-stream.ts";

/** The rows that are findings at the end of a stream with these changes; 3.2 with what it alone has seen. */
const found = (changes: Changes): Record<string, number> => faults(played(changes), changes.seconds ?? 1);

type Extra = NonNullable<Changes["extra"]>;

/** A section of an SDT of two sections, every second but from 9 to 20 s where it is to be `away`. */
const sdt = (number: number, away: boolean): Extra =>
  Array.from({ length: 40 }, (_, i) => i + 0.3 + number / 10)
    .filter((at) => !away || at < 9 || at > 20)
    .map((at) => [at, (tr, t) => section(tr, t, 0x11, 0x42, 1, number, 1)]);

describe("TR 101 290 3.2: a finding where no other row counts the same", () => {
  test("tables that 3.2 alone looks at", () => {
    expect(found({ seconds: 30, without: { bat: [1, 17] } })).toEqual({ "3.2": 1 });
    expect(found({ seconds: 17, without: { bat: [1, 17] } })).toEqual({ "3.2": 1 });
    expect(found({ seconds: 60, without: { tot: [1, 50] } })).toEqual({ "3.2": 1 });
    expect(found({ seconds: 30, without: { schedule: [1, 17] } })).toEqual({ "3.2": 1 });
    const mgt: Extra = [0.1, 10.1].map((at) => [at, (tr, t) => section(tr, t, 0x1ffb, 0xc7)]);
    expect(found({ seconds: 10.2, extra: mgt })).toEqual({ "3.2": 1 });
  });

  test("not where a table is away as a whole", () => {
    const nit = { nit: [1, 17], nitOther0: [1, 17], nitOther1: [1, 17] } as const;
    const sdt = { sdt: [2, 9], sdtOther: [1, 17] } as const;
    const eit = { eit0: [2, 6], eit1: [2, 6], secondEit0: [2, 6], secondEit1: [2, 6] } as const;
    const other = { eitOther0: [6, 22], eitOther1: [6, 22] } as const;
    for (const [without, expected] of [
      [nit, { "3.1.a": 1, "3.1.b": 2 }],
      [sdt, { "3.5.a": 1, "3.5.b": 1 }],
      [eit, { "3.6.a": 2 }],
      [other, { "3.6.b": 2 }],
      [{ tdt: [1, 55] }, { "3.8": 1 }],
    ] as const) {
      expect(found({ seconds: 70, without })).toEqual(expected);
    }
    expect(found({ seconds: 17, without: nit })).toEqual({ "3.1.a": 1, "3.1.b": 2 });
    expect(found({ seconds: 5.9, without: eit })).toEqual({ "3.6.a": 2 });
  });

  test("one section of several, and one service of several", () => {
    const two = { without: { sdt: [0, 99] }, extra: [...sdt(0, false), ...sdt(1, true)] } as const;
    expect(found({ seconds: 30, ...two })).toEqual({ "3.2": 1 });
    expect(found({ seconds: 19, ...two })).toEqual({ "3.2": 1 });
    const none = [...sdt(0, true), ...sdt(1, true)];
    expect(found({ seconds: 30, without: { sdt: [0, 99] }, extra: none })).toEqual({ "3.5.a": 1 });
    const service = { secondEit0: [3, 20], secondEit1: [3, 20] } as const;
    expect(found({ seconds: 30, without: service })).toEqual({ "3.2": 2 });
    expect(found({ seconds: 19, without: service })).toEqual({ "3.2": 2 });
  });

  test("of what was late before the whole table was away, or is still late after", () => {
    const all = { eit0: [9, 14], eit1: [9, 14] } as const;
    const second = (from: number, to: number): Changes => ({
      seconds: 30,
      without: { ...all, secondEit0: [from, to], secondEit1: [from, to] },
    });
    expect(found(second(9, 14))).toEqual({ "3.6.a": 2 });
    // Back within 2 s of the others.
    expect(found(second(9, 15))).toEqual({ "3.6.a": 2 });
    expect(found(second(4, 14))).toEqual({ "3.2": 2, "3.6.a": 2 });
    expect(found(second(9, 20))).toEqual({ "3.2": 2, "3.6.a": 2 });
    // Time starts afresh: what was counted before says nothing.
    const reset: Extra = [[14.9, (tr) => tr.reset()]];
    expect(found({ ...second(9, 20), extra: reset })).toEqual({ "3.6.a": 2 });
  });

  test("not where 3.6.c has counted that the section is missing beside the other", () => {
    expect(errors(played({ seconds: 30, without: { secondEit1: [3, 20] } }), 30)).toEqual({
      "3.2": 1,
      "3.6.c": 1,
    });
    expect(found({ seconds: 30, without: { secondEit1: [3, 20] } })).toEqual({ "3.6.c": 1 });
    expect(found({ seconds: 19, without: { secondEit1: [3, 20] } })).toEqual({ "3.6.c": 1 });
    // Back before 3.6.c has counted it.
    expect(found({ seconds: 30, without: { secondEit1: [3, 5] } })).toEqual({ "3.2": 1 });
    // The other is away, too, later on.
    const both = { secondEit1: [3, 30], secondEit0: [12, 30] } as const;
    expect(found({ seconds: 29, without: both })).toEqual({ "3.2": 1, "3.6.c": 1 });
    expect(found({ seconds: 40, without: both })).toEqual({ "3.2": 1, "3.6.c": 1 });
  });

  test("too soon, in tables whose row does not look at that", () => {
    const again = (at: number, pid: number, id: number, key: number): Extra => [
      [at, (tr, t) => section(tr, t, pid, id, key)],
    ];
    expect(found({ seconds: 2, extra: again(0.02, 0x11, 0x4a, 1) })).toEqual({ "3.2": 1 });
    expect(found({ seconds: 2, extra: again(0.02, 0x11, 0x46, 2) })).toEqual({ "3.2": 1 });
    expect(found({ seconds: 2, extra: again(1.02, 0x11, 0x42, 1) })).toEqual({ "3.5.a": 1 });
    expect(found({ seconds: 6, extra: again(5.02, 0x10, 0x40, 1) })).toEqual({ "3.1.a": 1 });
  });

  test("never more than the row of 3.2 has; none is taken back unless 3.6.c waits for it", () => {
    const names: SourceName[] = [
      "nit",
      "nitOther1",
      "sdt",
      "bat",
      "eit0",
      "eit1",
      "secondEit0",
      "secondEit1",
    ];
    const hole = fc.tuple(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 14 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...names), hole), { maxLength: 6 }), (holes) => {
        const without = Object.fromEntries(
          holes.map(([name, [at, long]]) => [name, [at, at + long]] as const),
        );
        let before = 0;
        for (let seconds = 1; seconds < 32; seconds += 0.7) {
          const tr = played({ seconds, without });
          const own = faults(tr, seconds)["3.2"] ?? 0;
          expect(own).toBeLessThanOrEqual(errors(tr, seconds)["3.2"] ?? 0);
          if (!holes.some(([name]) => /eit/i.test(name))) expect(own).toBeGreaterThanOrEqual(before);
          before = own;
        }
      }),
      { numRuns: 20 },
    );
  });
});
