/**
 * What measuring the network costs for each datagram, each part and all together: `bun bench/network.ts` prints a
 * table; look at it, nothing is asserted.
 */
import { bench, do_not_optimize, run } from "mitata";
import { Random } from "../fixtures/lib/random.ts";
import { ArrivalMeter } from "../src/flow/arrival.ts";
import { Mdi } from "../src/flow/mdi.ts";
import { NetworkMeter } from "../src/flow/network.ts";
import { RtpJitter } from "../src/flow/rtp-jitter.ts";
import { Histogram } from "../src/report/histogram.ts";

const DATAGRAMS = 100_000;
const OCTETS = 1316;
/** 40 Mb/s: a datagram each 263 us. */
const GAP_NS = (OCTETS * 8 * 1e9) / 40e6;

/** Times of arrival: even, but for up to `jitterNs` that each is late. */
function times(jitterNs: number): Float64Array {
  const random = new Random(7);
  let last = 0;
  return Float64Array.from({ length: DATAGRAMS }, (_, i) => {
    last = Math.max(last, i * GAP_NS + random.below(jitterNs + 1));
    return last;
  });
}

/** One run over all datagrams. */
type Once = (timeNs: Float64Array) => unknown;

const parts: [string, Once][] = [
  [
    "Histogram.add",
    (timeNs) => {
      const histogram = new Histogram("us");
      for (let i = 1; i < DATAGRAMS; i += 1)
        histogram.add(((timeNs[i] as number) - (timeNs[i - 1] as number)) / 1000);
      return histogram.count;
    },
  ],
  [
    "ArrivalMeter.arrival",
    (timeNs) => {
      const meter = new ArrivalMeter();
      for (let i = 0; i < DATAGRAMS; i += 1) meter.arrival(OCTETS, timeNs[i] as number);
      return meter;
    },
  ],
  [
    "Mdi.packet",
    (timeNs) => {
      const mdi = new Mdi();
      mdi.mediaRate(40e6);
      for (let i = 0; i < DATAGRAMS; i += 1) mdi.packet(OCTETS, timeNs[i] as number);
      return mdi;
    },
  ],
  [
    "RtpJitter.packet",
    (timeNs) => {
      const jitter = new RtpJitter();
      for (let i = 0; i < DATAGRAMS; i += 1) jitter.packet((i * 24) >>> 0, 1, timeNs[i] as number);
      return jitter;
    },
  ],
  [
    "NetworkMeter, all of UDP",
    (timeNs) => {
      const meter = new NetworkMeter();
      meter.mdi.mediaRate(40e6);
      for (let i = 0; i < DATAGRAMS; i += 1) {
        meter.datagram(OCTETS, timeNs[i] as number);
        meter.media(OCTETS, 188, timeNs[i] as number);
      }
      return meter;
    },
  ],
  [
    "NetworkMeter, all of RTP",
    (timeNs) => {
      const meter = new NetworkMeter();
      meter.mdi.mediaRate(40e6);
      for (let i = 0; i < DATAGRAMS; i += 1) {
        meter.datagram(OCTETS + 12, timeNs[i] as number);
        meter.rtp((i * 24) >>> 0, 1, timeNs[i] as number);
        meter.media(OCTETS, 188, timeNs[i] as number);
      }
      return meter;
    },
  ],
];

const even = times(0);
const jittered = times(100_000);
for (const [name, once] of parts) {
  bench(`${name}, even`, () => do_not_optimize(once(even)));
  bench(`${name}, 100 us of jitter`, () => do_not_optimize(once(jittered)));
}
const { benchmarks } = await run({ format: "quiet" });
for (const { alias, runs } of benchmarks) {
  const ns = (runs[0]?.stats?.min ?? Number.NaN) / DATAGRAMS;
  console.log(`${alias.padEnd(46)} ${ns.toFixed(1).padStart(5)} ns a datagram`);
}
