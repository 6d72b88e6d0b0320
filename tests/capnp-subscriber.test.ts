import { afterAll, expect } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report } from "../src/report/schema.ts";
import { reportOf, rscapCommand, run, start } from "./helpers/run.ts";
import { needsProgram, needsPythonZmq, pythonWithZmq, testWith } from "./helpers/skip.ts";

const SCHEMA = "src/wire/header.capnp";
const folder = mkdtempSync(join(tmpdir(), "rscap-capnp-"));
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * Binds and takes messages until a file says that the sender has ended, then lets the `capnp` tool, which
 * shares no code with ours, read all headers by the schema. Prints a JSON line a message.
 */
const SUBSCRIBER = `
import json, os, subprocess, sys, zmq
ended, schema = sys.argv[1:3]
socket = zmq.Context().socket(zmq.PULL)
port = socket.bind_to_random_port("tcp://127.0.0.1")
print("port", port, flush=True)
messages = []
while True:
    last = os.path.exists(ended)
    if socket.poll(3000 if last else 100):
        messages.append(socket.recv_multipart())
    elif last:
        break
headers = b"".join(message[1] for message in messages)
command = ["capnp", "convert", "binary:json", schema, "Header"]
text = subprocess.run(command, input=headers, stdout=subprocess.PIPE, check=True).stdout.decode()
decoder, at = json.JSONDecoder(), 0
for topic, header, payload in messages:
    fields, at = decoder.raw_decode(text, at + len(text[at:]) - len(text[at:].lstrip()))
    print(json.dumps([topic.decode(), fields, len(payload), header[0]]))
assert text[at:].strip() == ""
`;

/** A time as the tool prints it: 64 bits as text. */
interface Time {
  readonly clock: string;
  readonly seconds: string;
  readonly nanoseconds: number;
}

/** A header as the tool prints it. */
interface Fields {
  readonly version: number;
  readonly kind: string;
  readonly probe: string;
  readonly run: string;
  readonly stream: string;
  readonly source: string;
  readonly destination: string;
  readonly sequence: string;
  readonly datagrams: number;
  readonly packets: number;
  readonly firstTime: Time;
  readonly lastTime: Time;
  /** Left out by the tool where there is none. */
  readonly lengths?: readonly number[];
}

type Message = [topic: string, fields: Fields, payloadOctets: number, firstOctet: number];

/** What a Python subscriber got of `rscap replay --publish` with `args`, and the report of the replay. */
async function subscribed(name: string, args: string[]): Promise<{ messages: Message[]; report: Report }> {
  const ended = join(folder, name);
  const subscriber = start([pythonWithZmq ?? "", "-c", SUBSCRIBER, ended, SCHEMA]);
  await subscriber.says(/port \d+/, 30_000);
  const port = /port (\d+)/.exec(subscriber.stdout)?.[1];
  const publish = ["--publish", "--transport", "push", "--target-port", port ?? "", "--probe-id", "studio-3"];
  const replay = await run(rscapCommand("replay", "--report", "json", "--no-progress", ...publish, ...args));
  writeFileSync(ended, "");
  const { exitCode, stdout, stderr } = await subscriber.ended();
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const [, ...lines] = stdout.trim().split("\n");
  return { messages: lines.map((line): Message => JSON.parse(line)), report: reportOf(replay) };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

testWith(
  [needsPythonZmq, needsProgram("capnp", "capnproto")],
  "a Python subscriber and the capnp tool read what rscap replay --publish sends by default",
  async () => {
    const { messages, report } = await subscribed("ts", ["--batch-size", "3", "fixtures/ts-udp-clean.pcap"]);
    const [stream] = report.streams;
    const ts = messages.filter(([, { kind }]) => kind === "ts");
    expect(ts.length).toBeGreaterThan(2);
    expect(sum(ts.map(([, { packets }]) => packets))).toBe(stream?.mpegts?.packets ?? -1);
    for (const [i, [topic, fields, octets, first]] of ts.entries()) {
      expect(first).toBe(0);
      expect(topic).toBe(`rscap/1/studio-3/${stream?.id}/ts`);
      expect(fields).toMatchObject({
        version: 1,
        probe: "studio-3",
        run: ts[0]?.[1].run,
        stream: stream?.id,
        source: stream?.source,
        destination: stream?.destination,
        sequence: String(i),
      });
      expect(fields.lengths).toBeUndefined();
      expect(fields.packets * 188).toBe(octets);
      expect(fields.firstTime.clock).toBe("utc");
    }
    const documents = messages.filter(([, { kind }]) => kind === "report");
    expect(documents.length).toBeGreaterThan(0);
    for (const [topic, { stream: id }] of documents)
      expect([topic, id]).toEqual(["rscap/1/studio-3/-/report", "-"]);
  },
  60_000,
);

testWith(
  [needsPythonZmq, needsProgram("capnp", "capnproto")],
  "the lengths of RTP packets, and the times of an input, are what the capnp tool reads",
  async () => {
    const args = ["--generate", "st2110-30:L24/48000/8", "--duration", "200ms"];
    const { messages } = await subscribed("rtp", args);
    const rtp = messages.filter(([, { kind }]) => kind === "rtp");
    expect(rtp.length).toBeGreaterThan(1);
    let before = -1;
    for (const [, { lengths = [], packets, firstTime, lastTime }, octets] of rtp) {
      expect(lengths).toHaveLength(packets);
      expect(sum(lengths)).toBe(octets);
      // RTP's 12 octets, then 1 ms of 8 channels of 24 bits (SMPTE ST 2110-30, class A).
      expect(new Set(lengths)).toEqual(new Set([12 + 48 * 8 * 3]));
      const ns = ({ seconds, nanoseconds }: Time): number => Number(seconds) * 1e9 + nanoseconds;
      expect(ns(firstTime)).toBeGreaterThan(before);
      expect(ns(lastTime)).toBeGreaterThanOrEqual(ns(firstTime));
      before = ns(lastTime);
    }
  },
  60_000,
);

testWith(
  [needsPythonZmq],
  "SEND_JSON_HEADER of the earlier rscap still gives JSON",
  async () => {
    const script = `
import json, sys, zmq
socket = zmq.Context().socket(zmq.PULL)
socket.setsockopt(zmq.RCVTIMEO, 30000)
print("port", socket.bind_to_random_port("tcp://127.0.0.1"), flush=True)
print(json.dumps(json.loads(socket.recv_multipart()[1])), flush=True)
`;
    const subscriber = start([pythonWithZmq ?? "", "-c", script]);
    await subscriber.says(/port \d+/, 30_000);
    const port = /port (\d+)/.exec(subscriber.stdout)?.[1];
    const env = { SEND_JSON_HEADER: "true", TARGET_PORT: port ?? "", TRANSPORT: "push" };
    const replay = start(
      rscapCommand("replay", "--publish", "--report", "none", "fixtures/ts-udp-clean.pcap"),
      {
        env,
      },
    );
    const { stdout } = await subscriber.ended();
    await replay.ended();
    expect(JSON.parse(stdout.split("\n")[1] ?? "")).toMatchObject({
      rscap: 1,
      type: "mpegts_chunk",
      count: 1,
    });
  },
  60_000,
);
