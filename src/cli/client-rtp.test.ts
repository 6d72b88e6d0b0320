import { afterAll, afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addressOf, alloc } from "../../ffi/memory.ts";
import { readRtp } from "../../tests/helpers/rtp-capture.ts";
import { streamInfo, testPublisher } from "../../tests/helpers/wire.ts";
import { audioPackets } from "../st2110/audio/test-packets.ts";
import type { ClientJob, ClientState } from "./client-job.ts";
import { clientText } from "./client-summary.ts";
import { runClientWorker } from "./client-worker.ts";

// Other tests may keep the machine busy.
setDefaultTimeout(30_000);

const folder = mkdtempSync(join(tmpdir(), "rscap-client-rtp-"));
afterAll(() => rmSync(folder, { recursive: true }));
const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0).toReversed()) close();
});

const PACKETS = audioPackets({ packets: 600, rateHz: 48_000, samples: 48, channels: 2, octets: 3 });

/** Publishes the packets as stream `a`, and what `others` says, to a client of `change`; its last state. */
function received(
  name: string,
  change: Partial<ClientJob>,
): { state: ClientState; job: ClientJob; text: string } {
  const endpoint = `ipc://${join(folder, name)}`;
  const from = testPublisher({ endpoint, transport: "push", batchSize: 50, batchTimeMs: 1000 });
  opened.push(() => from.shutdown(0));
  const size = (PACKETS[0]?.octets.length ?? 0) * PACKETS.length;
  const room = alloc(size);
  expect(addressOf(room)).toBeGreaterThan(0);
  from.open(0, streamInfo("a", "rtp"));
  let at = 0;
  for (const { octets, timeNs } of PACKETS) {
    room.set(octets, at);
    from.packets(0, room, at, octets.length, timeNs, 1);
    at += octets.length;
  }
  from.bufferEnd();
  const job: ClientJob = {
    endpoints: [endpoint],
    transport: "push",
    curve: null,
    ackEndpoint: "",
    heartbeatMs: 0,
    probeTimeoutMs: 0,
    highWaterMark: 1000,
    streams: [],
    outputFile: join(folder, name),
    format: "wav",
    flushMs: 50,
    packetCount: PACKETS.length,
    durationMs: 10_000,
    silenceMs: 0,
    events: false,
    gate: null,
    feeds: [],
    ...change,
  };
  const states: ClientState[] = [];
  const stop = new Int32Array(new SharedArrayBuffer(8));
  runClientWorker(job, {
    stop,
    send: (data) => void (data.type === "state" && states.push(data.state)),
    log: () => {},
  });
  const state = states.at(-1) as ClientState;
  return { state, job, text: clientText(job, state) };
}

test("an audio flow of a probe becomes a WAV file, sample by sample", () => {
  const outputFile = join(folder, "a.wav");
  const { state, text } = received("wav", { outputFile });
  const wav = readFileSync(outputFile).subarray(104);
  const sent = Buffer.concat(PACKETS.map(({ octets }) => octets.subarray(12)));
  // Big-endian on the network, little-endian in the file.
  const swapped = Buffer.from(sent.map((_, i) => sent[i - (i % 3) + 2 - (i % 3)] as number));
  expect(Buffer.compare(wav, swapped)).toBe(0);
  expect(state).toMatchObject({ packets: 600, files: [{ stream: "a", packets: 600, lostPackets: 0 }] });
  expect(text).toContain("a from test: 600 RTP packets");
  expect(text).toContain("L24, 48000 Hz, 2 channels, 28,800 samples each");
});

test("a flow becomes a pcap with the addresses of the stream and times spread over each message", async () => {
  const outputFile = join(folder, "a.pcap");
  received("pcap", { outputFile, format: "pcap" });
  const { packets, epoch } = await readRtp(outputFile);
  expect(packets.map(({ octets }) => octets)).toEqual(PACKETS.map(({ octets }) => octets));
  expect(packets[0]?.source).toBe("192.0.2.1");
  const early = epoch.seconds * 1e9 + epoch.nanoseconds - 1_700_000_000e9;
  for (const [i, { timeNs }] of packets.entries()) {
    expect(Math.abs(timeNs + early - (PACKETS[i]?.timeNs ?? 0))).toBeLessThan(1000);
  }
});

test("no more packets than were asked for, and none of a stream that was not", () => {
  const outputFile = join(folder, "few.pcap");
  const few = received("few", { outputFile, format: "pcap", packetCount: 70 });
  expect(few.state.files).toMatchObject([{ packets: 70 }]);
  const none = received("none", {
    outputFile: join(folder, "none.pcap"),
    format: "pcap",
    streams: ["b"],
    durationMs: 500,
  });
  expect(none.state).toMatchObject({ files: [], passed: { rtp: 12 } });
  const ts = received("ts", { outputFile: join(folder, "ts.ts"), format: "ts", durationMs: 500 });
  expect(ts.text).toContain("12 messages of RTP without TS not written");
});
