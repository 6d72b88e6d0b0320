/** ST 2110-22: EBU LIST's capture of JPEG XS at 125 Mb/s, against what is known of it. */
import { expect, test } from "bun:test";
import { jpegXsSchema } from "../../src/report/st2110-jpegxs-schema.ts";
import { JpegXsAnalyser } from "../../src/st2110/jpegxs/analyser.ts";
import { feedRtp, readRtp } from "../helpers/rtp-capture.ts";
import { sharedData } from "../shared-data.ts";

const path = sharedData("st2110/list-jpegxs-125mbps.pcap");
if (path === null) console.log("skipped: no shared captures (st2110/) beside the project");

test.skipIf(path === null)("list-jpegxs-125mbps: five fields of 217 packets", async () => {
  const { epoch, timestamps, packets } = await readRtp(`${path}`);
  const analyser = new JpegXsAnalyser({ epoch, quality: timestamps });
  feedRtp(analyser, packets);
  const report = jpegXsSchema.parse(analyser.report(0, epoch, true));
  expect(report).toMatchObject({
    packets: 1085,
    payloadType: 100,
    transmission: "sequential",
    packetization: "codestream",
    scan: "interlaced",
    pictures: 5,
    partial: 0,
    packetsPerPicture: 217,
    octetsPerPicture: 216 * 1200 + 64,
    packetOctets: 1200,
    pictureRate: "60000/1001",
    picture: { profile: "Main444.12", width: 1920, height: 540, components: 3, codestreamOctets: 259_204 },
  });
  expect(report.bitrateBps ?? 0).toBeCloseTo(124_322_397.6, 1);
  // The bucket is measured from the second field on: 12 of the 16 packets that a wide sender may have in it.
  expect(report.traffic?.peak).toBe(12);
  expect(report.traffic?.types.map(({ within }) => within)).toEqual([false, false, true]);
  // The sender numbers fields where the RFC numbers frames.
  expect(report.frameCounter).toBe("fields");
  expect(analyser.findings("s", epoch).map(({ code }) => code)).toEqual(["st2110-22-frame-counter-fields"]);
});
