import { describe, expect } from "bun:test";
import { readFileSync } from "node:fs";
import { mpegtsTruth } from "../../fixtures/lib/fixture.ts";
import { differences } from "../helpers/match.ts";
import { TX_ADDRESS, TX_ADDRESS6, TX_DEVICE, TX_OTHER_ADDRESS } from "../helpers/netns.ts";
import { octetDifference, tsPackets } from "../helpers/octets.ts";
import { reportOf, rscapCommand, runOk, until } from "../helpers/run.ts";
import { needsFfmpeg, needsFfprobe, needsNetns, testWith } from "../helpers/skip.ts";
import { BACKENDS, GROUP, onlyStream, PORT, Rig, transferFindings } from "./rig.ts";

/** Seconds of the test stream. */
const SECONDS = 2;
const MUX_RATE = 3_000_000;

/** ffmpeg's command line for a CBR stream that is at once sent and written to `file`. */
function ffmpegCommand(file: string): string[] {
  const video = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"];
  const audio = ["-f", "lavfi", "-i", "sine=frequency=1000"];
  const codecs = ["-c:v", "mpeg2video", "-b:v", "1500k", "-c:a", "mp2", "-t", String(SECONDS)];
  const mux = `f=mpegts:muxrate=${MUX_RATE}`;
  const url = `udp\\://${GROUP}\\:${PORT}?pkt_size=1316&localaddr=${TX_ADDRESS}&ttl=4`;
  const maps = ["-map", "0:v", "-map", "1:a"];
  return [
    "ffmpeg",
    "-v",
    "error",
    "-re",
    ...video,
    ...audio,
    ...maps,
    ...codecs,
    "-f",
    "tee",
    `[${mux}]${file}|[${mux}]${url}`,
  ];
}

describe.each(BACKENDS)("live by %s", (backend) => {
  const capture = ["--capture-backend", backend];

  testWith(
    [needsNetns, needsFfmpeg, needsFfprobe],
    `${backend}: ffmpeg multicast to probe to client, capture.ts equals what was sent, and ffprobe reads it`,
    async () => {
      await using rig = await Rig.open();
      const probe = await rig.probe(capture);
      const client = await rig.client([]);
      await rig.network.run(rig.network.tx, ffmpegCommand(rig.path("sent.ts")));
      const sent = rig.read("sent.ts");
      await until(() => rig.size("capture.ts") >= sent.length, "all is written", 5000).catch(() => {});
      const clientEnded = await client.stop("SIGINT");
      const probeEnded = await probe.stop("SIGINT");

      expect(octetDifference(rig.read("capture.ts"), sent)).toBeNull();
      expect(clientEnded.exitCode).toBe(130);
      expect(probeEnded.exitCode).toBe(130);
      const report = reportOf(probeEnded);
      const stream = onlyStream(report);
      expect(stream).toMatchObject({ kind: "mpegts", transport: "udp", destination: `${GROUP}:${PORT}` });
      expect(stream.bytes).toBe(sent.length);
      expect(differences(stream.mpegts, mpegtsTruth(tsPackets(sent)))).toEqual([]);
      expect(report.input.kind).toBe(backend);
      expect(report.input.drops.kernel).toBe(0);
      expect(transferFindings(report)).toEqual([]);

      const probed = await runOk([
        "ffprobe",
        "-v",
        "error",
        "-show_entries",
        "stream=codec_name",
        "-of",
        "csv=p=0",
        rig.path("capture.ts"),
      ]);
      expect(probed).toContain("mpeg2video");
      expect(probed).toContain("mp2");
    },
    40_000,
  );

  testWith(needsNetns, `${backend}: IPv6 multicast`, async () => {
    await using rig = await Rig.open();
    const group = "ff15::77:1";
    const probe = await rig.probe([...capture, "--source", `udp://[${group}]:${PORT}`, "--no-zmq"]);
    const sent = rig.tsFile("sent.ts", 700);
    await rig.send({
      file: rig.path("sent.ts"),
      to: group,
      from: TX_ADDRESS6,
      multicastInterface: `::%${TX_DEVICE}`,
      perSecond: 400,
    });
    await Bun.sleep(200);
    const report = reportOf(await probe.stop("SIGTERM"));
    const stream = onlyStream(report);
    expect(stream).toMatchObject({ destination: `[${group}]:${PORT}`, packets: 100, bytes: sent.length });
    expect(stream.source).toStartWith(`[${TX_ADDRESS6}]:`);
    expect(stream.mpegts?.continuity.errors).toBe(0);
  });

  testWith(
    needsNetns,
    `${backend}: a source-specific join takes one sender and leaves the other`,
    async () => {
      await using rig = await Rig.open();
      const group = "232.77.1.1";
      const probe = await rig.probe([
        ...capture,
        "--source",
        `udp://${TX_ADDRESS}@${group}:${PORT}`,
        "--no-zmq",
      ]);
      const filters = await rig.network.run(rig.network.rx, ["cat", "/proc/net/mcfilter"]);
      expect(filters).toMatch(/0xe84d0101\s+0x0a4d0001/); // group, then the source let in
      rig.tsFile("sent.ts", 350);
      const file = rig.path("sent.ts");
      await rig.send({ file, to: group, perSecond: 400 });
      await rig.send({ file, to: group, from: TX_OTHER_ADDRESS, perSecond: 400 });
      await Bun.sleep(200);
      const stream = onlyStream(reportOf(await probe.stop("SIGTERM")));
      expect(stream.source).toStartWith(`${TX_ADDRESS}:`);
      expect(stream.packets).toBe(50);
    },
  );

  testWith(needsNetns, `${backend}: rscap replay --send is captured as it was`, async () => {
    await using rig = await Rig.open();
    const probe = await rig.probe(capture);
    const client = await rig.client([]);
    const sent = rig.tsFile("sent.ts", 1400);
    const url = `udp://${GROUP}:${PORT}?iface=${TX_DEVICE}&ttl=4`;
    const replay = rscapCommand("replay", "--report", "json", "--send", url, rig.path("sent.ts"));
    await rig.network.run(rig.network.tx, replay);
    await until(() => rig.size("capture.ts") >= sent.length, "all is written", 5000).catch(() => {});
    await client.stop("SIGTERM");
    const stream = onlyStream(reportOf(await probe.stop("SIGTERM")));
    expect(octetDifference(readFileSync(rig.path("capture.ts")), sent)).toBeNull();
    expect(stream.packets).toBe(200);
  });

  testWith(
    needsNetns,
    `${backend}: a unicast stream needs no membership, and several sources run at once`,
    async () => {
      await using rig = await Rig.open();
      const sources = ["--source", "udp://10.77.0.2:6001", "--source", `udp://${GROUP}:6002`];
      const probe = await rig.probe([...capture, ...sources, "--no-zmq"]);
      rig.tsFile("sent.ts", 350);
      const file = rig.path("sent.ts");
      await Promise.all([
        rig.send({ file, to: "10.77.0.2", port: 6001, perSecond: 400 }),
        rig.send({ file, to: GROUP, port: 6002, perSecond: 300 }),
        rig.send({ file, to: GROUP, port: 6003, perSecond: 300 }),
      ]);
      await Bun.sleep(200);
      const { streams } = reportOf(await probe.stop("SIGTERM"));
      const seen = streams.map(({ destination, packets }) => `${destination} ${packets}`).sort();
      expect(seen).toEqual(["10.77.0.2:6001 50", `${GROUP}:6002 50`]);
    },
  );

  testWith(needsNetns, `${backend}: the pseudo device any`, async () => {
    await using rig = await Rig.open();
    const source = ["--source", "udp://10.77.0.2:6001", "--source-device", "any", "--no-zmq"];
    const probe = await rig.probe([...capture, ...source], { joins: false });
    const sent = rig.tsFile("sent.ts", 350);
    await rig.send({ file: rig.path("sent.ts"), to: "10.77.0.2", port: 6001, perSecond: 400 });
    await Bun.sleep(200);
    const stream = onlyStream(reportOf(await probe.stop("SIGTERM")));
    expect(stream).toMatchObject({ kind: "mpegts", packets: 50, bytes: sent.length });
    expect(stream.mpegts?.continuity).toMatchObject({ errors: 0, duplicates: 0 });
  });

  testWith(needsNetns, `${backend}: each datagram on the loopback device counts once`, async () => {
    await using rig = await Rig.open();
    const source = ["--source", "udp://127.0.0.1:6001", "--source-device", "lo", "--no-zmq"];
    const probe = await rig.probe([...capture, ...source], { joins: false });
    const sent = rig.tsFile("sent.ts", 350);
    await rig.sendWithin({ file: rig.path("sent.ts"), to: "127.0.0.1", port: 6001, perSecond: 400 });
    await Bun.sleep(200);
    const stream = onlyStream(reportOf(await probe.stop("SIGTERM")));
    expect(stream).toMatchObject({ kind: "mpegts", packets: 50, bytes: sent.length });
    expect(stream.mpegts?.continuity).toMatchObject({ errors: 0, duplicates: 0 });
  });
});
