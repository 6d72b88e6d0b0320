import { describe, expect } from "bun:test";
import { readFileSync } from "node:fs";
import { differences } from "../helpers/match.ts";
import { TX_DEVICE } from "../helpers/netns.ts";
import { PROJECT, reportOf } from "../helpers/run.ts";
import { needsNetns, needsTcpreplay, testWith } from "../helpers/skip.ts";
import { BACKENDS, Rig } from "./rig.ts";

/** Puts a fixture's frames on the wire as they are and returns the probe's and the fixture's streams. */
async function inject(fixture: string, backend: string, probeArgs: string[]) {
  await using rig = await Rig.open();
  const args = ["--capture-backend", backend, "--no-zmq", ...probeArgs];
  const probe = await rig.probe(args, { joins: false });
  await rig.network.run(rig.network.tx, [
    "tcpreplay",
    "-q",
    "-i",
    TX_DEVICE,
    `${PROJECT}fixtures/${fixture}`,
  ]);
  await Bun.sleep(300);
  const report = reportOf(await probe.stop("SIGTERM"));
  const { runs } = JSON.parse(readFileSync(`${PROJECT}fixtures/${fixture}.expected.json`, "utf8"));
  return { streams: report.streams, expected: runs[0].report.streams, drops: report.input.drops };
}

describe.each(BACKENDS)("tagged frames, live by %s", (backend) => {
  const source = ["--source", "udp://239.1.1.1:5000"];

  for (const fixture of ["vlan.pcap", "qinq.pcap"]) {
    testWith(
      [needsNetns, needsTcpreplay],
      `${backend}: ${fixture} with the filter made from --source`,
      async () => {
        const { streams, expected } = await inject(fixture, backend, source);
        expect(differences(streams, expected)).toEqual([]);
      },
    );

    testWith([needsNetns, needsTcpreplay], `${backend}: ${fixture} with --discover`, async () => {
      const { streams, expected } = await inject(fixture, backend, ["--discover"]);
      expect(differences(streams, expected)).toEqual([]);
    });
  }

  testWith(
    [needsNetns, needsTcpreplay],
    `${backend}: a filter of the user's own selects by VLAN`,
    async () => {
      const hit = await inject("vlan.pcap", backend, ["--filter", "vlan 100 and udp port 5000"]);
      expect(differences(hit.streams, hit.expected)).toEqual([]);
      const miss = await inject("vlan.pcap", backend, ["--filter", "vlan 101"]);
      expect(miss.streams).toEqual([]);
    },
  );

  testWith([needsNetns, needsTcpreplay], `${backend}: IP fragments are counted`, async () => {
    const { streams, expected, drops } = await inject("ip-fragments.pcap", backend, ["--filter", "ip"]);
    expect(differences(streams, expected)).toEqual([]);
    expect(drops.fragments).toBe(2);
  });

  testWith(
    [needsNetns, needsTcpreplay],
    `${backend}: a snap length is told, not suffered in silence`,
    async () => {
      const { streams, drops } = await inject("ts-udp-clean.pcap", backend, [...source, "--snaplen", "512"]);
      expect(drops.snapped).toBe(10);
      expect(streams[0]?.bytes).toBe(13_160);
    },
  );
});
