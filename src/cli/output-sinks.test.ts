import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogLines, tsPackets } from "../../tests/helpers/wire.ts";
import { EXIT, environmentError, type RscapError } from "../report/error.ts";
import { resolveConfig } from "../settings/config.ts";
import type { Config } from "../settings/table.ts";
import { messageTimes, SinkFeed } from "../sinks/queue/feed.ts";
import { StreamTrack } from "../wire/stream-track.ts";
import { outputFileOf, threadedSinks } from "./client-sinks.ts";
import { type NamedSink, OutputSinks } from "./output-sinks.ts";
import type { SinkJob, SinkState } from "./sink-job.ts";
import { runSinkWorker } from "./sink-worker.ts";
import type { startWorker } from "./worker.ts";

// Other tests may keep the machine busy.
setDefaultTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), "rscap-outputs-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the sinks in this thread, each once the queues are closed. */
const inThisThread: typeof startWorker<SinkState> = (role, options, onData, onLog) => {
  expect(role).toBe("sink");
  const stop = new Int32Array(new SharedArrayBuffer(8));
  const link = { stop, send: onData, log: onLog as () => void };
  const done = Bun.sleep(20).then(() => runSinkWorker(options as SinkJob, link));
  return { stop: () => void Atomics.store(stop, 0, 1), done };
};

const file = (path: string): NamedSink => ({
  name: path,
  spec: { type: "file", path, format: "ts", flushMs: 10 },
});

function feedSome(outputs: OutputSinks, packets: number): void {
  const track = new StreamTrack({ probe: "p", stream: "s", kind: "ts" });
  const feeds = outputs.feeds.map((job) => new SinkFeed(job));
  for (const feed of feeds) feed.ts(track, null, messageTimes(null), tsPackets(packets), packets * 188);
  outputs.counts = feeds.map((feed) => feed.counts());
}

test("each sink gets everything, and tells of it", async () => {
  const paths = ["a.ts", "b.ts"].map((name) => join(folder, name));
  const outputs = new OutputSinks(
    paths.map(file),
    4 * 1024 * 1024,
    () => {},
    () => {},
    inThisThread,
  );
  feedSome(outputs, 1000);
  await outputs.end();
  for (const path of paths) expect(Buffer.compare(readFileSync(path), tsPackets(1000))).toBe(0);
  expect(outputs.states()).toMatchObject(
    paths.map((name) => ({ name, type: "file", packets: 1000, lost: 0, droppedPackets: 0, failure: "" })),
  );
});

test("one that can't be opened ends the run, with its own error", async () => {
  let told = 0;
  const outputs = new OutputSinks(
    [file(join(folder, "no/such/place.ts")), file(join(folder, "c.ts"))],
    4 * 1024 * 1024,
    () => {},
    () => void told++,
    inThisThread,
  );
  feedSome(outputs, 10);
  const error = await outputs.end().catch((thrown: unknown) => thrown as RscapError);
  expect(error).toMatchObject({ code: "output.open", exitCode: EXIT.environment });
  expect(told).toBe(1);
  expect(outputs.states()).toMatchObject([
    { packets: 0, discarded: 10 },
    { packets: 10, discarded: 0 },
  ]);
});

test("one that fails later is told, and the others go on", async () => {
  const { lines, log } = new LogLines();
  let told = 0;
  const failing: typeof startWorker<SinkState> = (role, options, onData, onLog) => {
    if ((options as SinkJob).name !== "bad") return inThisThread(role, options, onData, onLog);
    const nothing = { packets: 3, bytes: 0, lost: 1, unwanted: 0, files: [], notes: [], discarded: 0 };
    const done = Bun.sleep(1).then(() => {
      onData(nothing);
      throw environmentError("disk", "the disk is full.");
    });
    return { stop: () => {}, done };
  };
  const outputs = new OutputSinks(
    [{ ...file("bad"), name: "bad" }, file(join(folder, "d.ts"))],
    4 * 1024 * 1024,
    log,
    () => void told++,
    failing,
  );
  feedSome(outputs, 10);
  const error = await outputs.end().catch((thrown: unknown) => thrown as RscapError);
  expect((error as RscapError).message).toBe("the disk is full.");
  expect(told).toBe(0);
  expect(lines).toEqual(["error: bad has failed, the rest goes on: the disk is full."]);
  expect(outputs.states()).toMatchObject([
    { packets: 3, lost: 1, discarded: 10, failure: "the disk is full." },
    { packets: 10, failure: "" },
  ]);
});

test("one that never ends is stopped when its time is up", async () => {
  let release = (): void => {};
  const stuck: typeof startWorker<SinkState> = () => ({
    stop: () => release(),
    done: new Promise<void>((resolve) => {
      release = resolve;
    }),
  });
  const outputs = new OutputSinks(
    [file("x")],
    4 * 1024 * 1024,
    () => {},
    () => {},
    stuck,
  );
  await outputs.end(10);
  expect(outputs.states()).toMatchObject([{ packets: 0 }]);
});

test("the settings say which sinks there are", () => {
  const config = (flags: Record<string, string>): Config =>
    resolveConfig({ command: "client", flags, env: {}, folder, hostname: "here" }).config;
  const names = (flags: Record<string, string>): string[] => {
    const settings = config(flags);
    return threadedSinks(settings, outputFileOf(settings), "ts").map(({ name }) => name);
  };
  expect(names({})).toEqual([]);
  expect(outputFileOf(config({}))).toBe("capture.ts");
  expect(outputFileOf(config({ exec: "cat" }))).toBe("");
  expect(names({ exec: "cat" })).toEqual(["--exec 'cat'"]);
  expect(names({ exec: "cat", outputFile: "o.ts" })).toEqual(["--output-file o.ts", "--exec 'cat'"]);
  expect(names({ jsonl: "-" })).toEqual(["--jsonl -"]);
});
