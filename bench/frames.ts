/** What it costs to put the frames of ST 2110-20 together, and to unpack their samples: `bun bench/frames.ts`. */

import { rational } from "../src/st2110/timing21/rational.ts";
import { VideoAnalyser } from "../src/st2110/video/analyser.ts";
import { FrameAssembler, frameLayout } from "../src/st2110/video/frame.ts";
import { PlaneReader } from "../src/st2110/video/frame-planes.ts";
import { PLAN_EPOCH, planStream, writePacket } from "../src/st2110/video/test-stream.ts";

const FRAMES = 12;
const TURNS = 16;
const PLAN = {
  width: 1920,
  height: 1080,
  scan: "progressive",
  rate: rational(60_000, 1001),
  pgroup: [5, 2],
  packetOctets: 1200,
} as const;

const packets = planStream(PLAN, FRAMES).packets.map((packet) => ({
  octets: writePacket(packet).octets,
  timeNs: packet.timeNs,
}));
const analyser = new VideoAnalyser({ epoch: PLAN_EPOCH, timestamps: { kind: "none", resolutionNs: 1 } });
for (const { octets, timeNs } of packets) analyser.packet(octets, 0, octets.length, octets.length, 0, timeNs);
const { format } = analyser;
const layout = format === null ? null : frameLayout(format);
if (format === null || layout === null) throw new Error("the stream shows no format");

for (const planes of [null, new PlaneReader(layout)]) {
  let frames = 0;
  const assembler = new FrameAssembler(format, layout, (frame) => {
    frames += 1;
    planes?.read(frame);
  });
  const startMs = performance.now();
  let octetCount = 0;
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const { octets } of packets) {
      assembler.packet(octets, 0, octets.length);
      octetCount += octets.length;
    }
  }
  const ms = performance.now() - startMs;
  const what = planes === null ? "frames put together" : "and their samples unpacked";
  console.log(
    `${what}: ${((octetCount * 8) / ms / 1e6).toFixed(1)} Gb/s, ${((frames * 1000) / ms).toFixed(0)} frames/s`,
  );
}
