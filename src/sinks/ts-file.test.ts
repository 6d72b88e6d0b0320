import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addressOf } from "../../ffi/memory.ts";
import { until } from "../../tests/helpers/run.ts";
import { needsRoot, testWith } from "../../tests/helpers/skip.ts";
import { LogLines, tsPackets } from "../../tests/helpers/wire.ts";
import { EXIT, RscapError } from "../report/error.ts";
import { TsFile, type TsFileOptions } from "./ts-file.ts";

// Other tests may keep the machine busy.
setDefaultTimeout(30_000);

const folder = mkdtempSync(join(tmpdir(), "rscap-file-"));
afterAll(() => rmSync(folder, { recursive: true }));

function open(path: string, options: Partial<TsFileOptions> = {}): TsFile {
  return new TsFile({ path, flushMs: 500, stopped: () => false, log: () => {}, ...options });
}

function failure(run: () => unknown): RscapError {
  try {
    run();
  } catch (error) {
    if (error instanceof RscapError) return error;
  }
  throw new Error("expected an RscapError");
}

function run(command: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(command);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr.toString()}`);
}

test("packets wait in the buffer for the flush time and no longer", () => {
  const path = join(folder, "flush.ts");
  const file = open(path);
  const packets = tsPackets(10);
  const now = performance.now();
  file.append(addressOf(packets), packets.length);
  file.poll(now + 400);
  expect(statSync(path).size).toBe(0);
  file.poll(now + 1000);
  expect(statSync(path).size).toBe(1880);
  file.close();
});

test("a flush time of zero writes each message at once", () => {
  const path = join(folder, "now.ts");
  const file = open(path, { flushMs: 0 });
  const packets = tsPackets(3);
  file.append(addressOf(packets), packets.length);
  expect(statSync(path).size).toBe(564);
  file.close();
});

test("more than the buffer holds goes through it in order", () => {
  const path = join(folder, "large.ts");
  const file = open(path);
  const packets = tsPackets(20_000);
  file.append(addressOf(packets), packets.length);
  file.append(addressOf(packets), 188);
  file.close();
  const expected = Buffer.concat([packets, packets.subarray(0, 188)]);
  expect(Buffer.compare(readFileSync(path), expected)).toBe(0);
  expect([file.packets, file.lostPackets, file.writtenBytes]).toEqual([20_001, 0, expected.length]);
});

test("an older capture stays until the first packet, and is replaced by it", () => {
  const path = join(folder, "older.ts");
  writeFileSync(path, Buffer.alloc(5000, 1));
  open(path).close();
  expect(statSync(path).size).toBe(5000);
  const file = open(path);
  file.append(addressOf(tsPackets(1)), 188);
  file.close();
  expect(statSync(path).size).toBe(188);
});

test("a folder, a missing folder or a forbidden file is told at the start, with the setting", () => {
  mkdirSync(join(folder, "sub"));
  for (const path of [join(folder, "sub"), join(folder, "none", "a.ts")]) {
    const error = failure(() => open(path));
    expect(error.exitCode).toBe(EXIT.environment);
    expect(error.message).toContain(path);
    expect(error.message).toContain("--output-file (OUTPUT_FILE)");
  }
  const path = join(folder, "forbidden.ts");
  writeFileSync(path, "");
  chmodSync(path, 0o400);
  if (process.getuid?.() !== 0) expect(failure(() => open(path)).code).toBe("output.open");
});

test("a device that is full: the error says what is kept and what is lost", () => {
  const file = open("/dev/full");
  file.append(addressOf(tsPackets(5)), 940);
  const error = failure(() => file.flush());
  expect(error).toMatchObject({ code: "output.write", exitCode: EXIT.environment });
  expect(error.message).toContain("No space left on device");
  expect(error.message).toContain("5 more were received and are lost");
  file.append(addressOf(tsPackets(2)), 376);
  file.close();
  expect(file.lostPackets).toBe(7);
});

testWith(needsRoot, "a full disk keeps whole packets", () => {
  const mount = join(folder, "tiny");
  mkdirSync(mount);
  run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", mount]);
  try {
    const path = join(mount, "capture.ts");
    const file = open(path);
    const packets = tsPackets(1000);
    file.append(addressOf(packets), packets.length);
    const error = failure(() => file.close());
    expect(error.exitCode).toBe(EXIT.environment);
    const kept = readFileSync(path);
    expect(kept.length % 188).toBe(0);
    expect(kept.length).toBeGreaterThan(60_000);
    expect(Buffer.compare(kept, packets.subarray(0, kept.length))).toBe(0);
    expect(file.lostPackets).toBe(1000 - kept.length / 188);
    expect(error.message).toContain(`keeps ${kept.length / 188} whole TS packets`);
  } finally {
    run(["umount", mount]);
  }
});

test("a FIFO is opened when its reader comes, and takes whole packets", async () => {
  const path = join(folder, "fifo");
  run(["mkfifo", path]);
  const logged = new LogLines();
  const copy = join(folder, "fifo.ts");
  const reader = Bun.spawn(["sh", "-c", `sleep 0.2; cat '${path}' > '${copy}'`]);
  const file = open(path, { log: logged.log });
  expect(file.regular).toBe(false);
  const packets = tsPackets(2000);
  file.append(addressOf(packets), packets.length);
  file.close();
  await reader.exited;
  expect(Buffer.compare(readFileSync(copy), packets)).toBe(0);
  expect(logged.lines).toEqual([`info: Waiting for a reader of ${path}`]);
});

test("a run that is stopped does not wait for a FIFO's reader any more", () => {
  const path = join(folder, "lonely");
  run(["mkfifo", path]);
  const file = open(path, { stopped: () => true });
  expect(file.readerGone).toBe(true);
  file.append(addressOf(tsPackets(1)), 188);
  file.close();
  expect(file.lostPackets).toBe(1);
});

test("a reader that goes away ends the writing, without an error and not unsaid", () => {
  const path = join(folder, "leaver");
  run(["mkfifo", path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const logged = new LogLines();
  const file = open(path, { log: logged.log });
  const packets = tsPackets(10);
  file.append(addressOf(packets), packets.length);
  file.flush();
  const got = Buffer.alloc(4096);
  expect(readSync(reader, got)).toBe(1880);
  closeSync(reader);
  file.append(addressOf(packets), packets.length);
  file.close();
  expect([file.readerGone, file.lostPackets]).toEqual([true, 10]);
  expect(logged.lines[0]).toContain("has gone: 10 TS packets could not be written");
});

test("a reader that stands still does not hold up the end", () => {
  const path = join(folder, "sleeper");
  run(["mkfifo", path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let asked = 0;
  const file = open(path, { stopped: () => ++asked > 3 });
  const packets = tsPackets(2000);
  file.append(addressOf(packets), packets.length);
  file.close();
  closeSync(reader);
  expect(file.readerGone).toBe(true);
  expect(file.lostPackets).toBeGreaterThan(1000);
});

test("a file that is renamed gets the packets that follow", () => {
  const path = join(folder, "before.ts");
  const file = open(path);
  const packets = tsPackets(2);
  file.append(addressOf(packets), 188);
  file.rename(join(folder, "after.ts"));
  file.append(addressOf(packets) + 188, 188);
  file.close();
  expect(existsSync(path)).toBe(false);
  expect(Buffer.compare(readFileSync(join(folder, "after.ts")), packets)).toBe(0);
  expect(failure(() => file.rename(join(folder, "none", "x.ts"))).code).toBe("output.rename");
});

test("killed at any time, the file ends on a packet boundary", async () => {
  const path = join(folder, "killed.ts");
  const script = `
    import { TsFile } from ${JSON.stringify(join(import.meta.dir, "ts-file.ts"))};
    import { addressOf, alloc } from ${JSON.stringify(join(import.meta.dir, "../../ffi/memory.ts"))};
    const file = new TsFile({ path: ${JSON.stringify(path)}, flushMs: 0, stopped: () => false, log: () => {} });
    const packets = alloc(5000 * 188).fill(0x47);
    while (file.writtenBytes < 2e9) file.append(addressOf(packets), packets.length);
  `;
  for (let i = 0; i < 5; i++) {
    rmSync(path, { force: true });
    const writer = Bun.spawn([process.execPath, "-e", script], { stdout: "ignore" });
    const size = (): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    await until(() => size() > 0, "something is written", 20_000);
    await Bun.sleep(i * 7);
    writer.kill(9);
    await writer.exited;
    expect(statSync(path).size % 188).toBe(0);
    expect(statSync(path).size).toBeGreaterThan(0);
  }
}, 30_000);
