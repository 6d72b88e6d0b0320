import type { Finding } from "../report/finding.ts";
import type { IndicatorReport } from "../report/mpegts-schema.ts";
import type { Report, StreamReport } from "../report/schema.ts";
import type { St2110Report } from "../report/st2110-schema.ts";
import { escapeMarkup } from "./markup.ts";
import { mediaName, TYPE_NAMES } from "./media-facts.ts";
import { dropsText } from "./text-input.ts";
import { formatNumber, formatReportTime, secondsBetween } from "./units.ts";

/** One `testcase`. */
interface Case {
  readonly name: string;
  readonly verdict: "passed" | "failed" | "skipped" | "error";
  /** `p1` to `p3`, a severity, or what kind of error. */
  readonly type: string;
  /** One line; empty when passed. */
  readonly message: string;
  /** Lines below it. */
  readonly text: string;
}

/** One `testsuite`. */
interface Suite {
  readonly name: string;
  readonly timestamp: string;
  readonly seconds: number;
  readonly properties: readonly (readonly [string, string])[];
  readonly cases: readonly Case[];
}

/** Time of the suites of inputs without a wall clock: the schema wants one. */
const NO_TIME = "1970-01-01T00:00:00";

function timestampOf(time: string | null): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.exec(time ?? "")?.[0] ?? NO_TIME;
}

function periodOf(first: string | null, last: string | null): string {
  if (first === null || last === null) return "";
  if (first === last) return `at ${formatReportTime(first)}`;
  return `first ${formatReportTime(first)}, last ${formatReportTime(last)}`;
}

function lines(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n");
}

function indicatorCase(row: IndicatorReport): Case {
  const name = `${row.number} ${row.name}`;
  const type = `p${row.priority}`;
  if (row.state === "ok") return { name, verdict: "passed", type, message: "", text: "" };
  if (row.state !== "error") {
    const message = row.reason === undefined ? row.state : `${row.state}: ${row.reason}`;
    return { name, verdict: "skipped", type, message, text: "" };
  }
  const pid = row.lastPid === null ? "" : `, last on PID ${row.lastPid}`;
  const message = `${name}: ${formatNumber(row.count, "error")}${pid}`;
  return {
    name,
    verdict: "failed",
    type,
    message,
    text: lines(row.clause, row.text, periodOf(row.first, row.last)),
  };
}

/** The findings of one rule, on however many PIDs. */
function findingCase(findings: readonly Finding[]): Case | null {
  const [first] = findings;
  if (first === undefined) return null;
  const count = findings.reduce((sum, finding) => sum + finding.count, 0);
  const details = findings.map((finding) => {
    const pid = finding.pid === undefined ? "" : `PID ${finding.pid}, `;
    return `${pid}${formatNumber(finding.count, "time")} ${periodOf(finding.first, finding.last)}`.trim();
  });
  return {
    name: `${first.clause} ${first.code}`,
    verdict: first.severity === "info" ? "passed" : "failed",
    type: first.severity,
    message: `${first.clause}: ${formatNumber(count, "time")}`,
    text: lines(first.text, ...details),
  };
}

function findingCases(findings: readonly Finding[]): Case[] {
  return [...Map.groupBy(findings, (finding) => finding.code).values()]
    .map(findingCase)
    .filter((entry) => entry !== null);
}

/**
 * What a flow of ST 2110 was judged as, and whether it is of a sender type; that it is of none is told by
 * the findings.
 */
function mediaCases(media: St2110Report): Case[] {
  const known = media.kind !== "unknown";
  const cases: Case[] = [
    {
      name: "what the RTP flow carries is known",
      verdict: known ? "passed" : "skipped",
      type: "st2110",
      message: known ? "" : mediaName(media),
      text: "",
    },
  ];
  const verdicts = media.video?.timing?.verdicts ?? [];
  const sure = verdicts.some(({ result, conclusive }) => result === "yes" && conclusive);
  const none = verdicts.every(({ result }) => result === "no");
  if (sure || !none) {
    const message = verdicts
      .map(({ type, result, reason }) => `${TYPE_NAMES[type]}: ${result}, ${reason}`)
      .join("; ");
    cases.push({
      name: "ST 2110-21 7.1 a sender type is met",
      verdict: sure ? "passed" : "skipped",
      type: "st2110",
      message: sure ? "" : message,
      text: "",
    });
  }
  return cases;
}

/** True for a finding that one of the rows of TR 101 290 tells too. */
function isIndicator(finding: Finding, rows: readonly IndicatorReport[]): boolean {
  const number = /^TR 101 290 (\S+)$/.exec(finding.clause)?.[1];
  return rows.some((row) => row.number === number);
}

function streamSuite(report: Report, stream: StreamReport): Suite {
  const rows = stream.mpegts?.tr101290 ?? [];
  const findings = report.findings.filter(
    (finding) => finding.stream === stream.id && !isIndicator(finding, rows),
  );
  return {
    name: stream.id,
    timestamp: timestampOf(stream.firstTime),
    seconds: secondsBetween(stream.firstTime, stream.lastTime) ?? 0,
    properties: [
      ["input", report.input.name],
      ["source", stream.source ?? ""],
      ["destination", stream.destination ?? ""],
      ["rscap", report.rscap],
    ],
    cases: [
      ...rows.map(indicatorCase),
      ...(stream.st2110 === undefined ? [] : mediaCases(stream.st2110)),
      ...findingCases(findings),
    ],
  };
}

function inputSuite(report: Report): Suite {
  const { input } = report;
  const found = report.streams.length > 0;
  const lost = input.drops.kernel + input.drops.interface;
  return {
    name: `input ${input.name}`,
    timestamp: timestampOf(input.firstTime),
    seconds: secondsBetween(input.firstTime, input.lastTime) ?? 0,
    properties: [
      ["kind", input.kind],
      ["rscap", report.rscap],
    ],
    cases: [
      {
        name: "a stream was found",
        verdict: found ? "passed" : "skipped",
        type: "input",
        message: found ? "" : "No stream was found.",
        text: "",
      },
      {
        name: "nothing was lost in the capture",
        verdict: lost > 0 ? "failed" : "passed",
        type: "input",
        message: lost > 0 ? `${formatNumber(lost, "frame")} lost in the capture` : "",
        text: dropsText(input.drops),
      },
      ...findingCases(report.findings.filter((finding) => finding.stream === "input")),
    ],
  };
}

function damageSuite(damages: readonly string[]): Suite {
  const cases = damages.map((message, i): Case => {
    return {
      name: `input ${i + 1} can be read to its end`,
      verdict: "error",
      type: "damaged",
      message,
      text: message,
    };
  });
  return { name: "damaged inputs", timestamp: NO_TIME, seconds: 0, properties: [], cases };
}

/** An attribute with one line of text, as the schema's tokens are. */
function attribute(name: string, value: string | number): string {
  return ` ${name}="${escapeMarkup(String(value).replace(/\s+/g, " ").trim())}"`;
}

function caseXml(entry: Case, classname: string): string {
  const start =
    `    <testcase${attribute("name", entry.name)}${attribute("classname", classname)}` +
    attribute("time", "0");
  if (entry.verdict === "passed") return `${start}/>`;
  const message = attribute("message", entry.message);
  if (entry.verdict === "skipped") return `${start}>\n      <skipped${message}/>\n    </testcase>`;
  const element = entry.verdict === "error" ? "error" : "failure";
  const type = attribute("type", entry.type);
  return (
    `${start}>\n      <${element}${type}${message}>${escapeMarkup(entry.text)}</${element}>\n` +
    "    </testcase>"
  );
}

function suiteXml(suite: Suite, id: number): string {
  // Servers take what stands before the last dot for a package.
  const classname = `rscap.${suite.name.replaceAll(".", "_")}`;
  const count = (verdict: Case["verdict"]): number =>
    suite.cases.filter((entry) => entry.verdict === verdict).length;
  const properties = suite.properties.map(
    ([name, value]) => `      <property${attribute("name", name)} value="${escapeMarkup(value)}"/>\n`,
  );
  const attributes = [
    attribute("id", id),
    attribute("package", "rscap"),
    attribute("name", suite.name),
    attribute("hostname", "localhost"),
    attribute("timestamp", suite.timestamp),
    attribute("time", Math.max(0, suite.seconds).toFixed(3)),
    attribute("tests", suite.cases.length),
    attribute("failures", count("failed")),
    attribute("errors", count("error")),
    attribute("skipped", count("skipped")),
  ].join("");
  return [
    `  <testsuite${attributes}>`,
    `    <properties>\n${properties.join("")}    </properties>`,
    ...suite.cases.map((entry) => caseXml(entry, classname)),
    "    <system-out/>",
    "    <system-err/>",
    "  </testsuite>",
  ].join("\n");
}

/**
 * JUnit XML as CI servers read it: a suite for each stream with a case for each indicator of TR 101 290, for
 * what a flow of ST 2110 is, and for each other rule that was broken, a suite for each input, and one for what could not be read. What is
 * not measurable or not present is skipped; findings of severity info pass. Valid against the schema of
 * Ant's JUnit task and against Jenkins's.
 */
export function renderJunit(reports: readonly Report[], damages: readonly string[]): string {
  const suites = reports.flatMap((report) => [
    inputSuite(report),
    ...report.streams.map((stream) => streamSuite(report, stream)),
  ]);
  if (damages.length > 0) suites.push(damageSuite(damages));
  const body = suites.map((suite, id) => `${suiteXml(suite, id)}\n`).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${body}</testsuites>\n`;
}
