import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase, pragma, SQLITE_SCHEMA_VERSION } from "./schema.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-schema-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the database", () => {
  test("is made once, in WAL, with its version, and opened again as it is", () => {
    const path = join(folder, "new.db");
    const made = openDatabase(path);
    expect(pragma(made, "user_version")).toBe(SQLITE_SCHEMA_VERSION);
    expect(made.query("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
    made.run("INSERT INTO reports VALUES (NULL, 1, NULL, 'p', 'i', '{}')");
    made.close();
    const again = openDatabase(path);
    expect(again.query("SELECT probe FROM reports").all()).toEqual([{ probe: "p" }]);
    again.close();
  });

  test("of another program, of a newer version, or none at all is refused and left alone", () => {
    const foreign = join(folder, "foreign.db");
    const other = new Database(foreign, { create: true });
    other.run("CREATE TABLE t (x)");
    other.close();
    expect(() => openDatabase(foreign)).toThrow("it is a database of another program");
    const newer = join(folder, "newer.db");
    const database = openDatabase(newer);
    database.run(`PRAGMA user_version = ${SQLITE_SCHEMA_VERSION + 1}`);
    database.close();
    expect(() => openDatabase(newer)).toThrow(`this rscap knows ${SQLITE_SCHEMA_VERSION}`);
    const text = join(folder, "text.db");
    writeFileSync(text, "no database, but long enough to be looked at as one ".repeat(100));
    expect(() => openDatabase(text)).toThrow("file is not a database");
    expect(() => openDatabase(join(folder, "none", "x.db"))).toThrow("--sqlite (SQLITE)");
  });
});
