import { afterAll, describe, expect, spyOn, test } from "bun:test";
import * as fs from "node:fs";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { PROJECT, start } from "../../tests/helpers/run.ts";
import { needsRoot, testWith } from "../../tests/helpers/skip.ts";
import { RscapError } from "../report/error.ts";
import { DiskSpool, type DiskSpoolOptions } from "./disk-spool.ts";
import { Segment, sealRecord } from "./segment.ts";
import { SpoolReader } from "./spool-reader.ts";

const root = mkdtempSync(join(tmpdir(), "rscap-spool-"));
afterAll(() => rmSync(root, { recursive: true }));

let serial = 0;
/** What messages are to name. */
const SETTING = "the folder (FOLDER)";
const newFolder = (): string => join(root, `spool-${++serial}`);

function open(folder: string, change: Partial<DiskSpoolOptions> = {}): DiskSpool {
  return new DiskSpool({ folder, maxBytes: 1e6, setting: SETTING, log: () => {}, ...change });
}

const text = (record: Uint8Array | null): string | null =>
  record === null ? null : new TextDecoder().decode(record);
const record = (words: string): Uint8Array => new TextEncoder().encode(words);

/** Takes everything out. */
function drain(spool: DiskSpool): string[] {
  const all: string[] = [];
  for (let next = text(spool.peek()); next !== null; next = text(spool.peek())) {
    all.push(next);
    spool.shift();
  }
  return all;
}

/** Segment files of a folder, oldest first. */
const segments = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".spool"))
    .sort()
    .map((name) => join(folder, name));

function failure(run: () => unknown): RscapError {
  try {
    run();
  } catch (error) {
    if (error instanceof RscapError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("DiskSpool", () => {
  test("gives records back in order, empty and in parts too", () => {
    const spool = open(newFolder());
    expect(spool.push(record("first"))).toBeTrue();
    expect(spool.push([record("sec"), record(""), record("ond")])).toBeTrue();
    expect(spool.push(record(""))).toBeTrue();
    expect([spool.count, spool.bytes]).toEqual([3, 3 * 8 + 11]);
    expect(drain(spool)).toEqual(["first", "second", ""]);
    expect([spool.count, spool.bytes, spool.dropped, spool.shift()]).toEqual([0, 0, 0, false]);
    spool.close();
  });

  test("reads ahead without taking out, and again after a rewind", () => {
    const spool = open(newFolder());
    for (const word of ["a", "b", "c"]) spool.push(record(word));
    expect([text(spool.next()), text(spool.next()), spool.unread]).toEqual(["a", "b", 1]);
    expect(text(spool.peek())).toBe("a");
    spool.shift();
    expect(text(spool.next())).toBe("c");
    expect([spool.next(), spool.unread, spool.count]).toEqual([null, 0, 2]);
    spool.push(record("d"));
    spool.rewind();
    expect([1, 2, 3, 4].map(() => text(spool.next()))).toEqual(["b", "c", "d", null]);
    spool.close();
  });

  test("counts what has no room, and takes more once there is some", () => {
    const spool = open(newFolder(), { maxBytes: 40 });
    expect([spool.push(record("0123456789")), spool.push(record("0123456789"))]).toEqual([true, true]);
    expect([spool.fits(0), spool.push(record("")), spool.dropped, spool.count]).toEqual([false, false, 1, 2]);
    spool.shift();
    expect([spool.push(record("0123456789abcde")), spool.dropped, spool.bytes]).toEqual([false, 2, 18]);
    expect([spool.push(record("0123")), spool.dropped]).toEqual([true, 2]);
    spool.close();
  });

  test("keeps what waits for the next time, and where it stood", () => {
    const folder = newFolder();
    const spool = open(folder);
    for (let i = 0; i < 10; i++) spool.push(record(`record ${i}`));
    for (let i = 0; i < 4; i++) spool.shift();
    // Read, but not taken out: these come once more.
    expect([text(spool.next()), text(spool.next())]).toEqual(["record 4", "record 5"]);
    spool.close();
    const again = open(folder);
    again.push(record("new"));
    expect([again.count, again.cutBytes]).toEqual([7, 0]);
    expect(drain(again)).toEqual([4, 5, 6, 7, 8, 9].map((i) => `record ${i}`).concat("new"));
    again.close();
    expect(segments(folder)).toEqual([]);
  });

  test("deletes files that are read, and stays within its size and one file on disk", () => {
    const folder = newFolder();
    const maxBytes = 512 * 1024;
    const spool = open(folder, { maxBytes });
    const large = new Uint8Array(20_000);
    const used = (): number => segments(folder).reduce((sum, path) => sum + statSync(path).size, 0);
    for (let round = 0; round < 20; round++) {
      while (spool.fits(large.length)) spool.push(large.fill(round));
      expect(used()).toBeLessThan(maxBytes + 2 * 64 * 1024);
      for (let i = 0; i < 7; i++) spool.shift();
    }
    while (spool.shift());
    expect([spool.count, spool.bytes, segments(folder).length]).toEqual([0, 0, 1]);
    // A spool that is read as fast as it is written stays small.
    for (let i = 0; i < 500; i++) expect([spool.push(large), spool.shift()]).toEqual([true, true]);
    expect(used()).toBeLessThan(3 * 64 * 1024);
    expect(spool.dropped).toBe(0);
    spool.close();
  });

  test("takes records larger than a file and than what is read at once, but not beyond 16 MiB", () => {
    const spool = open(newFolder(), { maxBytes: 64e6 });
    const large = new Uint8Array(5_000_000).map((_, i) => i * 7);
    expect([spool.push(record("before")), spool.push(large), spool.push(record("after"))]).not.toContain(
      false,
    );
    spool.shift();
    expect(spool.peek()).toEqual(large);
    spool.shift();
    expect(drain(spool)).toEqual(["after"]);
    expect([spool.push(new Uint8Array(16 * 1024 * 1024 + 1)), spool.dropped]).toEqual([false, 1]);
    spool.close();
  });

  test("refuses a folder that another spool has", () => {
    const folder = newFolder();
    const first = open(folder);
    const { code, message } = failure(() => open(folder));
    expect(code).toBe("spool.locked");
    expect(message).toContain(SETTING);
    first.close();
    open(folder).close();
  });

  test("names the setting where the folder can't be made", () => {
    const file = join(root, "file");
    writeFileSync(file, "");
    const { code, exitCode, message } = failure(() => open(join(file, "spool")));
    expect([code, exitCode]).toEqual(["spool.folder", 4]);
    expect(message).toContain(SETTING);
  });

  testWith(needsRoot, "names the setting where the folder may not be written to", () => {
    // Not even root writes to /proc.
    expect(failure(() => open("/proc/spool")).code).toBe("spool.folder");
  });

  testWith(needsRoot, "gives its files, and a folder that it made, to the user that it is for", () => {
    const owner = { uid: 12_345, gid: 12_346 };
    const [made, found] = [newFolder(), newFolder()];
    mkdirSync(found);
    for (const folder of [made, found]) {
      open(folder, { owner }).close();
      expect(statSync(join(folder, "lock"))).toMatchObject(owner);
    }
    expect([statSync(made).uid, statSync(found).uid]).toEqual([owner.uid, 0]);
  });

  test("counts what a full disk does not take, with one line, and goes on when there is room", () => {
    const lines: string[] = [];
    const spool = open(newFolder(), { log: (level, message) => lines.push(`${level}: ${message}`) });
    spool.push(record("before"));
    const full = spyOn(fs, "writeSync").mockImplementation(() => {
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    });
    try {
      expect([spool.push(record("a")), spool.push(record("b"))]).toEqual([false, false]);
    } finally {
      full.mockRestore();
    }
    expect([spool.dropped, spool.damaged, spool.count, lines.length]).toEqual([2, 0, 1, 1]);
    expect(lines[0]).toContain("no space left");
    expect(spool.push(record("after"))).toBeTrue();
    expect(lines.length).toBe(2);
    expect(drain(spool)).toEqual(["before", "after"]);
    spool.close();
  });
});

test("opens on a full disk, gives what waits, and takes records once there is room", () => {
  for (const waiting of [["one", "two"], []]) {
    const folder = newFolder();
    const before = open(folder);
    for (const word of waiting) before.push(record(word));
    before.close();
    const lines: string[] = [];
    const full = spyOn(fs, "writeSync").mockImplementation(() => {
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    });
    let spool: DiskSpool;
    try {
      spool = open(folder, { log: (level, message) => lines.push(`${level}: ${message}`) });
      expect(drain(spool)).toEqual(waiting);
      expect([spool.push(record("no")), spool.dropped, lines.length]).toEqual([false, 1, 1]);
      expect(lines[0]).toContain("no space left");
    } finally {
      full.mockRestore();
    }
    expect([spool.push(record("yes")), drain(spool), lines.length]).toEqual([true, ["yes"], 2]);
    spool.push(record("kept"));
    spool.close();
    const after = open(folder);
    expect([after.cutBytes, drain(after)]).toEqual([0, ["kept"]]);
    after.close();
  }
});

/** Makes the file system refuse to open or to read with `code`, as long as `run` takes. */
function refused(code: string, run: () => void): void {
  const refuse = (): never => {
    throw Object.assign(new Error(`${code}: refused`), { code });
  };
  const [open, read] = [
    spyOn(fs, "openSync").mockImplementation(refuse),
    spyOn(fs, "readSync").mockImplementation(refuse),
  ];
  try {
    run();
  } finally {
    open.mockRestore();
    read.mockRestore();
  }
}

describe("a disk that gives nothing for a moment", () => {
  for (const code of ["EMFILE", "EIO"]) {
    test(`${code}: costs no record, read before or not`, () => {
      const folder = newFolder();
      const spool = open(folder);
      const large = new Uint8Array(200_000);
      for (let i = 0; i < 4; i++) spool.push(large.fill(i));
      expect([spool.next()?.[0], spool.next()?.[0]]).toEqual([0, 1]);
      refused(code, () => expect([spool.next(), spool.unread]).toEqual([null, 2]));
      spool.rewind();
      refused(code, () => expect([spool.next(), spool.peek(), spool.unread]).toEqual([null, null, 4]));
      expect([spool.count, spool.dropped, segments(folder).length]).toEqual([4, 0, 4]);
      expect([0, 1, 2, 3].map(() => spool.next()?.[0])).toEqual([0, 1, 2, 3]);
      spool.close();
    });
  }

  test("a file that was deleted is not waited for, and nothing comes twice after it", () => {
    const folder = newFolder();
    const spool = open(folder);
    const large = new Uint8Array(200_000);
    for (let i = 0; i < 3; i++) spool.push(large.fill(i));
    spool.close();
    const again = open(folder);
    expect(again.next()?.[0]).toBe(0);
    expect(again.next()?.[0]).toBe(1);
    again.rewind();
    rmSync(segments(folder)[0] as string);
    expect([again.next()?.[0], again.next()?.[0], again.next()]).toEqual([1, 2, null]);
    expect([again.count, again.unread, again.dropped]).toEqual([2, 0, 1]);
    again.close();
  });

  test("what can't be read for a minute is lost, and the rest goes on", () => {
    const folder = newFolder();
    mkdirSync(folder);
    const file = Segment.create(folder, 1);
    const record = new Uint8Array(8 + 5);
    sealRecord(record, 5);
    file.append(record, record.length);
    const reader = new SpoolReader(0);
    refused("EMFILE", () => expect(reader.read(file, 16)).toBeNull());
    refused("EIO", () => expect(reader.read(file, 16)).toBe(file.size));
    file.remove();
  });
});

describe("damage", () => {
  test("a torn tail is cut and counted, and what is before it stays", () => {
    const folder = newFolder();
    const spool = open(folder);
    for (const word of ["one", "two", "three"]) spool.push(record(word));
    spool.close();
    truncateSync(segments(folder)[0] as string, statSync(segments(folder)[0] as string).size - 1);
    const lines: string[] = [];
    const again = open(folder, { log: (level, message) => lines.push(`${level}: ${message}`) });
    expect([again.count, again.cutBytes, lines.length]).toEqual([2, 8 + 4, 1]);
    expect(drain(again)).toEqual(["one", "two"]);
    again.close();
  });

  test("a record whose octets changed is left out and counted", () => {
    const folder = newFolder();
    const spool = open(folder);
    for (const word of ["one", "two", "three"]) spool.push(record(word));
    spool.close();
    const path = segments(folder)[0] as string;
    const octets = readFileSync(path);
    octets.write("X", octets.indexOf("two"));
    writeFileSync(path, octets);
    const again = open(folder);
    expect(again.count).toBe(3);
    expect(drain(again)).toEqual(["one", "three"]);
    expect([again.dropped, again.damaged, again.count, again.bytes]).toEqual([1, 1, 0, 0]);
    again.close();
  });

  test("records that can't be read again are dropped and counted", () => {
    const folder = newFolder();
    const spool = open(folder);
    const large = new Uint8Array(200_000);
    for (let i = 0; i < 5; i++) spool.push(large.fill(i));
    for (let i = 0; i < 3; i++) expect(spool.next()?.[0]).toBe(i);
    for (const path of segments(folder)) truncateSync(path, 16);
    spool.rewind();
    expect([spool.next(), spool.peek(), spool.shift()]).toEqual([null, null, false]);
    expect([spool.count, spool.dropped]).toEqual([0, 5]);
    spool.push(record("goes on"));
    expect(drain(spool)).toEqual(["goes on"]);
    spool.close();
  });

  test("any octets in a file: no exception, and what comes out was put in", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (octets, ours) => {
        const folder = newFolder();
        open(folder).close();
        const head = ours ? record("rscapsp1") : new Uint8Array(0);
        writeFileSync(join(folder, "000000000001.spool"), Buffer.concat([head, octets]));
        const spool = open(folder);
        expect(drain(spool)).toEqual([]);
        expect(spool.push(record("sound"))).toBeTrue();
        expect(drain(spool)).toEqual(["sound"]);
        spool.close();
      }),
      { numRuns: 200 },
    );
  });
});

type Step =
  | { readonly do: "push"; readonly bytes: number }
  | { readonly do: "shift" | "next" | "rewind" | "reopen" }
  | { readonly do: "cut"; readonly bytes: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("push" as const), bytes: fc.nat(30_000) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("shift" as const, "next" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("rewind" as const, "reopen" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("cut" as const), bytes: fc.integer({ min: 1, max: 9 }) }),
  },
);

test("does what a plain array would, through reopening and torn ends", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const folder = newFolder();
      const maxBytes = 300_000;
      let spool = open(folder, { maxBytes });
      let model: Uint8Array[] = [];
      let read = 0;
      let dropped = 0;
      const size = (): number => model.reduce((sum, each) => sum + 8 + each.length, 0);
      const reopen = (cut: number): void => {
        spool.close();
        const last = segments(folder).at(-1);
        const lost = model.at(-1);
        if (cut > 0 && last !== undefined && lost !== undefined && lost.length > 0) {
          truncateSync(last, statSync(last).size - Math.min(cut, lost.length));
          model = model.slice(0, -1);
        }
        spool = open(folder, { maxBytes });
        [read, dropped] = [0, 0];
      };
      for (const [i, each] of steps.entries()) {
        if (each.do === "push") {
          const octets = new Uint8Array(each.bytes).fill(i);
          const fits = size() + 8 + each.bytes <= maxBytes;
          expect(spool.push(octets)).toBe(fits);
          if (fits) model.push(octets);
          else dropped++;
        } else if (each.do === "shift") {
          expect(spool.shift()).toBe(model.shift() !== undefined);
          read = Math.max(0, read - 1);
        } else if (each.do === "next") {
          expect(spool.next()).toEqual(model[read] ?? null);
          if (read < model.length) read++;
        } else if (each.do === "rewind") {
          spool.rewind();
          read = 0;
        } else {
          reopen(each.do === "cut" ? each.bytes : 0);
        }
        expect([spool.count, spool.unread, spool.bytes, spool.dropped]).toEqual([
          model.length,
          model.length - read,
          size(),
          dropped,
        ]);
      }
      for (const expected of model) {
        expect(spool.peek()).toEqual(expected);
        spool.shift();
      }
      expect(spool.peek()).toBeNull();
      spool.close();
      rmSync(folder, { recursive: true });
    }),
    { numRuns: 150 },
  );
}, 60_000);

test("loses nothing that it said it had when it is killed with SIGKILL", async () => {
  const folder = newFolder();
  const writer = `
    import { DiskSpool } from "${PROJECT}src/spool/disk-spool.ts";
    const spool = new DiskSpool({ folder: ${JSON.stringify(folder)}, maxBytes: 1e9, setting: "x", log: () => {} });
    const record = new Uint8Array(3000);
    const view = new DataView(record.buffer);
    for (let i = 0; ; i++) {
      view.setUint32(0, i);
      record.fill(i, 4);
      spool.push(record);
      if (i % 3 === 2) spool.shift();
      if (i % 300 === 299) console.log("pushed", i + 1, "shifted", (i + 1) / 3);
    }`;
  const running = start([process.execPath, "-e", writer]);
  await running.says(/pushed 3000 /, 30_000);
  const { stdout } = await running.stop("SIGKILL");
  const [pushed, shifted] = (/pushed (\d+) shifted (\d+)\n$/.exec(stdout) ?? []).slice(1).map(Number);
  const spool = open(folder, { maxBytes: 1e9 });
  const numbers: number[] = [];
  for (let each = spool.peek(); each !== null; each = spool.peek()) {
    numbers.push(new DataView(each.buffer, each.byteOffset).getUint32(0));
    spool.shift();
  }
  const [first, last] = [numbers[0] as number, numbers.at(-1) as number];
  expect(numbers).toEqual(Array.from({ length: last - first + 1 }, (_, i) => first + i));
  // What came after the last line that was printed may be there or not, but in order.
  expect(first).toBeGreaterThanOrEqual(shifted as number);
  expect(last).toBeGreaterThanOrEqual((pushed as number) - 1);
  expect(spool.dropped).toBe(0);
  spool.close();
}, 60_000);
