import { expect, test } from "bun:test";
import { HeaderQueue } from "./header-queue.ts";
import { UnitQueue } from "./unit-queue.ts";

test("units come out in their order, with their arrival", () => {
  const units = new UnitQueue();
  expect(units.start).toBe(Number.POSITIVE_INFINITY);
  expect(units.decodeTicks).toBe(Number.POSITIVE_INFINITY);
  units.push(0, 10, true);
  units.push(100, 20, false);
  units.arrive(100, 5);
  expect([units.arrivalTicks, units.judged]).toEqual([5, true]);
  units.shift();
  expect([units.start, units.decodeTicks, units.arrivalTicks, units.judged]).toEqual([
    100,
    20,
    Number.NaN,
    false,
  ]);
  units.arrive(101, 7);
  expect(units.arrivalTicks).toBe(7);
  units.shift();
  units.shift();
  expect(units.length).toBe(0);
});

test("units without time are given even steps between those that have one", () => {
  const units = new UnitQueue();
  units.push(0, 100, true);
  units.push(1, Number.NaN, false);
  units.push(2, Number.NaN, false);
  units.push(3, 400, true);
  units.fill(2, 100, 400);
  const times: number[] = [];
  while (units.length > 0) {
    times.push(units.decodeTicks);
    units.shift();
  }
  expect(times).toEqual([100, 200, 300, 400]);
});

test("1024 units wait at most", () => {
  const units = new UnitQueue();
  let taken = 0;
  while (units.push(taken, taken, true)) taken += 1;
  expect(taken).toBe(1024);
  units.shift();
  expect(units.push(taken, taken, true)).toBe(true);
  units.clear();
  expect(units.length).toBe(0);
});

test("headers leave with the octet after them", () => {
  const headers = new HeaderQueue();
  headers.push(0, 14);
  headers.push(100, 9);
  headers.push(100, 5);
  expect(headers.octets).toBe(28);
  headers.leave(0);
  expect(headers.octets).toBe(28);
  headers.leave(100);
  expect(headers.octets).toBe(14);
  headers.leave(100.5);
  expect(headers.octets).toBe(0);
});

test("more headers than there is room for count with the last", () => {
  const headers = new HeaderQueue();
  for (let i = 0; i < 300; i += 1) headers.push(i, 10);
  expect(headers.octets).toBe(3000);
  headers.leave(255);
  expect(headers.octets).toBe(450);
  headers.leave(300);
  expect(headers.octets).toBe(0);
  headers.push(400, 3);
  headers.clear();
  expect(headers.octets).toBe(0);
});
