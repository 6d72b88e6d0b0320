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

  test("without limits all stays", () => {
    const { database, count } = filled("all.db", 10);
    expect(new Retention(database, { maxAgeMs: 0, maxBytes: 0 }).step(1e15)).toBe(false);
    expect(count("reports")).toBe(10);
    database.close();
  });
});
