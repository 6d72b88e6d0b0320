import { afterAll, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { LogLines } from "../../../tests/helpers/wire.ts";
import { checkSegmentName } from "../../settings/check.ts";
import { type KeptSegment, Retention, type RetentionLimits } from "./retention.ts";
import { type FolderOptions, LIST_FILE, listedIn, SegmentFolder } from "./segment-folder.ts";
import { isInside, segmentName } from "./segment-name.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-folder-"));
afterAll(() => rmSync(folder, { recursive: true }));

const FOREVER: RetentionLimits = { maxAgeMs: 0, maxBytes: 0, minFreeBytes: 0 };
const { log } = new LogLines();
const keepAll = (): Retention => new Retention(FOREVER, () => 1e12, log);
const OPTIONS: FolderOptions = { name: "%H%M%S", playlist: "live", targetSeconds: 6, playlistSize: 3, log };
const AT = Date.UTC(2026, 2, 1, 9, 8, 7, 6);

function segment(to: SegmentFolder, octets: number): string {
  const file = to.open(AT, ".ts");
  file.write(new Uint8Array(octets), 0, octets);
  return to.finish(file, { seconds: 6, discontinuity: false, dateMs: AT });
}

describe("names", () => {
  test("by the fields of strftime, in UTC", () => {
    const at = new Date(AT);
    expect(segmentName("%Y-%m-%dT%H%M%S.%L_%i", at, 42)).toBe("2026-03-01T090807.006_000042");
    expect(segmentName("%F/%y%j-%s%%", at, 0)).toBe("2026-03-01/26060-1772356087%");
  });

  test("what the setting accepts, stays in its folder and is a name", () => {
    const at = new Date(AT);
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("%", "Y", "i", "L", "/", ".", "a", "\0", "é") }),
        (pattern) => {
          if (checkSegmentName(pattern) !== null) return;
          const name = segmentName(pattern, at, 7);
          expect(isInside(name)).toBe(true);
        },
      ),
    );
    for (const bad of ["../x", "/x", "a/../b", "%", "%q", "x/", ""])
      expect(checkSegmentName(bad)).not.toBeNull();
    expect(checkSegmentName("%Y/%m/%d/%H%M%S")).toBeNull();
  });
});

describe("the folder of a stream", () => {
  test("a segment has another name until it is whole; two of the same second are told apart", () => {
    const path = join(folder, "whole");
    const made = new SegmentFolder("p/s", path, OPTIONS, keepAll());
    const file = made.open(AT, ".ts");
    file.write(new Uint8Array(400), 0, 400);
    expect(readdirSync(path).sort()).toEqual([LIST_FILE, "090807.ts.part"]);
    file.trim(188);
    expect(made.finish(file, null)).toBe("090807.ts");
    expect(readFileSync(join(path, "090807.ts")).length).toBe(376);
    expect(segment(made, 188)).toBe("090807-1.ts");
    expect(listedIn(path)).toEqual({ id: "p/s", names: ["090807.ts", "090807-1.ts"] });
    made.end();
    expect(readFileSync(join(path, "index.m3u8"), "utf8")).toContain("090807-1.ts\n#EXT-X-ENDLIST");
  });

  test("names with folders in them", () => {
    const made = new SegmentFolder("p/s", join(folder, "deep"), { ...OPTIONS, name: "%Y/%m/%d" }, keepAll());
    expect(segment(made, 10)).toBe("2026/03/01.ts");
    expect(existsSync(join(folder, "deep/2026/03/01.ts"))).toBe(true);
  });

  test("another run goes on: numbers, playlist, and what a kill has left counts for the retention", () => {
    const path = join(folder, "again");
    const options = { ...OPTIONS, name: "n%i" };
    const before = new SegmentFolder("p/s", path, options, keepAll());
    for (let i = 0; i < 4; i++) segment(before, 188);
    before.open(AT, ".ts").write(new Uint8Array(50), 0, 50);
    const retention = keepAll();
    const after = new SegmentFolder("p/s", path, options, retention);
    expect(after.hasHistory).toBe(true);
    expect(retention.kept).toEqual({ segments: 5, bytes: 4 * 188 + 50 });
    expect(segment(after, 188)).toBe("n000005.ts");
    const playlist = readFileSync(join(path, "index.m3u8"), "utf8");
    expect(playlist).toContain("#EXT-X-MEDIA-SEQUENCE:2");
    expect(playlist).toContain("n000003.ts");
    expect(playlist).not.toContain("part");
  });

  test("a list with names that lead elsewhere, or that is none of ours, is not followed", () => {
    const path = join(folder, "hostile");
    mkdirSync(path);
    writeFileSync(join(folder, "precious.ts"), "x");
    writeFileSync(join(path, LIST_FILE), `# p/s\n../precious.ts\n${folder}/precious.ts\n\n`);
    expect(listedIn(path)?.names).toEqual([]);
    writeFileSync(join(path, LIST_FILE), "a.ts\n");
    expect(listedIn(path)).toBeNull();
    expect(listedIn(join(folder, "nowhere"))).toBeNull();
  });
});

describe("retention", () => {
  function kept(name: string, endMs: number, bytes: number, told: string[]): KeptSegment {
    const path = join(folder, name);
    writeFileSync(path, new Uint8Array(bytes));
    return { path, name, bytes, endMs, owner: { forget: (gone) => void told.push(gone) } };
  }

  test("by age: the oldest go first, their owner hears of it before", () => {
    const told: string[] = [];
    const retention = new Retention({ ...FOREVER, maxAgeMs: 1000 }, () => 1e12, log);
    for (const [i, endMs] of [3000, 1000, 2000].entries()) retention.add(kept(`age${i}`, endMs, 10, told));
    expect(retention.enforce(3500)).toBe(true);
    expect(told).toEqual(["age1", "age2"]);
    expect(existsSync(join(folder, "age1"))).toBe(false);
    expect(existsSync(join(folder, "age0"))).toBe(true);
    expect(retention).toMatchObject({ deleted: 2, deletedBytes: 20, kept: { segments: 1, bytes: 10 } });
  });

  test("by size of all together", () => {
    const told: string[] = [];
    const retention = new Retention({ ...FOREVER, maxBytes: 25 }, () => 1e12, log);
    for (let i = 0; i < 4; i++) retention.add(kept(`size${i}`, i, 10, told));
    retention.enforce(0);
    expect(told).toEqual(["size0", "size1"]);
  });

  test("by free disk: false when nothing is left to delete", () => {
    const told: string[] = [];
    let free = 0;
    const retention = new Retention({ ...FOREVER, minFreeBytes: 15 }, () => free, log);
    retention.add(kept("free0", 0, 10, told));
    expect(retention.enforce(0)).toBe(false);
    expect(told).toEqual(["free0"]);
    free = 15;
    expect(retention.enforce(0)).toBe(true);
  });

  test("a file that has gone already is no fault; one that can't be deleted is told once", () => {
    const lines = new LogLines();
    const retention = new Retention({ ...FOREVER, maxBytes: 1 }, () => 1e12, lines.log);
    const one = kept("gone", 0, 10, []);
    rmSync(one.path);
    retention.add(one);
    retention.enforce(0);
    expect(lines.lines).toEqual([]);
    mkdirSync(join(folder, "adir"));
    for (let i = 0; i < 2; i++) retention.add({ ...one, path: join(folder, "adir") });
    retention.enforce(0);
    expect(lines.lines).toHaveLength(1);
  });

  test("deleted segments go out of the playlist and the list; nothing else in the folder is touched", () => {
    const path = join(folder, "mine");
    const retention = new Retention({ ...FOREVER, maxBytes: 400 }, () => 1e12, log);
    const made = new SegmentFolder("p/s", path, { ...OPTIONS, name: "%i", playlist: "vod" }, retention);
    writeFileSync(join(path, "holiday.ts"), new Uint8Array(100_000));
    utimesSync(join(path, "holiday.ts"), 1, 1);
    for (let i = 0; i < 4; i++) {
      segment(made, 188);
      retention.enforce(Date.now());
    }
    expect(readdirSync(path).sort()).toEqual(
      [LIST_FILE, "000002.ts", "000003.ts", "holiday.ts", "index.m3u8"].sort(),
    );
    expect(readFileSync(join(path, "index.m3u8"), "utf8")).toContain("#EXT-X-MEDIA-SEQUENCE:2");
  });
});

describe("a disk that takes no list", () => {
  /** Until it is given back, nothing can be put in place of the list. */
  function blocked(path: string): Disposable {
    mkdirSync(join(path, `.${LIST_FILE}.new`), { recursive: true });
    return { [Symbol.dispose]: () => rmSync(join(path, `.${LIST_FILE}.new`), { recursive: true }) };
  }

  test("at the start: what an earlier run listed is taken up all the same", () => {
    const path = join(folder, "nostart");
    segment(new SegmentFolder("p/s", path, OPTIONS, keepAll()), 5);
    using _ = blocked(path);
    const retention = keepAll();
    new SegmentFolder("p/s", path, OPTIONS, retention);
    expect(retention.kept).toEqual({ segments: 1, bytes: 5 });
  });

  test("while old segments are deleted: they go all the same", () => {
    const path = join(folder, "nodelete");
    const names = Array.from({ length: 1001 }, (_, i) => `${i}.ts`);
    mkdirSync(path);
    for (const name of names) writeFileSync(join(path, name), "12345");
    writeFileSync(join(path, LIST_FILE), ["# p/s", ...names, ""].join("\n"));
    const retention = new Retention({ ...FOREVER, maxBytes: 5 }, () => 1e12, log);
    new SegmentFolder("p/s", path, { ...OPTIONS, playlist: "none" }, retention);
    using _ = blocked(path);
    expect(retention.enforce(AT)).toBe(true);
    expect(readdirSync(path).filter((name) => name.endsWith(".ts"))).toHaveLength(1);
  });

  test("deleted with its folder: it comes back with the stream's name and all that is there", () => {
    const path = join(folder, "deleted");
    const made = new SegmentFolder("p/s", path, OPTIONS, keepAll());
    segment(made, 5);
    rmSync(path, { recursive: true });
    const name = segment(made, 5);
    expect(listedIn(path)?.id).toBe("p/s");
    expect(listedIn(path)?.names).toContain(name);
    const retention = keepAll();
    new SegmentFolder("p/s", path, OPTIONS, retention);
    expect(retention.kept).toEqual({ segments: 1, bytes: 5 });
  });
});
