import { describe, expect, test } from "bun:test";
import { histogram } from "../report/fixture-histogram.ts";
import { ST2110_REPORT } from "../report/fixture-st2110.ts";
import { type Report, reportSchema } from "../report/schema.ts";
import type { SdpReport } from "../report/sdp-schema.ts";
import type { RedundancyLegReport, RedundantPairReport } from "../report/st2110-redundancy-schema.ts";
import { renderHtml } from "./html/page.ts";
import { renderText } from "./text.ts";

const LEG: RedundancyLegReport = {
  packets: 189,
  octets: 5670,
  lost: 11,
  only: 10,
  duplicates: 0,
  late: 2,
  early: 0,
  unplaced: 0,
  silent: false,
};

const PAIR: RedundantPairReport = {
  streams: ["239.1.2.1-6000", "239.1.2.2-6000"],
  pairedBy: "content",
  mergedStream: "239.1.2.1-6000-merged",
  passedOnAs: "239.1.2.1-6000",
  legs: [LEG, { ...LEG, lost: 0, silent: true, late: 0 }],
  both: 179,
  lostInBoth: 5,
  merged: 195,
  payloadDiffers: 1,
  headerDiffers: 0,
  compared: 179,
  comparedInFull: false,
  restarts: 1,
  skewNs: histogram(
    "ns",
    [2, -52, -6.5, 39, -52, 39, 39, 39],
    [
      [-56, -48, 1],
      [36, 40, 1],
    ],
  ),
  skewClass: "D",
  recentSkewNs: null,
  recentSkewClass: null,
  bitrate: 1.8e6,
  windowNs: 50e6,
  timestampSource: "savefile",
  timestampResolutionNs: 1,
};

const SDP: SdpReport = {
  file: "studio\x1b.sdp",
  media: [
    { format: "st2110-20", destination: "239.0.1.2:50000", stream: "239.0.1.2-50000" },
    { format: "st2110-30", destination: null, stream: null },
  ],
};

function reportOf(pair: RedundantPairReport): Report {
  return { ...ST2110_REPORT, sdp: [SDP], redundancy: [pair] };
}

describe("session descriptions and redundant pairs", () => {
  test("the fixture is a report", () => {
    expect(reportSchema.safeParse(reportOf(PAIR)).error).toBeUndefined();
  });

  test("text: legs, merged stream, skew with the quality of its times, differences", () => {
    const text = renderText(reportOf(PAIR), { columns: 80, colour: false });
    const flat = text.replaceAll(/\s+/g, " ");
    expect(flat).toContain("Leg 1 239.1.2.1-6000: 189 packets, 11 lost, 10 on this leg alone, 2 late");
    expect(flat).toContain("0 lost, 10 on this leg alone, silent");
    expect(flat).toContain(
      "195 packets, 179 on both legs, 5 lost in both, as stream 239.1.2.1-6000-merged, passed on as 239.1.2.1-6000, 1 restart",
    );
    expect(flat).toContain("class D, by savefile timestamps of 1 ns");
    expect(flat).toContain("1 payload and 0 headers of 179 compared, as far as they were captured");
    expect(flat).toContain("st2110-20 at 239.0.1.2:50000: stream 239.0.1.2-50000");
    expect(flat).toContain("st2110-30 at an address that cannot be read: did not come");
    expect(text).not.toContain("\x1b");
    expect(Math.max(...text.split("\n").map((line) => Bun.stringWidth(line)))).toBeLessThanOrEqual(80);
    const red = renderText(reportOf(PAIR), { columns: 80, colour: true });
    expect(red).toContain("\x1b[31m  Merged");
  });

  test("nothing measured, a skew beyond all classes, legs by a description", () => {
    const none = histogram("ns", [0, null, null, null, null, null, null, null], []);
    const text = renderText(reportOf({ ...PAIR, skewNs: none, skewClass: null }), {
      columns: 80,
      colour: false,
    });
    expect(text).toContain("Skew        nothing measured");
    const far = { ...PAIR, skewClass: null, pairedBy: "sdp" as const, mergedStream: null };
    const beyond = renderText(reportOf(far), { columns: 80, colour: false });
    expect(beyond).toContain("beyond all classes");
    expect(beyond).toContain("by the session description");
    expect(beyond).not.toContain("-merged");
  });

  test("video against other streams, in text and page", () => {
    const across: Report["across"] = [
      { video: "v", other: "a", kind: "audio", mediaClock: "same", avdlNs: 379_548, rrtpOffsetTicks: null },
      { video: "v", other: "b", kind: "anc", mediaClock: "different", avdlNs: null, rrtpOffsetTicks: 1 },
    ];
    const report = { ...ST2110_REPORT, across };
    const text = renderText(report, { columns: 80, colour: false });
    expect(text).toContain("  Audio       v to a: same media clock, AVDL 379.5 us");
    expect(text).toContain("  Ancillary   v to b: different media clocks, RRTPOFFSET 1 tick\n");
    expect(renderHtml([report], [])).toContain("<td>same media clock, AVDL 379.5 us</td>");
  });

  test("in the page", () => {
    const page = renderHtml([reportOf(PAIR)], []);
    expect(page).toContain("<small>studio?.sdp</small>");
    expect(page).toContain('<li class="bad">st2110-30 at an address');
    expect(page).toContain("ST 2022-7, paired by content");
    expect(page).toContain('aria-label="Skew"');
  });
});
