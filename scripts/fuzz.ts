/**
 * Fuzzes the parsers of sections, tables and descriptors with mutated sections, of the project's own making and
 * of the shared streams: `bun scripts/fuzz.ts [--iterations N] [--seed N]`. The same seed does the same again.
 */
import { parseArgs } from "node:util";
import { fuzzPsi, ownSections, sharedSections } from "../tests/helpers/psi-fuzz.ts";

const { values } = parseArgs({
  options: {
    iterations: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
  },
});
const iterations = Number(values.iterations);
const seed = Number(values.seed);
if (!Number.isInteger(iterations) || iterations < 1 || !Number.isInteger(seed)) {
  console.error("expected whole numbers: --iterations 1 or more, --seed");
  process.exit(2);
}
const corpus = [...ownSections(), ...sharedSections()];
const start = performance.now();
const counts = fuzzPsi(corpus, iterations, seed);
const seconds = (performance.now() - start) / 1000;
console.log(`seed ${seed}, ${corpus.length} sections to start from, ${seconds.toFixed(1)} s`);
console.table(counts);
