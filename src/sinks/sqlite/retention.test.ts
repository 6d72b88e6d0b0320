import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Retention } from "./retention.ts";
import { openDatabase } from "./schema.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-retention-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A database with `rows` reports of a kilobyte, one a second, and as many seconds of a stream. */
function filled(name: string, rows: number) {
  const path = join(folder, name);
  const database = openDatabase(path);
  database.run("INSERT INTO streams VALUES (1, 'p', 's', 'mpegts', '', '', '', 0, ?)", [rows * 1000]);
  database.run(
    "INSERT INTO findings VALUES (NULL, 'p', 's', 'c', '', 'error', -1, 1, NULL, NULL, '', 0, 5000)",
  );
  const report = database.prepare("INSERT INTO reports VALUES (NULL, ?, NULL, 'p', 'i', ?)");
  const second = database.prepare(`INSERT INTO seconds VALUES (NULL, ?, 1, ?${", 0".repeat(10)})`);
  database.transaction(() => {
    for (let i = 0; i < rows; i++) {
      report.run(i * 1000, "x".repeat(1000));
      second.run(i * 1000, i * 1000);
    }
  })();
  const count = (table: string): number =>
    (database.query(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n;
  return { path, database, count };
}

function run(retention: Retention, nowMs: number): number {
  let steps = 1;
  while (retention.step(nowMs)) steps++;
  return steps;
}

describe("what is kept in the database", () => {
  test("by age, in small steps; streams and findings that are gone for good go too", () => {
    const { database, count } = filled("age.db", 5000);
    const keep = new Retention(database, { maxAgeMs: 1_000_000, maxBytes: 0 });
    expect(run(keep, 5_000_000)).toBeGreaterThan(2);
    expect([count("reports"), count("seconds"), count("streams"), count("findings")]).toEqual([
      1000, 1000, 1, 0,
    ]);
    expect(
      (database.query("SELECT min(stored_ms) AS least FROM seconds").get() as { least: number }).least,
    ).toBe(4_000_000);
    run(keep, 99_000_000);
    expect([count("reports"), count("seconds"), count("streams")]).toEqual([0, 0, 0]);
    database.close();
  });

  test("by size: the oldest go, and the file shrinks", () => {
    const { path, database, count } = filled("size.db", 8000);
    database.run("PRAGMA wal_checkpoint(TRUNCATE)");
    const before = statSync(path).size;
    const keep = new Retention(database, { maxAgeMs: 0, maxBytes: 2_000_000 });
    run(keep, 0);
    database.run("PRAGMA wal_checkpoint(TRUNCATE)");
    expect(keep.usedBytes).toBeLessThanOrEqual(2_000_000);
    expect(before).toBeGreaterThan(8_000_000);
    expect(statSync(path).size).toBeLessThan(2_500_000);
    expect(count("reports")).toBeGreaterThan(500);
    expect(
      (database.query("SELECT max(stored_ms) AS most FROM reports").get() as { most: number }).most,
    ).toBe(7_999_000);
    expect(database.query("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
    database.close();
  });

  test("by size: all tables go back equally far, however many rows they have", () => {
    const { database } = filled("even.db", 200);
    const pid = database.prepare("INSERT INTO pid_seconds VALUES (NULL, ?, 1, ?, ?, 1e6, 10, 0)");
    database.transaction(() => {
      for (let i = 0; i < 100_000; i++) pid.run(Math.floor(i / 500) * 1000, i, i % 500);
    })();
    const keep = new Retention(database, { maxAgeMs: 0, maxBytes: 4_000_000 });
    run(keep, 0);
    const since = ["reports", "seconds", "pid_seconds"].map(
      (table) => (database.query(`SELECT min(stored_ms) AS ms FROM ${table}`).get() as { ms: number }).ms,
    );
    expect(Math.min(...since)).toBeGreaterThan(20_000);
    expect(Math.max(...since)).toBeLessThan(180_000);
    // A step's reports apart.
    expect(Math.max(...since) - Math.min(...since)).toBeLessThanOrEqual(20_000);
    database.close();
  });

  test("by size: findings and streams without end are bounded too", () => {
    const { database, count } = filled("hostile.db", 1);
    const finding = database.prepare(
      "INSERT INTO findings VALUES (NULL, 'p', ?, 'c', '', 'error', -1, 1, NULL, NULL, 'text', ?, ?)",
    );
    const stream = database.prepare("INSERT INTO streams VALUES (NULL, 'p', ?, '', '', '', '', ?, ?)");
    database.transaction(() => {
      for (let i = 0; i < 20_000; i++) {
        finding.run(`stream ${i}`, i, i);
        stream.run(`stream ${i}`, i, i);
      }
    })();
    const keep = new Retention(database, { maxAgeMs: 0, maxBytes: 1_000_000 });
    run(keep, 0);
    expect(keep.usedBytes).toBeLessThanOrEqual(1_000_000);
    expect(count("findings")).toBeGreaterThan(1000);
    const { ms } = database.query("SELECT max(last_ms) AS ms FROM findings").get() as { ms: number };
    expect(ms).toBe(19_999);
    // Streams alone, without a row.
    for (const table of ["findings", "reports", "seconds"]) database.run(`DELETE FROM ${table}`);
    run(new Retention(database, { maxAgeMs: 0, maxBytes: 1 }), 0);
    expect(count("streams")).toBe(0);
    database.close();
  });

  test("no step looks at all rows of a table", () => {
    const { database } = filled("plan.db", 1);
    const seen: string[] = [];
    // Each statement that a step makes is asked how SQLite will go about it.
    const spy = Object.create(database) as typeof database;
    spy.query = ((sql: string) => {
      if (/^(SELECT|DELETE)/.test(sql)) {
        const plan = database.query(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[];
        seen.push(...plan.map(({ detail }) => detail).filter((detail) => detail.startsWith("SCAN")));
      }
      return database.query(sql);
    }) as typeof database.query;
    new Retention(spy, { maxAgeMs: 1, maxBytes: 1 }).step(1e9);
    // Walks that stop at their LIMIT, and the row sets that they give.
    const walks =
      /^SCAN (reports|seconds|pid_seconds|media_seconds|events|\(subquery-\d+\)|findings USING COVERING INDEX findings_last)$/;
    expect(seen.filter((detail) => !walks.test(detail))).toEqual([]);
    database.close();
  });

  test("without limits all stays", () => {
    const { database, count } = filled("all.db", 10);
    expect(new Retention(database, { maxAgeMs: 0, maxBytes: 0 }).step(1e15)).toBe(false);
    expect(count("reports")).toBe(10);
    database.close();
  });
});
