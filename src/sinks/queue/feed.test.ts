import { expect, test } from "bun:test";
import { EPOCH, SinkRing } from "../../../tests/helpers/sink-ring.ts";
import { tsPackets } from "../../../tests/helpers/wire.ts";
import type { TrackFacts } from "./packet-sink.ts";
import { RECORD, RingReader } from "./ring.ts";

function factsIn(reader: RingReader): TrackFacts {
  return JSON.parse(new TextDecoder().decode(reader.buf.subarray(reader.off, reader.off + reader.len)));
}

test("the facts of a track come before its packets, once", () => {
  const ring = new SinkRing();
  ring.ts("a", tsPackets(7), 5, 1_000_000_007);
  ring.ts("a", tsPackets(7), 2e9, 3e9);
  ring.rtp("b", [new Uint8Array(20), new Uint8Array(30)], 0, 1000);
  const reader = new RingReader(ring.memory);
  expect(reader.next(0)).toBe(RECORD.track);
  expect(factsIn(reader)).toEqual({
    probe: "studio",
    stream: "a",
    kind: "ts",
    source: "192.0.2.1:1234",
    destination: "239.1.1.1:5000",
    wall: true,
  });
  expect(reader.next(0)).toBe(RECORD.ts);
  expect(reader).toMatchObject({ track: 0, packets: 7, discontinuity: false, firstNs: 5, lastNs: 7 });
  expect([reader.firstSeconds, reader.lastSeconds]).toEqual([EPOCH.seconds, EPOCH.seconds + 1]);
  expect(reader.next(0)).toBe(RECORD.ts);
  expect(reader.next(0)).toBe(RECORD.track);
  expect(factsIn(reader)).toMatchObject({ stream: "b", kind: "rtp" });
  expect(reader.next(0)).toBe(RECORD.rtp);
  expect([reader.track, reader.packets, reader.packetBytes(0), reader.packetBytes(1)]).toEqual([
    1, 2, 20, 30,
  ]);
  expect(ring.feed.counts()).toMatchObject({ packets: 16, bytes: 14 * 188 + 50, droppedPackets: 0 });
});

test("what is missing before a record is said with it: lost messages, a restart, what the full queue dropped", () => {
  const ring = new SinkRing("packets", 8192);
  const reader = new RingReader(ring.memory);
  const next = (): boolean => {
    while (reader.next(0) === RECORD.track);
    return reader.discontinuity;
  };
  const some = (): void => ring.ts("a", tsPackets(7), 0, 1);
  some();
  expect(next()).toBe(false);
  ring.track("a").lostMessages += 2;
  some();
  expect(next()).toBe(true);
  some();
  expect(next()).toBe(false);
  ring.track("a").restarts++;
  some();
  expect(next()).toBe(true);
  ring.ts("a", tsPackets(70), 0, 1);
  expect(ring.feed.counts()).toMatchObject({ droppedPackets: 70, droppedBytes: 13_160 });
  some();
  expect(next()).toBe(true);
  some();
  expect(next()).toBe(false);
});

test("facts that found no room are put in later, and their packets are counted", () => {
  const ring = new SinkRing("packets", 1024);
  ring.ts("a", tsPackets(5), 0, 1);
  ring.ts("b", tsPackets(5), 0, 1);
  expect(ring.feed.counts()).toMatchObject({ packets: 0, droppedPackets: 10 });
  const reader = new RingReader(ring.memory);
  while (reader.next(0) !== RECORD.none);
  ring.ts("b", tsPackets(1), 0, 1);
  expect(reader.next(0)).toBe(RECORD.track);
  expect(factsIn(reader).stream).toBe("b");
  expect(reader.next(0)).toBe(RECORD.ts);
  expect(reader.discontinuity).toBe(true);
});

test("documents count by the piece", () => {
  const ring = new SinkRing("documents", 1024);
  ring.document("s", "event", { a: 1 });
  ring.document("s", "event", { a: "x".repeat(2000) });
  ring.document("-", "report", { b: 1 });
  expect(ring.feed.counts()).toMatchObject({ packets: 2, droppedPackets: 1, droppedBytes: 2008 });
  const reader = new RingReader(ring.memory);
  const types = Array.from({ length: 5 }, () => reader.next(0));
  expect(types).toEqual([RECORD.track, RECORD.document, RECORD.track, RECORD.document, RECORD.none]);
});

test("packets without header have no times", () => {
  const ring = new SinkRing();
  ring.feed.ts(ring.track(""), null, { first: null, last: null }, tsPackets(1), 188);
  const reader = new RingReader(ring.memory);
  reader.next(0);
  expect(factsIn(reader)).toMatchObject({ source: null, destination: null, wall: false });
  reader.next(0);
  expect(reader.firstSeconds).toBeNaN();
});
