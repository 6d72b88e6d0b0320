import { appendFileSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { WireLog } from "../../wire/log.ts";
import { PART, PartFile } from "./part-file.ts";
import { Playlist, type PlaylistEntry, type PlaylistType } from "./playlist.ts";
import { PlaylistFile, replaceFile } from "./playlist-file.ts";
import type { Retention, SegmentOwner } from "./retention.ts";
import { isInside, segmentName } from "./segment-name.ts";

/** What rscap wrote into a folder, one name a line: nothing else in it is ever deleted. */
export const LIST_FILE = ".rscap-segments";
/** The list is written anew after so many deletions, so that it does not grow for ever. */
const DELETIONS_A_LIST = 1000;

/** Name of the playlist. */
const PLAYLIST_FILE = "index.m3u8";

/** How segments are named and listed. */
export interface FolderOptions {
  /** Name of a segment without its ending, see `segmentName`. */
  readonly name: string;
  readonly playlist: PlaylistType | "none";
  readonly targetSeconds: number;
  /** Segments in a live playlist. */
  readonly playlistSize: number;
  readonly log: WireLog;
}

/** The folder of one stream: its segments, their list and its playlist. What fails, throws the system's error. */
export class SegmentFolder implements SegmentOwner {
  /** `probe/stream`, as the list's first line says. */
  readonly id: string;
  readonly path: string;
  readonly #options: FolderOptions;
  readonly #retention: Retention;
  readonly #playlist: Playlist | null;
  readonly #playlistFile: PlaylistFile;
  /** What the list names and is there. */
  readonly #names = new Set<string>();
  #deletions = 0;
  #number = 0;
  #told = false;

  /** Makes the folder, or goes on where an earlier run has left it. */
  constructor(id: string, path: string, options: FolderOptions, retention: Retention) {
    this.id = id;
    this.path = path;
    this.#options = options;
    this.#retention = retention;
    const { playlist, targetSeconds, playlistSize } = options;
    this.#playlist = playlist === "none" ? null : new Playlist(playlist, targetSeconds, playlistSize);
    this.#playlistFile = new PlaylistFile(join(path, PLAYLIST_FILE));
    mkdirSync(path, { recursive: true });
    this.#takeUp();
  }

  /** An earlier run has listed segments here. */
  get hasHistory(): boolean {
    return (this.#playlist?.entries.length ?? 0) > 0;
  }

  /** Begins a segment whose first packet came at `startMs` of Unix time. */
  open(startMs: number, ending: string): PartFile {
    const stem = segmentName(this.#options.name, new Date(startMs), this.#number);
    for (let i = 0; ; i++) {
      const name = `${stem}${i === 0 ? "" : `-${i}`}${ending}`;
      const path = join(this.path, name);
      mkdirSync(dirname(path), { recursive: true });
      if (exists(path) || exists(path + PART)) continue;
      // Somebody may have deleted it, or a full disk had no room for it.
      if ((statSync(this.#listPath, { throwIfNoEntry: false })?.size ?? 0) === 0) this.#writeList();
      appendFileSync(this.#listPath, `${name}\n`);
      this.#names.add(name);
      return new PartFile(path);
    }
  }

  /** Gives a segment its name, and lists it where there is a playlist for it; its name. */
  finish(file: PartFile, entry: Omit<PlaylistEntry, "uri"> | null): string {
    file.finish();
    this.#number++;
    const name = file.path.slice(this.path.length + 1);
    this.#retention.add({ path: file.path, name, owner: this, bytes: file.bytes, endMs: Date.now() });
    if (entry !== null && this.#playlist !== null) {
      this.#playlist.add({ ...entry, uri: name });
      this.#writePlaylist();
    }
    return name;
  }

  forget(name: string): void {
    if (this.#playlist?.forget(name) === true) this.#writePlaylist();
    this.#names.delete(name);
    if (++this.#deletions % DELETIONS_A_LIST === 0) this.#tryWriteList();
  }

  /** Nothing more comes: players need not ask again. */
  end(): void {
    if (this.#playlist === null || this.#playlist.next === 0) return;
    this.#playlist.ended = true;
    this.#writePlaylist();
  }

  get #listPath(): string {
    return join(this.path, LIST_FILE);
  }

  #takeUp(): void {
    const names = listedIn(this.path)?.names ?? [];
    for (const name of names) {
      for (const there of [name, name + PART]) {
        const path = join(this.path, there);
        const found = statSync(path, { throwIfNoEntry: false });
        if (found?.isFile() !== true) continue;
        this.#names.add(name);
        this.#retention.add({ path, name, owner: this, bytes: found.size, endMs: found.mtimeMs });
      }
    }
    this.#number = names.length;
    // What was listed before still holds where there is no room now: old segments make room.
    this.#tryWriteList();
    if (this.#playlist === null) return;
    try {
      this.#playlist.restore(readFileSync(this.#playlistFile.path, "utf8"));
      this.#number = Math.max(this.#number, this.#playlist.next);
    } catch {
      // There is none: it begins anew.
    }
  }

  #writeList(): void {
    replaceFile(this.#listPath, [`# ${this.id}`, ...this.#names, ""].join("\n"));
  }

  /** A list that can't be written anew stays as it is, with names of files that have gone: those do no harm. */
  #tryWriteList(): void {
    try {
      this.#writeList();
    } catch (error) {
      this.#options.log("warning", `Can't write ${this.#listPath}: ${String(error)}.`, {
        path: this.#listPath,
      });
    }
  }

  /** A playlist that can't be written is told once; its segments are there all the same. */
  #writePlaylist(): void {
    if (this.#playlist === null) return;
    const { path } = this.#playlistFile;
    try {
      this.#playlistFile.write(this.#playlist);
      this.#told = false;
    } catch (error) {
      if (!this.#told) this.#options.log("warning", `Can't write ${path}: ${String(error)}.`, { path });
      this.#told = true;
    }
  }
}

/** What an earlier run listed in the folder `path`: whose segments, and their names; null where it is none of ours. */
export function listedIn(path: string): { readonly id: string; readonly names: string[] } | null {
  try {
    const [first = "", ...names] = readFileSync(join(path, LIST_FILE), "utf8").split("\n");
    if (!first.startsWith("# ")) return null;
    return { id: first.slice(2), names: [...new Set(names)].filter(isInside) };
  } catch {
    return null;
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
