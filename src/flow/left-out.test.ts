import { expect, test } from "bun:test";
import { emptyStats } from "../capture/batch.ts";
import { STATUS } from "../net/datagram.ts";
import { NO_WALL_CLOCK } from "../report/time.ts";
import { LeftOut } from "./left-out.ts";

test("each frame is counted by its reason, with what the source left out", () => {
  const left = new LeftOut();
  left.notUdp(STATUS.fragment, 1);
  left.notUdp(STATUS.notIp, 2);
  left.notUdp(STATUS.notUdp, 3);
  left.notUdp(STATUS.malformed, 4);
  left.notWanted();
  left.cut();
  left.tableFull(5);
  const stats = { ...emptyStats(), kernelDrops: 7, unreadable: 2, filtered: 9 };
  expect(left.report(stats)).toEqual({
    kernel: 7,
    ringFreezes: 0,
    interface: 0,
    filtered: 9,
    snapped: 1,
    fragments: 1,
    unreadable: 3,
    otherTraffic: 3,
    flowTableFull: 1,
  });
});

test("drops of the source are found when they are seen, and only what is new", () => {
  const left = new LeftOut();
  const found = (kernelDrops: number, nowNs: number) =>
    left.findings(NO_WALL_CLOCK, { ...emptyStats(), kernelDrops }, nowNs, 0);
  expect(found(0, 1e9)).toEqual([]);
  expect(found(7, 2e9)).toMatchObject([{ code: "kernel-drops", count: 7, last: "+2.000000000s" }]);
  expect(found(7, 3e9)).toMatchObject([{ count: 7, last: "+2.000000000s" }]);
  expect(found(8, 4e9)).toMatchObject([{ count: 8, first: "+2.000000000s", last: "+4.000000000s" }]);
});
