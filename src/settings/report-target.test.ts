import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { RscapError } from "../report/error.ts";
import { resolveConfig } from "./config.ts";
import { checkReport, reportTargets, standardReport } from "./report-target.ts";
import type { CommandName } from "./setting.ts";

function reportOf(
  items: readonly string[] | string,
  command: CommandName = "replay",
  from: "flag" | "env" = "flag",
): readonly string[] | string {
  try {
    return resolveConfig({
      command,
      flags: from === "flag" ? { report: items } : {},
      env: from === "env" ? { REPORT: String(items) } : {},
      folder: "/nonexistent",
      hostname: "studio",
    }).config.report;
  } catch (error) {
    if (error instanceof RscapError && error.exitCode === 2) return error.message;
    throw error;
  }
}

describe("--report", () => {
  test("a form, with a file or for standard output; - is standard output", () => {
    expect(reportTargets(["text", "HTML=a b=c.html", "junit=-", "none"])).toEqual([
      { format: "text", path: null },
      { format: "html", path: "a b=c.html" },
      { format: "junit", path: null },
    ]);
    expect(standardReport(["html=x", "json"])).toBe("json");
    expect(standardReport(["html=x"])).toBeNull();
    expect(reportTargets(["json", "json=-"])).toHaveLength(1);
  });

  test.each([["xml"], ["html="], ["none=x"], [""], ["=x"]])("%p is none", (item) => {
    expect(checkReport(item)).toContain("text, json, junit or html");
  });

  test("repeated flags and one variable; the names of files may hold commas and blanks", () => {
    const both = ["text", "html=my, report.html", "junit=r.xml"];
    expect(reportOf(both)).toEqual(both);
    expect(reportOf("text, html=my, report.html junit=r.xml", "replay", "env")).toEqual(both);
    expect(reportOf(["html=notes text.html"])).toEqual(["html=notes text.html"]);
  });

  test("standard output and a file hold one report each", () => {
    expect(reportOf(["text", "json"])).toContain(
      "expected one report for standard output, got text and json",
    );
    expect(reportOf(["html=r", "junit=r"])).toContain("expected one report for the file r");
    expect(reportOf(["text", "json=a.json", "json=b.json"])).toHaveLength(3);
  });

  test("client and devices have text and JSON; what .env asks of replay is no fault there", () => {
    expect(reportOf(["html=x.html"], "client")).toContain(
      'expected text, json or none for rscap client, got "html"',
    );
    expect(reportOf("html=x.html,text", "devices", "env")).toEqual(["html=x.html", "text"]);
  });

  test("any text is taken or refused", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(reportTargets([text]).length === 0).toBe(
          checkReport(text) !== null || text.trim().toLowerCase() === "none",
        );
      }),
    );
  });
});

test("a client can't write packets and JSON lines to standard output at once", () => {
  const flags = { jsonl: "-", outputFile: "-" };
  const input = { env: {}, folder: "/nonexistent", hostname: "studio" };
  expect(() => resolveConfig({ command: "client", flags, ...input })).toThrow("--jsonl (JSONL)");
  expect(resolveConfig({ command: "client", flags: { jsonl: "-" }, ...input }).config.jsonl).toBe("-");
});
