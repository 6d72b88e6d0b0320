import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { systemSchema } from "../report/system-schema.ts";
import { DiskMeter } from "./disks.ts";
import { InterfaceMeter } from "./interfaces.ts";
import { SystemSampler } from "./sampler.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-system-"));
afterAll(() => rmSync(folder, { recursive: true }));

let roots = 0;

/** A root with these files, and how to change one. */
function machine(files: Readonly<Record<string, string>>): {
  root: string;
  put: (path: string, text: string) => void;
} {
  const root = `${folder}/${++roots}/`;
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(root + path), { recursive: true });
    writeFileSync(root + path, text);
  };
  for (const [path, text] of Object.entries(files)) put(path, text);
  return { root, put };
}

const TASK = (ticks: number) => `7 (Worker) S 1 1 1 0 -1 0 0 0 0 0 ${ticks} 0 0 0 20 0 6 0 1 1 1\n`;
const device = (name: string, packets: number, errors: number, dropped: number): string =>
  `${name}: 1000 ${packets} ${errors} ${dropped} 0 0 0 0 500 5 0 0 0 0 0 0\n`;

const FILES = {
  "proc/stat": "cpu  100 0 0 100 0 0 0 0 0 0\ncpu0 100 0 0 100 0 0 0 0 0 0\nbtime 1770000000\n",
  "proc/meminfo": "MemTotal: 4000 kB\nMemAvailable: 3000 kB\n",
  "proc/loadavg": "0.50 0.25 0.10 1/2 3\n",
  "proc/self/stat": "7 (rscap) S 1 1 1 0 -1 0 0 0 0 0 100 0 0 0 20 0 6 0 1 1 1\n",
  "proc/self/status": "VmHWM:\t  300 kB\nVmRSS:\t  200 kB\n",
  "proc/self/task/7/stat": TASK(60),
  "proc/self/task/8/stat": TASK(40),
  "proc/net/dev": device("eth1", 10, 1, 7),
  "sys/class/net/eth1/operstate": "up\n",
  "sys/class/net/eth1/carrier": "1\n",
  "sys/class/net/eth1/carrier_down_count": "2\n",
  "sys/class/net/eth1/speed": "10000\n",
  "sys/class/net/eth1/statistics/rx_missed_errors": "3\n",
  "etc/os-release": 'PRETTY_NAME="Test OS"\n',
};

describe("figures of the machine", () => {
  test("each stands where it belongs, and rates are those since the sample before", async () => {
    const { root, put } = machine(FILES);
    const clock = () => null;
    const sampler = new SystemSampler({ interfaces: ["eth1"], paths: [folder], root, clock });
    await sampler.refreshDisks();
    const first = systemSchema.parse(sampler.sample(1000));
    expect(first).toMatchObject({
      intervalMs: null,
      host: { os: "Test OS", cores: 1, bootTime: "2026-02-02T02:40:00.000000000Z" },
      cpu: null,
      load: { one: 0.5 },
      memory: { usedBytes: 1_024_000 },
      process: { cpuPercent: null, cpuSeconds: 1, residentBytes: 204_800, peakResidentBytes: 307_200 },
      clock: null,
    });
    expect(first.process.threads).toEqual([{ name: "Worker", count: 2, cpuPercent: null, cpuSeconds: 1 }]);
    expect(first.disks).toHaveLength(1);
    expect(first.disks[0]?.totalBytes).toBeGreaterThan(first.disks[0]?.freeBytes ?? Number.NaN);
    expect(first.interfaces).toEqual([
      {
        name: "eth1",
        state: "up",
        carrier: true,
        carrierLosses: 2,
        speedBps: 10_000_000_000,
        receivedPackets: 10,
        receivedBytes: 1000,
        receiveErrors: 1,
        // The kernel's figure has what was missed in it.
        receiveDropped: 4,
        receiveMissed: 3,
        receiveFifo: 0,
        sentPackets: 5,
        sentBytes: 500,
        sendErrors: 0,
        sendDropped: 0,
      },
    ]);

    put("proc/stat", "cpu  150 0 0 150 0 0 0 0 0 0\n");
    put("proc/self/stat", "7 (rscap) S 1 1 1 0 -1 0 0 0 0 0 150 0 0 0 20 0 6 0 1 1 1\n");
    put("proc/self/task/7/stat", TASK(110));
    rmSync(`${root}proc/self/task/8`, { recursive: true });
    const second = sampler.sample(3000);
    expect(second.intervalMs).toBe(2000);
    expect(second.cpu?.busyPercent).toBe(50);
    expect(second.process.cpuPercent).toBe(25);
    expect(second.process.threads).toEqual([{ name: "Worker", count: 1, cpuPercent: 25, cpuSeconds: 1.1 }]);
    sampler.close();
  });

  test("what is missing is not measured", () => {
    const { root } = machine({ "etc/hostname": "x" });
    const sampler = new SystemSampler({
      interfaces: ["eth1"],
      paths: [`${root}none`],
      root,
      clock: () => null,
    });
    sampler.sample(0);
    const report = systemSchema.parse(sampler.sample(1000));
    expect(report).toMatchObject({
      cpu: null,
      load: null,
      memory: null,
      clock: null,
      disks: [],
      interfaces: [],
    });
    expect(report.process).toMatchObject({ residentBytes: null, threads: [] });
    expect(report.process.cpuSeconds).toBeGreaterThan(0);
    expect(report.host).toMatchObject({ os: null, bootTime: null });
    sampler.close();
  });

  test("of this machine fit the schema", () => {
    const sampler = new SystemSampler({ interfaces: ["lo", "any"], paths: [] });
    const report = systemSchema.parse(sampler.sample());
    expect(report.process.pid).toBe(process.pid);
    sampler.close();
  });
});

describe("devices", () => {
  test("one whose link is down, whose driver knows no speed, or that has no /sys", () => {
    const { root, put } = machine({
      ...FILES,
      "proc/net/dev": device("eth1", 1, 0, 0) + device("eth2", 2, 0, 9),
      "sys/class/net/eth1/carrier": "0\n",
      "sys/class/net/eth1/speed": "-1\n",
    });
    const meter = new InterfaceMeter(["eth1", "eth2", "eth3"], root);
    const [down, bare, ...others] = meter.read();
    expect(down).toMatchObject({ carrier: false, speedBps: null });
    expect(bare).toMatchObject({ state: null, carrier: null, carrierLosses: null, receiveMissed: null });
    expect(bare?.receiveDropped).toBe(9);
    expect(others).toEqual([]);
    put("proc/net/dev", device("eth2", 3, 0, 9));
    expect(meter.read().map(({ name }) => name)).toEqual(["eth2"]);
    meter.close();
  });

  test("any means all of them", () => {
    const { root } = machine({ "proc/net/dev": device("lo", 1, 0, 0) + device("eth2", 2, 0, 9) });
    expect(new InterfaceMeter(["any"], root).read().map(({ name }) => name)).toEqual(["lo", "eth2"]);
  });
});

describe("disks", () => {
  test("one that hangs keeps its last figure and is not asked again; one that fails is not measured", async () => {
    const answers: { resolve: (value: never) => void; reject: (error: Error) => void }[] = [];
    const ask = (() => new Promise((resolve, reject) => answers.push({ resolve, reject }))) as never;
    const meter = new DiskMeter(["/a", "/a"], ask);
    expect(meter.reports).toEqual([]);
    const first = meter.refresh();
    expect(answers).toHaveLength(1);
    answers[0]?.resolve({ bsize: 10, blocks: 8, bavail: 5 } as never);
    await first;
    const wanted = [{ path: "/a", totalBytes: 80, freeBytes: 50 }];
    expect(meter.reports).toEqual(wanted);
    const second = meter.refresh();
    await meter.refresh();
    expect(answers).toHaveLength(2);
    expect(meter.reports).toEqual(wanted);
    answers[1]?.reject(new Error("gone"));
    await second;
    expect(meter.reports).toEqual([]);
  });
});
