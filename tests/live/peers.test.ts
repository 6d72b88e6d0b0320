import { describe, expect } from "bun:test";
import { writeFileSync } from "node:fs";
import { makeCapture } from "../../bench/make-capture.ts";
import { TX_ADDRESS, TX_DEVICE } from "../helpers/netns.ts";
import { octetDifference } from "../helpers/octets.ts";
import { runOk, until } from "../helpers/run.ts";
import {
  needsFfmpeg,
  needsFfprobe,
  needsNetns,
  needsPythonZmq,
  needsTcpreplay,
  pythonWithZmq,
  testWith,
} from "../helpers/skip.ts";
import { ENDPOINT, GROUP, PORT, Rig } from "./rig.ts";

const VIDEO = [
  "-f",
  "lavfi",
  "-i",
  "testsrc2=size=320x180:rate=25",
  "-c:v",
  "mpeg2video",
  "-b:v",
  "1500k",
  "-g",
  "5",
];

/** Names of the codecs in a file, one a line. */
async function codecs(path: string): Promise<string> {
  const show = ["-show_entries", "stream=codec_name", "-of", "csv=p=0"];
  return await runOk(["ffprobe", "-v", "error", ...show, path]);
}

/**
 * Subscribes to a topic, prints one JSON line a message, appends the payloads to a file. With the name of
 * another file it reads nothing until that file is there, with the smallest buffers there are.
 */
const SUBSCRIBER = `
import json, os, sys, time, zmq
path, topic, wait_for = sys.argv[1:4]
socket = zmq.Context().socket(zmq.SUB)
if wait_for:
    socket.setsockopt(zmq.RCVBUF, 4096)
    socket.setsockopt(zmq.RCVHWM, 1)
socket.setsockopt(zmq.SUBSCRIBE, topic.encode())
socket.setsockopt(zmq.RCVTIMEO, 1500)
socket.connect("${ENDPOINT}")
print("connected", flush=True)
while wait_for and not os.path.exists(wait_for):
    time.sleep(0.05)
with open(path, "wb") as out:
    try:
        while True:
            topic, header, payload = socket.recv_multipart()
            out.write(payload)
            print(json.dumps([topic.decode(), json.loads(header), len(payload)]), flush=True)
    except zmq.Again:
        pass
`;

/** One message as the subscriber printed it. */
type Message = [topic: string, header: Record<string, unknown>, payloadOctets: number];

/** What the subscriber printed. */
function messagesOf(stdout: string): Message[] {
  const lines = stdout.trim().split("\n").slice(1);
  return lines.map((line): Message => JSON.parse(line));
}

describe("peers", () => {
  testWith([needsNetns, needsPythonZmq], "a Python subscriber reads topic, header and payload", async () => {
    await using rig = await Rig.open();
    const probe = await rig.probe(["--probe-id", "studio-3", "--header", "json"]);
    const command = [
      pythonWithZmq ?? "",
      "-c",
      SUBSCRIBER,
      rig.path("payload.ts"),
      `rscap/1/studio-3/${GROUP}-${PORT}/ts`,
      "",
    ];
    const subscriber = rig.network.start(rig.network.rx, command);
    await subscriber.says(/connected/);
    await Bun.sleep(300);
    const sent = rig.tsFile("sent.ts", 700);
    await rig.send({ file: rig.path("sent.ts"), perSecond: 300, fromPort: 4321 });
    await Bun.sleep(200);
    await probe.stop("SIGTERM");
    const { stdout, exitCode, stderr } = await subscriber.ended();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(octetDifference(rig.read("payload.ts"), sent)).toBeNull();
    const messages = messagesOf(stdout);
    expect(messages.length).toBeGreaterThan(1);
    let packets = 0;
    for (const [i, [topic, header, octets]] of messages.entries()) {
      expect(topic).toBe(`rscap/1/studio-3/${GROUP}-${PORT}/ts`);
      expect(header).toMatchObject({
        probe: "studio-3",
        stream: `${GROUP}-${PORT}`,
        kind: "ts",
        sequence: i,
      });
      // The earlier rscap's keys, which its consumers parse.
      expect(header).toMatchObject({
        type: "mpegts_chunk",
        content_length: octets,
        source_ip: GROUP, // there, as in its settings, the captured stream
        source_port: PORT,
        format: "mpegts",
      });
      expect(octets % 188).toBe(0);
      packets += octets / 188;
    }
    expect(packets).toBe(700);
  });

  testWith(
    [needsNetns, needsPythonZmq, needsTcpreplay],
    "a subscriber that does not read loses alone, and sees its gap by the sequence",
    async () => {
      await using rig = await Rig.open();
      const source = ["--source", "udp://239.9.9.9:9999"];
      const probe = await rig.probe(
        [...source, "--high-water-mark", "60", "--probe-id", "p", "--header", "json"],
        {
          joins: false,
        },
      );
      const topic = "rscap/1/p/239.9.9.9-9999/ts";
      const sleeper = [
        pythonWithZmq ?? "",
        "-c",
        SUBSCRIBER,
        rig.path("slow.ts"),
        topic,
        rig.path("wake-up"),
      ];
      const slow = rig.network.start(rig.network.rx, sleeper);
      await slow.says(/connected/);
      const client = await rig.client([]);
      const capture = makeCapture(20_000, rig.folder);
      const replay = ["tcpreplay", "-q", "-i", TX_DEVICE, "--mbps=100"];
      await rig.network.run(rig.network.tx, [...replay, capture.pcap]);
      const expected = capture.packets * 188;
      await until(() => rig.size("capture.ts") >= expected, "the good client has it all", 5000).catch(
        () => {},
      );
      const clientEnded = await client.stop("SIGINT");
      writeFileSync(rig.path("wake-up"), "");
      await Bun.sleep(500);
      await rig.network.run(rig.network.tx, [...replay, "--limit=500", capture.pcap]);
      const { stdout } = await slow.ended();
      await probe.stop("SIGTERM");
      const sent = Buffer.from(await Bun.file(capture.ts).arrayBuffer());
      expect(octetDifference(rig.read("capture.ts"), sent)).toBeNull();
      expect(clientEnded.exitCode).toBe(130);
      const sequences = messagesOf(stdout).map(([, header]) => Number(header.sequence));
      const gaps = sequences.filter((sequence, i) => i > 0 && sequence !== (sequences[i - 1] ?? 0) + 1);
      expect(gaps.length).toBeGreaterThan(0);
    },
    30_000,
  );

  testWith([needsNetns, needsFfmpeg, needsFfprobe], "ffmpeg -i zmq: reads --header none", async () => {
    await using rig = await Rig.open();
    const probe = await rig.probe(["--header", "none"]);
    const copy = ["-t", "1", "-c", "copy", "-f", "mpegts", rig.path("copy.ts")];
    const reader = rig.network.start(rig.network.rx, [
      "ffmpeg",
      "-v",
      "error",
      "-i",
      `zmq:${ENDPOINT}`,
      ...copy,
    ]);
    await until(async () => (await rig.connections()) > 0, "ffmpeg is connected");
    const url = `udp://${GROUP}:${PORT}?pkt_size=1316&localaddr=${TX_ADDRESS}&ttl=4`;
    const stream = [...VIDEO, "-t", "8", "-f", "mpegts", "-muxrate", "3000000", url];
    const sender = rig.network.start(rig.network.tx, ["ffmpeg", "-v", "error", "-re", ...stream]);
    const { exitCode } = await reader.ended();
    await sender.stop("SIGKILL");
    await probe.stop("SIGTERM");
    expect(exitCode).toBe(0);
    expect(await codecs(rig.path("copy.ts"))).toContain("mpeg2video");
  });

  testWith(
    [needsNetns, needsFfmpeg, needsFfprobe],
    "ffmpeg -f mpegts zmq: is a source of the client",
    async () => {
      await using rig = await Rig.open();
      const stream = [...VIDEO, "-t", "4", "-f", "mpegts", `zmq:${ENDPOINT}`];
      const source = rig.network.start(rig.network.rx, ["ffmpeg", "-v", "error", "-re", ...stream]);
      await Bun.sleep(300);
      const client = await rig.client([]);
      await source.ended();
      await Bun.sleep(300);
      const { exitCode } = await client.stop("SIGINT");
      expect(exitCode).toBe(130);
      const [file] = ["capture.ts"].filter((name) => rig.size(name) > 0);
      expect(file).toBe("capture.ts");
      expect(rig.size("capture.ts") % 188).toBe(0);
      expect(await codecs(rig.path("capture.ts"))).toContain("mpeg2video");
    },
  );

  testWith(needsNetns, "--header none and the client: the one-frame messages are understood", async () => {
    await using rig = await Rig.open();
    const probe = await rig.probe(["--header", "none"]);
    const client = await rig.client([]);
    const sent = rig.tsFile("sent.ts", 700);
    await rig.send({ file: rig.path("sent.ts"), perSecond: 300 });
    await until(() => rig.size("capture.ts") >= sent.length, "all is written", 5000).catch(() => {});
    await client.stop("SIGINT");
    await probe.stop("SIGTERM");
    expect(octetDifference(rig.read("capture.ts"), sent)).toBeNull();
  });
});
