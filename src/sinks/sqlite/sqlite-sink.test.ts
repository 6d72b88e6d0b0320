import { Database } from "bun:sqlite";
import { afterAll, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start, until } from "../../../tests/helpers/run.ts";
import { type Requirement, testWith } from "../../../tests/helpers/skip.ts";
import { FAULTY_REPORT } from "../../report/fixture.ts";
import type { SinkRecord } from "../queue/packet-sink.ts";
import { RECORD, recordFacts } from "../queue/ring.ts";
import { SqliteSink } from "./sqlite-sink.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-sqlite-"));
afterAll(() => rmSync(folder, { recursive: true }));

const mountTmpfs = (at: string): boolean =>
  spawnSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", at], { stdio: "ignore" }).status === 0;

/** A small disk of our own. */
const needsTmpfs: Requirement = {
  get met() {
    const at = mkdtempSync(join(tmpdir(), "rscap-mount-"));
    const mounted = process.getuid?.() === 0 && mountTmpfs(at);
    if (mounted) spawnSync("umount", [at]);
    rmdirSync(at);
    return mounted;
  },
  why: "no tmpfs can be mounted (needs root)",
};

const FACTS = { probe: "p", stream: "-", source: null, destination: null, wall: true } as const;

const record = (text: string, track = 0): SinkRecord => {
  const buf = new TextEncoder().encode(text);
  return {
    ...recordFacts(),
    type: RECORD.document,
    track,
    buf,
    off: 0,
    len: buf.length,
    packetBytes: () => 0,
  };
};

function sink(name: string, lines: string[]): SqliteSink {
  const keep = { maxAgeMs: 0, maxBytes: 0 };
  const log = (_level: string, text: string): void => void lines.push(text);
  return new SqliteSink({ path: join(folder, name), reportMs: 0, ...keep, log });
}

const countIn = (name: string, table: string): number => {
  const database = new Database(join(folder, name), { readonly: true });
  const { n } = database.query(`SELECT count(*) AS n FROM ${table}`).get() as { n: number };
  database.close();
  return n;
};

test("takes reports, counts what it can't store, and others may read meanwhile", () => {
  const lines: string[] = [];
  const to = sink("sink.db", lines);
  to.track(0, { ...FACTS, kind: "report" });
  to.track(1, { ...FACTS, kind: "image" });
  to.take(record(JSON.stringify(FAULTY_REPORT)));
  to.take(record("no JSON"));
  to.take(record("{}", 1));
  to.take(record("{}", 9));
  to.poll(1e12);
  expect(countIn("sink.db", "reports")).toBe(1);
  expect(to.figures()).toMatchObject({ packets: 1, lost: 0, unwanted: 2 });
  to.close();
  expect(lines).toEqual([]);
});

test("another process that keeps the file costs what comes meanwhile, and no more", () => {
  const lines: string[] = [];
  const to = sink("busy.db", lines);
  to.track(0, { ...FACTS, kind: "report" });
  const other = new Database(join(folder, "busy.db"));
  other.run("PRAGMA busy_timeout = 10");
  other.run("BEGIN EXCLUSIVE");
  to.take(record(JSON.stringify(FAULTY_REPORT)));
  expect(to.figures()).toMatchObject({ packets: 0, lost: 1 });
  expect(lines[0]).toContain("database is locked");
  other.run("COMMIT");
  other.close();
  to.take(record(JSON.stringify(FAULTY_REPORT)));
  to.poll(0);
  expect(to.figures()).toMatchObject({ packets: 1, lost: 1 });
  to.close();
  expect(lines).toHaveLength(1);
}, 30_000);

testWith(
  [needsTmpfs],
  "a full disk is told once, counted, and all is stored when there is room again",
  () => {
    const disk = join(folder, "disk");
    mkdirSync(disk);
    expect(mountTmpfs(disk)).toBe(true);
    try {
      const lines: string[] = [];
      const to = sink("disk/x.db", lines);
      to.track(0, { ...FACTS, kind: "report" });
      let packets = 0;
      const give = (count: number): void => {
        for (let i = 0; i < count; i++) {
          const report = {
            streams: [{ id: "s", packets: ++packets }],
            findings: [],
            filler: "x".repeat(8000),
          };
          to.take(record(JSON.stringify(report)));
          to.poll(packets * 1000);
        }
      };
      writeFileSync(join(disk, "other"), new Uint8Array(1_000_000));
      give(300);
      const { packets: stored, lost } = to.figures();
      expect(lost).toBeGreaterThan(0);
      expect(stored + lost).toBe(300);
      expect(lines).toEqual([expect.stringContaining("disk is full")]);
      rmSync(join(disk, "other"));
      give(50);
      expect(to.figures()).toMatchObject({ packets: stored + 50, lost });
      to.close();
      expect(lines).toHaveLength(1);
      const database = new Database(join(disk, "x.db"));
      expect(database.query("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
      // The first is where counting begins.
      expect(database.query("SELECT sum(packets) AS n FROM seconds").get()).toEqual({ n: 349 });
      database.close();
    } finally {
      // Lazily: where the test has failed, its files are still open.
      spawnSync("umount", ["-l", disk]);
    }
  },
);

test("what is too much goes while more comes", () => {
  const lines: string[] = [];
  const keep = { maxAgeMs: 0, maxBytes: 500_000 };
  const path = join(folder, "bounded.db");
  const to = new SqliteSink({ path, reportMs: 0, ...keep, log: (_level, text) => void lines.push(text) });
  to.track(0, { ...FACTS, kind: "report" });
  for (let i = 0; i < 500; i++) {
    to.take(record(JSON.stringify({ streams: [{ id: "s", packets: i }], filler: "x".repeat(8000) })));
    to.poll(i * 10_000);
  }
  to.poll(1e9);
  to.close();
  expect(statSync(path).size).toBeLessThan(600_000);
  expect(countIn("bounded.db", "reports")).toBeGreaterThan(10);
  expect(lines).toEqual([]);
});

test("a kill leaves a sound database with what was stored", async () => {
  const path = join(folder, "killed.db");
  const code = `
    import { ReportStore } from ${JSON.stringify(join(import.meta.dir, "store.ts"))};
    import { SunkDocument } from ${JSON.stringify(join(import.meta.dir, "../document-sink.ts"))};
    const store = new ReportStore({ path: ${JSON.stringify(path)}, reportMs: 0, fromStart: true });
    for (let i = 0; ; i++) store.add(new SunkDocument({ probe: "p", stream: "-", kind: "report", receivedMs: i },
      { streams: [{ id: "s", packets: i }], findings: [], filler: "x".repeat(1000) }));`;
  const writer = start([process.execPath, "-e", code]);
  const stored = (): boolean => {
    try {
      return countIn("killed.db", "seconds") > 200;
    } catch {
      return false; // Not made yet.
    }
  };
  await until(stored, "something is stored", 20_000);
  await writer.stop("SIGKILL");
  const database = new Database(path);
  expect(database.query("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
  database.close();
  expect(countIn("killed.db", "reports")).toBe(countIn("killed.db", "seconds"));
}, 40_000);
