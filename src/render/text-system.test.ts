import { describe, expect, test } from "bun:test";
import { FAULTY_REPORT } from "../report/fixture.ts";
import { SYSTEM } from "../report/fixture-system.ts";
import { textStyle } from "./layout.ts";
import { liveLines } from "./live.ts";
import { renderText } from "./text.ts";
import { systemLine, systemLines } from "./text-system.ts";

const PLAIN = textStyle(false);

describe("the machine in text", () => {
  test("a section with all there is", () => {
    expect(systemLines(SYSTEM, 120, PLAIN).join("\n")).toBe(
      `System probe-1
  OS          Debian GNU/Linux 12 (bookworm), kernel 6.1.0, x86_64
  Started     2026-02-01 00:00:00.000 UTC
  CPU         25.5 % of 2 cores, interrupts 5 %, stolen by the host 1 %
  Load        0.5, 0.25, 0.1
  Memory      1.000 GB of 4.000 GB used, swap 1.000 MB of 1.000 GB
  rscap       31 % of one core, 136.0 MB, Worker 30.5 %
  Clock       synchronised, error at most 250 us, offset -120 ns, TAI - UTC 37 s
  eth1        link 10.00 Gb/s, received 13,346 packets, 2 errors, 3 dropped, 4 missed, link lost 1 time
  Disk        60.00 GB free of 100.0 GB at /var/lib/rscap`,
    );
  });

  test("what is not measured says so", () => {
    const [device] = SYSTEM.interfaces;
    if (device === undefined) throw new Error("no device");
    const bare = {
      ...SYSTEM,
      host: { ...SYSTEM.host, os: null, bootTime: null },
      cpu: null,
      load: null,
      memory: null,
      process: { ...SYSTEM.process, cpuPercent: null, residentBytes: null, threads: [] },
      disks: [],
      interfaces: [{ ...device, carrier: null, carrierLosses: null, speedBps: null, state: null }],
      clock: null,
    };
    const text = systemLines(bare, 120, PLAIN).join("\n");
    expect(text).toContain("CPU         not measured");
    expect(text).toContain("Clock       not measured");
    expect(text).toContain("eth1        state unknown, received");
    expect(systemLine(bare)).toBe("CPU not measured  rscap -  eth1 state unknown, errors and drops 9");
    const unkept = { ...SYSTEM, clock: SYSTEM.clock && { ...SYSTEM.clock, synchronised: false } };
    expect(systemLines(unkept, 120, PLAIN).join("\n")).toContain("Clock       not synchronised");
  });

  test("stands in the report and in the live view where it was asked for", () => {
    const report = { ...FAULTY_REPORT, system: SYSTEM };
    const line =
      "CPU 25.5 %  rscap 31 % 136.0 MB  memory 25 %  load 0.5  eth1 link 10.00 Gb/s, errors and drops 9  " +
      "/var/lib/rscap 60.00 GB free  clock synchronised";
    const screen = { columns: 160, rows: 40, colour: false };
    expect(liveLines(report, { ...screen, system: true })[1]).toBe(line);
    expect(liveLines(report, screen)).toEqual(liveLines(FAULTY_REPORT, { ...screen, system: true }));
    const small = liveLines(report, { columns: 60, rows: 5, colour: false, system: true });
    expect(small).toHaveLength(5);
    expect(renderText(report, { columns: 100, colour: false, system: true })).toContain("\nSystem probe-1\n");
    expect(renderText(report, { columns: 100, colour: false })).not.toContain("System");
  });
});
