/**
 * Fuzzes what reads MPEG-TS, and what comes over ZeroMQ: `bun scripts/fuzz.ts [--what NAME,…] [--iterations N] [--seed N]`.
 *
 * - `sections`: mutated sections through assembler, tables and PID map
 * - `descriptors`: loops of any descriptors
 * - `pes`: starts of PES packets
 * - `streams`: mutated packets through the whole analyser with its monitor; an iteration is a packet
 * - `wire`: mutated ZeroMQ messages over a real socket into a subscriber, good ones in between
 *
 * They start from sections and streams of the project's own making, and from the shared ones where those are there. The
 * same seed does the same again. Ends with 1 where something throws, reads outside, or passes its bound.
 */
import { parseArgs } from "node:util";
import { fuzzDescriptors, fuzzPes } from "../tests/helpers/part-fuzz.ts";
import { fuzzPsi, ownSections, sharedSections } from "../tests/helpers/psi-fuzz.ts";
import { fuzzStreams, ownStreams, sharedStreams } from "../tests/helpers/ts-fuzz.ts";
import { fuzzWire } from "../tests/helpers/wire-fuzz.ts";

const sections = [...ownSections(), ...sharedSections()];
const streams = [...ownStreams(), ...sharedStreams()];

const PARTS: Readonly<Record<string, (iterations: number, seed: number) => object>> = {
  sections: (iterations, seed) => fuzzPsi(sections, iterations, seed),
  descriptors: (iterations, seed) => fuzzDescriptors(sections, iterations, seed),
  pes: (iterations, seed) => fuzzPes(iterations, seed),
  wire: fuzzWire,
  streams: (iterations, seed) => fuzzStreams(streams, sections, iterations, seed),
};

const { values } = parseArgs({
  options: {
    what: { type: "string", default: Object.keys(PARTS).join(",") },
    iterations: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
  },
});
const iterations = Number(values.iterations);
const seed = Number(values.seed);
const chosen = values.what.split(",");
if (!Number.isInteger(iterations) || iterations < 1 || !Number.isInteger(seed)) {
  console.error("expected whole numbers: --iterations 1 or more, --seed");
  process.exit(2);
}
const unknown = chosen.find((name) => PARTS[name] === undefined);
if (unknown !== undefined) {
  console.error(`--what: there is no ${unknown}; known are ${Object.keys(PARTS).join(", ")}`);
  process.exit(2);
}
console.log(`seed ${seed}; to start from: ${sections.length} sections, ${streams.length} streams`);
for (const name of chosen) {
  const start = performance.now();
  const counts = PARTS[name]?.(iterations, seed);
  const seconds = (performance.now() - start) / 1000;
  const megabytes = Math.round(process.memoryUsage.rss() / 1e6);
  console.log(`${name}: ${seconds.toFixed(1)} s, ${megabytes} MB resident at the end`);
  console.table(counts);
}
