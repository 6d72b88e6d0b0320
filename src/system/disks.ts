import { statfs } from "node:fs/promises";
import type { SystemReport } from "../report/system-schema.ts";

type DiskReport = SystemReport["disks"][number];

/**
 * Free space of the file systems that are written to. They are asked in the background: one that hangs (a server that
 * is away) keeps its last figure, and holds up nothing.
 */
export class DiskMeter {
  readonly #paths: readonly string[];
  readonly #ask: typeof statfs;
  readonly #last = new Map<string, DiskReport>();
  readonly #asked = new Set<string>();

  /** `paths`: folders or files; `ask` stands in for the system in tests. */
  constructor(paths: readonly string[], ask: typeof statfs = statfs) {
    this.#paths = [...new Set(paths)];
    this.#ask = ask;
  }

  /** The last answer of each file system that has answered. */
  get reports(): DiskReport[] {
    return this.#paths.flatMap((path) => this.#last.get(path) ?? []);
  }

  /** Asks each that owes no answer; resolves when those have answered. */
  async refresh(): Promise<void> {
    await Promise.all(this.#paths.filter((path) => !this.#asked.has(path)).map((path) => this.#one(path)));
  }

  async #one(path: string): Promise<void> {
    this.#asked.add(path);
    try {
      const { bsize, blocks, bavail } = await this.#ask(path);
      this.#last.set(path, { path, totalBytes: blocks * bsize, freeBytes: bavail * bsize });
    } catch {
      this.#last.delete(path);
    } finally {
      this.#asked.delete(path);
    }
  }
}
