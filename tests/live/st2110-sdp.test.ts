import { describe, expect } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { TX_DEVICE } from "../helpers/netns.ts";
import { reportOf } from "../helpers/run.ts";
import { needsNetns, needsShared, needsTcpreplay, testWith } from "../helpers/skip.ts";
import { sharedData } from "../shared-data.ts";
import { BACKENDS, Rig } from "./rig.ts";

const LEGS = "st2110/list-2022-7-audio-dropped.pcap";

function leg(mid: string, group: string, sender: string): string {
  return (
    `m=audio 6000 RTP/AVP 96\nc=IN IP4 ${group}/64\na=source-filter: incl IN IP4 ${group} ${sender}\n` +
    "a=rtpmap:96 L24/48000/1\na=ptime:0.125\na=ts-refclk:ptp=IEEE1588-2008:39-A7-94-FF-FE-07-CB-D0:127\n" +
    `a=mediaclk:direct=0\na=mid:${mid}\n`
  );
}

const SDP =
  "v=0\no=- 1 1 IN IP4 192.168.120.2\ns=legs\nt=0 0\na=group:DUP one two\n" +
  leg("one", "239.1.2.1", "192.168.120.2") +
  leg("two", "239.1.2.2", "192.168.130.2");

describe.each(BACKENDS)("a probe told by a session description, live by %s", (backend) => {
  testWith(
    [needsNetns, needsTcpreplay, needsShared(LEGS)],
    `${backend}: captures its streams and merges its legs`,
    async () => {
      await using rig = await Rig.open();
      const path = join(rig.folder, "legs.sdp");
      writeFileSync(path, SDP);
      const args = ["--capture-backend", backend, "--no-zmq", "--sdp", path];
      const probe = await rig.probe(args, { joins: false });
      const capture = sharedData(LEGS) ?? "";
      await rig.network.run(rig.network.tx, ["tcpreplay", "-q", "-i", TX_DEVICE, capture]);
      await Bun.sleep(300);
      const { sdp, redundancy, streams, findings } = reportOf(await probe.stop("SIGTERM"));
      expect(sdp?.[0]?.media.map(({ stream }) => stream)).toEqual(["239.1.2.1-6000", "239.1.2.2-6000"]);
      expect(redundancy).toMatchObject([
        {
          streams: ["239.1.2.1-6000", "239.1.2.2-6000"],
          pairedBy: "sdp",
          both: 179,
          lostInBoth: 5,
          merged: 195,
          payloadDiffers: 1,
        },
      ]);
      expect(streams.map(({ id }) => id)).toContain("239.1.2.1-6000-merged");
      expect(findings.filter(({ stream }) => stream === "sdp")).toEqual([]);
    },
  );
});
