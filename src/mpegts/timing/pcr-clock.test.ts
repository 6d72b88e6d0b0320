import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Random } from "../../../fixtures/lib/random.ts";
import { PCR_MODULUS } from "../packet.ts";
import { PcrClock, type PcrClockOptions } from "./pcr-clock.ts";

/** What a synthetic clock is made of; `i` is the number of the PCR. */
interface Made {
  pcrs: number;
  /** Seconds from PCR to PCR. */
  every?: number;
  /** Packets from PCR to PCR. */
  packets?: (i: number) => number;
  /** By how much the PCR is ahead of the true time at which it is sent, ns. */
  ahead?: (i: number, second: number) => number;
  /** By how much it arrives late, ns; NaN for no time. */
  late?: (i: number, second: number) => number;
  /** First PCR. */
  from?: number;
  options?: PcrClockOptions;
}

/** A clock that was fed as told, and the errors of PCRs it told of. */
function made({ pcrs, every = 0.04, packets = () => 100, ahead, late, from = 0, options }: Made) {
  const errors: [errorNs: number, timeNs: number][] = [];
  const clock = new PcrClock(256, {
    listener: { pcrAccuracy: (_pid, errorNs, timeNs) => errors.push([errorNs, timeNs]) },
    ...options,
  });
  let packet = 0;
  for (let i = 0; i < pcrs; i += 1) {
    const second = i * every;
    const pcr = from + Math.round((second * 1e9 + (ahead?.(i, second) ?? 0)) * 0.027);
    const modulo = ((pcr % PCR_MODULUS) + PCR_MODULUS) % PCR_MODULUS;
    clock.pcr(modulo, packet, second * 1e9 + (late?.(i, second) ?? Number.NaN), false);
    packet += packets(i);
  }
  return { clock, report: clock.report(), errors };
}

const onTime = () => 0;
/** Packets from PCR to PCR of a variable bit rate. */
const variable = (i: number) => 60 + ((i * 7919) % 83);

describe("intervals and bit rate of a clock", () => {
  test("intervals by the clock's own values", () => {
    const { report } = made({ pcrs: 101 });
    expect(report.count).toBe(101);
    expect(report.intervalMs.count).toBe(100);
    expect(report.intervalMs.min).toBeCloseTo(40, 9);
    expect(report.intervalMs.max).toBeCloseTo(40, 9);
    expect(report.bitrate).toBeCloseTo((100 * 1504) / 0.04, 6);
  });

  test("ISO/IEC 13818-1 2.4.3.5: the base of 33 bits wraps, and nothing happens", () => {
    const { report } = made({ pcrs: 101, from: PCR_MODULUS - 27_000_000, late: onTime });
    expect(report.discontinuities).toEqual({ signalled: 0, unsignalled: 0 });
    expect(report.intervalMs.max).toBeCloseTo(40, 9);
    expect(report.accuracy.accuracyNs?.max ?? Number.NaN).toBeLessThan(40);
    expect(report.driftPpm).toBeCloseTo(0, 3);
  });

  test("2.4.2.2: the clock between PCRs runs at the rate of the last interval", () => {
    const clock = new PcrClock(1);
    expect(clock.ticksAt(5)).toBeNaN();
    clock.pcr(PCR_MODULUS - 1000, 10, Number.NaN, false);
    expect(clock.ticksAt(12)).toBeNaN();
    clock.pcr(PCR_MODULUS - 500, 20, Number.NaN, false);
    expect(clock.ticksAt(20)).toBe(PCR_MODULUS - 500);
    expect(clock.ticksAt(25)).toBe(PCR_MODULUS - 250);
    expect(clock.ticksAt(40)).toBe(500);
    clock.pcr(500, 30, Number.NaN, false, true);
    // Packets are missing in this interval, so its rate is not taken.
    expect(clock.ticksAt(31)).toBe(550);
    clock.gap();
    expect(clock.ticksAt(31)).toBeNaN();
    clock.pcr(100, 40, Number.NaN, true);
    expect(clock.ticksAt(40)).toBeNaN();
    expect(clock.report().discontinuities).toEqual({ signalled: 0, unsignalled: 0 });
  });
});

describe("TR 101 290 2.3.b: discontinuities", () => {
  const second = 27_000_000;
  const stepped = (step: number, ms: number, signalled = false) => {
    const clock = new PcrClock(1);
    clock.pcr(second, 0, 0, false);
    clock.pcr(second + step, 100, ms * 1e6, signalled);
    return clock.report();
  };

  test("a step back, or more than 100 ms ahead, is one; 100 ms is none", () => {
    expect(stepped(-1, 40).discontinuities.unsignalled).toBe(1);
    expect(stepped(2_700_000, 100).discontinuities.unsignalled).toBe(0);
    expect(stepped(2_700_001, 100).discontinuities.unsignalled).toBe(1);
    expect(stepped(PCR_MODULUS / 2, 40).discontinuities.unsignalled).toBe(1);
  });

  test("a signalled one is counted apart and makes no interval", () => {
    const report = stepped(-5 * second, 40, true);
    expect(report.discontinuities).toEqual({ signalled: 1, unsignalled: 0 });
    expect(report.intervalMs.count).toBe(0);
  });

  test("a late PCR makes an interval, a jump none", () => {
    expect(stepped(4_050_000, 150).intervalMs.max).toBeCloseTo(150, 9);
    expect(stepped(4_050_000, 40).intervalMs.count).toBe(0);
    expect(stepped(4_050_000, Number.NaN).intervalMs.count).toBe(0);
    expect(stepped(2 * second, 2000).intervalMs.count).toBe(0);
  });

  test("what is measured goes on after a jump, and nothing is said of the jump itself", () => {
    const jump = (i: number) => (i < 50 ? 0 : 5e9);
    const { report, errors } = made({ pcrs: 100, ahead: jump, late: onTime });
    expect(report.discontinuities.unsignalled).toBe(1);
    expect(report.accuracy.accuracyNs?.count).toBe(100);
    expect(errors.length).toBe(100);
    expect(Math.max(...errors.map(([error]) => Math.abs(error)))).toBeLessThan(80);
    expect(report.jitterNs?.max ?? Number.NaN).toBeLessThan(80);
  });
});

describe("TR 101 290 annex I: frequency and drift", () => {
  test("PCR_FO: a clock 5 ppm fast is 135 Hz off", () => {
    // PCRs are rounded to 37 ns (standard deviation 10.7 ns); 500 of them over 20 s settle the slope to
    // 10.7 / (20 / sqrt(12) * sqrt(500)) = 0.08 ns/s. Six times that is allowed.
    const { report } = made({ pcrs: 500, ahead: (_i, second) => second * 5000, late: onTime });
    expect(Math.abs((report.driftPpm ?? Number.NaN) - 5)).toBeLessThan(0.0005);
    expect(Math.abs((report.accuracy.frequencyOffsetHz ?? Number.NaN) - 135)).toBeLessThan(0.0135);
  });

  test("PCR_DR: 60 mHz a second", () => {
    // x'' of 60 mHz/s is 60e-3 / 27e6 s/s^2 = 2.22 ns/s^2. Rounding leaves 2 * 10.7 * sqrt(180 / 5000) / 200^2 ns/s^2,
    // which is 0.003 mHz/s.
    const curvature = (0.06 / 27e6) * 1e9;
    const { report } = made({
      pcrs: 5000,
      ahead: (_i, second) => (curvature * second * second) / 2,
      late: onTime,
    });
    expect(Math.abs((report.accuracy.driftRateMhzPerS ?? Number.NaN) - 60)).toBeLessThan(0.02);
  });

  test("through a millisecond of network jitter, drift shows after a while and drift rate not yet", () => {
    const random = new Random(3);
    const early = made({
      pcrs: 100,
      ahead: (_i, second) => second * 5000,
      late: () => random.below(1_000_000),
    });
    const later = made({
      pcrs: 25_000,
      ahead: (_i, second) => second * 5000,
      late: () => random.below(1_000_000),
    });
    // Jitter of 289 us (standard deviation): 100 PCRs over 4 s leave 25 ppm of doubt, 25,000 over 1000 s 0.006 ppm.
    expect(early.report.driftPpm).toBeNull();
    expect(early.report.accuracy.driftRateMhzPerS).toBeNull();
    expect(Math.abs((later.report.driftPpm ?? Number.NaN) - 5)).toBeLessThan(0.04);
    expect(Math.abs((later.report.accuracy.frequencyOffsetHz ?? Number.NaN) - 135)).toBeLessThan(1);
  });
});

describe("TR 101 290 annex I: PCR_OJ, overall jitter", () => {
  test("a sine of 100 us at 1 Hz passes whole; drift does not", () => {
    const { report } = made({
      pcrs: 2000,
      ahead: (_i, second) => second * 30_000,
      late: (_i, second) => 1e6 + 100_000 * Math.sin(2 * Math.PI * second),
    });
    // 40 ms is 1/25 of a period: the largest sample is at least cos(pi / 25) = 0.992 of the peak. The line takes
    // 2 (1 - keep) = 0.3 % of it, but up to a quarter in the first second.
    expect(report.accuracy.overallJitterNs).toBeGreaterThan(98_500);
    expect(report.accuracy.overallJitterNs).toBeLessThan(125_000);
    expect(report.jitterNs?.min).toBeLessThan(-98_500);
  });

  test("late is positive", () => {
    const { report } = made({ pcrs: 200, late: (i) => (i === 150 ? 50_000 : 0) });
    expect(report.jitterNs?.max).toBeGreaterThan(45_000);
    expect(report.jitterNs?.max).toBeLessThan(50_100);
    expect(report.jitterNs?.min).toBeGreaterThan(-5000);
  });

  test("MGF3 takes out what is under 1 Hz", () => {
    const sine = { pcrs: 4000, late: (_i: number, s: number) => 1e6 * Math.sin(2 * Math.PI * 0.05 * s) };
    const slow = made({ ...sine, options: { filter: "MGF3" } }).report.accuracy.overallJitterNs;
    const all = made(sine).report.accuracy.overallJitterNs;
    // A twentieth of the demarcation frequency: (w / a)^2 = 0.05^2 / 0.414 = 0.6 %.
    expect(slow).toBeLessThan(10_000);
    expect(all).toBeGreaterThan(950_000);
  });
});

describe("TR 101 290 2.4 and annex I: PCR_AC", () => {
  const off = (at: number, byNs: number) => (i: number) => (i === at ? byNs : 0);

  for (const at of [0, 3, 15, 16, 60]) {
    test(`a PCR 5 us off is found by position, and no other: number ${at}`, () => {
      const { report, errors } = made({ pcrs: 100, ahead: off(at, 5000) });
      expect(report.accuracy.method).toBe("constant bit rate");
      expect(report.jitterNs).toBeNull();
      expect(errors.length).toBe(100);
      const bad = errors.flatMap(([error], i) => (Math.abs(error) > 500 ? [i] : []));
      expect(bad).toEqual([at]);
      // PCRs are whole ticks of 37 ns, and so is the line within that.
      expect(Math.abs((errors[at]?.[0] ?? Number.NaN) - 5000)).toBeLessThan(60);
      expect(report.accuracy.accuracyNs?.max).toBeCloseTo(errors[at]?.[0] ?? Number.NaN, 6);
    });
  }

  test("three bad ones among the first sixteen are found, and no other", () => {
    const bad = new Map([
      [1, 900],
      [2, -80_000],
      [10, 30_000],
    ]);
    const { errors } = made({ pcrs: 40, ahead: (i) => bad.get(i) ?? 0 });
    expect(errors.flatMap(([error], i) => (Math.abs(error) > 500 ? [i] : []))).toEqual([...bad.keys()]);
  });

  test("PCRs off by the same all the time are not off, a step of it shows until it stands", () => {
    const { errors } = made({ pcrs: 200, ahead: (i) => (i < 100 ? 0 : 4000) });
    const bad = errors.flatMap(([error], i) => (Math.abs(error) > 500 ? [i] : []));
    // Eight in a row are a new line.
    expect(bad).toEqual([100, 101, 102, 103, 104, 105, 106, 107]);
  });

  test("network jitter is no PCR error: by position where the rate is constant", () => {
    const random = new Random(5);
    const { report, errors } = made({ pcrs: 300, late: () => random.below(2_000_000) });
    expect(report.accuracy.method).toBe("constant bit rate");
    expect(Math.max(...errors.map(([error]) => Math.abs(error)))).toBeLessThan(60);
    expect(report.accuracy.overallJitterNs).toBeGreaterThan(500_000);
  });

  test("by good arrival times where the rate is not constant", () => {
    const random = new Random(6);
    const { report, errors } = made({
      pcrs: 200,
      packets: variable,
      ahead: off(120, -3000),
      late: () => random.below(100),
    });
    expect(report.accuracy.method).toBe("arrival times");
    expect(errors.length).toBe(200);
    const bad = errors.filter(([error]) => Math.abs(error) > 500);
    expect(bad.length).toBe(1);
    expect(bad[0]?.[0]).toBeCloseTo(-3000, -2);
    // When the PCR came.
    expect(Math.abs((bad[0]?.[1] ?? 0) - 120 * 40e6)).toBeLessThan(100);
  });

  test("not measurable otherwise, and it says why", () => {
    const random = new Random(7);
    const jittery = made({ pcrs: 200, packets: variable, late: () => random.below(1_000_000) });
    expect(jittery.errors).toEqual([]);
    expect(jittery.report.accuracy.method).toBe("not measurable");
    expect(jittery.report.accuracy.accuracyNs).toBeNull();
    expect(jittery.report.accuracy.reason).toBe(
      "the bit rate is not constant, and arrival times are not good to 250 ns",
    );
    expect(made({ pcrs: 200, packets: variable }).clock.notMeasurable).toBe(
      "the bit rate is not constant, and there are no arrival times",
    );
    expect(made({ pcrs: 15 }).clock.notMeasurable).toBe("fewer than 16 PCRs");
    expect(made({ pcrs: 16 }).clock.notMeasurable).toBeNull();
  });

  test("once the rate varies, nothing more is said, and a new rate is no error; what was measured stands", () => {
    for (const packets of [
      (i: number) => (i < 100 ? 100 : variable(i)),
      (i: number) => (i < 100 ? 100 : 101),
      (i: number) => (i % 50 < 30 ? 100 : 90),
      (i: number) => (i < 12 ? 100 : 90),
    ]) {
      const { report, errors } = made({ pcrs: 400, packets });
      expect(report.accuracy.method).toBe("constant bit rate");
      expect(errors.length).toBeGreaterThan(80);
      expect(errors.length).toBeLessThan(393);
      expect(Math.max(...errors.map(([error]) => Math.abs(error)))).toBeLessThan(100);
      expect(report.accuracy.accuracyNs?.count).toBe(errors.length);
    }
  });

  test("a datagram that the network held up is no PCR error where the rate is constant too", () => {
    const late = (i: number) => (i === 50 ? 80_000 : 0);
    const constant = made({ pcrs: 100, late });
    expect(constant.report.accuracy.method).toBe("arrival times");
    expect(constant.errors.length).toBe(100);
    expect(Math.max(...constant.errors.map(([error]) => Math.abs(error)))).toBeLessThan(60);
    // The rate varies: nothing tells the one from the other.
    const varying = made({ pcrs: 100, late, packets: variable });
    expect(varying.errors.filter(([error]) => Math.abs(error) > 500).length).toBe(1);
    expect(varying.errors[50]?.[0]).toBeCloseTo(-80_000, -2);
  });

  test("missing packets break the line by position, not the one by arrival", () => {
    const told: number[] = [];
    const clock = new PcrClock(1, { listener: { pcrAccuracy: (_pid, error) => told.push(error) } });
    for (let i = 0; i < 64; i += 1)
      clock.pcr(i * 1_080_000, i * 100 - (i >= 32 ? 40 : 0), Number.NaN, false, i === 32);
    expect(told.length).toBe(64);
    expect(Math.max(...told.map(Math.abs))).toBeLessThan(60);
  });
});

describe("times", () => {
  test("without times nothing that needs them is said", () => {
    const { report } = made({ pcrs: 100 });
    expect(report.jitterNs).toBeNull();
    expect(report.driftPpm).toBeNull();
    expect(report.accuracy.overallJitterNs).toBeNull();
    expect(report.accuracy.frequencyOffsetHz).toBeNull();
    expect(report.accuracy.driftRateMhzPerS).toBeNull();
  });

  test("times that are not of arrival are told, and nothing is measured by them", () => {
    const { report, errors } = made({
      pcrs: 100,
      ahead: (i) => (i === 50 ? 5000 : 0),
      late: () => 0,
      options: { arrival: false },
    });
    expect(report.accuracy.method).toBe("constant bit rate");
    expect(report.jitterNs).toBeNull();
    expect(report.driftPpm).toBeNull();
    expect(errors.map(([, timeNs]) => Math.round(timeNs))).toEqual(
      Array.from({ length: 100 }, (_, i) => i * 40e6),
    );
  });

  test("times that run backwards, or are not known for a while, begin anew", () => {
    const { report } = made({
      pcrs: 300,
      packets: variable,
      late: (i) => (i < 100 ? 0 : i < 120 ? Number.NaN : -60e9),
    });
    expect(report.accuracy.method).toBe("arrival times");
    expect(report.accuracy.overallJitterNs).toBeLessThan(80);
    expect(report.accuracy.accuracyNs?.count).toBe(280);
  });

  test("times that begin later say nothing again of PCRs that were told of by position", () => {
    const { report, errors } = made({ pcrs: 300, late: (i) => (i < 100 ? Number.NaN : 0) });
    expect(report.accuracy.method).toBe("arrival times");
    expect(report.accuracy.accuracyNs?.count).toBe(200);
    expect(errors.length).toBe(300);
    expect(errors.slice(100).map(([, timeNs]) => Math.round(timeNs / 40e6))).toEqual(
      Array.from({ length: 200 }, (_, i) => 100 + i),
    );
  });

  test("any PCRs at any times: numbers add up and nothing is thrown", () => {
    const list = fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: PCR_MODULUS + 211 }),
        fc.integer({ min: 0, max: 1000 }),
        fc.oneof(fc.constant(Number.NaN), fc.double({ min: -1e18, max: 1e18 })),
        fc.boolean(),
        fc.boolean(),
      ),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(list, (pcrs) => {
        const clock = new PcrClock(1);
        let packet = 0;
        for (const [pcr, packets, timeNs, discontinuity, lossy] of pcrs) {
          packet += packets;
          clock.pcr(pcr, packet, timeNs, discontinuity, lossy);
        }
        const report = clock.report();
        expect(report).toEqual(clock.report());
        const { signalled, unsignalled } = report.discontinuities;
        expect(report.count).toBe(pcrs.length);
        expect(report.intervalMs.count + signalled).toBeLessThanOrEqual(Math.max(0, pcrs.length - 1));
        expect(report.intervalMs.count + signalled + unsignalled).toBeGreaterThanOrEqual(pcrs.length - 1);
      }),
    );
  });
});
