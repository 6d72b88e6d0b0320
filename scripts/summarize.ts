/**
 * Ends a test run: `bun scripts/summarize.ts JUNIT EXIT_CODE FAILED_STEPS [LCOV]`. Prints the coverage, the
 * skipped tests with their reasons, then `N passed, N failed, N skipped`; exits 1 when anything failed.
 * Without LCOV (only some tests ran) the coverage is not judged.
 */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  codeLines,
  countJunit,
  failures,
  type LineCoverage,
  parseLcov,
  percent,
  skipsByReason,
} from "./test-summary.ts";

const ROOT = resolve(import.meta.dir, "..");
const MIN_LINES_PERCENT = 85;
const MOST_LISTED = 20;
const PRODUCT = ["src", "ffi"];

const read = (path: string): string => (existsSync(path) ? readFileSync(path, "utf8") : "");

/** Coverage of every product file; one that no test loads counts with all its lines as not run. */
function productCoverage(lcov: string): LineCoverage[] {
  const loaded = new Map(parseLcov(lcov).map((file) => [resolve(ROOT, file.file), file]));
  const files: LineCoverage[] = [];
  for (const folder of PRODUCT) {
    for (const name of new Bun.Glob("**/*.ts").scanSync(join(ROOT, folder))) {
      if (name.endsWith(".test.ts")) continue;
      const path = join(ROOT, folder, name);
      const lines = () => codeLines(readFileSync(path, "utf8"));
      files.push({ ...(loaded.get(path) ?? { lines: lines(), hit: 0 }), file: join(folder, name) });
    }
  }
  return files.filter((file) => file.lines > 0);
}

function printCoverage(files: readonly LineCoverage[]): boolean {
  const total = percent(files);
  const low = files.filter((file) => percent([file]) < MIN_LINES_PERCENT);
  for (const file of low.sort((a, b) => percent([a]) - percent([b])).slice(0, MOST_LISTED)) {
    console.log(`  ${percent([file]).toFixed(0).padStart(3)} %  ${file.file} (${file.hit} of ${file.lines})`);
  }
  if (low.length > MOST_LISTED)
    console.log(`  and ${low.length - MOST_LISTED} more under ${MIN_LINES_PERCENT} %`);
  const enough = total >= MIN_LINES_PERCENT;
  const verdict = enough ? "" : `: FAILED, under ${MIN_LINES_PERCENT} %`;
  console.log(`Line coverage: ${total.toFixed(1)} % of ${files.length} files in src and ffi${verdict}`);
  return enough;
}

const [junit = "", exitCode = "1", failedSteps = "0", lcov] = process.argv.slice(2);
const counts = countJunit(read(junit));
const covered = lcov === undefined || printCoverage(productCoverage(read(lcov)));
if (counts.skipped.length > 0) console.log("Skipped tests and why:");
for (const line of skipsByReason(counts.skipped)) console.log(`  ${line}`);
const failed = failures(counts, Number(exitCode)) + Number(failedSteps) + (covered ? 0 : 1);
console.log(`${counts.passed} passed, ${failed} failed, ${counts.skipped.length} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
