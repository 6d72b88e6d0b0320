import { describe, expect } from "bun:test";
import type { Report, StreamReport } from "../../src/report/schema.ts";
import { RX_DEVICE, TX_ADDRESS, TX_DEVICE } from "../helpers/netns.ts";
import { reportOf, rscapCommand, runOk } from "../helpers/run.ts";
import {
  needsFfmpeg,
  needsGstreamer,
  needsNetns,
  needsTcpdump,
  needsTshark,
  testWith,
} from "../helpers/skip.ts";
import { GROUP, onlyStream, PORT, Rig } from "./rig.ts";

const TO_GROUP = ["udpsink", `host=${GROUP}`, `port=${PORT}`, `multicast-iface=${TX_DEVICE}`];
const FFMPEG_URL = `rtp://${GROUP}:${PORT}?localaddr=${TX_ADDRESS}`;

/** A GStreamer command line: its elements with what links them. */
function gstreamer(...elements: string[][]): string[] {
  return [
    "gst-launch-1.0",
    "-q",
    ...elements.flatMap((element, i) => (i === 0 ? element : ["!", ...element])),
  ];
}

const GSTREAMER_VIDEO = [
  ["videotestsrc", "num-buffers=45", "is-live=true"],
  ["video/x-raw,format=UYVP,width=640,height=360,framerate=30/1"],
  ["rtpvrawpay", "mtu=1400"],
];
const FFMPEG_VIDEO = [
  "-f",
  "lavfi",
  "-i",
  "testsrc2=size=640x360:rate=25",
  "-pix_fmt",
  "uyvy422",
  "-c:v",
  "rawvideo",
];
// A packet for each frame of 48 samples: FFmpeg would end each frame of its own with a short packet.
const FFMPEG_AUDIO = [
  "-f",
  "lavfi",
  "-i",
  "sine=sample_rate=48000",
  "-ac",
  "2",
  "-af",
  "asetnsamples=48",
  "-c:a",
  "pcm_s24be",
];

/** Everything found wrong but the timing, which a shared machine has its part in. */
function headerFindings({ findings }: Report): string[] {
  return findings.map(({ code }) => code).filter((code) => !/^st2110-21-|-ts-df$|^clock-not-/.test(code));
}

/** What a probe says of a program that sends; `args` are more flags for the probe. */
async function probed(rig: Rig, sender: string[], args: string[] = []): Promise<[Report, StreamReport]> {
  const probe = await rig.probe(["--no-zmq", ...args]);
  await rig.network.run(rig.network.tx, sender);
  await Bun.sleep(200);
  const report = reportOf(await probe.stop("SIGINT"));
  return [report, onlyStream(report)];
}

describe("ST 2110 from other senders", () => {
  testWith(
    [needsNetns, needsGstreamer],
    "rtpvrawpay: 10-bit 4:2:2 is recognised, no header is wrong",
    async () => {
      await using rig = await Rig.open();
      const [report, { st2110 }] = await probed(rig, gstreamer(...GSTREAMER_VIDEO, TO_GROUP));
      expect(headerFindings(report)).toEqual([]);
      expect(st2110).toMatchObject({ kind: "video20", clockRateHz: 90_000 });
      const format = {
        width: 640,
        height: 360,
        scan: "progressive",
        rate: "30",
        sampling: "4:2:2",
        depth: 10,
      };
      expect(st2110?.video?.format).toMatchObject(format);
      expect(st2110?.video).toMatchObject({ frames: 45, completeFrames: 45, missingLines: 0, lost: 0 });
    },
  );

  testWith([needsNetns, needsGstreamer], "rtpL24pay: L24 is recognised; its marker is told", async () => {
    await using rig = await Rig.open();
    const sender = gstreamer(
      ["audiotestsrc", "num-buffers=150", "samplesperbuffer=480", "is-live=true"],
      ["audio/x-raw,format=S24BE,rate=48000,channels=2"],
      ["rtpL24pay", "min-ptime=1000000", "max-ptime=1000000"],
      TO_GROUP,
    );
    const [report, { st2110 }] = await probed(rig, sender);
    // RFC 3551 4.1 lets a sender mark the first packet after silence, and this one does.
    expect(headerFindings(report)).toEqual(["st2110-30-marker"]);
    expect(st2110?.audio?.format).toMatchObject({
      encoding: "L24",
      sampleRateHz: 48_000,
      channels: 2,
      level: "A",
    });
  });

  testWith([needsNetns, needsFfmpeg], "ffmpeg -f rtp: 8-bit video and L24", async () => {
    for (const [encoder, expected] of [
      [
        FFMPEG_VIDEO,
        { kind: "video20", video: { format: { width: 640, height: 360, rate: "25" }, frames: 38 } },
      ],
      [FFMPEG_AUDIO, { kind: "audio", audio: { format: { encoding: "L24", channels: 2, level: "A" } } }],
    ] as const) {
      await using rig = await Rig.open();
      const sender = ["ffmpeg", "-v", "error", "-re", ...encoder, "-t", "1.52", "-f", "rtp", FFMPEG_URL];
      const [report, { st2110 }] = await probed(rig, sender);
      expect(headerFindings(report)).toEqual([]);
      expect(st2110).toMatchObject(expected);
    }
  });

  testWith(
    [needsNetns, needsGstreamer, needsTcpdump, needsTshark],
    "tshark counts the same loss",
    async () => {
      await using rig = await Rig.open();
      const dump = [
        "tcpdump",
        "-i",
        RX_DEVICE,
        "-w",
        rig.path("seen.pcap"),
        "-s",
        "100",
        "-B",
        "65536",
        // Else its last block waits for up to a second, and SIGINT leaves it there.
        "--immediate-mode",
        `udp port ${PORT}`,
      ];
      const witness = rig.network.start(rig.network.rx, dump);
      await witness.says(/listening on/);
      const loses = ["identity", "drop-probability=0.01"];
      const [report, { rtp }] = await probed(rig, gstreamer(...GSTREAMER_VIDEO, loses, TO_GROUP));
      await Bun.sleep(300);
      await witness.stop("SIGINT");
      const decode = ["-d", `udp.port==${PORT},rtp`, "-q", "-z", "rtp,streams"];
      const lines = (await runOk(["tshark", "-r", rig.path("seen.pcap"), ...decode])).split("\n");
      const line = lines.find((text) => text.includes(GROUP)) ?? "";
      const [, packets, lost] = /\s(\d+)\s+(-?\d+) \(-?[\d.]+%\)/.exec(line) ?? [];
      expect(Number(lost)).toBeGreaterThan(0);
      expect(rtp).toMatchObject({ packets: Number(packets), lost: Number(lost) });
      expect(headerFindings(report)).toEqual(["rtp-loss"]);
    },
  );
});

describe("ST 2110 of our own, sent live", () => {
  const send = [
    "--send",
    `udp://${GROUP}:${PORT}?iface=${TX_DEVICE}`,
    "--report",
    "none",
    "--fail-on",
    "never",
  ];
  const generate = (spec: string) => rscapCommand("replay", "--generate", spec, ...send);

  testWith(
    needsNetns,
    "--snaplen 96: header and timing checks as with whole frames, by TAI 37 s from UTC",
    async () => {
      await using rig = await Rig.open();
      const [report, { st2110 }] = await probed(rig, generate("st2110-20:640x360p25,seconds=1"), [
        "--snaplen",
        "96",
      ]);
      // What is told of the frames: how many were cut.
      expect(headerFindings(report)).toEqual(["snap-length"]);
      const { video } = st2110 ?? {};
      expect(video?.format).toMatchObject({ width: 640, height: 360, rate: "25", depth: 10 });
      expect(video?.completeFrames).toBe(video?.frames as number);
      expect(video?.notMeasured).toBe(0);
      expect(video?.timing?.timestamps.taiOffsetSeconds).toBe(37);
      // By the clock of software at 53 us a packet, narrow is not proved.
      expect(video?.timing?.verdicts[0]).toMatchObject({ type: "N", conclusive: false });
    },
  );

  testWith(needsNetns, "a fault arrives as its finding", async () => {
    await using rig = await Rig.open();
    const [report] = await probed(rig, generate("st2110-40:1920x1080i25,seconds=1,fault=checksum"));
    expect(headerFindings(report)).toEqual(["anc-checksum"]);
  });
});
