import { afterAll, afterEach, expect, setDefaultTimeout, spyOn, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogLines, streamInfo, testPublisher, tsPackets } from "../../tests/helpers/wire.ts";
import { EXIT, RscapError } from "../report/error.ts";
import { resolveConfig } from "../settings/config.ts";
import type { Config } from "../settings/table.ts";
import type { DocumentSink } from "../sinks/document-sink.ts";
import { clientJob, runClient } from "./client.ts";
import type { ClientData, ClientJob, ClientState } from "./client-job.ts";
import { clientJson, clientText } from "./client-summary.ts";
import { runClientWorker } from "./client-worker.ts";
import { gateMemory } from "./document-gate.ts";
import { errScreen, terminal } from "./terminal.ts";

// Other tests may keep the machine busy.
setDefaultTimeout(30_000);

const folder = mkdtempSync(join(tmpdir(), "rscap-client-"));
afterAll(() => rmSync(folder, { recursive: true }));
const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0).toReversed()) close();
});

const job = (change: Partial<ClientJob>): ClientJob => ({
  endpoints: ["tcp://127.0.0.1:*"],
  transport: "push",
  curve: null,
  ackEndpoint: "",
  heartbeatMs: 0,
  probeTimeoutMs: 0,
  highWaterMark: 1000,
  streams: [],
  outputFile: join(folder, "capture.ts"),
  format: "ts",
  flushMs: 50,
  packetCount: 0,
  durationMs: 10_000,
  silenceMs: 0,
  events: false,
  gate: null,
  feeds: [],
  ...change,
});

/** Runs the worker's loop in this thread; `onLog` may act on what it says, being all there is in between. */
function work(
  options: ClientJob,
  onLog: (line: string, stop: Int32Array) => void = () => {},
): { states: ClientState[]; lines: string[]; error: unknown } {
  const states: ClientState[] = [];
  const logged = new LogLines();
  const stop = new Int32Array(new SharedArrayBuffer(8));
  let error: unknown = null;
  try {
    runClientWorker(options, {
      stop,
      send: (data) => void (data.type === "state" && states.push(data.state)),
      log: (level, message) => {
        logged.log(level, message);
        onLog(message, stop);
      },
    });
  } catch (thrown) {
    error = thrown;
  }
  return { states, lines: logged.lines, error };
}

/** An ipc endpoint that a publisher can be connected to before the client binds it. */
const place = (name: string): string => `ipc://${join(folder, name)}`;

function pushed(endpoint: string, count: number, streams: readonly string[] = ["s"]): Uint8Array {
  const from = testPublisher({ endpoint, transport: "push", batchSize: 512, batchTimeMs: 1000 });
  opened.push(() => from.shutdown(0));
  const packets = tsPackets(count);
  for (const [i, stream] of streams.entries()) {
    from.open(i, streamInfo(stream));
    from.packets(i, packets, 0, packets.length, 0, 1);
  }
  from.bufferEnd();
  return packets;
}

test("packets are written octet for octet, up to the number that was asked for", () => {
  const endpoint = place("count");
  const packets = pushed(endpoint, 1000);
  const outputFile = join(folder, "count.ts");
  const { states, error } = work(job({ endpoints: [endpoint], outputFile, packetCount: 700 }));
  expect(error).toBeNull();
  expect(Buffer.compare(readFileSync(outputFile), packets.subarray(0, 700 * 188))).toBe(0);
  expect(states.at(-1)).toMatchObject({
    final: true,
    packets: 1000,
    files: [{ packets: 700, lostPackets: 0 }],
  });
});

test("--stream chooses; the others are received and not written", () => {
  const endpoint = place("choose");
  const packets = pushed(endpoint, 300, ["a", "b", "c"]);
  const outputFile = join(folder, "choose.ts");
  const { states } = work(job({ endpoints: [endpoint], outputFile, streams: ["b"], packetCount: 300 }));
  expect(Buffer.compare(readFileSync(outputFile), packets)).toBe(0);
  // "a" came before "b"; whether "c" was still taken in, is chance.
  expect(states.at(-1)?.passed.unwanted).toBeGreaterThanOrEqual(300);
});

test("several streams go into several files", () => {
  const endpoint = place("several");
  pushed(endpoint, 100, ["a", "b"]);
  const outputFile = join(folder, "several.ts");
  const { states } = work(job({ endpoints: [endpoint], outputFile, packetCount: 200 }));
  expect(existsSync(outputFile)).toBe(false);
  expect(readFileSync(join(folder, "several-a.ts")).length).toBe(18_800);
  expect(readFileSync(join(folder, "several-b.ts")).length).toBe(18_800);
  expect(states.at(-1)?.files.map(({ stream }) => stream)).toEqual(["a", "b"]);
});

test("the stop flag ends the run, after what had already come was written", () => {
  const endpoint = place("stop");
  const packets = pushed(endpoint, 500);
  const outputFile = join(folder, "stop.ts");
  const { states } = work(job({ endpoints: [endpoint], outputFile }), (line, stop) => {
    if (line.startsWith("Connected")) stop[0] = 1;
  });
  expect(Buffer.compare(readFileSync(outputFile), packets)).toBe(0);
  expect(states.at(-1)?.elapsedMs).toBeLessThan(10_000);
});

test("probes are not let in before a FIFO has its reader", () => {
  const endpoint = place("fifo");
  const outputFile = join(folder, "fifo.ts");
  Bun.spawnSync(["mkfifo", outputFile]);
  const bound: boolean[] = [];
  const { error } = work(job({ endpoints: [endpoint], outputFile }), (line, stop) => {
    if (!line.startsWith("Waiting for a reader")) return;
    bound.push(existsSync(join(folder, "fifo")));
    stop[0] = 1;
  });
  expect([bound, error]).toEqual([[false], null]);
});

test("a silence is told with what to check, and its end too", () => {
  const endpoint = place("silent");
  let from: ReturnType<typeof testPublisher> | null = null;
  const { lines } = work(
    job({ endpoints: [endpoint], outputFile: "/dev/null", silenceMs: 30, packetCount: 7 }),
    (line) => {
      if (!line.startsWith("Nothing has come")) return;
      from ??= testPublisher({ endpoint, transport: "push", batchSize: 1 });
      const packets = tsPackets(7);
      from.open(0, streamInfo("s"));
      from.packets(0, packets, 0, packets.length, 0, 1);
    },
  );
  opened.push(() => from?.shutdown(0));
  expect(lines.some((line) => line.includes("with --transport push and this address"))).toBe(true);
  expect(lines.some((line) => line.includes("Receiving again after"))).toBe(true);
});

test("a probe that is connected and silent is another matter than none", () => {
  const from = testPublisher();
  opened.push(() => from.shutdown(0));
  const base = { outputFile: "/dev/null", transport: "pub", silenceMs: 1000 } as const;
  const stopThen = (line: string, stop: Int32Array): void => {
    if (line.startsWith("Nothing has come")) stop[0] = 1;
  };
  const there = work(job({ ...base, endpoints: [from.endpoint] }), stopThen);
  expect(there.lines.join("\n")).toContain("connected but sends no packets");
  const nobody = work(job({ ...base, endpoints: [place("nobody")] }), stopThen);
  expect(nobody.lines.join("\n")).toContain(
    "No probe is connected: does one run there, with --transport pub",
  );
});

test("gaps are told", () => {
  const endpoint = place("gaps");
  const stop = new Int32Array(new SharedArrayBuffer(4));
  stop[0] = 1;
  const from = testPublisher({
    endpoint,
    transport: "push",
    highWaterMark: 2,
    lingerMs: 0,
    stop,
    batchSize: 1,
  });
  opened.push(() => from.shutdown(0));
  from.open(0, streamInfo("s"));
  const packets = tsPackets(7);
  const publish = (): void => from.packets(0, packets, 0, packets.length, 0, 1);
  // Nobody is there yet: two messages wait, the others are dropped.
  for (let i = 0; i < 10; i++) publish();
  // Each line of the log is a chance to send what waited, and then a message that shows the gap.
  const { lines, states } = work(
    job({ endpoints: [endpoint], outputFile: "/dev/null", silenceMs: 50 }),
    (line, stop) => {
      if (line.includes("are missing")) stop[0] = 1;
      from.poll(0);
      publish();
      publish();
    },
  );
  const lost = states.at(-1)?.streams[0]?.lostMessages ?? 0;
  expect(lost).toBeGreaterThan(0);
  expect(lines.some((line) => line.includes("messages of s (ts) from probe test are missing"))).toBe(true);
});

test("a full disk ends the run with exit code 4, and the last state says what was lost", () => {
  const endpoint = place("full");
  pushed(endpoint, 100);
  const { error, states } = work(job({ endpoints: [endpoint], outputFile: "/dev/full", flushMs: 0 }));
  expect(error).toBeInstanceOf(RscapError);
  expect(error).toMatchObject({ code: "output.write", exitCode: EXIT.environment });
  expect(states.at(-1)).toMatchObject({ final: true, files: [{ lostPackets: 100 }] });
});

test("an output that can't be opened is told before anything else", () => {
  const { error } = work(job({ outputFile: join(folder, "none", "x.ts") }));
  expect(error).toMatchObject({ code: "output.open", exitCode: EXIT.environment });
});

test("a pub client writes what is published once it is connected", () => {
  const from = testPublisher({ batchSize: 1 });
  opened.push(() => from.shutdown(0));
  const packets = tsPackets(7);
  from.open(0, streamInfo("s"));
  const outputFile = join(folder, "pub.ts");
  let ready = false;
  // Each line of the log is a chance to publish: the silence warning comes when the connection stands.
  const { states } = work(
    job({ endpoints: [from.endpoint], transport: "pub", outputFile, packetCount: 7, silenceMs: 1000 }),
    (line) => {
      if (line.startsWith("Connected")) ready = true;
      if (ready && line.startsWith("Nothing")) from.packets(0, packets, 0, packets.length, 0, 1);
    },
  );
  expect(Buffer.compare(readFileSync(outputFile), packets)).toBe(0);
  expect(states.at(-1)).toMatchObject({ packets: 7, peers: 1 });
});

function config(flags: Record<string, string | string[] | boolean>): Config {
  return resolveConfig({ command: "client", flags, env: {}, folder, hostname: "here" }).config;
}

const STATE: ClientState = {
  final: true,
  elapsedMs: 2000,
  messages: 9,
  packets: 70,
  bytes: 13_160,
  bitrate: 52_640,
  peers: 1,
  failedConnections: 2,
  probes: [],
  streams: [
    {
      probe: "studio",
      stream: "239.1.1.1-5000",
      kind: "ts",
      messages: 5,
      packets: 70,
      bytes: 13_160,
      gaps: 1,
      lostMessages: 3,
      restarts: 1,
      duplicates: 0,
      elsewhere: 0,
    },
    {
      probe: "studio",
      stream: "-",
      kind: "report",
      messages: 4,
      packets: 0,
      bytes: 99,
      gaps: 0,
      lostMessages: 0,
      restarts: 0,
      duplicates: 0,
      elsewhere: 0,
    },
  ],
  files: [{ probe: "studio", stream: "239.1.1.1-5000", path: "capture.ts", packets: 70, lostPackets: 2 }],
  refused: { parts: 0, topic: 2, header: 0, length: 0, oversize: 0, streams: 0 },
  passed: { rtp: 4, other: 4, unwanted: 0 },
  notes: [],
  documentsDropped: 0,
  sinks: [],
  feeds: [],
  outputs: [],
  skippedBytes: 10,
};

test("the summary says what was written and what is missing", () => {
  const text = clientText({ format: "ts" }, STATE);
  expect(text).toContain("239.1.1.1-5000 from studio: 70 TS packets, 13.16 kB");
  expect(text).toContain("68 packets in capture.ts; 2 packets could not be written");
  expect(text).toContain("3 messages missing in 1 gap; probe started again 1 time");
  expect(text).toContain("4 messages of RTP without TS not written");
  expect(text).toContain("10 octets belonged to no TS packet");
  expect(text).toContain("2 messages refused");
  expect(clientText({ format: "ts" }, { ...STATE, streams: [] })).toContain("Nothing received in 2 s");
  expect(clientText({ format: "ts" }, { ...STATE, files: [] })).toContain("not written");
  const json = JSON.parse(clientJson(job({}), STATE));
  expect(json).toMatchObject({ schema: "rscap.client/1", packets: 70, transport: "push", seconds: 2 });
});

test("the settings become the worker's job", () => {
  expect(
    clientJob(
      config({ endpoint: ["tcp://*:5556"], transport: "push", stream: ["a", "b"], packetCount: "7" }),
    ),
  ).toMatchObject({
    endpoints: ["tcp://*:5556"],
    streams: ["a", "b"],
    packetCount: 7,
    outputFile: "capture.ts",
    flushMs: 500,
  });
  expect(clientJob(config({ targetIp: "*" })).endpoints).toEqual(["tcp://127.0.0.1:5556"]);
});

async function run(
  flags: Record<string, string | string[] | boolean>,
  states: ClientState[],
): Promise<{ code: number; out: string; err: string }> {
  const printed = { out: "", err: "" };
  const keep = (where: "out" | "err") => (text: string) => {
    printed[where] += text;
  };
  const spies = [
    spyOn(terminal, "out").mockImplementation(keep("out")),
    spyOn(terminal, "err").mockImplementation(keep("err")),
    spyOn(errScreen, "write").mockImplementation(keep("err")),
  ];
  try {
    const code = await runClient(config(flags), (_role, _options, onData) => {
      for (const state of states) onData({ type: "state", state });
      return { stop: () => {}, done: Promise.resolve() };
    });
    return { code, ...printed };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

test("the summary goes to standard output, as text or as one JSON document, or not at all", async () => {
  const text = await run({}, [{ ...STATE, final: false }, STATE]);
  expect(text.code).toBe(EXIT.ok);
  expect(text.out).toContain("68 packets in capture.ts");
  const json = await run({ report: "json", quiet: true }, [STATE]);
  expect(JSON.parse(json.out)).toMatchObject({ messages: 9 });
  expect((await run({ report: "none" }, [STATE])).out).toBe("");
});

test("when the packets go to standard output, the summary goes to standard error", async () => {
  const { out, err } = await run({ outputFile: "-", logInterval: "1ms" }, [
    { ...STATE, final: false },
    STATE,
  ]);
  expect(out).toBe("");
  expect(err).toContain("68 packets in capture.ts");
});

test("what comes through the gate goes to each sink, and the summary tells of it", async () => {
  const folderOfOne = place("sinks");
  const from = testPublisher({ endpoint: folderOfOne, transport: "push" });
  opened.push(() => from.shutdown(0));
  from.sendReport("-", '{"a":1}');
  from.sendEvent("s", "no JSON");
  from.sendEvent("s", `{"b":2}`);
  const gate = gateMemory();
  const sent: ClientData[] = [];
  const stop = new Int32Array(new SharedArrayBuffer(8));
  runClientWorker(job({ endpoints: [folderOfOne], gate, durationMs: 10_000 }), {
    stop,
    send(data) {
      sent.push(data);
      if (sent.filter(({ type }) => type === "document").length === 2) stop[0] = 1;
    },
    log: () => {},
  });
  const values: unknown[] = [];
  const sink: DocumentSink = {
    take: (document) => void values.push(document.value),
    counts: () => ({ name: "a sink", taken: 2, done: 1, dropped: 1, queued: 0 }),
    close: async () => {},
  };
  let out = "";
  const spies = [
    spyOn(terminal, "out").mockImplementation((text) => {
      out += text;
    }),
    spyOn(terminal, "err").mockImplementation(() => {}),
  ];
  await runClient(
    config({ noProgress: true }),
    (_role, options, onData) => {
      expect((options as ClientJob).gate).toBeInstanceOf(SharedArrayBuffer);
      for (const data of sent) onData(data);
      return { stop: () => {}, done: Promise.resolve() };
    },
    [async () => sink],
  );
  for (const spy of spies) spy.mockRestore();
  expect(values).toEqual([{ a: 1 }, { b: 2 }]);
  expect(out).toContain("a sink: 1 document delivered; 1 dropped");
});

test("on a terminal a line is refreshed in place and taken away at the end", async () => {
  const spy = spyOn(terminal, "errIsTerminal").mockReturnValue(true);
  try {
    const { err } = await run({}, [{ ...STATE, final: false }, STATE]);
    expect(err).toContain("capture.ts");
    expect(err).toContain("3 messages missing");
  } finally {
    spy.mockRestore();
  }
});
