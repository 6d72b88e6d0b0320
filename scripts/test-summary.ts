/**
 * What a test run came to, from the reports of `bun test`: counts, the reason of each skip, line coverage of
 * the product's code. Pure functions; scripts/summarize.ts prints.
 */

/** Counts of a run; `skipped` has one line a skipped test, reason in brackets at its end. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly string[];
}

/** Lines of one source file that can run, and those that did. */
export interface LineCoverage {
  readonly file: string;
  readonly lines: number;
  readonly hit: number;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function unescapeXml(text: string): string {
  return text.replace(/&(?:(lt|gt|quot|apos|amp)|#(\d+)|#x([0-9a-f]+));/gi, (whole, name, decimal, hex) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    return String.fromCodePoint(decimal !== undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
}

function attribute(tag: string, name: string): string {
  return unescapeXml(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? "");
}

/**
 * Counts the test cases of a JUnit report as Bun writes it. An empty report (the run was cut short) gives
 * zeros; the exit code of the run is then what tells.
 */
export function countJunit(xml: string): TestCounts {
  let passed = 0;
  let failed = 0;
  const skipped: string[] = [];
  // An element without content closes itself; `>` is escaped inside attributes.
  for (const match of xml.matchAll(/<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)) {
    const [, head = "", body = ""] = match;
    if (/<skipped\b/.test(body)) skipped.push(`${attribute(head, "file")}: ${attribute(head, "name")}`);
    else if (/<(failure|error)\b/.test(body)) failed++;
    else passed++;
  }
  return { passed, failed, skipped };
}

/**
 * Failures to report for a run. Errors outside a test (a file that can't be loaded) and a run that was cut
 * short show only in the exit code, so at least one failure stands for them.
 */
export function failures(counts: TestCounts, exitCode: number): number {
  return exitCode === 0 ? counts.failed : Math.max(counts.failed, 1);
}

/** Skipped tests by reason (in brackets at the end of their names), most frequent first: one line each. */
export function skipsByReason(skipped: readonly string[]): string[] {
  const reasons = new Map<string, string[]>();
  for (const line of skipped) {
    const file = line.slice(0, line.indexOf(": "));
    const reason =
      / \[skipped: (.*)\]$/s.exec(line)?.[1] ?? `no reason given: ${line.slice(file.length + 2)}`;
    reasons.set(reason, [...(reasons.get(reason) ?? []), file]);
  }
  return [...reasons]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([reason, files]) => `${files.length}: ${reason} (${[...new Set(files)].join(", ")})`);
}

/** Line coverage of each file in an lcov report. */
export function parseLcov(lcov: string): LineCoverage[] {
  const files: LineCoverage[] = [];
  let file = "";
  let lines = 0;
  let hit = 0;
  for (const line of lcov.split("\n")) {
    if (line.startsWith("SF:")) {
      file = line.slice(3).trim();
      lines = 0;
      hit = 0;
    } else if (line.startsWith("DA:")) {
      lines++;
      if (Number(line.slice(3).split(",")[1]) > 0) hit++;
    } else if (line.startsWith("end_of_record")) files.push({ file, lines, hit });
  }
  return files;
}

/** Lines of TypeScript that are code once types and comments are gone: what an unloaded file leaves untested. */
export function codeLines(source: string): number {
  const code = new Bun.Transpiler({ loader: "ts", target: "bun" }).transformSync(source);
  return code.split("\n").filter((line) => line.trim() !== "" && !/^import\b.*;$/.test(line)).length;
}

/** Share of lines that ran, in percent; 100 where there is nothing to run. */
export function percent(files: readonly LineCoverage[]): number {
  const lines = files.reduce((sum, file) => sum + file.lines, 0);
  return lines === 0 ? 100 : (files.reduce((sum, file) => sum + file.hit, 0) / lines) * 100;
}
