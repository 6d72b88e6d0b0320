import { afterAll } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { END_OF_INPUT, FrameBatch, type FrameSource } from "../../src/capture/batch.ts";

/** One frame, copied out of its batch. */
export interface ReadFrame {
  readonly octets: Uint8Array;
  readonly wireLength: number;
  readonly timeNs: number;
  readonly linkType: number;
}

/** Everything a source gave, and what it ended with. */
export interface ReadResult {
  readonly frames: ReadFrame[];
  /** What `next` threw at the end, or null. */
  readonly error: unknown;
}

/** Reads `source` to its end or its error, in batches of `capacity` frames, then closes it. */
export async function readFrames(source: FrameSource, capacity = 256): Promise<ReadResult> {
  const batch = new FrameBatch(capacity);
  const frames: ReadFrame[] = [];
  let error: unknown = null;
  try {
    for (;;) {
      const count = await source.next(batch, 100);
      if (count === END_OF_INPUT) break;
      for (let i = 0; i < count; i++) frames.push(frameAt(batch, i));
    }
  } catch (thrown) {
    error = thrown;
  } finally {
    source.close();
  }
  return { frames, error };
}

/** Frame `i` of `batch`, copied. */
export function frameAt(batch: FrameBatch, i: number): ReadFrame {
  const off = batch.offset[i] as number;
  const length = batch.capturedLength[i] as number;
  if (off + length > batch.buf.length) throw new Error(`frame ${i} lies outside its buffer`);
  return {
    octets: batch.buf.slice(off, off + length),
    wireLength: batch.wireLength[i] as number,
    timeNs: batch.timeNs[i] as number,
    linkType: batch.linkType[i] as number,
  };
}

/** A folder for the files of one test file, removed after its tests; returns a writer of such files. */
export function temporaryFiles(): {
  path: (name: string) => string;
  write: (name: string, octets: Uint8Array) => string;
} {
  const folder = mkdtempSync(join(tmpdir(), "rscap-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string): string => join(folder, name);
  return {
    path,
    write(name, octets) {
      writeFileSync(path(name), octets);
      return path(name);
    },
  };
}
