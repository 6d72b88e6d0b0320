import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { closeRing, RECORD, RingReader, RingWriter, recordFacts, ringMemory } from "./ring.ts";

// Other tests may keep the machine busy.
setDefaultTimeout(60_000);

const facts = (change: Partial<ReturnType<typeof recordFacts>>): ReturnType<typeof recordFacts> => ({
  ...recordFacts(),
  type: RECORD.ts,
  ...change,
});

function octets(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (seed + i * 7) & 0xff);
}

test("a record comes out as it went in, facts, lengths and octets", () => {
  const memory = ringMemory(4096);
  const writer = new RingWriter(memory);
  const reader = new RingReader(memory);
  const buf = octets(100, 3);
  const given = facts({
    type: RECORD.rtp,
    track: 7,
    packets: 2,
    discontinuity: true,
    firstSeconds: 1_700_000_000,
    firstNs: 999_999_999,
    lastSeconds: -1,
    lastNs: 5,
    putNs: 123_456_789_012_345,
  });
  expect(writer.put(given, [40, 21, 9], buf, 10, 61)).toBe(true);
  expect(writer.usedBytes).toBe(136);
  expect(reader.next(0)).toBe(RECORD.rtp);
  expect(reader).toMatchObject({ ...given });
  expect([reader.packetBytes(0), reader.packetBytes(1)]).toEqual([40, 21]);
  expect([...reader.buf.subarray(reader.off, reader.off + reader.len)]).toEqual([...buf.subarray(10, 71)]);
  expect(reader.next(0)).toBe(RECORD.none);
  expect(reader.usedBytes).toBe(0);
});

test("times that are not known stay so", () => {
  const memory = ringMemory(4096);
  new RingWriter(memory).put(facts({}), null, octets(5, 0), 0, 5);
  const reader = new RingReader(memory);
  reader.next(0);
  expect([reader.firstSeconds, reader.lastSeconds]).toEqual([Number.NaN, Number.NaN]);
});

test("a full ring takes nothing more, and everything again when it was emptied", () => {
  const memory = ringMemory(1024);
  const writer = new RingWriter(memory);
  const reader = new RingReader(memory);
  const buf = octets(100, 1);
  let taken = 0;
  while (writer.put(facts({ packets: taken }), null, buf, 0, 100)) taken++;
  expect(taken).toBe(6);
  for (let i = 0; i < taken; i++) {
    expect(reader.next(0)).toBe(RECORD.ts);
    expect(reader.packets).toBe(i);
  }
  expect(reader.next(0)).toBe(RECORD.none);
  for (let i = 0; i < 5; i++) expect(writer.put(facts({}), null, buf, 0, 100)).toBe(true);
});

test("closed: what is in it still comes out, and then it has ended", () => {
  const memory = ringMemory(1024);
  new RingWriter(memory).put(facts({}), null, octets(3, 0), 0, 3);
  closeRing(memory);
  const reader = new RingReader(memory);
  expect(reader.ended).toBe(false);
  expect(reader.next(10_000)).toBe(RECORD.ts);
  expect(reader.ended).toBe(false);
  expect(reader.next(10_000)).toBe(RECORD.none);
  expect(reader.ended).toBe(true);
});

test("an empty ring starts again at its front, so that a quiet one touches little of its memory", () => {
  const memory = ringMemory(16 * 1024 * 1024);
  const writer = new RingWriter(memory);
  const reader = new RingReader(memory);
  const buf = octets(300_000, 0);
  let highest = 0;
  for (let i = 0; i < 200; i++) {
    expect(writer.put(facts({}), null, buf, 0, buf.length)).toBe(true);
    // What is left out at its end is not in use.
    expect(writer.usedBytes).toBeWithin(buf.length, buf.length + 100);
    reader.next(0);
    highest = Math.max(highest, reader.off);
    reader.release();
  }
  expect(highest).toBeLessThan(3 * 1024 * 1024);
});

test("another reader goes on where the first was", () => {
  const memory = ringMemory(4096);
  const writer = new RingWriter(memory);
  for (let i = 0; i < 3; i++) writer.put(facts({ packets: i }), null, octets(9, i), 0, 9);
  const first = new RingReader(memory);
  first.next(0);
  first.release();
  const second = new RingReader(memory);
  second.next(0);
  expect(second.packets).toBe(1);
});

test("any order of putting and taking: as an array would, nothing lost, nothing overwritten", () => {
  const step = fc.oneof(
    fc.record({ put: fc.nat(900), lengths: fc.nat(20) }),
    fc.record({ take: fc.integer({ min: 1, max: 4 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1024, max: 3000 }), (steps, bytes) => {
      const memory = ringMemory(bytes);
      const writer = new RingWriter(memory);
      const reader = new RingReader(memory);
      const model: { octets: Uint8Array; lengths: number[]; seed: number }[] = [];
      let seed = 0;
      const takeOne = (): void => {
        const type = reader.next(0);
        const expected = model.shift();
        expect(type).toBe(expected === undefined ? RECORD.none : RECORD.rtp);
        if (expected === undefined) return;
        expect(reader.track).toBe(expected.seed);
        expect(reader.lastSeconds).toBe(expected.seed / 4);
        const found = expected.lengths.map((_, i) => reader.packetBytes(i));
        expect(found).toEqual(expected.lengths);
        const got = reader.buf.subarray(reader.off, reader.off + reader.len);
        expect(Buffer.compare(got, expected.octets)).toBe(0);
        reader.release();
      };
      for (const one of steps) {
        if ("take" in one) {
          for (let i = 0; i < one.take; i++) takeOne();
          continue;
        }
        seed++;
        const lengths = Array.from({ length: one.lengths }, (_, i) => i * seed);
        const buf = octets(one.put, seed);
        const given = facts({ type: RECORD.rtp, track: seed, packets: one.lengths, lastSeconds: seed / 4 });
        const fits = writer.put(given, lengths, buf, 0, one.put);
        if (fits) model.push({ octets: buf, lengths, seed });
        // Nobody holds a record here, so an empty ring takes what fits in half of it.
        else expect(model.length > 0 || one.put + one.lengths * 4 + 64 > bytes / 2).toBe(true);
      }
      while (model.length > 0) takeOne();
      expect(reader.next(0)).toBe(RECORD.none);
    }),
  );
});

test("across threads: every record in order, or counted where there was no room", async () => {
  const memory = ringMemory(64 * 1024);
  const worker = new Worker(new URL("./test-reader.ts", import.meta.url));
  const got = new Promise<{ records: number; bytes: number; disorder: number; wrong: number }>(
    (resolve, reject) => {
      worker.onmessage = (event) => resolve(event.data);
      worker.onerror = (event) => reject(new Error(event.message));
    },
  );
  worker.postMessage(memory);
  const writer = new RingWriter(memory);
  let put = 0;
  let bytes = 0;
  let dropped = 0;
  for (let i = 0; i < 50_000; i++) {
    const length = (i * 37) % 3000;
    const buf = new Uint8Array(length).fill(i & 0xff);
    if (writer.put(facts({ packets: i }), null, buf, 0, length)) {
      put++;
      bytes += length;
    } else dropped++;
    // The other thread gets a chance now and then, on one core too.
    if (i % 1000 === 0) await Bun.sleep(1);
  }
  closeRing(memory);
  const seen = await got;
  worker.terminate();
  expect(put + dropped).toBe(50_000);
  expect(seen).toEqual({ records: put, bytes, disorder: 0, wrong: 0 });
});
