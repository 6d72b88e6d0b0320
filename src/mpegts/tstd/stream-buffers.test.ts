import { expect, test } from "bun:test";
import fc from "fast-check";
import { aacBuffers, type BufferSizes, MPEG_AUDIO_BUFFERS } from "./buffer-sizes.ts";
import { ownerOf, PacketQueue } from "./packet-queue.ts";
import { ProgramClock } from "./program-clock.ts";
import { StreamBuffers } from "./stream-buffers.ts";
import { KeptEvents } from "./test-events.ts";

const SECOND = 27e6;
const MS = 27_000;
/** A packet of 188 octets each millisecond, arriving in 188 us: 8 Mbit/s. */
const PACKET = 5076;

/** TBn is through at once; MBn leaks 92 octets a millisecond into an EBn of 1000 octets. */
const VIDEO: BufferSizes = {
  rxBps: 80e6,
  mbOctets: 300,
  rbxBps: 736_000,
  ebOctets: 1000,
  mayUnderflow: false,
};

function buffers(sizes: BufferSizes, limit = SECOND) {
  const events = new KeptEvents();
  const model = new StreamBuffers(7, sizes, limit, events);
  model.restart(0);
  const packet = (ms: number, data: number, header = 0): void =>
    model.packet(ms * MS, ms * MS + PACKET, header, data, ms);
  const row = (buffer: string) => model.report().find((line) => line.buffer === buffer);
  return { model, events, packet, row };
}

test("13818-1 2.4.2.3: Bn fills as octets leave TBn and empties at the time of decoding", () => {
  const { model, events, packet, row } = buffers(MPEG_AUDIO_BUFFERS);
  model.units.push(0, 5 * MS, true);
  model.units.push(368, 29 * MS, true);
  for (let ms = 0; ms < 4; ms += 1) packet(ms, 184);
  expect(row("B")?.peakOctets).toBe(736);
  packet(6, 184);
  // 368 of the first unit are gone, and 184 more came.
  packet(7, 184);
  expect(row("B")?.peakOctets).toBe(736);
  expect(events.lines).toEqual([]);
});

test("TR 101 290 3.3: Bn runs over above 3584 octets, PES headers included", () => {
  const { model, events, packet, row } = buffers(MPEG_AUDIO_BUFFERS);
  model.units.push(0, 500 * MS, true);
  packet(0, 170, 14);
  for (let ms = 1; ms < 19; ms += 1) packet(ms, 184);
  expect(row("B")?.peakOctets).toBe(19 * 184);
  expect(events.lines).toEqual([]);
  packet(19, 184);
  expect(events.lines).toEqual(["7 B overflow @19"]);
});

test("13818-1 2.4.2.3: a PES header leaves Bn with the octet that follows it", () => {
  const { model, packet, row } = buffers(aacBuffers(2));
  model.units.push(0, 2 * MS, true);
  model.units.push(170, 3 * MS, true);
  model.units.push(340, 100 * MS, true);
  packet(0, 170, 14);
  packet(1, 170, 14);
  expect(row("B")?.peakOctets).toBe(368);
  // Both are decoded when 184 more come: nothing of them is left.
  packet(4, 184);
  for (let ms = 5; ms < 8; ms += 1) packet(ms, 0);
  expect(row("B")?.peakOctets).toBe(368);
  packet(8, 184);
  expect(row("B")?.peakOctets).toBe(368);
  packet(9, 184);
  expect(row("B")?.peakOctets).toBe(552);
});

test("TR 101 290 3.3: a unit whose last octets come after its time underflows once", () => {
  const { model, events, packet, row } = buffers(MPEG_AUDIO_BUFFERS);
  // At 2 Mbit/s a packet is through TBn 0.752 ms after it began: the second at 1.752 ms, the third at 2.752 ms.
  model.units.push(0, 1.8 * MS, true);
  model.units.push(552, 20 * MS, true);
  for (let ms = 0; ms < 5; ms += 1) packet(ms, 184);
  expect(events.lines).toEqual(["7 B underflow @2"]);
  expect(row("B")).toMatchObject({ underflows: 1, overflows: 0 });
});

test("a unit without time stamp of its own, or low_delay, is not held to account", () => {
  for (const mayUnderflow of [true, false]) {
    const { model, events, packet } = buffers({ ...MPEG_AUDIO_BUFFERS, mayUnderflow });
    model.units.push(0, 1.5 * MS, mayUnderflow);
    model.units.push(552, 20 * MS, mayUnderflow);
    for (let ms = 0; ms < 5; ms += 1) packet(ms, 184);
    expect(events.lines).toEqual([]);
  }
});

test("13818-1 2.4.2.6: a unit that is whole at its very time is in time, by a tick of 90 kHz", () => {
  const { model, events, packet } = buffers(MPEG_AUDIO_BUFFERS);
  model.units.push(0, 1.752 * MS - 200, true);
  model.units.push(368, 20 * MS, true);
  for (let ms = 0; ms < 3; ms += 1) packet(ms, 184);
  expect(events.lines).toEqual([]);
});

test("TR 101 290 3.10: the first octet is in the T-STD for longer than it may", () => {
  const { model, events, packet } = buffers(MPEG_AUDIO_BUFFERS);
  model.units.push(0, 1000 * MS, true);
  model.units.push(184, 1002 * MS, true);
  model.units.push(368, 1200 * MS, true);
  packet(0, 184);
  packet(1, 184);
  packet(1100, 184);
  // The second arrived at 1 ms.
  expect(events.lines).toEqual(["7 delayed 1001 ms @1100"]);
});

test("13818-1 2.4.2.3: MBn leaks at Rbxn into EBn", () => {
  const { model, packet, row, events } = buffers(VIDEO);
  model.units.push(0, 100 * MS, true);
  packet(0, 184);
  // In 188 us 17.3 octets left; until the next packet 74.7, then 17.3 again while 184 come.
  expect(row("MB")?.peakOctets).toBe(Math.round(184 - 17.296));
  packet(1, 184);
  expect(row("MB")?.peakOctets).toBe(Math.round(368 - 92 - 17.296));
  expect(row("EB")?.peakOctets).toBe(Math.round(92 + 17.296));
  packet(2, 184);
  expect(events.lines).toEqual(["7 MB overflow @2"]);
});

test("13818-1 2.4.2.3: a full EBn holds back MBn until a unit is decoded", () => {
  const { model, packet, row, events } = buffers({ ...VIDEO, mbOctets: 4000 });
  model.units.push(0, 50 * MS, true);
  model.units.push(900, 500 * MS, true);
  for (let ms = 0; ms < 10; ms += 1) packet(ms, 184);
  packet(49, 0, 10);
  packet(49.5, 184);
  expect(row("EB")?.peakOctets).toBe(1000);
  expect(row("MB")?.peakOctets).toBe(1840 - 1000 + 10 + 184);
  packet(51, 0, 10);
  packet(60, 184);
  // 900 went at 50 ms, so that EBn has room for what waited.
  expect(row("MB")?.peakOctets).toBe(1840 - 1000 + 10 + 184);
  expect(events.lines).toEqual([]);
});

test("TR 101 290 3.9: MBn that is never empty for a second", () => {
  const { model, packet, events } = buffers({ ...VIDEO, mbOctets: 1e6, ebOctets: 1e6 });
  model.units.push(0, 5000 * MS, true);
  for (let ms = 0; ms < 1100; ms += 1) packet(ms, 184);
  expect(events.lines).toEqual(["7 MB not empty @1000"]);
});

test("units in time empty MBn and EBn; other sizes hold from where the stream says them", () => {
  const { model, packet, row, events } = buffers({ ...VIDEO, rbxBps: 10e6 });
  for (let unit = 0; unit < 10; unit += 1) model.units.push(unit * 368, (unit * 2 + 4) * MS, true);
  for (let ms = 0; ms < 10; ms += 1) packet(ms, 184);
  expect(row("EB")?.peakOctets).toBe(736);
  expect(events.lines).toEqual([]);
  model.resize({ ...VIDEO, ebOctets: 500, rbxBps: 10e6, mbOctets: 50 });
  model.restart(10 * MS);
  model.units.push(0, 100 * MS, true);
  for (let ms = 10; ms < 14; ms += 1) packet(ms, 184);
  expect(row("EB")).toMatchObject({ sizeOctets: 500, peakOctets: 736 });
  // EBn is full after 500 octets, of which the third packet brings the last 132; MBn has to keep the rest.
  expect(events.lines).toEqual(["7 MB overflow @12"]);
});

test("starting again forgets what was in the buffers, not what was counted", () => {
  const { model, packet, row, events } = buffers(MPEG_AUDIO_BUFFERS);
  model.units.push(0, 1 * MS, true);
  for (let ms = 0; ms < 3; ms += 1) packet(ms, 184);
  expect(row("B")?.underflows).toBe(1);
  model.restart(10 * MS);
  model.units.push(0, 20 * MS, true);
  packet(10, 184);
  packet(30, 0);
  expect(row("B")?.underflows).toBe(1);
  expect(events.lines).toHaveLength(1);
});

test("packets of a queue fill the buffers as each of them alone does", () => {
  const sizes = [MPEG_AUDIO_BUFFERS, VIDEO, { ...VIDEO, rbxBps: 1.6e6, mbOctets: 500 }];
  const packet = fc.record({
    gap: fc.integer({ min: 1, max: 12 }),
    header: fc.constantFrom(0, 0, 0, 14),
    octets: fc.integer({ min: 0, max: 184 }),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...sizes),
      fc.array(packet, { minLength: 1, maxLength: 200 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 30 }),
      (rules, packets, steps) => {
        const clock = new ProgramClock();
        clock.pcr(0, 0);
        clock.pcr(PACKET * 5000, 5000);
        const one = buffers(rules);
        const many = buffers(rules);
        steps.forEach((_, i) => {
          const ms = steps.slice(0, i + 1).reduce((sum, step) => sum + step, 0);
          one.model.units.push(i * 300, ms * MS, true);
          many.model.units.push(i * 300, ms * MS, true);
        });
        const queue = new PacketQueue();
        let index = 0;
        for (const { gap, header, octets } of packets) {
          index += gap;
          const data = Math.max(0, octets - header);
          const from = clock.arrival(index);
          one.model.packet(from, from + clock.ticksPerPacket, header, data, index);
          queue.push(ownerOf(0, 0), header, data, index, index);
        }
        many.model.packets(queue, 0, queue.length, clock);
        expect(many.model.report()).toEqual(one.model.report());
        expect(many.events.lines).toEqual(one.events.lines);
      },
    ),
  );
});
