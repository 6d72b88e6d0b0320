import { afterAll, afterEach, describe, expect, spyOn, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXIT, RscapError } from "../report/error.ts";
import { EMPTY_REPORT, FAULTY_REPORT } from "../report/fixture.ts";
import { MONITOR_REPORT } from "../report/fixture-monitor.ts";
import { loadLimits } from "./load-limits.ts";
import { printReports } from "./print-reports.ts";
import { PublishedDocuments } from "./published-documents.ts";
import { exitCodeOf, type FailOn, type RunResult } from "./run-pipeline.ts";
import { terminal } from "./terminal.ts";
import { checkReportFiles } from "./write-report.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-reports-"));
afterAll(() => rmSync(folder, { recursive: true }));

const result = (change: Partial<RunResult>): RunResult => ({
  reports: [MONITOR_REPORT],
  damages: [],
  notes: [],
  interrupted: false,
  ...change,
});

const spies: { mockRestore(): void }[] = [];
afterEach(() => {
  for (const spy of spies.splice(0)) spy.mockRestore();
});

/** What went to standard output and to standard error. */
function printed(run: () => void): { out: string; err: string } {
  const text = { out: "", err: "" };
  for (const name of ["out", "err"] as const) {
    spies.push(
      spyOn(terminal, name).mockImplementation((more) => {
        text[name] += more;
      }),
    );
  }
  run();
  return text;
}

function errorOf(run: () => void): RscapError {
  try {
    run();
  } catch (error) {
    if (error instanceof RscapError) return error;
    throw error;
  }
  throw new Error("no error came");
}

describe("exit code", () => {
  const calm = {
    ...MONITOR_REPORT,
    findings: [],
    streams: MONITOR_REPORT.streams.map((stream) => {
      const { mpegts } = stream;
      if (mpegts?.tr101290 === undefined) return stream;
      const tr101290 = mpegts.tr101290.filter(({ state, priority }) => state !== "error" || priority === 3);
      return { ...stream, mpegts: { ...mpegts, tr101290 } };
    }),
  };
  test.each<[FailOn, number, number]>([
    ["p1", EXIT.findings, EXIT.ok],
    ["p2", EXIT.findings, EXIT.ok],
    ["p3", EXIT.findings, EXIT.findings],
    ["error", EXIT.findings, EXIT.ok],
    ["warning", EXIT.findings, EXIT.ok],
    ["info", EXIT.findings, EXIT.ok],
    ["never", EXIT.ok, EXIT.ok],
  ])("--fail-on %s: faulty %p, an error of priority 3 alone %p", (failOn, faulty, low) => {
    expect(exitCodeOf(result({}), failOn)).toBe(faulty as 0);
    expect(exitCodeOf(result({ reports: [EMPTY_REPORT, calm] }), failOn)).toBe(low as 0);
  });

  test("damage before interruption before findings", () => {
    const damages = ["cut"];
    expect(exitCodeOf(result({ damages, interrupted: true }), "never")).toBe(EXIT.input);
    expect(exitCodeOf(result({ interrupted: true }), "p1")).toBe(EXIT.interrupted);
    expect(exitCodeOf(result({ reports: [FAULTY_REPORT] }), "p3")).toBe(EXIT.ok);
  });
});

describe("reports", () => {
  test("each to its file, one to standard output, damage and notes to standard error", () => {
    const path = (name: string): string => join(folder, name);
    const report = ["json", `text=${path("r.txt")}`, `junit=${path("r.xml")}`, `html=${path("r.html")}`];
    const text = printed(() =>
      printReports(result({ damages: ["cut"], notes: ["sent"] }), { report, tables: "none" }, 1, false),
    );
    expect(JSON.parse(text.out)).toEqual(JSON.parse(JSON.stringify(MONITOR_REPORT)));
    expect(text.err).toBe("sent\nrscap: cut\n");
    expect(readFileSync(path("r.txt"), "utf8")).toContain("Verdict     1 error");
    expect(readFileSync(path("r.xml"), "utf8")).toStartWith("<?xml");
    expect(readFileSync(path("r.html"), "utf8")).toStartWith("<!doctype html>");
  });

  test("several inputs are one JSON document; none is silence; packets push it to standard error", () => {
    const two = result({ reports: [EMPTY_REPORT, FAULTY_REPORT] });
    const json = printed(() => printReports(two, { report: ["json"], tables: "none" }, 2, false));
    expect(JSON.parse(json.out)).toMatchObject({ schema: "rscap.reports/1", reports: { length: 2 } });
    expect(printed(() => printReports(two, { report: ["none"], tables: "none" }, 2, false)).out).toBe("");
    const toErr = printed(() => printReports(two, { report: ["text"], tables: "none" }, 2, true));
    expect([toErr.out, toErr.err.includes("Verdict")]).toEqual(["", true]);
  });

  test("--tables takes the place of the text report, and stands in a JSON report", () => {
    const run = (report: readonly string[], tables: "text" | "json", reports = [MONITOR_REPORT]): string =>
      printed(() => printReports(result({ reports }), { report, tables }, reports.length, false)).out;
    const text = run(["text"], "text");
    expect(text).toContain("PAT");
    expect(text).not.toContain("Verdict");
    const json = JSON.parse(run(["text"], "json"));
    expect(json.streams[0].tables[0].name).toBe("PAT");
    expect(JSON.parse(run(["none"], "json", [MONITOR_REPORT, EMPTY_REPORT])).reports).toHaveLength(2);
    const report = JSON.parse(run(["json"], "text"));
    expect(report.streams[0].mpegts.tables[0].name).toBe("PAT");
  });

  test("a file that can't be written is told before the run, and what stands in one is kept till its end", () => {
    const error = errorOf(() => checkReportFiles([`html=${join(folder, "no/such/r.html")}`]));
    expect(error.exitCode).toBe(EXIT.environment);
    expect(error.message).toContain("--report (REPORT)");
    writeFileSync(join(folder, "old.json"), "old");
    checkReportFiles([`json=${join(folder, "old.json")}`, "text"]);
    expect(readFileSync(join(folder, "old.json"), "utf8")).toBe("old");
    const late = errorOf(() =>
      printReports(result({}), { report: [`html=${folder}`], tables: "none" }, 1, false),
    );
    expect(late.exitCode).toBe(EXIT.environment);
  });
});

describe("limits", () => {
  test("a profile, or a file with what differs from one", () => {
    expect(loadLimits("ATSC").profile).toBe("atsc");
    const path = join(folder, "limits.toml");
    writeFileSync(path, "patMs = 120\n");
    expect(loadLimits(path)).toEqual({ ...loadLimits("dvb"), patMs: 120 });
  });

  test("no such file, no such limit: usage errors that name the flag", () => {
    const missing = errorOf(() => loadLimits(join(folder, "none.toml")));
    expect(missing.message).toEndWith('none.toml": there is no such file.');
    expect([missing.exitCode, missing.message.includes("--limits (LIMITS)")]).toEqual([EXIT.usage, true]);
    const path = join(folder, "bad.toml");
    writeFileSync(path, "patSeconds = 1\n");
    expect(errorOf(() => loadLimits(path)).message).toContain("patSeconds");
  });
});

test("reports and events that are published; the end sends what the limit held back", () => {
  const sent: string[] = [];
  const documents = new PublishedDocuments({
    sendReport: (stream) => void sent.push(`report ${stream}`),
    sendEvent: (stream, json) => void sent.push(`${stream} ${JSON.parse(json).added}`),
  });
  const [, finding] = FAULTY_REPORT.findings;
  if (finding === undefined) throw new Error("the sample has lost its part");
  const withCount = (count: number, name = "eth1") => ({
    ...FAULTY_REPORT,
    input: { ...FAULTY_REPORT.input, name },
    findings: [{ ...finding, count }],
  });
  documents.report(withCount(4));
  documents.report(withCount(7));
  documents.report(withCount(2, "eth2"));
  documents.report(withCount(3, "eth2"));
  documents.end();
  documents.end();
  const id = finding.stream;
  const expected = [
    "report -",
    `${id} 4`,
    "report -",
    `${id} 3`,
    "report -",
    `${id} 2`,
    "report -",
    `${id} 1`,
  ];
  expect(sent).toEqual(expected);
});
