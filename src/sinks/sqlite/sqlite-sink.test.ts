import { Database } from "bun:sqlite";
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start, until } from "../../../tests/helpers/run.ts";
import { FAULTY_REPORT } from "../../report/fixture.ts";
import type { SinkRecord } from "../queue/packet-sink.ts";
import { RECORD, recordFacts } from "../queue/ring.ts";
import { SqliteSink } from "./sqlite-sink.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-sqlite-"));
afterAll(() => rmSync(folder, { recursive: true }));

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
  expect(to.figures()).toMatchObject({ packets: 1, lost: 1 });
  to.close();
  expect(lines).toHaveLength(1);
}, 30_000);

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
