import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { NO_WALL_CLOCK } from "../../report/time.ts";
import { REFERENCE } from "./context.ts";
import { INDICATORS } from "./definitions.ts";
import { profileLimits } from "./limits.ts";
import { cleanContext, errors, FakeContext, MS, PIDS, played, S, section } from "./test-stream.ts";
import { Tr101290 } from "./tr101290.ts";

const states = (tr: Tr101290, nowNs: number): Record<string, string> =>
  Object.fromEntries(tr.report(nowNs, NO_WALL_CLOCK).map(({ number, state }) => [number, state]));

describe("timers", () => {
  test("say nothing before the first interval has gone by", () => {
    const tr = played({ seconds: 0.3 });
    expect(errors(tr, 0.3)).toEqual({});
    const short = states(tr, 0.3 * S);
    for (const number of ["1.3", "1.3.a", "1.5", "1.6", "2.5", "3.1", "3.4", "3.5", "3.6", "3.8"]) {
      expect(short[number]).toBe("not measurable");
    }
    expect(short["2.3.b"]).toBe("ok");
    const row = tr.report(0.3 * S, NO_WALL_CLOCK).find(({ number }) => number === "3.8");
    expect(row?.reason).toBe("watched for 0.3 s only; the limit is 30 s");
  });

  test("a report changes nothing: the same again, and the pause counts once when it ends", () => {
    const looks: Record<string, number>[] = [];
    const look = (tr: Tr101290, t: number): void => {
      looks.push(errors(tr, t / S), errors(tr, t / S));
    };
    const tr = played({
      seconds: 5,
      without: { pat: [1, 3] },
      extra: [1.2, 1.6, 2.5, 4].map((at) => [at, look]),
    });
    const one = { "1.3": 1, "1.3.a": 1 };
    expect(looks).toEqual([{}, {}, one, one, one, one, one, one]);
    expect(errors(tr, 5)).toEqual(one);
  });

  test("after a gap everything starts afresh, and what had run out before stays counted", () => {
    const later = (timeNs: number): number => (timeNs < 2 * S ? timeNs : timeNs + 100 * S);
    const tr = played({ seconds: 4, clock: later, extra: [[1.9999, (monitor) => monitor.reset()]] });
    expect(errors(tr, 104)).toEqual({});
    const without = { pat: [1, 2] } as const;
    const late = played({
      seconds: 4,
      clock: later,
      without,
      extra: [[1.9999, (monitor) => monitor.reset()]],
    });
    expect(errors(late, 104)).toEqual({ "1.3": 1, "1.3.a": 1 });
    // Between the gap and the next packet nothing runs.
    const tail = played({ seconds: 2, without: { pat: [1, 2] } });
    tail.reset();
    expect(errors(tail, 90)).toEqual({ "1.3": 1, "1.3.a": 1 });
    expect(states(tail, 90 * S)["1.5"]).toBe("ok");
  });

  test("an unreferenced PID that was told of before a gap is not counted again after it", () => {
    const packets = [0.1, 2.5, 3.5].map(
      (at) => [at, (tr: Tr101290, t: number) => tr.packet(PIDS.stray, t, false)] as const,
    );
    const tr = played({ seconds: 4, extra: [...packets, [2, (monitor) => monitor.reset()]] });
    expect(errors(tr, 4)).toEqual({ "3.4": 1, "3.4.a": 1 });
  });

  test("time that goes back is no interval: a little is borne, more starts afresh", () => {
    const jitter = (timeNs: number): number => timeNs - (Math.floor(timeNs / MS) % 7 === 3 ? 20 * MS : 0);
    const little = played({ seconds: 20, clock: jitter });
    expect(errors(little, 20)["1.3.a"]).toBeUndefined();
    expect(errors(little, 20)["1.6"]).toBeUndefined();
    const back = (timeNs: number): number => (timeNs < 30 * S ? timeNs : timeNs - 25 * S);
    expect(errors(played({ seconds: 60, clock: back }), 35)).toEqual({});
  });

  test("without times whatever needs none is judged, and the rest says so", () => {
    const tr = played({
      seconds: 40,
      without: { pat: [1, 30], video: [1, 30] },
      extra: [[0.5, (monitor, t) => section(monitor, t, 0x10, 0x42)]],
      clock: () => Number.NaN,
    });
    const rows = tr.report(Number.NaN, NO_WALL_CLOCK);
    const wrong = rows.filter(({ state }) => state === "error");
    expect(wrong.map(({ number }) => number)).toEqual(["3.1", "3.1.a"]);
    expect(
      wrong.every(({ first, last, lastPid }) => first === null && last === null && lastPid === 0x10),
    ).toBe(true);
    const reasons = rows.filter(({ state }) => state === "not measurable").map(({ reason }) => reason);
    expect(reasons.filter((reason) => reason === "there are no times to measure by").length).toBeGreaterThan(
      10,
    );
  });

  test("a limit of 0 is none", () => {
    const limits = { patMs: 0, pmtMs: 0 };
    expect(errors(played({ seconds: 9, limits, without: { pat: [1, 9], pmt: [1, 9] } }), 9)).toEqual({});
  });

  test("one error a packet at most", () => {
    const tr = new Tr101290(profileLimits("dvb"), new FakeContext());
    section(tr, 0, 0x00, 0x00);
    tr.packet(0x10, 0, false);
    for (let i = 0; i < 5; i += 1) tr.section(0x10, 0x42, 0, 0, 0, 0);
    expect(errors(tr, 0)).toEqual({ "3.1": 1, "3.1.a": 1 });
  });

  test("tables that change with every packet are read now and then only", () => {
    let reads = 0;
    const context = {
      generation: 0,
      programs: [],
      terrestrial: false,
      announces: () => true,
      referenceOf: (pid: number): number => {
        if (pid === 1) reads += 1;
        return pid === PIDS.pmt ? REFERENCE.programMap : 0;
      },
    };
    const tr = new Tr101290(profileLimits("dvb"), context);
    for (let i = 0; i < 6400; i += 1) {
      context.generation += 1;
      section(tr, i * MS, 0, 0, 1);
    }
    expect(reads).toBeGreaterThan(100);
    expect(reads).toBeLessThan(140);
  });
});

test("tables that change all the time end what they announce no longer now and then only", () => {
  let asked = 0;
  const context = new FakeContext();
  context.announces = () => {
    asked += 1;
    return true;
  };
  const tr = new Tr101290(profileLimits("dvb"), context);
  const packets = 6400;
  for (let i = 0; i < packets; i += 1) {
    context.generation += 1;
    section(tr, i * MS, 0x12, 0x4e, i % 1000);
  }
  expect(asked).toBeGreaterThan(2000);
  expect(asked).toBeLessThan(packets + 2000);
});

describe("any events", () => {
  const time = fc.oneof(fc.double({ min: 0, max: 1e11, noNaN: true }), fc.constant(Number.NaN));
  const pid = fc.oneof(
    fc.constantFrom(0, 1, 0x10, 0x11, 0x12, 0x13, 0x14, 0x100, 0x101),
    fc.integer({ min: 0, max: 8191 }),
  );
  const octet = fc.integer({ min: 0, max: 255 });
  const event = fc.record({
    kind: fc.integer({ min: 0, max: 12 }),
    pid,
    time,
    octet,
    other: octet,
    flag: fc.boolean(),
  });

  test("no exception, counts never fall, first is not after last, one row each", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200 }), (events) => {
        const context = cleanContext();
        const tr = new Tr101290(profileLimits("dvb"), context);
        let before = new Map<string, number>();
        for (const { kind, pid: number, time: t, octet: a, other: b, flag } of events) {
          if (kind <= 5) tr.packet(number, t, flag);
          if (kind === 1) tr.section(number, a, b * 2 ** 40 + a, b, a, t);
          else if (kind === 2) tr.pcr(number, a * 1e10, t, flag);
          else if (kind === 3) tr.pts(number, t);
          else if (kind === 4) tr.continuity(number, t);
          else if (kind === 5) tr.crcError(number, a, t);
          else if (kind === 6) context.set(number, a);
          else if (kind === 7) tr.reset();
          else if (kind === 8) tr.pcrAccuracy(number, (a - 128) * 10, t);
          else if (kind === 9) tr.dataDelay(number, a * 1e8, t);
          else if (kind === 10) tr.syncByte(t, a);
          else if (kind === 11) tr.discontinuity(number);
          const rows = tr.report(t, NO_WALL_CLOCK);
          expect(rows.map(({ number: row }) => row)).toEqual(INDICATORS.map(({ number: row }) => row));
          for (const row of rows) {
            expect(row.state === "error").toBe(row.count > 0);
            if (row.first !== null && row.last !== null) {
              expect(Number.parseFloat(row.first)).toBeLessThanOrEqual(Number.parseFloat(row.last));
            }
          }
          // What is counted for good (nothing is open without a time).
          const counted = new Map(
            tr.report(Number.NaN, NO_WALL_CLOCK).map(({ number: row, count }) => [row, count]),
          );
          for (const [row, count] of before) expect(counted.get(row)).toBeGreaterThanOrEqual(count);
          before = counted;
          for (const { number: row, count } of tr.faults(t, NO_WALL_CLOCK)) {
            const all = rows.find(({ number: one }) => one === row)?.count;
            expect(count).toBeWithin(1, (all ?? 0) + 1);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test("what a report shows of a timer is what is counted when it ends", () => {
    const part = fc.constantFrom("pat", "pmt", "audio", "sdt", "bat", "tdt", "nit", "eit0", "schedule");
    fc.assert(
      fc.property(
        part,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 60 }),
        (name, from, length) => {
          const seconds = from + length + 21;
          const gone = [from, from + length] as const;
          const pts = name === "audio" ? { audioPts: gone } : {};
          const changes = { seconds, without: { [name]: gone, ...pts } };
          const quiet = errors(played(changes), seconds);
          const looked = {
            ...changes,
            extra: Array.from(
              { length: seconds },
              (_, i) => [i, (tr: Tr101290, t: number) => tr.report(t, NO_WALL_CLOCK)] as const,
            ),
          };
          expect(errors(played(looked), seconds)).toEqual(quiet);
        },
      ),
      { numRuns: 40 },
    );
  });
});
