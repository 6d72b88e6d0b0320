/**
 * What ST 2110-20 with full header and timing checks costs: `bun bench/video20.ts`. Two interleaved streams of 2160p59.94, as
 * a header-only capture brings them; look at the figures, nothing is asserted.
 */
import { rational } from "../src/st2110/timing21/rational.ts";
import { VideoAnalyser } from "../src/st2110/video/analyser.ts";
import { PLAN_EPOCH, planStream, type StreamPlan, writePacket } from "../src/st2110/video/test-stream.ts";
import { table } from "./lib/table.ts";

const FRAMES = 12;
const RUNS = 8;
const SLOT = 64;
const STREAMS = 2;

const UHD: StreamPlan = {
  width: 3840,
  height: 2160,
  scan: "progressive",
  rate: rational(60_000, 1001),
  pgroup: [5, 2],
  packetOctets: 1200,
};
const RASTERS: [string, StreamPlan][] = [
  ["2160p59.94, general packing", UHD],
  ["2160p59.94, block packing", { ...UHD, packetOctets: 1260, block: true }],
  [
    "1080i29.97, general packing",
    { ...UHD, width: 1920, height: 1080, scan: "interlaced", rate: rational(30_000, 1001) },
  ],
];

/** Best nanoseconds a packet of RUNS runs. */
function measure(plan: StreamPlan, list: boolean): { ns: number; perSecond: number; findings: number } {
  const { packets, schedule } = planStream(plan, FRAMES);
  const count = packets.length;
  const buf = new Uint8Array(count * SLOT);
  const times = Float64Array.from(packets, ({ timeNs }) => timeNs);
  const lengths = new Uint8Array(count);
  const wires = new Uint16Array(count);
  for (const [i, packet] of packets.entries()) {
    const { octets, wireLength } = writePacket(packet, 8);
    buf.set(octets, i * SLOT);
    lengths[i] = octets.length;
    wires[i] = wireLength;
  }
  let best = Number.POSITIVE_INFINITY;
  let findings = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const analysers = Array.from(
      { length: STREAMS },
      () => new VideoAnalyser({ epoch: PLAN_EPOCH, timestamps: { kind: "hardware", resolutionNs: 1 }, list }),
    );
    const [a, b] = analysers as [VideoAnalyser, VideoAnalyser];
    const startMs = performance.now();
    for (let i = 0; i < count; i += 1) {
      const off = i * SLOT;
      const length = lengths[i] as number;
      const wire = wires[i] as number;
      const timeNs = times[i] as number;
      a.packet(buf, off, length, wire, 0, timeNs);
      b.packet(buf, off, length, wire, 0, timeNs);
    }
    best = Math.min(best, ((performance.now() - startMs) * 1e6) / (count * STREAMS));
    findings = a.findings("a", PLAN_EPOCH).length;
  }
  return {
    ns: best,
    perSecond: schedule.format.packets * (Number(plan.rate.num) / Number(plan.rate.den)),
    findings,
  };
}

const rows = RASTERS.flatMap(([name, plan]) =>
  [false, true].map((list) => {
    const { ns, perSecond, findings } = measure(plan, list);
    const title = list ? `${name}, with --timing list` : name;
    const streams = 1e9 / ns / perSecond;
    return [title, ns.toFixed(1), (1e3 / ns).toFixed(2), streams.toFixed(1), String(findings)];
  }),
);
const head = ["stream", "ns a packet", "M packets/s", "streams in real time", "findings"];
process.stdout.write(`${table("ST 2110-20: headers and timing, two streams in turn", head, rows)}\n`);
