import { closeSync, constants, fstatSync, openSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Playlist } from "./playlist.ts";

/** Octets that the kernel shows to readers at once: its smallest page. Longer writes are seen in parts. */
const PAGE = 4096;

const LINE_END = 0x0a;

/**
 * The file of a playlist. Readers see it as it was or as it is, never a part: it is replaced as a whole, or, where one
 * segment has come to the end of a long list, added to within one page. Blank lines, which RFC 8216 4.1 has readers
 * ignore, fill up the page before where a segment's lines do not fit in it.
 */
export class PlaylistFile {
  readonly path: string;
  /** What the file holds: its first lines, its octets, the number after its last segment; -1 where that is not known. */
  #header = "";
  #bytes = 0;
  #next = -1;

  /** `path`: where it is, or will be. */
  constructor(path: string) {
    this.path = path;
  }

  /** Brings the file to what `playlist` is now; throws the system's error. */
  write(playlist: Playlist): void {
    const added = this.#added(playlist);
    // Until that is done, nobody knows what is in it.
    this.#next = -1;
    if (added === null || !this.#append(added)) this.#replace(playlist);
    if (!playlist.ended) this.#next = playlist.next;
  }

  /** The octets of the one segment that is new; null where more has changed. */
  #added(playlist: Playlist): Uint8Array | null {
    if (!playlist.grows || playlist.ended || playlist.next !== this.#next + 1) return null;
    if (playlist.header() !== this.#header) return null;
    const lines = Buffer.from(playlist.body(this.#next));
    const room = PAGE - (this.#bytes % PAGE);
    if (lines.length <= room) return lines;
    return lines.length > PAGE ? null : Buffer.concat([Buffer.alloc(room, LINE_END), lines]);
  }

  /** False where the file is not what was written last, or the disk did not take all. */
  #append(octets: Uint8Array): boolean {
    let fd: number;
    try {
      fd = openSync(this.path, constants.O_WRONLY | constants.O_APPEND);
    } catch {
      return false;
    }
    try {
      if (fstatSync(fd).size !== this.#bytes) return false;
      const written = writeSync(fd, octets);
      this.#bytes += written;
      return written === octets.length;
    } catch {
      return false;
    } finally {
      closeSync(fd);
    }
  }

  #replace(playlist: Playlist): void {
    const text = playlist.render();
    replaceFile(this.path, text);
    this.#header = playlist.header();
    this.#bytes = Buffer.byteLength(text);
  }
}

/** Writes `text` to `path`: readers see the file as it was or as it is, never a part. Throws the system's error. */
export function replaceFile(path: string, text: string): void {
  const temporary = join(dirname(path), `.${basename(path)}.new`);
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}
