import type { Database } from "bun:sqlite";
import { pragma } from "./schema.ts";

/** The tables that grow with time, and rows of each that are deleted at once; a report may have 100 kB and more. */
const GROWING = [
  ["reports", 20],
  ["seconds", 2000],
  ["pid_seconds", 2000],
  ["media_seconds", 2000],
  ["events", 2000],
] as const;

/** Findings and streams that are deleted at once. */
const ROWS_A_STEP = 2000;

/** Free pages that are given back at once. */
const PAGES_A_STEP = 500;

/** How to walk from the oldest of what grows, and rows a step. */
const AGES = [
  ...GROWING.map(([table, rows]) => [`stored_ms AS ms FROM ${table} ORDER BY id`, rows] as const),
  ["last_ms AS ms FROM findings ORDER BY last_ms", ROWS_A_STEP] as const,
];

const STREAM_IS_EMPTY = ["seconds", "pid_seconds", "media_seconds"]
  .map((table) => `NOT EXISTS (SELECT 1 FROM ${table} WHERE stream_id = streams.id)`)
  .join(" AND ");

/** How long and how much is kept; 0 for no limit. */
export interface KeepOptions {
  readonly maxAgeMs: number;
  /** Octets of the file, pages that are free in it left out. */
  readonly maxBytes: number;
}

/**
 * Deletes the oldest rows in small steps, and gives the room back to the file system. `step` returns true when there is
 * more to do; what it takes does not grow with the tables. Findings that grew last, and streams that were seen last, as
 * long ago as what is deleted go too.
 *
 * Rows are looked at in the order of their ids, which is that in which they came: those of a clock that was ahead, and
 * what stands behind them, wait for their time or for the limit of size.
 */
export class Retention {
  readonly #database: Database;
  readonly #options: KeepOptions;

  constructor(database: Database, options: KeepOptions) {
    this.#database = database;
    this.#options = options;
  }

  /** One small step, at `nowMs` of Unix time. Throws what SQLite throws. */
  step(nowMs: number): boolean {
    const { maxAgeMs, maxBytes } = this.#options;
    let deleted = 0;
    if (maxAgeMs > 0) deleted += this.#until(nowMs - maxAgeMs - 1);
    if (maxBytes > 0 && this.usedBytes > maxBytes) deleted += this.#until(this.#oldestMs());
    const freed = this.#giveBack();
    return deleted > 0 || freed;
  }

  /** Octets of the file that hold something. */
  get usedBytes(): number {
    const pages = pragma(this.#database, "page_count") - pragma(this.#database, "freelist_count");
    return pages * pragma(this.#database, "page_size");
  }

  /** Deletes what was stored at `lastMs` or before, no more than a step's rows of each table; the number of rows. */
  #until(lastMs: number): number {
    let deleted = 0;
    for (const [table, rows] of GROWING) {
      deleted += this.#delete(
        `${table} WHERE id IN (SELECT id FROM (SELECT id, stored_ms FROM ${table} ORDER BY id LIMIT ${rows}) WHERE stored_ms <= ?)`,
        lastMs,
      );
    }
    deleted += this.#delete(
      `findings WHERE id IN (SELECT id FROM findings WHERE last_ms <= ? ORDER BY last_ms LIMIT ${ROWS_A_STEP})`,
      lastMs,
    );
    deleted += this.#delete(
      `streams WHERE id IN (SELECT id FROM streams WHERE last_ms <= ? AND ${STREAM_IS_EMPTY} ORDER BY last_ms LIMIT ${ROWS_A_STEP})`,
      lastMs,
    );
    return deleted;
  }

  /**
   * The time up to which a step deletes the oldest of all: no more than a step's rows of any table, so that all tables
   * go back equally far. Where streams alone are left, that is all of them: those that still come are made again.
   */
  #oldestMs(): number {
    return this.#leastMs((rows) => rows - 1) ?? this.#leastMs(() => 0) ?? Number.POSITIVE_INFINITY;
  }

  /** The least time of the rows that stand at `place` of each table; null where none has that many. */
  #leastMs(place: (rows: number) => number): number | null {
    let least: number | null = null;
    for (const [from, rows] of AGES) {
      const ms = this.#ms(`SELECT ${from} LIMIT 1 OFFSET ${place(rows)}`);
      if (ms !== null && (least === null || ms < least)) least = ms;
    }
    return least;
  }

  #ms(sql: string): number | null {
    return (this.#database.query(sql).get() as { ms: number } | null)?.ms ?? null;
  }

  #delete(what: string, lastMs: number): number {
    return this.#database.query(`DELETE FROM ${what}`).run(lastMs).changes;
  }

  #giveBack(): boolean {
    if (pragma(this.#database, "freelist_count") === 0) return false;
    // Each row that it returns is one page given back.
    this.#database.query(`PRAGMA incremental_vacuum(${PAGES_A_STEP})`).all();
    return pragma(this.#database, "freelist_count") > 0;
  }
}
