import { Database } from "bun:sqlite";
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FAULTY_REPORT } from "../report/fixture.ts";
import { openReplayStore } from "./replay-store.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-replay-store-"));
afterAll(() => rmSync(folder, { recursive: true }));

const settings = (sqlite: string) => ({ sqlite, sqliteReports: 60_000, probeId: "desk" });

test("nothing is stored where no database is named; one that can't be used is told", () => {
  expect(openReplayStore(settings(""), () => {})).toBeNull();
  expect(() => openReplayStore(settings("/nowhere/x.db"), () => {})).toThrow("Can't store in /nowhere/x.db");
});

test("reports, events of what is new, and always the last report of each input", () => {
  const path = join(folder, "rscap.db");
  const lines: string[] = [];
  const store = openReplayStore(settings(path), (_level, text) => void lines.push(text));
  for (const input of [0, 1]) {
    for (const final of [false, false, true]) store?.report(input, FAULTY_REPORT, final);
  }
  const findings = FAULTY_REPORT.findings.length;
  expect(store?.close()).toBe(`Stored ${6 + 2 * findings} reports and events in ${path}.`);
  const database = new Database(path, { readonly: true });
  const count = (table: string) => database.query(`SELECT count(*) AS n FROM ${table}`).get();
  // The first of all, and the last of each input.
  expect([count("reports"), count("seconds"), count("events"), count("findings")]).toEqual(
    [3, 6 * FAULTY_REPORT.streams.length, 2 * findings, findings].map((n) => ({ n })),
  );
  database.close();
  expect(lines).toEqual([]);
});
