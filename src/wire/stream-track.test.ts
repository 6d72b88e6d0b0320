import { expect, test } from "bun:test";
import fc from "fast-check";
import { ProbeTrack } from "./probe-track.ts";
import { DUPLICATE, RESTARTED, StreamTrack } from "./stream-track.ts";
import { TRACKS_MAX, TrackTable } from "./track-table.ts";

const TOPIC = { probe: "a", stream: "s", kind: "ts" } as const;
const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

test("the first message is no gap, whatever its number", () => {
  const track = new StreamTrack(TOPIC);
  expect(track.arrived("run", 1000)).toBe(0);
  expect(track.gaps).toBe(0);
});

test("missing numbers are a gap of that many messages", () => {
  const track = new StreamTrack(TOPIC);
  for (const sequence of [0, 1, 5, 6, 8]) track.arrived("run", sequence);
  expect([track.gaps, track.lostMessages, track.restarts]).toEqual([2, 4, 0]);
});

test("another run or a smaller number is a restart, not a gap", () => {
  const track = new StreamTrack(TOPIC);
  track.arrived("first", 50);
  expect(track.arrived("first", 0)).toBe(-1);
  expect(track.arrived("second", 90)).toBe(-1);
  expect(track.arrived("second", 91)).toBe(0);
  expect([track.gaps, track.lostMessages, track.restarts]).toEqual([0, 0, 2]);
});

test("two probes under one name: what is lost of either is counted, and that there are two", () => {
  const track = new StreamTrack(TOPIC);
  for (let i = 0; i < 100; i++) {
    track.arrived("one", i);
    if (i % 10 !== 5) track.arrived("two", 1000 + i);
  }
  expect([track.lostMessages, track.gaps, track.restarts]).toEqual([10, 10, 1]);
  expect(track.interleaved).toBeGreaterThan(150);
});

test("a message that was taken in part is not behind the position, until the next has come", () => {
  const track = new StreamTrack(TOPIC);
  track.arrived("run", 7);
  track.tookInPart();
  expect(track.position).toEqual({ run: "run", next: 7 });
  track.arrived("run", 8);
  expect(track.position).toEqual({ run: "run", next: 9 });
});

test("where the probe sends again, known messages of this run and the one before are left out", () => {
  const source = new ProbeTrack("a");
  source.acknowledged = true;
  const track = new StreamTrack(TOPIC, source);
  expect(track.position).toBeNull();
  for (const sequence of [0, 1, 2]) expect(track.arrived("first", sequence)).toBe(0);
  expect([track.arrived("first", 1), track.arrived("first", 2)]).toEqual([DUPLICATE, DUPLICATE]);
  expect(track.arrived("second", 0)).toBe(RESTARTED);
  expect([track.arrived("first", 2), track.arrived("second", 0)]).toEqual([DUPLICATE, DUPLICATE]);
  expect(track.arrived("second", 1)).toBe(0);
  expect([track.duplicates, track.restarts, track.lostMessages]).toEqual([4, 1, 0]);
  expect(track.position).toEqual({ run: "second", next: 2 });
});

test("of a shared stream, what others have is no gap", () => {
  const track = new StreamTrack(TOPIC, new ProbeTrack("a"), true);
  for (const sequence of [0, 3, 4, 9]) expect(track.arrived("run", sequence)).toBe(0);
  expect([track.elsewhere, track.gaps, track.lostMessages]).toEqual([6, 0, 0]);
});

test("lost and received messages add up to the numbers used", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat({ max: 500 }), { minLength: 1 }), (numbers) => {
      const track = new StreamTrack(TOPIC);
      const sorted = numbers.toSorted((a, b) => a - b);
      for (const sequence of sorted) track.arrived("run", sequence);
      const span = (sorted.at(-1) as number) - (sorted[0] as number) + 1;
      expect(track.lostMessages + sorted.length).toBe(span);
    }),
  );
});

test("a topic finds the same track again, by its octets", () => {
  const table = new TrackTable();
  const buf = new Uint8Array(100);
  buf.set(octets("rscap/1/a/s/ts"));
  const track = table.find(buf, 14);
  expect(track).toMatchObject(TOPIC);
  expect(table.find(buf, 14)).toBe(track as StreamTrack);
  expect(track?.matches(TOPIC)).toBe(true);
  expect(track?.matches({ ...TOPIC, probe: "b" })).toBe(false);
  buf.set(octets("rscap/1/a/t/ts"));
  expect(table.find(buf, 14)?.stream).toBe("t");
  expect(table.tracks.length).toBe(2);
});

test("what is no topic gets no track, not even with damaged UTF-8", () => {
  const table = new TrackTable();
  expect(table.find(octets("rscap/1/a/s/none"), 16)).toBeNull();
  expect(table.find(Uint8Array.of(0xff, 0xfe, 0x2f), 3)).toBeNull();
  expect(table.find(new Uint8Array(0), 0)).toBeNull();
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (buf) => table.find(buf, buf.length) === null));
  expect(table.tracks.length).toBe(0);
});

test("a flood of topics ends at a limit", () => {
  const table = new TrackTable();
  for (let i = 0; i < TRACKS_MAX; i++) {
    const topic = octets(`rscap/1/a/s${i}/ts`);
    expect(table.find(topic, topic.length)).toBeDefined();
  }
  const more = octets("rscap/1/a/more/ts");
  expect(table.find(more, more.length)).toBeUndefined();
});
