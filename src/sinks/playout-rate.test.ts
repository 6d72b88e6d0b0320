import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { PlayClock } from "../capture/play-clock.ts";
import { PlayoutRate } from "./playout-rate.ts";

const DELAY_NS = 100e6;
const RECORD_NS = 10e6;
/** As the sender does: further behind than this, all is moved. */
const MAX_BEHIND_NS = 100e6;

interface Run {
  /** Longest and shortest wait of a record in the queue, after the first minute. */
  readonly most: number;
  readonly least: number;
  /** Wait of the last record. */
  readonly last: number;
  readonly stalls: number;
  /** Most records that left within any 100 ms. */
  readonly burst: number;
  readonly rate: PlayoutRate;
}

/**
 * A sender's thread on a clock of our own: a record each 10 ms, by a capture clock that is `ppm` too fast, each of which
 * leaves when it is due. `standstills` are moments at which our thread, or the network before the queue, stood still.
 */
function simulate(
  seconds: number,
  ppm: number,
  standstills: readonly {
    readonly atS: number;
    readonly forS: number;
    readonly where: "thread" | "network";
  }[] = [],
): Run {
  const clock = new PlayClock(1);
  const rate = new PlayoutRate(DELAY_NS);
  const network = standstills.filter(({ where }) => where === "network");
  const thread = standstills.filter(({ where }) => where === "thread");
  const left: number[] = [];
  let [freeNs, most, least, last, stalls, burst, oldest] = [0, 0, Number.POSITIVE_INFINITY, 0, 0, 0, 0];
  let delayed = false;
  for (let k = 0; k < (seconds * 1e9) / RECORD_NS; k++) {
    const sentNs = k * RECORD_NS;
    const held = network.find(({ atS, forS }) => sentNs >= atS * 1e9 && sentNs < (atS + forS) * 1e9);
    const arrivedNs = held === undefined ? sentNs : (held.atS + held.forS) * 1e9;
    const stood = thread.find(({ atS, forS }) => freeNs >= atS * 1e9 && freeNs < (atS + forS) * 1e9);
    if (stood !== undefined) freeNs = (stood.atS + stood.forS) * 1e9;
    const nowNs = Math.max(arrivedNs, freeNs);
    const timeNs = sentNs * (1 + ppm * 1e-6);
    let due = clock.due(timeNs, nowNs);
    if (!delayed) {
      clock.delay(DELAY_NS);
      due += DELAY_NS;
      delayed = true;
    }
    const waited = nowNs - arrivedNs;
    const by = rate.move(nowNs, waited, due - nowNs);
    clock.delay(by);
    due += by;
    if (nowNs - due > MAX_BEHIND_NS) {
      clock.delay(nowNs - due);
      due = nowNs;
      stalls++;
    }
    freeNs = Math.max(due, nowNs);
    left.push(freeNs);
    while ((left[oldest] as number) < freeNs - 100e6) oldest++;
    burst = Math.max(burst, left.length - oldest);
    if (left.length > 100_000) {
      left.splice(0, oldest);
      oldest = 0;
    }
    last = waited;
    if (sentNs < 60e9) continue;
    most = Math.max(most, waited);
    least = Math.min(least, waited);
  }
  return { most, least, last, stalls, burst, rate };
}

describe("a capture clock that is not ours, for 24 hours", () => {
  test.each([0, 100, -100, 250, -250])("%d ppm: the queue stays as it is meant to be", (ppm) => {
    const { most, least, stalls, rate } = simulate(24 * 3600, ppm);
    expect(stalls).toBe(0);
    expect(rate.catchUps).toBe(0);
    expect(most).toBeLessThan(DELAY_NS + 20e6);
    expect(least).toBeGreaterThan(DELAY_NS - 40e6);
  });
});

describe("after a standstill", () => {
  test.each(["thread", "network"] as const)(
    "of the %s for 5 s: caught up within a minute, no flood",
    (where) => {
      const run = simulate(180, 0, [{ atS: 70, forS: 5, where }]);
      expect(run.rate.catchUps).toBe(1);
      expect(run.rate.catchingUp).toBe(false);
      expect(Math.abs(run.last - DELAY_NS)).toBeLessThan(20e6);
      // Ten records in 100 ms are the stream's own rate; up to 100 ms behind is made up for at once.
      expect(run.burst).toBeLessThanOrEqual(24);
    },
  );

  test("many of them do not add up", () => {
    const standstills = Array.from({ length: 30 }, (_, i) => ({
      atS: 70 + i * 60,
      forS: 3,
      where: "thread" as const,
    }));
    const { most, last, rate } = simulate(2000, 50, standstills);
    expect(rate.catchUps).toBe(30);
    expect(most).toBeLessThan(3.3e9);
    expect(Math.abs(last - DELAY_NS)).toBeLessThan(30e6);
  });

  test("any standstills: all is as before some minutes later", () => {
    const standstill = fc.record({
      atS: fc.integer({ min: 0, max: 200 }),
      forS: fc.double({ min: 0.001, max: 10, noNaN: true }),
      where: fc.constantFrom("thread" as const, "network" as const),
    });
    fc.assert(
      fc.property(
        fc.array(standstill, { maxLength: 5 }),
        fc.integer({ min: -100, max: 100 }),
        (standstills, ppm) => {
          const { last } = simulate(1500, ppm, standstills);
          expect(Math.abs(last - DELAY_NS)).toBeLessThan(40e6);
        },
      ),
      { numRuns: 25 },
    );
  });
});

test("no delay at all: nothing is owed, whatever waits", () => {
  const rate = new PlayoutRate(0);
  for (let i = 0; i < 1000; i++) expect(rate.move(i * 10e6, 5e6, 0)).toBe(0);
});
