import { afterAll, expect } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { needsFfmpeg, needsPythonZmq, pythonWithZmq, testWith } from "../../tests/helpers/skip.ts";
import { Collector, streamInfo, testPublisher, tsPackets } from "../../tests/helpers/wire.ts";
import { decodeHeader } from "./header-codec.ts";
import { Subscriber } from "./subscriber.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-peers-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A free port of the loopback device, as far as one can know. */
function freePort(): number {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = server;
  server.stop(true);
  return port;
}

const PYTHON_CLIENT = `
import sys, zmq
socket = zmq.Context().socket(zmq.SUB)
socket.setsockopt(zmq.SUBSCRIBE, b"rscap/1/test/239.1.1.1-5000/ts")
socket.connect(sys.argv[1])
socket.setsockopt(zmq.RCVTIMEO, 10000)
for part in socket.recv_multipart():
    sys.stdout.write(part.hex() + "\\n")
`;

testWith(needsPythonZmq, "a Python subscriber reads topic, header and payload", async () => {
  const from = testPublisher();
  const python = Bun.spawn([pythonWithZmq ?? "python3", "-c", PYTHON_CLIENT, from.endpoint], {
    stdout: "pipe",
  });
  from.open(0, streamInfo("239.1.1.1-5000"));
  const packets = tsPackets(28);
  let over = false;
  void python.exited.then(() => {
    over = true;
  });
  while (!over) {
    from.packets(0, packets, 0, packets.length, 1_000_000_000, 4);
    from.poll(0);
    await Bun.sleep(20);
  }
  from.shutdown(0);
  const lines = (await new Response(python.stdout).text()).trim().split("\n");
  const [topic, header, payload] = lines.map((line) => Buffer.from(line, "hex"));
  expect(lines.length).toBe(3);
  expect(topic?.toString()).toBe("rscap/1/test/239.1.1.1-5000/ts");
  expect(decodeHeader(header ?? Buffer.alloc(0))).toMatchObject({
    probe: "test",
    stream: "239.1.1.1-5000",
    packets: 28,
    datagrams: 4,
    firstTime: "2023-11-14T22:13:21.000000000Z",
    destination: "239.1.1.1:5000",
  });
  expect(Buffer.compare(payload ?? Buffer.alloc(0), packets)).toBe(0);
});

testWith(needsFfmpeg, "ffmpeg -f mpegts zmq: is a source, though it cuts its messages anywhere", async () => {
  const endpoint = `tcp://127.0.0.1:${freePort()}`;
  const copy = join(folder, "sent.ts");
  const to = new Subscriber({ endpoints: [endpoint], transport: "pub", highWaterMark: 1000, log: () => {} });
  const taker = new Collector();
  // The file is written by the same muxer run, so that what comes can be compared with what was sent.
  const ffmpeg = Bun.spawn(
    [
      ...["ffmpeg", "-hide_banner", "-loglevel", "error", "-re", "-f", "lavfi"],
      ...["-i", "testsrc2=size=640x360:rate=25", "-t", "3", "-c:v", "mpeg2video", "-b:v", "4M"],
      ...["-fflags", "+bitexact", "-map", "0:v", "-f", "tee", `[f=mpegts]zmq:${endpoint}|[f=mpegts]${copy}`],
    ],
    { stderr: "inherit" },
  );
  let over = false;
  void ffmpeg.exited.then(() => {
    over = true;
  });
  while (!over) {
    to.receive(taker, 1000, 20);
    await Bun.sleep(1);
  }
  while (to.receive(taker, 1000, 200) > 0);
  to.close();
  const got = Buffer.from(taker.octets(""));
  const sent = readFileSync(copy);
  expect(got.length).toBeGreaterThan(100_000);
  expect(got.length % 188).toBe(0);
  // The first messages may have gone before the subscription stood, the last packet waits for its successor.
  const at = sent.indexOf(got.subarray(0, 376));
  expect(at).toBeGreaterThanOrEqual(0);
  expect(at % 188).toBe(0);
  expect(Buffer.compare(sent.subarray(at, at + got.length), got)).toBe(0);
  expect(to.tracks[0]).toMatchObject({ stream: "", packets: got.length / 188 });
});

testWith(needsFfmpeg, "ffmpeg reads --header none", async () => {
  const endpoint = `tcp://127.0.0.1:${freePort()}`;
  const source = join(folder, "source.ts");
  const made = Bun.spawnSync([
    ...["ffmpeg", "-hide_banner", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"],
    ...["-t", "4", "-c:v", "mpeg2video", "-b:v", "2M", "-f", "mpegts", "-y", source],
  ]);
  expect(made.exitCode).toBe(0);
  const packets = new Uint8Array(readFileSync(source));
  const out = join(folder, "read.ts");
  const from = testPublisher({ endpoint, header: "none", batchSize: 7 });
  from.open(0, streamInfo("s"));
  const ffmpeg = Bun.spawn(
    [
      ...["ffmpeg", "-hide_banner", "-loglevel", "fatal", "-i", `zmq:${endpoint}`],
      ...["-frames:v", "25", "-c", "copy", "-f", "mpegts", "-y", out],
    ],
    { stderr: "inherit", stdin: "ignore" },
  );
  let over = false;
  void ffmpeg.exited.then(() => {
    over = true;
  });
  for (let off = 0; !over; off = off + 1316 < packets.length ? off + 1316 : 0) {
    from.packets(0, packets, off, Math.min(1316, packets.length - off), Number.NaN, 1);
    if (off % (1316 * 20) !== 0) continue;
    from.poll(0);
    await Bun.sleep(1);
  }
  from.shutdown(0);
  expect(await ffmpeg.exited).toBe(0);
  expect(readFileSync(out).length).toBeGreaterThan(10_000);
});
