/**
 * What program clocks and time stamps cost: `bun bench/timing.ts`. A PCR comes once in some hundred packets, a PES
 * packet once in some dozen; look at the figures, nothing is asserted.
 */
import { bench, do_not_optimize, run } from "mitata";
import { Random } from "../fixtures/lib/random.ts";
import { PcrClock } from "../src/mpegts/timing/pcr-clock.ts";
import { PtsTrack } from "../src/mpegts/timing/pts-track.ts";
import { pesHeader, pesPacket } from "../src/mpegts/timing/test-pes.ts";

const COUNT = 100_000;
const EVERY_TICKS = 1_080_000;

/** PCRs of a clock, each so many packets after the one before, with lateness up to `jitterNs`. */
function clock(jitterNs: number, packets: (random: Random) => number): () => unknown {
  const random = new Random(7);
  const late = Float64Array.from({ length: COUNT }, () => random.below(jitterNs + 1));
  let at = 0;
  const packet = Float64Array.from({ length: COUNT }, () => {
    at += packets(random);
    return at;
  });
  return () => {
    const one = new PcrClock(256);
    for (let i = 0; i < COUNT; i += 1)
      one.pcr(i * EVERY_TICKS, packet[i] as number, i * 40e6 + (late[i] as number), false);
    return one.ticksAt(at);
  };
}

const started = pesPacket(pesHeader({ pts: 90_000, dts: 86_400 }));
const inner = pesPacket(pesHeader({}), 184, false);

/** `COUNT` packets of a stream, each the same. */
function track(packet: Uint8Array): () => unknown {
  return () => {
    const one = new PtsTrack(256);
    let stamps = 0;
    for (let i = 0; i < COUNT; i += 1) if (one.packet(packet, 0, i * 300)) stamps += 1;
    return stamps;
  };
}

const parts: [string, () => unknown][] = [
  ["PcrClock, constant rate, good times", clock(0, () => 100)],
  ["PcrClock, constant rate, network jitter", clock(1_000_000, () => 100)],
  ["PcrClock, variable rate, network jitter", clock(1_000_000, (random) => 50 + random.below(100))],
  ["PtsTrack, start of a PES packet", track(started)],
  ["PtsTrack, any other packet", track(inner)],
];

for (const [name, once] of parts) {
  bench(`${name}, ${COUNT} times`, () => do_not_optimize(once()));
}

await run();
