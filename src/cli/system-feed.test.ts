import { describe, expect, test } from "bun:test";
import { EMPTY_REPORT, FAULTY_REPORT } from "../report/fixture.ts";
import { SYSTEM } from "../report/fixture-system.ts";
import { reportSchema } from "../report/schema.ts";
import { NO_WALL_CLOCK } from "../report/time.ts";
import { boardMemory, SystemBoard } from "../system/board.ts";
import { ReportSystem } from "./report-system.ts";
import { startSystemFeed, systemJob } from "./system-feed.ts";

const settings = { systemStatsInterval: 100, report: ["text", "json=/tmp/report.json"] };
const TIMES = { kind: "kernel", resolutionNs: 1 } as const;

/** Resolves when `check` holds. */
async function until(check: () => boolean): Promise<void> {
  while (!check()) await Bun.sleep(10);
}

describe("figures of the machine in reports", () => {
  test("are there before the run begins, and are taken again and again", async () => {
    const feed = startSystemFeed(settings, []);
    if (feed === null) throw new Error("no feed");
    const board = new SystemBoard(feed.memory);
    const first = board.read();
    expect(first?.host.name).toBeString();
    await until(() => board.read()?.time !== first?.time && board.read()?.disks.length === 1);
    expect(board.read()?.disks[0]?.path).toBe("/tmp");
    expect(systemJob(feed)).toEqual({ system: feed.memory });
    feed.stop();
  });

  test("are not taken where the interval is 0", () => {
    expect(startSystemFeed({ ...settings, systemStatsInterval: 0 }, [])).toBeNull();
    expect(systemJob(null)).toEqual({});
  });

  test("stand in the report, what went wrong since the start of the run among its findings", () => {
    const memory = boardMemory();
    const writer = new SystemBoard(memory);
    writer.write(SYSTEM);
    const system = new ReportSystem(memory);
    const clean = structuredClone(FAULTY_REPORT);
    system.add(clean, NO_WALL_CLOCK, 1e9, TIMES);
    expect(reportSchema.parse(clean)).toEqual({ ...FAULTY_REPORT, system: SYSTEM });

    const [device] = SYSTEM.interfaces;
    if (device === undefined) throw new Error("no device");
    writer.write({
      ...SYSTEM,
      time: "later",
      interfaces: [{ ...device, receiveErrors: 9, receiveDropped: 4 }],
    });
    const report = structuredClone(EMPTY_REPORT);
    system.add(report, NO_WALL_CLOCK, 2e9, TIMES);
    expect(report.findings.map(({ code }) => code)).toEqual(["interface-errors", "interface-dropped"]);
    expect(report.summary).toEqual({ errors: 0, warnings: 1 });
  });

  test("are left out where nothing was measured", () => {
    const report = structuredClone(EMPTY_REPORT);
    new ReportSystem(boardMemory()).add(report, NO_WALL_CLOCK, 0, TIMES);
    expect(report).toEqual(EMPTY_REPORT);
  });
});
