/**
 * The benchmarks that set rscap beside other tools: `bun run bench [--datagrams N] [--runs N]
 * [--only replay,live,push,start] [--soak minutes]`. Set RSCAP_BIN=dist/rscap to measure the compiled
 * executable, which is what users run. Nothing here fails for being slow: it is a table to look at.
 */
import { cpus, release, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { missing, needsNetns, needsTcpreplay } from "../tests/helpers/skip.ts";
import { benchLive, benchPush, benchSoak, benchStart } from "./lib/live.ts";
import { whichRscap } from "./lib/measure.ts";
import { benchReplay } from "./lib/replay.ts";
import { BENCH_CACHE, makeCapture } from "./make-capture.ts";

const { values } = parseArgs({
  options: {
    datagrams: { type: "string", default: "1500000" },
    runs: { type: "string", default: "5" },
    only: { type: "string", default: "replay,live,push,start" },
    soak: { type: "string", default: "0" },
  },
});

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const MOST_FLOOD_DATAGRAMS = 600_000;

const chosen = new Set(values.only.split(","));
const runs = Number(values.runs);
const datagrams = Number(values.datagrams);
const capture = makeCapture(datagrams, BENCH_CACHE);
// What tcpreplay keeps in memory should not crowd out the rest.
const flood = datagrams > MOST_FLOOD_DATAGRAMS ? makeCapture(MOST_FLOOD_DATAGRAMS, BENCH_CACHE) : capture;
const [cpu] = cpus();
say(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} x ${cpu?.model}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
);
say(`Linux ${release()}, Bun ${Bun.version}, rscap from ${whichRscap()}\n`);

if (chosen.has("replay")) say(await benchReplay(capture, runs));
const cannot = missing([needsNetns, needsTcpreplay]);
if (cannot !== null) {
  say(`Live figures left out: ${cannot}`);
} else {
  if (chosen.has("live")) say(await benchLive(flood));
  if (chosen.has("push")) say(await benchPush(flood));
  if (chosen.has("start")) say(await benchStart(runs));
  if (Number(values.soak) > 0) say(await benchSoak(flood, Number(values.soak)));
}
