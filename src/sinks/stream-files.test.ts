import { afterAll, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addressOf } from "../../ffi/memory.ts";
import { LogLines, streamInfo, tsPackets } from "../../tests/helpers/wire.ts";
import { PacketFiles } from "./packet-files.ts";
import { FILES_MAX, StreamFiles } from "./stream-files.ts";
import { TsFile } from "./ts-file.ts";

const root = mkdtempSync(join(tmpdir(), "rscap-files-"));
afterAll(() => rmSync(root, { recursive: true }));
let folder = root;
let serial = 0;
beforeEach(() => {
  folder = join(root, String(serial++));
  mkdirSync(folder);
});

const make = (logged = new LogLines(), path = join(folder, "capture.ts")): StreamFiles<TsFile> =>
  new StreamFiles(
    { path, flushMs: 500, stopped: () => false, log: logged.log },
    (options) => new TsFile(options),
  );
const names = (): string[] => readdirSync(folder).toSorted();

test("one stream goes into the file as it was named", () => {
  const files = make();
  files.add("probe", "a")?.append(addressOf(tsPackets(3)), 564);
  files.close();
  expect(names()).toEqual(["capture.ts"]);
  expect(files.packets).toEqual({ taken: 3, lost: 0 });
});

test("with the second stream each gets a file of its own name, and that is told", () => {
  const logged = new LogLines();
  const files = make(logged);
  const packets = tsPackets(4);
  const first = files.add("probe", "239.1.1.1-5000");
  first?.append(addressOf(packets), 188);
  files.add("probe", "239.1.1.2-5000")?.append(addressOf(packets) + 188, 188);
  first?.append(addressOf(packets) + 376, 188);
  files.close();
  expect(names()).toEqual(["capture-239.1.1.1-5000.ts", "capture-239.1.1.2-5000.ts"]);
  expect(readFileSync(join(folder, "capture-239.1.1.1-5000.ts")).length).toBe(376);
  expect(logged.lines.length).toBe(1);
  expect(logged.lines[0]).toContain("capture-239.1.1.1-5000.ts");
});

test("the same stream of two probes, and hostile names, do not meet or leave the folder", () => {
  const files = make();
  for (const [probe, stream] of [
    ["one", "s"],
    ["two", "s"],
    ["two", "../../etc/passwd"],
    ["", "."],
    ["", ""],
    ["x", "."],
    ["x", "?"],
    ["x", "!"],
  ] as const) {
    files.add(probe, stream);
  }
  files.close();
  expect(names().length).toBe(8);
  expect(names()).toContain("capture-s.ts");
  expect(names()).toContain("capture-two-s.ts");
  expect(names().every((name) => /^capture-[A-Za-z0-9._-]+\.ts$/.test(name))).toBe(true);
});

test("there is a limit to the number of files", () => {
  const logged = new LogLines();
  const files = make(logged);
  for (let i = 0; i < FILES_MAX; i++) expect(files.add("p", `s${i}`)).not.toBeNull();
  expect(files.add("p", "more")).toBeNull();
  expect(files.add("p", "and more")).toBeNull();
  files.close();
  expect(logged.lines.filter((line) => line.includes("not written")).length).toBe(1);
});

test("what is no file holds the first stream only", () => {
  const logged = new LogLines();
  const files = make(logged, "/dev/null");
  expect(files.add("p", "a")).not.toBeNull();
  expect(files.add("p", "b")).toBeNull();
  expect(logged.lines[0]).toContain("--stream (STREAM)");
  expect(files.readerGone).toBe(false);
  files.close();
});

test("every file is closed even when one fails, and the failure is told", () => {
  const files = make(new LogLines(), "/dev/full");
  files.add("p", "a")?.append(addressOf(tsPackets(1)), 188);
  expect(() => files.close()).toThrow("No space left on device");
});

test("a pipeline's streams: TS is written, RTP counted, a stream that comes back goes on", () => {
  const files = new PacketFiles({
    path: join(folder, "replay.ts"),
    flushMs: 0,
    stop: new Int32Array(new SharedArrayBuffer(4)),
    log: () => {},
  });
  const packets = tsPackets(20);
  files.open(0, streamInfo("a"));
  files.packets(0, packets, 0, 7 * 188);
  files.bufferEnd();
  files.close(0);
  files.open(1, streamInfo("a"));
  files.packets(1, packets, 7 * 188, 13 * 188);
  files.open(2, streamInfo("r", "rtp"));
  files.packets(2, packets, 0, 1000);
  files.poll(performance.now());
  expect(files.readerGone).toBe(false);
  const said = files.finish();
  expect(said).toContain("20 TS packets written to");
  expect(said).toContain("1 RTP packets without TS were not written");
  expect(Buffer.compare(readFileSync(join(folder, "replay.ts")), packets)).toBe(0);
});

test("packets of a stream that gets no file are counted", () => {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const files = new PacketFiles({ path: "/dev/null", flushMs: 500, stop, log: () => {} });
  const packets = tsPackets(20);
  files.open(0, streamInfo("a"));
  files.open(1, streamInfo("b"));
  files.packets(0, packets, 0, 188);
  files.packets(1, packets, 0, 376);
  expect(files.unwrittenPackets).toBe(2);
  expect(files.finish()).toContain("2 of other streams were not written");
});
