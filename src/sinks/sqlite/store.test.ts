import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { EVENT_SCHEMA } from "../../report/event.ts";
import { FAULTY_REPORT } from "../../report/fixture.ts";
import { type DocumentKind, SunkDocument } from "../document-sink.ts";
import { Retention } from "./retention.ts";
import { ReportStore, type StoreOptions } from "./store.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-store-"));
afterAll(() => rmSync(folder, { recursive: true }));

function store(name: string, change: Partial<StoreOptions> = {}): ReportStore {
  return new ReportStore({ path: join(folder, name), reportMs: 0, fromStart: true, ...change });
}

const document = (value: object, receivedMs = 1000, kind: DocumentKind = "report", probe = "studio") =>
  new SunkDocument({ probe, stream: "-", kind, receivedMs }, value);

const all = (from: ReportStore, sql: string) => from.database.query(sql).all() as Record<string, unknown>[];

/** A report of one stream with these totals. */
const report = (seconds: number, packets: number, errors = 0) => ({
  time: `2026-01-01T00:00:${String(seconds).padStart(2, "0")}.500000000Z`,
  input: { name: "eth1" },
  streams: [
    {
      id: "s",
      kind: "mpegts",
      recentBitrate: 1e6,
      packets,
      bytes: packets * 1316,
      mpegts: {
        continuity: { errors, missing: errors * 2 },
        illegal: { syncByte: errors, transportError: 0, reservedAdaptation: 0, adaptationLength: 1 },
        tr101290: [
          { number: "1.4", priority: 1, count: errors },
          { number: "2.2", priority: 2, count: 7 },
        ],
        pids: [{ pid: 256, packets, continuityErrors: errors, rate: { current: 5e5 } }],
      },
    },
  ],
  findings: [],
});

describe("reports in a database", () => {
  test("seconds hold what is new, by stream and by PID", () => {
    const to = store("seconds.db");
    for (const [i, one] of [report(1, 100), report(2, 250, 3), report(3, 40, 1)].entries()) {
      to.add(document(one, 1000 * i));
    }
    expect(all(to, "SELECT * FROM seconds ORDER BY id")).toMatchObject([
      {
        time_ms: 1767225601500,
        bitrate_bps: 1e6,
        packets: 100,
        bytes: 131_600,
        illegal_packets: 1,
        priority2_errors: 7,
      },
      {
        packets: 150,
        continuity_errors: 3,
        missing_packets: 6,
        illegal_packets: 3,
        priority1_errors: 3,
        priority2_errors: 0,
      },
      // Less than before: the probe has started again.
      { packets: 40, continuity_errors: 1, priority1_errors: 1 },
    ]);
    expect(all(to, "SELECT pid, packets, bitrate_bps FROM pid_seconds ORDER BY id")).toEqual([
      { pid: 256, packets: 100, bitrate_bps: 5e5 },
      { pid: 256, packets: 150, bitrate_bps: 5e5 },
      { pid: 256, packets: 40, bitrate_bps: 5e5 },
    ]);
    expect(all(to, "SELECT probe, stream, first_ms, last_ms FROM streams")).toEqual([
      { probe: "studio", stream: "s", first_ms: 0, last_ms: 2000 },
    ]);
    to.close();
  });

  test("a client that comes later does not take what was before for one second", () => {
    const to = store("late.db", { fromStart: false });
    to.add(document(report(1, 1_000_000, 50)));
    to.add(document(report(2, 1_000_100, 51), 2000));
    expect(all(to, "SELECT packets, continuity_errors FROM seconds ORDER BY id")).toEqual([
      { packets: 0, continuity_errors: 0 },
      { packets: 100, continuity_errors: 1 },
    ]);
    to.close();
  });

  test("findings are there once, with their newest count; events one by one; whole reports now and then", () => {
    const to = store("findings.db", { reportMs: 60_000 });
    const grown = {
      ...FAULTY_REPORT,
      findings: FAULTY_REPORT.findings.map((one, i) => (i === 0 ? { ...one, count: one.count + 5 } : one)),
    };
    to.add(document(FAULTY_REPORT, 1000));
    to.add(document(grown, 2000));
    to.add(document(grown, 3000), true);
    const rows = all(to, "SELECT code, count, first_ms, last_ms FROM findings ORDER BY id");
    expect(rows).toHaveLength(FAULTY_REPORT.findings.length);
    expect(rows[0]).toMatchObject({
      count: (FAULTY_REPORT.findings[0]?.count ?? 0) + 5,
      first_ms: 1000,
      last_ms: 2000,
    });
    expect(rows[1]).toMatchObject({ first_ms: 1000, last_ms: 1000 });
    const stored = all(to, "SELECT stored_ms, json FROM reports ORDER BY id");
    expect(stored.map(({ stored_ms }) => stored_ms)).toEqual([1000, 3000]);
    expect(JSON.parse(String(stored[0]?.json))).toEqual(JSON.parse(JSON.stringify(FAULTY_REPORT)));
    const finding = { ...FAULTY_REPORT.findings[0], pid: 256, count: 9 };
    to.add(document({ schema: EVENT_SCHEMA, time: null, finding, added: 4 }, 4000, "event"));
    expect(all(to, "SELECT stored_ms, pid, added, count FROM events")).toEqual([
      { stored_ms: 4000, pid: 256, added: 4, count: 9 },
    ]);
    to.close();
  });

  test("times of an input without a clock count from its start, without any from when it came", () => {
    const to = store("times.db");
    for (const time of ["+12.500000000s", null, "soon"]) to.add(document({ ...report(1, 1), time }, 77));
    expect(all(to, "SELECT time_ms FROM seconds ORDER BY id")).toEqual([
      { time_ms: 12_500 },
      { time_ms: 77 },
      { time_ms: 77 },
    ]);
    to.close();
  });

  test("all or nothing: where there is no room left the database is as before, and goes on when there is", () => {
    const to = store("full.db");
    to.add(document(report(1, 1)));
    to.database.run("PRAGMA max_page_count = 40");
    let failed = 0;
    for (let i = 0; i < 400; i++) {
      try {
        to.add(document({ ...report(2, i), filler: "x".repeat(4000) }, i));
      } catch {
        failed++;
      }
    }
    expect(failed).toBeGreaterThan(0);
    const counts = all(
      to,
      "SELECT (SELECT count(*) FROM reports) AS r, (SELECT count(*) FROM seconds) AS s",
    )[0];
    expect(counts?.r).toBe(counts?.s as number);
    to.database.run("PRAGMA max_page_count = 100000");
    expect(to.add(document(report(3, 1000), 9999))).toBe(true);
    expect(all(to, "PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
    to.close();
  });

  test("what was new while nothing could be stored is part of what is stored next", () => {
    const to = store("lost.db", { reportMs: 60_000, fromStart: false });
    const stuck = (one: object, ms: number): void => {
      to.database.run("PRAGMA query_only = 1");
      expect(() => to.add(document(one, ms))).toThrow("readonly");
      to.database.run("PRAGMA query_only = 0");
    };
    // The first that could be stored is the first of all: what was before it is old.
    stuck(report(1, 1000), 1000);
    to.add(document(report(2, 1100), 2000));
    stuck(report(3, 1200, 2), 3000);
    to.add(document(report(4, 1300, 3), 4000));
    expect(all(to, "SELECT packets, continuity_errors FROM seconds ORDER BY id")).toEqual([
      { packets: 0, continuity_errors: 0 },
      { packets: 200, continuity_errors: 3 },
    ]);
    // A whole report that was lost is not waited for as long as if it were there.
    expect(all(to, "SELECT stored_ms FROM reports")).toEqual([{ stored_ms: 2000 }]);
    to.close();
  });

  test("a stream that was deleted and comes again does not become another", () => {
    const to = store("again.db");
    const keep = new Retention(to.database, { maxAgeMs: 1000, maxBytes: 0 });
    const one = (id: string, packets: number) => ({ streams: [{ id, packets }], findings: [] });
    to.add(document(one("a", 5)));
    while (keep.step(10_000));
    expect(all(to, "SELECT * FROM streams")).toEqual([]);
    to.add(document(one("b", 100), 11_000));
    to.add(document(one("a", 6), 12_000));
    expect(
      all(
        to,
        "SELECT stream, packets FROM seconds JOIN streams ON streams.id = stream_id ORDER BY seconds.id",
      ),
    ).toEqual([
      { stream: "b", packets: 100 },
      { stream: "a", packets: 1 },
    ]);
    to.close();
  });

  test("any JSON, and what is none", () => {
    const to = store("any.db");
    expect(
      to.add(new SunkDocument({ probe: "p", stream: "-", kind: "report", receivedMs: 0 }, new Uint8Array(3))),
    ).toBe(false);
    expect(to.add(document({}, 0, "image"))).toBe(false);
    fc.assert(
      fc.property(
        fc.object({ key: fc.constantFrom("streams", "findings", "id", "pid", "count", "mpegts", "pids") }),
        (value) => {
          expect(to.add(document(value))).toBe(true);
          expect(to.add(document({ streams: [value], findings: [value], finding: value }, 0, "event"))).toBe(
            true,
          );
          expect(to.add(document({ streams: [value, 7, null], findings: [value] }))).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
    to.close();
  });
});
