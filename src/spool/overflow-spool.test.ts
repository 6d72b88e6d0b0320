import { afterAll, expect, spyOn, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { DiskSpool } from "./disk-spool.ts";
import { OverflowSpool } from "./overflow-spool.ts";
import { Segment } from "./segment.ts";
import { SpoolReader } from "./spool-reader.ts";

const root = mkdtempSync(join(tmpdir(), "rscap-overflow-"));
afterAll(() => rmSync(root, { recursive: true }));

let serial = 0;
const newFolder = (): string => join(root, `spool-${++serial}`);

function open(folder: string, diskBytes = 1e6, memoryBytes = 100, records = 8): OverflowSpool {
  const disk = new DiskSpool({ folder, maxBytes: diskBytes, setting: "the folder (FOLDER)", log: () => {} });
  return new OverflowSpool(disk, memoryBytes, records);
}

const octets = (bytes: number, value: number): Uint8Array => new Uint8Array(bytes).fill(value);

test("uses no disk while there is room in memory, and none again once the disk was read", () => {
  const spool = open(newFolder());
  spool.push([octets(60, 1)]);
  expect(spool.diskCount).toBe(0);
  spool.push([octets(60, 2)]);
  expect([spool.diskCount, spool.count]).toEqual([2, 2]);
  for (const value of [1, 2]) expect(spool.next()).toEqual(octets(60, value));
  // Read but not taken out: what comes now is newer and may stand in memory.
  spool.push([octets(60, 3)]);
  expect([spool.diskCount, spool.count, spool.unread]).toEqual([2, 3, 1]);
  spool.rewind();
  for (const value of [1, 2, 3]) expect(spool.next()).toEqual(octets(60, value));
  for (const value of [1, 2, 3]) expect([spool.shift(), value]).toEqual([true, value]);
  expect([spool.count, spool.diskBytes]).toEqual([0, 0]);
  expect(spool.close()).toBe(0);
});

test("refuses what neither holds, and keeps all that it had", () => {
  const spool = open(newFolder(), 150);
  expect([1, 2, 3].map((value) => spool.push([octets(60, value)]))).toEqual([true, true, false]);
  for (const value of [1, 2]) expect(spool.next()).toEqual(octets(60, value));
  spool.close();
});

test("what a full disk does not take was not damaged", () => {
  const spool = open(newFolder());
  spool.push([octets(60, 1)]);
  const full = spyOn(Segment.prototype, "append").mockImplementation(() => {
    throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  });
  try {
    expect([spool.push([octets(60, 2)]), spool.damaged]).toEqual([false, 0]);
  } finally {
    full.mockRestore();
  }
  spool.close();
});

test("moves more to disk than one record may have", () => {
  const spool = open(newFolder(), 64e6, 20e6, 100);
  const record = octets(5_000_000, 7);
  for (let i = 0; i < 8; i++) expect(spool.push([record])).toBeTrue();
  for (let i = 0; i < 8; i++) expect(spool.next()?.length).toBe(record.length);
  spool.close();
});

test("keeps what is in memory on disk when it is closed", () => {
  const folder = newFolder();
  const spool = open(folder);
  spool.push([octets(10, 1)]);
  spool.push([octets(10, 2)]);
  spool.next();
  expect(spool.close()).toBe(0);
  const again = open(folder);
  again.push([octets(10, 3)]);
  for (const value of [1, 2, 3]) expect(again.next()).toEqual(octets(10, value));
  again.close();
});

test("keeps the order while the disk gives nothing", () => {
  const spool = open(newFolder());
  for (const value of [1, 2]) spool.push([octets(60, value)]);
  for (const value of [1, 2]) expect(spool.next()).toEqual(octets(60, value));
  spool.push([octets(60, 3)]);
  spool.rewind();
  // What stands in the window for reading ahead needs no disk.
  const refuse = spyOn(SpoolReader.prototype, "read").mockReturnValue(null);
  try {
    expect([spool.next(), spool.unread]).toEqual([null, 3]);
  } finally {
    refuse.mockRestore();
  }
  for (const value of [1, 2, 3]) expect(spool.next()).toEqual(octets(60, value));
  spool.close();
});

test("does what a plain array would, whatever is in memory and whatever on disk", () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 40 }) },
    { weight: 4, arbitrary: fc.constantFrom("shift" as const, "next" as const) },
    { weight: 1, arbitrary: fc.constantFrom("rewind" as const, "reopen" as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const folder = newFolder();
      let spool = open(folder, 600);
      const model: Uint8Array[] = [];
      let read = 0;
      for (const [i, each] of steps.entries()) {
        if (typeof each === "number") {
          const record = octets(each, i);
          const fits = spool.fits(each);
          expect(spool.push([record])).toBe(fits);
          if (fits) model.push(record);
        } else if (each === "shift") {
          expect(spool.shift()).toBe(model.shift() !== undefined);
          read = Math.max(0, read - 1);
        } else if (each === "next") {
          expect(spool.next()).toEqual(model[read] ?? null);
          if (read < model.length) read++;
        } else {
          read = 0;
          if (each === "rewind") spool.rewind();
          else {
            const lost = spool.close();
            model.splice(model.length - lost, lost);
            spool = open(folder, 600);
          }
        }
        expect([spool.count, spool.unread]).toEqual([model.length, model.length - read]);
      }
      spool.rewind();
      for (const record of model) expect(spool.next()).toEqual(record);
      spool.close();
      rmSync(folder, { recursive: true });
    }),
    { numRuns: 150 },
  );
}, 60_000);
