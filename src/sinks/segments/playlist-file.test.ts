import { afterAll, expect, test } from "bun:test";
import {
  closeSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Playlist, type PlaylistEntry } from "./playlist.ts";
import { PlaylistFile } from "./playlist-file.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-playlist-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PAGE = 4096;
const AT = Date.UTC(2026, 2, 1);

const entry = (i: number, change: Partial<PlaylistEntry> = {}): PlaylistEntry => ({
  uri: `${String(i).padStart(6, "0")}.ts`,
  seconds: 6,
  discontinuity: false,
  dateMs: AT + i * 6000,
  ...change,
});

let files = 0;
function newFile(): PlaylistFile {
  return new PlaylistFile(join(folder, `${files++}.m3u8`));
}

/** What is in the file, without the blank lines. */
function lines(file: PlaylistFile): string {
  return readFileSync(file.path, "utf8").replace(/\n{2,}/g, "\n");
}

/** Writes, and true when the file is another one then. */
function replaced(file: PlaylistFile, playlist: Playlist): boolean {
  const fd = openSync(file.path, "r");
  file.write(playlist);
  const gone = fstatSync(fd).nlink === 0;
  closeSync(fd);
  return gone;
}

test("vod: a segment is added to the file; its end, and a longer target duration, replace it", () => {
  const file = newFile();
  const playlist = new Playlist("vod", 6, 3);
  playlist.add(entry(0));
  file.write(playlist);
  for (let i = 1; i < 2000; i++) {
    playlist.add(entry(i, { discontinuity: i % 7 === 0 }));
    expect(replaced(file, playlist)).toBe(false);
  }
  expect(lines(file)).toBe(playlist.render());
  // What fills up the pages is less than a segment's lines in each.
  expect(readFileSync(file.path).length).toBeLessThan(playlist.render().length * 1.05);
  playlist.add(entry(2000, { seconds: 9 }));
  expect(replaced(file, playlist)).toBe(true);
  playlist.ended = true;
  expect(replaced(file, playlist)).toBe(true);
  expect(readFileSync(file.path, "utf8")).toBe(playlist.render());
  playlist.add(entry(2001));
  expect(replaced(file, playlist)).toBe(true);
  expect(readFileSync(file.path, "utf8")).not.toContain("ENDLIST");
});

test("live: the file is replaced each time", () => {
  const file = newFile();
  const playlist = new Playlist("live", 6, 3);
  playlist.add(entry(0));
  file.write(playlist);
  for (let i = 1; i < 6; i++) {
    playlist.add(entry(i));
    expect(replaced(file, playlist)).toBe(true);
    expect(readFileSync(file.path, "utf8")).toBe(playlist.render());
  }
});

test("a long list under retention is replaced once in a hundredth of its length", () => {
  const file = newFile();
  const playlist = new Playlist("vod", 6, 3);
  const kept = 1000;
  for (let i = 0; i < kept; i++) playlist.add(entry(i));
  file.write(playlist);
  let replacements = 0;
  for (let i = 0; i < kept; i++) {
    if (playlist.forget(entry(i).uri) && replaced(file, playlist)) replacements++;
    playlist.add(entry(kept + i));
    if (replaced(file, playlist)) replacements++;
    expect(playlist.entries[0]?.uri).not.toBe(entry(i).uri);
    expect(playlist.entries.length).toBeGreaterThan(kept * 0.98);
  }
  expect(lines(file)).toBe(playlist.render());
  expect(replacements).toBeLessThan(120);
});

test("a file that somebody else has changed, or taken away, is written anew", () => {
  const file = newFile();
  const playlist = new Playlist("vod", 6, 3);
  const harms = [
    () => writeFileSync(file.path, "#EXTM3U\n"),
    () => rmSync(file.path),
    () => writeFileSync(file.path, ""),
  ];
  playlist.add(entry(0));
  file.write(playlist);
  for (const [i, harm] of harms.entries()) {
    harm();
    playlist.add(entry(i + 1));
    file.write(playlist);
    expect(readFileSync(file.path, "utf8")).toBe(playlist.render());
  }
});

test("what can't be written throws, and is in the file when it can be written again", () => {
  const file = newFile();
  const playlist = new Playlist("vod", 6, 3);
  mkdirSync(file.path);
  for (let i = 0; i < 3; i++) {
    playlist.add(entry(i));
    expect(() => file.write(playlist)).toThrow();
  }
  rmSync(file.path, { recursive: true });
  playlist.add(entry(3));
  file.write(playlist);
  expect(lines(file)).toBe(playlist.render());
});

test("a name of more than a page replaces the file", () => {
  const file = newFile();
  const playlist = new Playlist("vod", 6, 3);
  playlist.add(entry(0));
  file.write(playlist);
  playlist.add(entry(1, { uri: `${"é".repeat(PAGE / 2)}.ts` }));
  expect(replaced(file, playlist)).toBe(true);
  expect(lines(file)).toBe(playlist.render());
});

test("whatever comes and goes, the file holds the playlist, and what is added lies in one page", () => {
  const step = fc.record({
    kind: fc.constantFrom("add", "add", "add", "add", "forget", "end", "restart"),
    name: fc.nat({ max: 1500 }),
    seconds: fc.integer({ min: 0, max: 7 }),
    discontinuity: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom("live", "vod" as const), (steps, type) => {
      let file = newFile();
      let playlist = new Playlist(type, 6, 4);
      let before = Buffer.alloc(0);
      for (const [i, { kind, name, seconds, discontinuity }] of steps.entries()) {
        const uri = `${i}${"x".repeat(name)}.ts`;
        if (kind === "add") playlist.add(entry(i, { uri, seconds, discontinuity }));
        else if (kind === "forget") playlist.forget(playlist.entries[name % 3]?.uri ?? "");
        else if (kind === "end") playlist.ended = true;
        else {
          file = new PlaylistFile(file.path);
          const old = playlist;
          playlist = new Playlist(type, 6, 4);
          if (before.length > 0) {
            playlist.restore(lines(file));
            expect(playlist.render()).toBe(old.render());
          }
        }
        const added = before.length > 0 && !replaced(file, playlist);
        if (before.length === 0) file.write(playlist);
        const after = readFileSync(file.path);
        expect(lines(file)).toBe(playlist.render());
        if (added) {
          expect([type, after.subarray(0, before.length).equals(before)]).toEqual(["vod", true]);
          let from = before.length;
          while (after[from] === 0x0a) from++;
          expect(Math.floor(from / PAGE)).toBe(Math.floor((after.length - 1) / PAGE));
        }
        before = after;
      }
      expect(readdirSync(folder).filter((each) => each.endsWith(".new"))).toEqual([]);
    }),
  );
});
