import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { cpuBetween, parseCpuTicks, parseStatFacts } from "./cpu.ts";
import { parseOsName, wallTime } from "./host.ts";
import { parseNetDev } from "./interfaces.ts";
import { parseLoad, parseMemory } from "./memory.ts";
import { parseThreadStat } from "./threads.ts";

const STAT = `cpu  100 10 50 800 20 5 15 0 0 0
cpu0 50 5 25 400 10 5 10 0 0 0
cpu1 50 5 25 400 10 0 5 0 0 0
intr 12345 0 0
ctxt 5
btime 1770000000
processes 99
`;

const MEMINFO = `MemTotal:        4000 kB
MemFree:          500 kB
MemAvailable:    3000 kB
SwapTotal:       1000 kB
SwapFree:         900 kB
`;

const NET_DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 1750 143    0    0    0     0          0         0 1750 143    0    0    0     0       0          0
eth0.5:2156805197   48528    1    2    3     0          0         0  2823501   29775    4    5    0     0       0          0
`;

describe("/proc/stat", () => {
  test("what the cores did between two readings adds up", () => {
    const before = parseCpuTicks(STAT);
    expect(before).toEqual([100, 10, 50, 800, 20, 5, 15, 0]);
    const now = [150, 20, 60, 820, 25, 10, 15, 0];
    expect(cpuBetween(before, now)).toEqual({
      busyPercent: 75,
      userPercent: 60,
      systemPercent: 10,
      interruptPercent: 5,
      ioWaitPercent: 5,
      stealPercent: 0,
    });
  });

  test("is not measured without an earlier reading, or when no time has passed", () => {
    expect(cpuBetween(null, [1, 2, 3, 4])).toBeNull();
    expect(cpuBetween([1, 2, 3, 4], null)).toBeNull();
    expect(cpuBetween([1, 2, 3, 4], [1, 2, 3, 4])).toBeNull();
  });

  test("counters that go back, as when a core is switched off, count as standing still", () => {
    expect(cpuBetween([100, 0, 0, 100], [50, 0, 0, 200])?.busyPercent).toBe(0);
  });

  test("cores and time of the start", () => {
    expect(parseStatFacts(STAT)).toEqual({ cores: 2, bootSeconds: 1_770_000_000 });
    expect(parseStatFacts(null)).toEqual({ cores: null, bootSeconds: null });
  });
});

describe("other files of /proc", () => {
  test("memory in octets, of an old kernel too", () => {
    expect(parseMemory(MEMINFO)).toEqual({
      totalBytes: 4_096_000,
      usedBytes: 1_024_000,
      availableBytes: 3_072_000,
      swapTotalBytes: 1_024_000,
      swapUsedBytes: 102_400,
    });
    expect(parseMemory("MemTotal: 4 kB\nMemFree: 1 kB\n")?.usedBytes).toBe(3072);
    expect(parseMemory("MemTotal: 4 kB\n")).toBeNull();
  });

  test("load", () => {
    expect(parseLoad("0.52 0.25 1.10 2/345 6789\n")).toEqual({ one: 0.52, five: 0.25, fifteen: 1.1 });
  });

  test("devices, their name next to a figure too", () => {
    const devices = parseNetDev(NET_DEV);
    expect([...devices.keys()]).toEqual(["lo", "eth0.5"]);
    expect(devices.get("eth0.5")?.slice(0, 5)).toEqual([2_156_805_197, 48_528, 1, 2, 3]);
  });

  test("a thread, whatever its name holds", () => {
    const rest = "S 1 2 3 0 -1 4194304 1166 0 3 0 150 50 0 0 20 0 6 0 1166338 6710202368 9800";
    expect(parseThreadStat(`12 (a) S (b 7) ${rest}\n`)).toEqual({ name: "a) S (b 7", cpuSeconds: 2 });
    expect(parseThreadStat("12 (a) S 1 2")).toBeNull();
  });

  test("the name of the distribution", () => {
    expect(parseOsName('ID=debian\nPRETTY_NAME="Debian GNU/Linux 12"\n')).toBe("Debian GNU/Linux 12");
    expect(parseOsName("PRETTY_NAME='A \\$B'\n")).toBe("A $B");
    expect(parseOsName("ID=x\n")).toBeNull();
    expect(wallTime(1_770_000_000_250)).toBe("2026-02-02T02:40:00.250000000Z");
  });

  test("any text is no exception, and gives figures or none", () => {
    const texts = fc.oneof(
      fc.string(),
      fc.constantFrom(STAT, MEMINFO, NET_DEV).chain((text) =>
        fc.tuple(fc.nat(text.length), fc.string(), fc.nat(9)).map(([at, put, cut]) => {
          return text.slice(0, at) + put + text.slice(at + cut);
        }),
      ),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const ticks = parseCpuTicks(text);
        expect(ticks === null || ticks.every(Number.isFinite)).toBe(true);
        for (const figures of parseNetDev(text).values()) expect(figures.every(Number.isFinite)).toBe(true);
        const memory = parseMemory(text);
        expect(memory === null || memory.usedBytes >= 0).toBe(true);
        parseLoad(text);
        parseThreadStat(text);
        parseStatFacts(text);
        parseOsName(text);
      }),
    );
  });
});
