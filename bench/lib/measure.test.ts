import { expect, test } from "bun:test";
import { measure, median, processCpuSeconds, processRssBytes, threadCpuSeconds } from "./measure.ts";
import { table } from "./table.ts";

test("the median of odd and even numbers of runs", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test("a program's cost and output", async () => {
  const { stdout, wallSeconds, cpuSeconds, maxRssBytes } = await measure(["sh", "-c", "echo out"]);
  expect(stdout).toBe("out\n");
  expect(wallSeconds).toBeGreaterThan(0);
  expect(cpuSeconds).toBeLessThan(5);
  expect(maxRssBytes).toBeGreaterThan(100_000);
  expect(measure(["sh", "-c", "echo no >&2; exit 1"])).rejects.toThrow(/ended with 1: no/);
});

test("what /proc says of ourselves", () => {
  const before = processCpuSeconds(process.pid);
  while (processCpuSeconds(process.pid) === before) Bun.hash("work"); // one tick is 10 ms
  expect(processCpuSeconds(process.pid)).toBeLessThan(before + 5);
  const threads = [...threadCpuSeconds(process.pid).values()].reduce((sum, seconds) => sum + seconds, 0);
  // Each thread's ticks are cut to whole ones by themselves, so their sum may be less, never much more.
  expect(threads).toBeGreaterThan(0);
  expect(threads).toBeLessThanOrEqual(processCpuSeconds(process.pid) + 0.1);
  expect(processRssBytes(process.pid)).toBeGreaterThan(1e6);
});

test("a table has its columns in line", () => {
  expect(
    table(
      "Title",
      ["tool", "s"],
      [
        ["rscap", "1.00"],
        ["tcpdump", "22.00"],
      ],
    ),
  ).toBe(
    [
      "Title",
      "",
      "| tool    |     s |",
      "|---------|------:|",
      "| rscap   |  1.00 |",
      "| tcpdump | 22.00 |",
      "",
    ].join("\n"),
  );
});
