import { expect, test } from "bun:test";
import { Moment } from "./moment.ts";
import { TotalRate } from "./total-rate.ts";

test("packets of a second or more, of what there is before; nothing by a burst at the start", () => {
  const moment = new Moment();
  const rate = new TotalRate(moment);
  expect(rate.bps()).toBeNaN();
  const at = (seconds: number, packets: number): number => {
    moment.nowNs = seconds * 1e9;
    moment.packet += packets;
    return rate.bps();
  };
  moment.start(5e9);
  rate.restart();
  expect(at(5, 100)).toBeNaN();
  expect(at(5.009, 400)).toBeNaN();
  expect(at(5.5, 500)).toBeCloseTo(1504 * 2000, 6);
  expect(at(6, 1000)).toBeCloseTo(1504 * 2000, 6);
  expect(at(6.9, 90_000)).toBeCloseTo(1504 * 2000, 6);
  expect(at(8, 10_000)).toBeCloseTo(1504 * 50_000, 6);
  moment.stop();
  rate.restart();
  expect(at(8.5, 1)).toBeNaN();
});
