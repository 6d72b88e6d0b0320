import { describe, expect, test } from "bun:test";
import { codes, EPOCH, network, play, type Sent } from "../../tests/helpers/ptp-network.ts";
import { ptpSchema } from "../report/ptp-schema.ts";
import { MAX_DESTINATIONS } from "./destination.ts";

/** The master's messages to the receiver `to`, later than to the first, its sequenceIds `ahead` of the first's. */
function receiver(seconds: number, to: number, ahead: number, laterNs: number): Sent[] {
  return network(seconds)
    .filter(({ clock, requester }) => clock === undefined && requester === undefined)
    .map((sent) => ({ ...sent, to, sequence: sent.sequence + ahead, atNs: sent.atNs + laterNs }))
    .map((sent) => (sent.type === 8 ? later(sent, laterNs) : sent));
}

/** A Follow_Up for a Sync that was sent `laterNs` later. */
function later(sent: Sent, laterNs: number): Sent {
  const nanoseconds = (sent.nanoseconds ?? 0) + laterNs;
  return {
    ...sent,
    seconds: (sent.seconds ?? 0) + Math.floor(nanoseconds / 1e9),
    nanoseconds: nanoseconds % 1e9,
  };
}

function inTime(sent: Sent[]): Sent[] {
  return sent.sort((a, b) => a.atNs - b.atNs);
}

describe("IEEE 1588-2008 7.3.7: each destination has sequenceIds of its own", () => {
  // 20 us: Sync, Sync, Follow_Up, Follow_Up.
  for (const laterNs of [20_000, 20e6]) {
    for (const ahead of [0, 1, 3, 500, 65_000]) {
      test(`a second receiver ${ahead} ahead, ${laterNs / 1e6} ms later, is no loss`, () => {
        const sent = inTime([...receiver(20, 1, 0, 0), ...receiver(20, 2, ahead, laterNs)]);
        const monitor = play(sent);
        expect(codes(monitor)).toEqual([]);
        const master = ptpSchema.parse(monitor.report(EPOCH)).domains[0]?.masters[0];
        expect(master).toMatchObject({ announces: 160, syncs: 320, syncsLost: 0, followUpsMissing: 0 });
        expect(master?.syncIntervalMs.min).toBeCloseTo(125, 6);
        expect(master?.syncIntervalMs.max).toBeCloseTo(125, 6);
        expect(master?.arrivalVariationNs.count).toBe(320);
        expect(master?.arrivalVariationNs.max).toBeLessThan(1);
        expect(master?.arrivalVariationNs.min).toBeGreaterThan(-1);
      });
    }
  }

  test("what is lost of one of them is", () => {
    const sent = [...receiver(5, 1, 0, 0), ...receiver(5, 2, 300, 20e6)];
    const less = sent.filter(
      ({ type, sequence, to }) => to === 1 || type === 11 || (sequence !== 310 && sequence !== 320),
    );
    expect(play(inTime(less)).findings("ptp", EPOCH)).toMatchObject([{ code: "ptp-lost", count: 2 }]);
  });

  test("a Follow_Up that is missing for one of them is", () => {
    const sent = [...receiver(5, 1, 0, 0), ...receiver(5, 2, 300, 20e6)];
    const less = sent.filter(({ type, sequence }) => type !== 8 || sequence !== 310);
    expect(play(inTime(less)).findings("ptp", EPOCH)).toMatchObject([
      { code: "ptp-follow-up-missing", count: 1 },
    ]);
  });

  test("a clock that asks two masters in turn misses no answer of the other", () => {
    const asked = network(10).flatMap((sent) =>
      sent.type !== 1
        ? [sent]
        : [
            { ...sent, to: 2, sequence: sent.sequence + 7000, atNs: sent.atNs - 1e6 },
            { ...sent, to: 1 },
          ],
    );
    expect(codes(play(inTime(asked)))).toEqual([]);
  });

  test("9.3.2: one with ten receivers gives way as one with a single does", () => {
    const receivers = Array.from({ length: 10 }, (_, i) => i);
    const of = (seconds: number, fromNs: number, change: Partial<Sent>): Sent[] =>
      receivers
        .flatMap((i) => receiver(seconds, i, 0, i * 20e6))
        .map((sent) => ({ ...sent, ...change, atNs: sent.atNs + fromNs }));
    const worse = of(10, 0, { clock: 2, priority1: 200 });
    const better = of(10, 9.4e9, { clock: 1 });
    expect(codes(play(inTime([...worse, ...better])))).toEqual(["ptp-grandmaster-change"]);
  });

  test("more receivers than are kept apart are counted, and not judged", () => {
    const sent = Array.from({ length: MAX_DESTINATIONS + 8 }, (_, i) => receiver(4, i, i * 700, i * 1e5));
    const monitor = play(inTime(sent.flat()));
    expect(codes(monitor)).toEqual([]);
    expect(monitor.report(EPOCH).domains[0]?.masters[0]?.syncs).toBe(40 * 32);
  });

  test("a receiver that was served long ago gives up its place", () => {
    const old = Array.from({ length: MAX_DESTINATIONS }, (_, i) => receiver(1, i + 1, 0, i * 1e5)).flat();
    const next = receiver(4, 99, 40_000, 70e9).filter(({ type, sequence }) => type !== 0 || sequence % 4);
    expect(play(inTime([...old, ...next])).findings("ptp", EPOCH)).toContainEqual(
      expect.objectContaining({ code: "ptp-lost" }),
    );
  });
});
