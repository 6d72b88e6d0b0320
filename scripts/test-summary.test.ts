import { describe, expect, test } from "bun:test";
import { codeLines, countJunit, failures, parseLcov, percent, skipsByReason } from "./test-summary.ts";

const JUNIT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="bun test" tests="4" assertions="2" failures="1" skipped="2" time="0.003">
  <testsuite name="src/a.test.ts" file="src/a.test.ts" tests="4">
    <testcase name="ok &amp; &lt;fine&gt;" classname="grp" time="0.1" file="src/a.test.ts" line="2" assertions="1" />
    <testcase name="needs it [skipped: no &quot;root&quot;]" classname="grp" time="0" file="src/a.test.ts" line="2">
      <skipped />
    </testcase>
    <testcase name="bad" classname="grp" time="0" file="src/a.test.ts" line="2" assertions="1">
      <failure type="AssertionError" message="a &#10; b">text</failure>
    </testcase>
    <testcase name="later" time="0" file="src/a.test.ts"><skipped message="TODO" /></testcase>
  </testsuite>
</testsuites>`;

describe("JUnit report", () => {
  test("passed, failed and skipped are told apart, reasons kept", () => {
    expect(countJunit(JUNIT)).toEqual({
      passed: 1,
      failed: 1,
      skipped: ['src/a.test.ts: needs it [skipped: no "root"]', "src/a.test.ts: later"],
    });
  });

  test("skipped tests are listed by reason, the most frequent first", () => {
    const skipped = [
      "a.test.ts: one [skipped: not root]",
      "a.test.ts: no why",
      "a.test.ts: two [skipped: not root]",
    ];
    expect(skipsByReason([...skipped, "b.test.ts: three: more [skipped: not root]"])).toEqual([
      "3: not root (a.test.ts, b.test.ts)",
      "1: no reason given: no why (a.test.ts)",
    ]);
  });

  test("a run that left no report, or failed outside a test, is not clean", () => {
    const none = countJunit("");
    expect(none).toEqual({ passed: 0, failed: 0, skipped: [] });
    expect(failures(none, 3)).toBe(1);
    expect(failures({ passed: 5, failed: 0, skipped: [] }, 1)).toBe(1);
    expect(failures({ passed: 5, failed: 2, skipped: [] }, 1)).toBe(2);
    expect(failures({ passed: 5, failed: 0, skipped: [] }, 0)).toBe(0);
  });
});

describe("coverage", () => {
  test("lines that can run and lines that did, per file", () => {
    const lcov =
      "TN:\nSF:src/a.ts\nDA:1,2\nDA:2,0\nend_of_record\nTN:\nSF:src/b.ts\nDA:1,9\nDA:7,1\nend_of_record\n";
    const files = parseLcov(lcov);
    expect(files).toEqual([
      { file: "src/a.ts", lines: 2, hit: 1 },
      { file: "src/b.ts", lines: 2, hit: 2 },
    ]);
    expect(percent(files)).toBe(75);
    expect(percent([])).toBe(100);
  });

  test("a file of types alone has nothing to run, code counts by its lines", () => {
    expect(codeLines(`import type { A } from "./a.ts";\n/** Doc. */\nexport interface B { a: A }\n`)).toBe(0);
    expect(codeLines("export function f(a: number) {\n  // why\n  return a;\n}\n")).toBe(3);
  });
});
