import type { Database } from "bun:sqlite";
import { pragma } from "./schema.ts";

/** Rows of a table that are deleted at once, and free pages that are given back: a few milliseconds of work each. */
const ROWS_A_STEP = 2000;
const PAGES_A_STEP = 500;

/** The tables that grow with time, with the time of a row. */
const GROWING = ["reports", "seconds", "pid_seconds", "media_seconds", "events"] as const;

/** How long and how much is kept; 0 for no limit. */
export interface KeepOptions {
  readonly maxAgeMs: number;
  /** Octets of the file, pages that are free in it left out. */
  readonly maxBytes: number;
}

/**
 * Deletes the oldest rows in small steps, and gives the room back to the file system. `step` returns true when there is
 * more to do. Findings and streams that were not seen for the age go too.
 */
export class Retention {
  readonly #database: Database;
  readonly #options: KeepOptions;

  constructor(database: Database, options: KeepOptions) {
    this.#database = database;
    this.#options = options;
  }

  /** One small step, at `nowMs` of Unix time. */
  step(nowMs: number): boolean {
    const { maxAgeMs, maxBytes } = this.#options;
    let deleted = 0;
    if (maxAgeMs > 0) deleted += this.#older(nowMs - maxAgeMs);
    if (maxBytes > 0 && this.usedBytes > maxBytes) deleted += this.#oldest();
    const freed = this.#giveBack();
    return deleted > 0 || freed;
  }

  /** Octets of the file that hold something. */
  get usedBytes(): number {
    const pages = pragma(this.#database, "page_count") - pragma(this.#database, "freelist_count");
    return pages * pragma(this.#database, "page_size");
  }

  #older(beforeMs: number): number {
    let deleted = 0;
    for (const table of GROWING) {
      deleted += this.#database
        .query(
          `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE stored_ms < ? ORDER BY id LIMIT ${ROWS_A_STEP})`,
        )
        .run(beforeMs).changes;
    }
    deleted += this.#database.query("DELETE FROM findings WHERE last_ms < ?").run(beforeMs).changes;
    this.#database
      .query(
        `DELETE FROM streams WHERE last_ms < ? AND NOT EXISTS (SELECT 1 FROM seconds WHERE stream_id = streams.id)
         AND NOT EXISTS (SELECT 1 FROM pid_seconds WHERE stream_id = streams.id)
         AND NOT EXISTS (SELECT 1 FROM media_seconds WHERE stream_id = streams.id)`,
      )
      .run(beforeMs);
    return deleted;
  }

  /** The oldest twentieth of each table, or as much as a step may. */
  #oldest(): number {
    let deleted = 0;
    for (const table of GROWING) {
      const { n } = this.#database.query(`SELECT count(*) AS n FROM ${table}`).get() as { n: number };
      const rows = Math.min(ROWS_A_STEP, Math.ceil(n / 20));
      if (rows === 0) continue;
      deleted += this.#database
        .query(`DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} ORDER BY id LIMIT ${rows})`)
        .run().changes;
    }
    return deleted;
  }

  #giveBack(): boolean {
    if (pragma(this.#database, "freelist_count") === 0) return false;
    // Each row that it returns is one page given back.
    this.#database.query(`PRAGMA incremental_vacuum(${PAGES_A_STEP})`).all();
    return pragma(this.#database, "freelist_count") > 0;
  }
}
