import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Report, reportSchema } from "../../src/report/schema.ts";
import { replayed } from "../helpers/replayed.ts";
import { needsShared, testWith } from "../helpers/skip.ts";
import { sharedData } from "../shared-data.ts";

const VIDEO = "st2110/list-1080i59.pcap";
const LEGS = "st2110/list-2022-7-audio-dropped.pcap";
const ANC = "st2110/list-anc-timecode-cc-afd.pcap";
const CLOCKS = "a=ts-refclk:ptp=IEEE1588-2008:39-A7-94-FF-FE-07-CB-D0:127\na=mediaclk:direct=0\n";
const HEAD = "v=0\no=- 1 1 IN IP4 192.168.1.212\ns=test\nt=0 0\n";

/** A session of one 1080i59 stream, as list-1080i59 is, but for `changes`. */
function videoSdp(changes: Record<string, string> = {}): string {
  const fields: Record<string, string> = {
    sampling: "YCbCr-4:2:2",
    depth: "10",
    width: "1920",
    height: "1080",
    exactframerate: "30000/1001",
    colorimetry: "BT709",
    PM: "2110GPM",
    SSN: "ST2110-20:2017",
    TP: "2110TPN",
    ...changes,
  };
  const parameters = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
  return (
    `${HEAD}m=video 50000 RTP/AVP 96\nc=IN IP4 239.0.1.2/64\na=rtpmap:96 raw/90000\n` +
    `a=fmtp:96 ${parameters.join("; ")}; interlace\n${CLOCKS}`
  );
}

/** Legs of ST 2022-7 as in list-2022-7-audio-dropped; `encoding` L24/48000/1 is right. */
function legsSdp(encoding = "L24/48000/1", ptime = "0.125"): string {
  const leg = (mid: string, group: string, sender: string): string =>
    `m=audio 6000 RTP/AVP 96\nc=IN IP4 ${group}/64\na=source-filter: incl IN IP4 ${group} ${sender}\n` +
    `a=rtpmap:96 ${encoding}\na=ptime:${ptime}\n${CLOCKS}a=mid:${mid}\n`;
  return `${HEAD}a=group:DUP one two\n${leg("one", "239.1.2.1", "192.168.120.2")}${leg("two", "239.1.2.2", "192.168.130.2")}`;
}

async function report(path: string, sdp: string, listTiming = false): Promise<Report> {
  const made = await replayed(sharedData(path) ?? "", { sdp: [{ name: "a.sdp", text: sdp }], listTiming });
  return reportSchema.parse(made);
}

function sdpTexts({ findings }: Report): string[] {
  return findings.filter(({ code }) => code.startsWith("sdp-")).map(({ code, text }) => `${code}: ${text}`);
}

describe("what a session description says against what is seen", () => {
  testWith(needsShared(VIDEO), "list-1080i59 as it is", async () => {
    const made = await report(VIDEO, videoSdp());
    expect(sdpTexts(made)).toEqual([]);
    expect(made.sdp).toEqual([
      {
        file: "a.sdp",
        media: [{ format: "st2110-20", destination: "239.0.1.2:50000", stream: "239.0.1.2-50000" }],
      },
    ]);
  });

  testWith(needsShared(VIDEO), "TROFF of the description moves the schedule", async () => {
    const made = await report(VIDEO, videoSdp({ TROFF: "700" }));
    expect(made.streams[0]?.st2110?.video?.timing?.schedule.troffsetNs).toBe(700_000);
  });

  testWith(needsShared(VIDEO), "TP of the description is what the stream is judged by", async () => {
    const narrowLinear = await report(VIDEO, videoSdp({ TP: "2110TPNL" }));
    const narrow = await report(VIDEO, videoSdp());
    const timing = (of: Report) => of.findings.filter(({ code }) => /vrx|cinst/.test(code)).length;
    expect(timing(narrow)).toBe(0);
    expect(timing(narrowLinear)).toBeGreaterThan(0);
  });

  const WRONG: [change: Record<string, string>, told: string][] = [
    [{ width: "1280" }, "width: described 1280, seen 1920"],
    [{ height: "720" }, "height: described 720, seen 1080"],
    [{ exactframerate: "25" }, "frame rate: described 25, seen 29.97"],
    [{ depth: "8" }, "depth: described 8, seen 10"],
    [{ sampling: "YCbCr-4:4:4" }, "sampling: described YCbCr-4:4:4, seen 4:2:2"],
    [{ PM: "2110BPM" }, "packing: described BPM, seen GPM"],
  ];
  for (const [change, told] of WRONG) {
    testWith(needsShared(VIDEO), `list-1080i59 with ${JSON.stringify(change)}`, async () => {
      const texts = sdpTexts(await report(VIDEO, videoSdp(change)));
      expect(texts).toHaveLength(1);
      expect(texts[0]).toStartWith("sdp-mismatch");
      expect(texts[0]).toContain(told);
    });
  }

  testWith(needsShared(LEGS), "audio: packet time and channels", async () => {
    expect(sdpTexts(await report(LEGS, legsSdp()))).toEqual([]);
    const texts = sdpTexts(await report(LEGS, legsSdp("L24/48000/2", "1")));
    expect(texts).toHaveLength(2);
    for (const text of texts) {
      expect(text).toContain("channels: described 2, seen 1");
      expect(text).toContain("packet time in ms: described 1, seen 0.125");
    }
  });

  testWith(needsShared(ANC), "ancillary data that was not announced", async () => {
    const sdp =
      `${HEAD}m=video 20000 RTP/AVP 100\nc=IN IP4 239.0.1.20/64\na=rtpmap:100 smpte291/90000\n` +
      `a=fmtp:100 DID_SDID={0x61,0x01}; DID_SDID={0x60,0x60}\n${CLOCKS}`;
    const texts = sdpTexts(await report(ANC, sdp));
    expect(texts).toHaveLength(1);
    expect(texts[0]).toContain("{0x41,0x05}");
    expect(texts[0]).not.toContain("{0x61,0x01}");
  });

  testWith(needsShared(VIDEO), "what is described and does not come, and faults of the text", async () => {
    const made = await report(VIDEO, legsSdp().replace("a=ptime:0.125\n", ""));
    expect(made.findings.filter(({ stream }) => stream === "sdp").map(({ code }) => code)).toEqual([
      "sdp-packet-time",
      "sdp-stream-silent",
    ]);
    expect(made.streams[0]?.id).toBe("239.0.1.2-50000");
  });
});

describe("ST 2022-7, from end to end", () => {
  const known = {
    legs: [
      { packets: 189, only: 10, lost: 11 },
      { packets: 185, only: 6, lost: 5 },
    ],
    both: 179,
    lostInBoth: 5,
    merged: 195,
    payloadDiffers: 1,
    skewNs: { min: -52, max: 39 },
    skewClass: "D",
    streams: ["239.1.2.1-6000", "239.1.2.2-6000"],
    mergedStream: "239.1.2.1-6000-merged",
    passedOnAs: null,
  };

  testWith(needsShared(LEGS), "list-2022-7-audio-dropped, paired by its packets", async () => {
    const { redundancy, streams } = reportSchema.parse(await replayed(sharedData(LEGS) ?? ""));
    expect(redundancy).toMatchObject([{ ...known, pairedBy: "content" }]);
    expect(streams[2]).toMatchObject({ id: known.mergedStream, packets: 195, rtp: { lost: 5 } });
    const [first, , merged] = streams;
    expect(merged?.st2110?.audio).toMatchObject({ packets: 195, timing: null });
    expect(merged?.st2110?.audio?.format).toEqual(first?.st2110?.audio?.format ?? null);
    expect(merged?.network).toBeUndefined();
  });

  testWith(
    needsShared(LEGS),
    "list-2022-7-audio-dropped, written: the merged stream and no leg",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "rscap-legs-"));
      try {
        const sizes: Record<string, [number, number]> = {};
        const passedOn: (string | null)[] = [];
        for (const redundancy of ["merge", "both", "legs"] as const) {
          const path = join(folder, `${redundancy}.pcap`);
          const outputFile = { path, flushMs: 0, write: "auto" };
          const { redundancy: pairs } = await replayed(sharedData(LEGS) ?? "", { redundancy, outputFile });
          passedOn.push(pairs?.[0]?.passedOnAs ?? null);
          const files = readdirSync(folder).filter((name) => name.startsWith(redundancy));
          const octets = files.reduce((sum, name) => sum + statSync(join(folder, name)).size - 24, 0);
          sizes[redundancy] = [files.length, octets / (16 + 14 + 20 + 8 + 30)];
        }
        // 30 octets of RTP in each; files of one stream keep the name that was asked for.
        expect(sizes).toEqual({ merge: [1, 195], both: [3, 189 + 185 + 195], legs: [2, 189 + 185] });
        expect(existsSync(join(folder, "merge.pcap"))).toBe(true);
        expect(passedOn).toEqual(["239.1.2.1-6000", "239.1.2.1-6000-merged", null]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );

  testWith(needsShared(LEGS), "list-2022-7-audio-dropped, paired by a description", async () => {
    const { redundancy } = await report(LEGS, legsSdp());
    expect(redundancy).toMatchObject([{ ...known, pairedBy: "sdp" }]);
  });
});

describe("--timing list, from end to end", () => {
  testWith(needsShared(VIDEO), "list-1080i59 as EBU LIST measures it", async () => {
    const made = await report(VIDEO, videoSdp(), true);
    const reference = JSON.parse(readFileSync(sharedData("st2110/list-1080i59.json") ?? "", "utf8"));
    const list = made.streams[0]?.st2110?.video?.list;
    expect(list?.cinst).toEqual(reference.global_video_analysis.cinst.histogram);
    expect(list?.vrx).toEqual(reference.global_video_analysis.vrx.histogram);
    expect(list?.trsNs).toBe(reference.global_video_analysis.trs.trs_ns);
  });
});

test("the description of the legs has no fault of its own", async () => {
  const { readSdp } = await import("../../src/st2110/sdp/description.ts");
  expect(readSdp(legsSdp()).faults).toEqual([]);
  expect(readSdp(legsSdp()).pairs).toEqual([[0, 1]]);
  expect(readSdp(videoSdp()).faults).toEqual([]);
});
