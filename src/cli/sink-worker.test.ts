import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRtp } from "../../tests/helpers/rtp-capture.ts";
import { SinkRing } from "../../tests/helpers/sink-ring.ts";
import { LogLines, tsPackets } from "../../tests/helpers/wire.ts";
import { audioPackets } from "../st2110/audio/test-packets.ts";
import type { SinkJob, SinkSpec, SinkState } from "./sink-job.ts";
import { runSinkWorker } from "./sink-worker.ts";

// Other tests may keep the machine busy.
setDefaultTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), "rscap-sinks-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Run {
  readonly state: SinkState;
  readonly lines: string[];
}

/** Runs the sink's thread in this one, over what stands in the ring; `onLog` may raise the stop flag. */
async function run(
  ring: SinkRing,
  spec: SinkSpec,
  onLog: (line: string, stop: Int32Array) => void = () => {},
): Promise<Run> {
  const job: SinkJob = { id: 0, name: "a sink", takes: "packets", ring: ring.memory, spec };
  const states: SinkState[] = [];
  const logged = new LogLines();
  const stop = new Int32Array(new SharedArrayBuffer(8));
  await runSinkWorker(job, {
    stop,
    send: (state) => void states.push(state),
    log: (level, message) => {
      logged.log(level, message);
      onLog(message, stop);
    },
  });
  return { state: states.at(-1) as SinkState, lines: logged.lines };
}

describe("the output file as one of several sinks", () => {
  const file = (name: string, format: "ts" | "pcap" = "ts"): Extract<SinkSpec, { type: "file" }> => ({
    type: "file",
    path: join(folder, name),
    format,
    flushMs: 50,
  });

  test("TS: every packet, a file for each stream", async () => {
    const ring = new SinkRing();
    const packets = tsPackets(3000);
    ring.ts("a", packets, 0, 1e9);
    ring.ts("b", packets.subarray(0, 188), 0, 1);
    ring.rtp("c", [new Uint8Array(12)], 0, 1);
    ring.close();
    const { state } = await run(ring, file("two.ts"));
    expect(Buffer.compare(readFileSync(join(folder, "two-a.ts")), packets)).toBe(0);
    expect(readFileSync(join(folder, "two-b.ts")).length).toBe(188);
    expect(state).toMatchObject({ packets: 3001, bytes: 3001 * 188, lost: 0, unwanted: 1, discarded: 0 });
    expect(state.files.map(({ stream, packets }) => [stream, packets])).toEqual([
      ["a", 3000],
      ["b", 1],
    ]);
  });

  test("a probe that has started again, and one that comes back, go on in their file", async () => {
    const ring = new SinkRing();
    ring.ts("a", tsPackets(10), 0, 1);
    ring.track("a").restarts++;
    ring.ts("a", tsPackets(10, 10), 2, 3);
    ring.close();
    await run(ring, file("restart.ts"));
    expect(Buffer.compare(readFileSync(join(folder, "restart.ts")), tsPackets(20))).toBe(0);
  });

  test("RTP: a pcap with the times spread over the message", async () => {
    const packets = audioPackets({ packets: 100, rateHz: 48_000, samples: 48, channels: 2, octets: 3 });
    const ring = new SinkRing();
    ring.rtp(
      "a",
      packets.map(({ octets }) => octets),
      0,
      99e6,
    );
    ring.close();
    const { state } = await run(ring, file("a.pcap", "pcap"));
    const read = await readRtp(join(folder, "a.pcap"));
    expect(read.packets.map(({ octets }) => octets)).toEqual(packets.map(({ octets }) => octets));
    expect(read.packets.map(({ timeNs }) => timeNs - (read.packets[0]?.timeNs ?? 0))).toEqual(
      packets.map((_, i) => i * 1e6),
    );
    expect(state).toMatchObject({ packets: 100, lost: 0 });
    expect(state.notes[0]).toContain("100 RTP packets written");
  });
});

describe("JSON lines", () => {
  test("appended, one a document", async () => {
    const path = join(folder, "findings.jsonl");
    writeFileSync(path, "first\n");
    const ring = new SinkRing("documents");
    ring.document("s", "event", { a: [1, "é\n"] });
    ring.document("-", "report", { b: {} });
    ring.close();
    const { state } = await run(ring, { type: "jsonl", path });
    const [first, ...written] = readFileSync(path, "utf8").trimEnd().split("\n");
    expect(first).toBe("first");
    expect(written.map((line) => JSON.parse(line))).toEqual([
      { probe: "studio", stream: "s", kind: "event", document: { a: [1, "é\n"] } },
      { probe: "studio", stream: "-", kind: "report", document: { b: {} } },
    ]);
    expect(state).toMatchObject({ packets: 2, lost: 0 });
  });

  test("a full disk loses lines, tells it once and counts them", async () => {
    const ring = new SinkRing("documents");
    for (let i = 0; i < 5; i++) ring.document("s", "event", { i });
    ring.close();
    const { state, lines } = await run(ring, { type: "jsonl", path: "/dev/full" });
    expect(state).toMatchObject({ packets: 0, lost: 5 });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("JSON lines can't be written to /dev/full");
  });

  test("a FIFO that nobody reads waits, until the run ends", async () => {
    const path = join(folder, "nobody");
    Bun.spawnSync(["mkfifo", path]);
    const ring = new SinkRing("documents");
    ring.document("s", "event", {});
    ring.close();
    const { state, lines } = await run(ring, { type: "jsonl", path }, (_line, stop) => {
      stop[0] = 1;
    });
    expect(lines).toEqual([`info: Waiting for a reader of ${path}`]);
    expect(state).toMatchObject({ packets: 0, lost: 0, discarded: 1 });
  });

  test("a file that can't be opened names the flag", async () => {
    const ring = new SinkRing("documents");
    ring.close();
    const path = join(folder, "no/such/file");
    expect(run(ring, { type: "jsonl", path })).rejects.toThrow("--jsonl (JSONL)");
  });
});

describe("--exec", () => {
  const exec = (command: string, restartMs = 0): SinkSpec => ({ type: "exec", command, restartMs });

  test("the stream comes to the command's standard input, octet for octet; its names are in the environment", async () => {
    const out = join(folder, "exec.ts");
    const ring = new SinkRing();
    const packets = tsPackets(20_000);
    ring.ts("a", packets, 0, 1e9);
    ring.ts("b", packets, 0, 1e9);
    ring.close();
    const { state, lines } = await run(
      ring,
      exec(`echo $RSCAP_PROBE/$RSCAP_STREAM > ${out}.name; cat > ${out}`),
    );
    expect(Buffer.compare(readFileSync(out), packets)).toBe(0);
    expect(readFileSync(`${out}.name`, "utf8")).toBe("studio/a\n");
    expect(state).toMatchObject({ packets: 20_000, lost: 0, unwanted: 20_000, discarded: 0 });
    expect(state.notes).toEqual(["The command was started once; the last time it ended with exit status 0."]);
    expect(lines.filter((line) => line.startsWith("warning"))).toEqual([
      "warning: Stream b does not go to the command of --exec, which takes one. Choose with --stream (STREAM).",
    ]);
  });

  test("a command that ends is told and not started again with 0; every packet is passed on or counted", async () => {
    const ring = new SinkRing();
    ring.ts("a", tsPackets(20_000), 0, 1e9);
    ring.close();
    const { state, lines } = await run(ring, exec("head -c 1880 > /dev/null; exit 7"));
    expect(state.packets + state.lost).toBe(20_000);
    expect(state.lost).toBeGreaterThan(0);
    expect(state.notes[0]).toContain("ended with exit status 7");
    expect(lines.join("\n")).toContain("ended with exit status 7 after");
    expect(lines.join("\n")).toContain("it is not started again");
  });

  test("a command that ends is started again", async () => {
    const marks = join(folder, "marks");
    const ring = new SinkRing();
    ring.ts("a", tsPackets(10), 0, 1e6);
    let starts = 0;
    const { state } = await run(ring, exec(`echo x >> ${marks}; head -c 188 > /dev/null`, 10), (line) => {
      if (line.startsWith("Started") && ++starts === 3) ring.close();
      if (!line.includes("started again in")) return;
      // The next packets come after the wait.
      const timer = setInterval(() => {
        if (starts >= 3) clearInterval(timer);
        else ring.ts("a", tsPackets(10), 0, 1e6);
      }, 20);
    });
    expect(readFileSync(marks, "utf8")).toBe("x\nx\nx\n");
    expect(state.notes[0]).toStartWith("The command was started 3 times");
    expect(state.packets + state.lost).toBe(ring.feed.counts().packets);
  });
});
