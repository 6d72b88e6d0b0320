import { expect, test } from "bun:test";
import { byBudget, type CpuProfile, NATIVE, selfTimes } from "./profile.ts";

const node = (id: number, url: string) => ({ id, callFrame: { functionName: `f${id}`, url } });

const profile: CpuProfile = {
  nodes: [
    node(1, "file:///p/src/mpegts/judge.ts"),
    node(2, "file:///p/src/mpegts/psi/store.ts"),
    node(3, ""),
    node(4, "node:fs"),
    node(5, "file:///p/src/mpegts/judge.ts"),
  ],
  samples: [1, 2, 3, 4, 5, 99],
  timeDeltas: [10, 20, 30, 40, 50, 60],
};

test("the time of each file of ours, and of what is none", () => {
  expect([...selfTimes(profile, "/p/")]).toEqual([
    ["src/mpegts/judge.ts", 60],
    ["src/mpegts/psi/store.ts", 20],
    [NATIVE, 130],
  ]);
});

test("the longest path owns a file; what nobody owns is said", () => {
  const budgets = [
    { name: "analyser", paths: ["src/mpegts/"], nsPerPacket: 1 },
    { name: "tables", paths: ["src/mpegts/psi/"], nsPerPacket: 1 },
    { name: "idle", paths: ["src/wire/"], nsPerPacket: 1 },
  ];
  expect([...byBudget(selfTimes(profile, "/p/"), budgets)]).toEqual([
    ["analyser", 60],
    ["tables", 20],
    ["idle", 0],
    ["not budgeted", 130],
  ]);
});
