import { expect, test } from "bun:test";
import fc from "fast-check";
import { rtpPacket } from "../../fixtures/lib/frames.ts";
import { Random } from "../../fixtures/lib/random.ts";
import { RtpReorder } from "./reorder.ts";
import { rtpSequence, rtpTimestamp } from "./rtp.ts";

/** One packet on the network: its place in the stream, and the sequence number that it carries. */
interface Sent {
  readonly place: number;
  readonly sequence: number;
}

/** What a seeded network makes of `count` packets: some dropped, some twice, each moved by up to `reach` places. */
function network(seed: number, count: number, first: number, reach: number): Sent[] {
  const random = new Random(seed);
  const arrivals: { at: number; sent: Sent }[] = [];
  const lossy = random.u32() % 3 === 0 ? 0 : 0.05;
  for (let place = 0; place < count; place++) {
    const sent = { place, sequence: (first + place) & 0xffff };
    if (place > 0 && random.chance(lossy)) continue;
    const delay = () => (place === 0 || reach === 0 ? 0 : random.below(reach + 1));
    arrivals.push({ at: place + delay() / 2, sent });
    if (random.chance(0.05)) arrivals.push({ at: place + delay() / 2 + 0.1, sent });
  }
  return arrivals.sort((a, b) => a.at - b.at).map(({ sent }) => sent);
}

/** Runs arrivals through a window; places travel in the RTP timestamp, so the wrap of the sequence hides nothing. */
function run(arrivals: readonly Sent[], windowPackets: number, stepNs = 1) {
  const delivered: number[] = [];
  const times: number[] = [];
  const reorder = new RtpReorder({
    windowPackets,
    deliver: (buf, off, _len, timeNs) => {
      delivered.push(rtpTimestamp(buf, off));
      times.push(timeNs);
      expect(rtpSequence(buf, off)).toBe(sequenceOf.get(rtpTimestamp(buf, off)) as number);
    },
    release: () => {},
  });
  const sequenceOf = new Map(arrivals.map(({ place, sequence }) => [place, sequence]));
  arrivals.forEach(({ place, sequence }, i) => {
    const packet = rtpPacket({ sequence, timestamp: place }, new Uint8Array(4));
    reorder.push(packet, 0, packet.length, i * stepNs);
  });
  reorder.flush();
  return { reorder, delivered, times };
}

const seed = fc.integer({ min: 0, max: 2 ** 31 });
const firstSequence = fc.oneof(fc.integer({ min: 0, max: 65535 }), fc.integer({ min: 65000, max: 65535 }));

test("disorder that fits the window: all unique packets in order, loss and duplicates exact", () => {
  fc.assert(
    fc.property(seed, firstSequence, fc.integer({ min: 0, max: 30 }), (n, first, reach) => {
      const count = 700;
      const arrivals = network(n, count, first, reach);
      const { reorder, delivered, times } = run(arrivals, 64);
      const unique = [...new Set(arrivals.map(({ place }) => place))].sort((a, b) => a - b);
      expect(delivered).toEqual(unique);
      const last = unique.at(-1) as number;
      expect(reorder.lost).toBe(last + 1 - unique.length);
      expect(reorder.duplicates).toBe(arrivals.length - unique.length);
      expect(reorder.packets).toBe(arrivals.length);
      expect(reorder.late + reorder.invalid + reorder.restarts).toBe(0);
      // Reordered is each first copy that comes behind a higher number.
      const seen = new Set<number>();
      let highest = -1;
      let reordered = 0;
      for (const { place } of arrivals) {
        if (!seen.has(place) && place < highest) reordered++;
        seen.add(place);
        highest = Math.max(highest, place);
      }
      expect(reorder.reordered).toBe(reordered);
      // Each packet is delivered with the time of its own first arrival.
      const arrivedAt = new Map<number, number>();
      arrivals.forEach(({ place }, i) => {
        if (!arrivedAt.has(place)) arrivedAt.set(place, i);
      });
      expect(times).toEqual(unique.map((place) => arrivedAt.get(place) as number));
    }),
    { numRuns: 150 },
  );
});

test("disorder of any size, any window in packets and time: each packet is in exactly one count", () => {
  const setups = fc.record({
    n: seed,
    first: firstSequence,
    reach: fc.integer({ min: 0, max: 180 }),
    windowPackets: fc.integer({ min: 0, max: 70 }),
    stepNs: fc.integer({ min: 0, max: 20e6 }),
  });
  fc.assert(
    fc.property(setups, ({ n, first, reach, windowPackets, stepNs }) => {
      const arrivals = network(n, 600, first, reach);
      const { reorder, delivered } = run(arrivals, windowPackets, stepNs);
      for (let i = 1; i < delivered.length; i++) {
        expect(delivered[i] as number).toBeGreaterThan(delivered[i - 1] as number);
      }
      const { packets, lost, duplicates, late, invalid, restarts } = reorder;
      expect(invalid + restarts).toBe(0);
      expect(packets).toBe(arrivals.length);
      expect(delivered.length + duplicates + late).toBe(packets);
      const unique = new Set(arrivals.map(({ place }) => place)).size;
      expect(delivered.length + late).toBe(unique);
      const last = Math.max(...arrivals.map(({ place }) => place));
      expect(lost).toBe(last + 1 - delivered.length);
      expect(late).toBeLessThanOrEqual(lost);
    }),
    { numRuns: 150 },
  );
});

test("any sequence numbers, SSRCs and octets: nothing throws, and the counts add up", () => {
  const datagram = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 5 })) },
    { weight: 3, arbitrary: fc.tuple(fc.integer({ min: 0, max: 65535 }), fc.integer({ min: 0, max: 5 })) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  );
  const timesMs = fc.integer({ min: -100, max: 1000 });
  fc.assert(
    fc.property(fc.array(fc.tuple(datagram, timesMs), { maxLength: 200 }), fc.nat(80), (inputs, packets) => {
      let delivered = 0;
      let released = 0;
      const reorder = new RtpReorder({
        windowPackets: packets,
        deliver: () => delivered++,
        release: () => released++,
      });
      for (const [what, ms] of inputs) {
        const octets =
          what instanceof Uint8Array
            ? what
            : rtpPacket({ sequence: what[0], timestamp: 0, ssrc: what[1] }, new Uint8Array(3));
        reorder.push(octets, 0, octets.length, ms * 1e6);
        if (ms % 7 === 0) reorder.expire(ms * 1e6);
      }
      reorder.flush();
      expect(reorder.packets + reorder.invalid).toBe(inputs.length);
      expect(delivered + reorder.duplicates + reorder.late).toBe(reorder.packets);
      expect(released).toBeLessThanOrEqual(inputs.length);
    }),
  );
});

test("a slow and plain model agrees packet by packet", () => {
  fc.assert(
    fc.property(seed, fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 90 }), (n, size, reach) => {
      const arrivals = network(n, 300, 65400, reach);
      const { delivered } = run(arrivals, size, 0);
      expect(delivered).toEqual(model(arrivals, size));
    }),
    { numRuns: 150 },
  );
});

/** A map of what waits, and a sort where the window needs one. */
function model(arrivals: readonly Sent[], size: number): number[] {
  const delivered: number[] = [];
  const waiting = new Set<number>();
  let next = arrivals[0]?.place ?? 0;
  for (const { place } of arrivals) {
    if (place < next || waiting.has(place)) continue;
    waiting.add(place);
    while (Math.max(...waiting) - next > size || waiting.has(next)) {
      if (waiting.delete(next)) delivered.push(next);
      next++;
      if (waiting.size === 0) break;
    }
  }
  return [...delivered, ...[...waiting].sort((a, b) => a - b)];
}
