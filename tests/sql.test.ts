import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { smallMux } from "../fixtures/lib/mux.ts";
import { PROJECT, rscapCommand, run, runOk } from "./helpers/run.ts";
import { needsProgram, testWith } from "./helpers/skip.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-sql-"));
const database = join(folder, "rscap.db");
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(async () => {
  const packets = smallMux(99).packets(20_000);
  writeFileSync(join(folder, "sound.ts"), Buffer.concat(packets));
  // Every 500th packet is missing.
  writeFileSync(join(folder, "lossy.ts"), Buffer.concat(packets.filter((_, i) => i % 500 !== 250)));
  const args = ["sound.ts", "lossy.ts", "--sqlite", "rscap.db", "--report", "none", "--fail-on", "never"];
  const { exitCode, stderr } = await run(rscapCommand("replay", ...args), { cwd: folder });
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining("reports and events in rscap.db")]);
}, 60_000);

describe("docs/sql.md", () => {
  const page = readFileSync(join(PROJECT, "docs/sql.md"), "utf8");
  const statements = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql = ""]) => sql);

  test("has statements", () => expect(statements.length).toBeGreaterThan(6));

  test.each(statements)("%s", (sql) => {
    const opened = new Database(database, { readonly: true });
    const rows = opened.query(sql).all();
    opened.close();
    // No stream stood still; all the others find something.
    if (sql.includes("packets = 0")) expect(rows).toEqual([]);
    else expect(rows.length).toBeGreaterThan(0);
  });

  test("what is stored is what the reports say", () => {
    const opened = new Database(database, { readonly: true });
    const sums = opened
      .query(
        "SELECT stream, sum(continuity_errors) AS errors, sum(packets) AS packets FROM seconds JOIN streams ON streams.id = stream_id GROUP BY stream_id ORDER BY stream",
      )
      .all() as { stream: string; errors: number; packets: number }[];
    const finals = opened.query("SELECT json FROM reports ORDER BY id").all() as { json: string }[];
    opened.close();
    expect(sums.map(({ stream }) => stream)).toEqual(["lossy", "sound"]);
    for (const { stream, errors, packets } of sums) {
      const said = finals
        .map(({ json }) => JSON.parse(json).streams[0])
        .filter(({ id }) => id === stream)
        .at(-1);
      expect([errors, packets]).toEqual([said.mpegts.continuity.errors, said.packets]);
    }
    expect(sums[0]?.errors).toBeGreaterThan(30);
    expect(sums[1]?.errors).toBe(0);
  });
});

testWith(
  [needsProgram("gnuplot", "gnuplot-nox"), needsProgram("sqlite3")],
  "docs/bitrate.gnuplot draws a picture of it",
  async () => {
    const picture = join(folder, "rscap.png");
    await runOk([
      "gnuplot",
      "-e",
      `database='${database}'; picture='${picture}'`,
      `${PROJECT}docs/bitrate.gnuplot`,
    ]);
    const octets = readFileSync(picture);
    expect(octets.subarray(1, 4).toString()).toBe("PNG");
    // Width and height of the header chunk; an empty picture would be a tenth of the size.
    expect([octets.readUInt32BE(16), octets.readUInt32BE(20)]).toEqual([1200, 800]);
    expect(octets.length).toBeGreaterThan(10_000);
    // Nothing wrong, and nothing at all.
    const other = join(folder, "other.db");
    const draw = () =>
      run(["gnuplot", "-e", `database='${other}'; picture='${picture}'`, `${PROJECT}docs/bitrate.gnuplot`]);
    const copy = new Database(database);
    copy.run("VACUUM INTO ?", [other]);
    copy.close();
    const changed = new Database(other);
    changed.run("UPDATE seconds SET continuity_errors = 0, priority1_errors = 0, rtp_lost = 0");
    expect(await draw()).toMatchObject({ exitCode: 0, stderr: "" });
    changed.run("DELETE FROM seconds");
    changed.close();
    expect(await draw()).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("No seconds are stored"),
    });
  },
);
