import { expect, test } from "bun:test";
import { SystemBuffer } from "./system-buffer.ts";
import { KeptEvents } from "./test-events.ts";
import { TransportBuffer } from "./transport-buffer.ts";

const SECOND = 27e6;
/** Ticks in which a packet arrives at 8 Mbit/s: 188 us. */
const PACKET = 5076;

function buffer(rxBps: number) {
  const events = new KeptEvents();
  const tb = new TransportBuffer(5, "TB", rxBps, events);
  tb.restart(0);
  return { tb, events };
}

test("13818-1 2.4.2.3: at a quarter of the stream's rate, three packets fill TBn to 423 octets", () => {
  const { tb, events } = buffer(2e6);
  const levels: number[] = [];
  for (let i = 0; i < 3; i += 1) {
    tb.packet(i * PACKET, (i + 1) * PACKET, i);
    levels.push(((tb.finishTicks - (i + 1) * PACKET) * 2e6) / 8 / SECOND);
  }
  // 188 octets come in while 47 go out.
  expect(levels.map(Math.round)).toEqual([141, 282, 423]);
  expect(events.lines).toEqual([]);
  expect(tb.gauge.report()).toMatchObject({ peakOctets: 423, sizeOctets: 512, overflows: 0 });
});

test("TR 101 290 3.3: the fourth runs over, once until it fits again", () => {
  const { tb, events } = buffer(2e6);
  for (let i = 0; i < 6; i += 1) tb.packet(i * PACKET, (i + 1) * PACKET, i);
  expect(events.lines).toEqual(["5 TB overflow @3"]);
  // What ran over is lost: 512 octets take 2.048 ms at 2 Mbit/s.
  expect(tb.finishTicks).toBeCloseTo(6 * PACKET + 0.002048 * SECOND, 3);
  const later = SECOND / 10;
  tb.packet(later, later + PACKET, 10);
  for (let i = 1; i < 4; i += 1) tb.packet(later + i * PACKET, later + (i + 1) * PACKET, 10 + i);
  expect(events.lines).toEqual(["5 TB overflow @3", "5 TB overflow @13"]);
});

test("13818-1 2.4.2.3: a faster leak passes octets on as they come", () => {
  const { tb } = buffer(18e6);
  tb.packet(0, PACKET, 0);
  expect(tb.startTicks).toBe(0);
  expect(tb.finishTicks).toBe(PACKET);
  tb.setRate(1e6);
  tb.packet(PACKET, 2 * PACKET, 0);
  expect(tb.finishTicks).toBeCloseTo(PACKET + (1504 / 1e6) * SECOND, 6);
});

test("TR 101 290 3.9: never empty for a second, told once a second", () => {
  const { tb, events } = buffer(2e6);
  // 2.0005 Mbit/s: each packet comes a little before the one before it is through.
  const every = Math.round((1504 / 2.0005e6) * SECOND);
  const count = Math.floor((2.5 * SECOND) / every);
  for (let i = 0; i < count; i += 1) tb.packet(i * every, i * every + PACKET, i);
  expect(events.lines).toHaveLength(2);
  expect(events.lines[0]).toStartWith("5 TB not empty");
});

test("TR 101 290 3.9: back-to-back packets at the leak's own rate leave nothing behind", () => {
  const { tb, events } = buffer(8e6);
  for (let i = 0; i < 8000; i += 1) tb.packet(i * PACKET, (i + 1) * PACKET, i);
  expect(events.lines).toEqual([]);
});

test("13818-1 2.4.2.3: Bsys leaks at 80 kbit/s at least, at a 500th of the transport rate if that is more", () => {
  const events = new KeptEvents();
  const system = new SystemBuffer(events);
  expect(system.report()).toEqual([]);
  system.restart(0);
  // Packets of 184 octets payload every 10 ms: 100 octets go out between. The stream has 8 Mbit/s.
  for (let i = 0; i < 17; i += 1) system.packet(i * 270_000, i * 270_000 + PACKET, 184, i);
  // At the end of the first: 184 less what goes in the 1.472 ms that it takes to come, then 84 more each time.
  const [tb, b] = system.report();
  expect(tb).toMatchObject({ pid: null, buffer: "TBsys", peakOctets: 165, overflows: 0 });
  expect(b).toMatchObject({
    pid: null,
    buffer: "Bsys",
    sizeOctets: 1536,
    peakOctets: Math.round(169.28 + 16 * 84),
  });
  expect(events.lines).toEqual([]);
  system.packet(17 * 270_000, 17 * 270_000 + PACKET, 184, 17);
  expect(events.lines).toEqual(["null Bsys overflow @17"]);
});
