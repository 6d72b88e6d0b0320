import { describe, expect } from "bun:test";
import { RX_DEVICE, TX_DEVICE } from "../helpers/netns.ts";
import { reportOf, rscapCommand } from "../helpers/run.ts";
import { needsNetns, testWith } from "../helpers/skip.ts";
import { Rig } from "./rig.ts";

const FIRST = "239.77.2.1";
const SECOND = "239.77.3.1";
const LEGS = [FIRST, SECOND].map((group) => `udp://${group}:5004`);
/** Two seconds of audio, a packet a millisecond. */
const PAIR = `st2110-30:L24/48000/2,to=${FIRST}:5004,redundant=${SECOND}:5004,skew=2000,seconds=2`;
/** The first packet leaves when its millisecond is over. */
const PACKETS = 1999;

/** A generated pair, each leg sent to its own group, between a real probe and a subscriber of everything. */
async function sent(keys: string) {
  await using rig = await Rig.open();
  const sources = LEGS.flatMap((leg) => ["--source", leg]);
  const probe = await rig.probe([...sources, "--fail-on", "never"]);
  const client = await rig.client(["--output-file", "merged.pcap"]);
  const way = ["--send", `udp://?iface=${TX_DEVICE}`, "--report", "none", "--fail-on", "never"];
  await rig.network.run(rig.network.tx, rscapCommand("replay", "--generate", PAIR + keys, ...way));
  const started = performance.now();
  // More than a second of silence of one leg is behind us; what is on its way arrives.
  while (performance.now() - started < 1000) await Bun.sleep(100);
  const probed = reportOf(await probe.stop("SIGINT"));
  const received = reportOf(await client.stop("SIGINT"));
  const read = await rig.rscap(["replay", "--report", "json", "--fail-on", "never", "merged.pcap"]).ended();
  return { probed, received, written: reportOf(read) };
}

describe(`ST 2022-7 between a sender, a probe on ${RX_DEVICE} and a subscriber`, () => {
  testWith(needsNetns, "both legs lose packets; the subscriber gets one stream, whole", async () => {
    const { probed, received, written } = await sent(",loss=50/70");
    const [pair, ...others] = probed.redundancy ?? [];
    expect(others).toEqual([]);
    expect(pair).toMatchObject({ lostInBoth: 0, merged: PACKETS, payloadDiffers: 0, headerDiffers: 0 });
    expect(pair?.legs.map(({ lost }) => lost > 0)).toEqual([true, true]);
    expect(received.streams.filter(({ kind }) => kind === "rtp")).toHaveLength(1);
    expect(written.streams).toHaveLength(1);
    expect(written.streams[0]?.rtp).toMatchObject({ packets: PACKETS, lost: 0, duplicates: 0 });
  });

  testWith(needsNetns, "one leg stops: the stream goes on, and the silence is told", async () => {
    const { probed, received, written } = await sent(",fault=leg-silent");
    expect(probed.redundancy?.[0]).toMatchObject({ lostInBoth: 0, merged: PACKETS });
    expect(probed.findings.map(({ code }) => code)).toContain("st2022-7-leg-silent");
    expect(received.streams.filter(({ kind }) => kind === "rtp")).toHaveLength(1);
    expect(written.streams[0]?.rtp).toMatchObject({ packets: PACKETS, lost: 0, duplicates: 0 });
  });
});
