import { Database } from "bun:sqlite";
import { environmentError, type RscapError } from "../../report/error.ts";

/** Version of the tables, in `PRAGMA user_version`. */
export const SQLITE_SCHEMA_VERSION = 1;

/** Marks the file as one of rscap's: "rscp". */
const APPLICATION_ID = 0x72736370;

/** How long a write waits for another process that writes. */
const BUSY_MS = 5000;

/** The tables of version 1; what the columns mean stands in docs/sql.md. */
const TABLES = `
CREATE TABLE reports (
  id INTEGER PRIMARY KEY, stored_ms INTEGER NOT NULL, time TEXT, probe TEXT NOT NULL, input TEXT NOT NULL, json TEXT NOT NULL
);
CREATE INDEX reports_probe ON reports (probe, stored_ms);
CREATE TABLE streams (
  id INTEGER PRIMARY KEY, probe TEXT NOT NULL, stream TEXT NOT NULL, kind TEXT NOT NULL, media TEXT NOT NULL,
  source TEXT NOT NULL, destination TEXT NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
  UNIQUE (probe, stream)
);
CREATE INDEX streams_last ON streams (last_ms);
CREATE TABLE seconds (
  id INTEGER PRIMARY KEY, stored_ms INTEGER NOT NULL, stream_id INTEGER NOT NULL REFERENCES streams (id), time_ms REAL NOT NULL,
  bitrate_bps REAL, packets INTEGER NOT NULL, bytes INTEGER NOT NULL, rtp_lost INTEGER NOT NULL,
  continuity_errors INTEGER NOT NULL, missing_packets INTEGER NOT NULL, illegal_packets INTEGER NOT NULL,
  priority1_errors INTEGER NOT NULL, priority2_errors INTEGER NOT NULL, priority3_errors INTEGER NOT NULL
);
CREATE INDEX seconds_stream ON seconds (stream_id, time_ms);
CREATE TABLE pid_seconds (
  id INTEGER PRIMARY KEY, stored_ms INTEGER NOT NULL, stream_id INTEGER NOT NULL REFERENCES streams (id), time_ms REAL NOT NULL,
  pid INTEGER NOT NULL, bitrate_bps REAL, packets INTEGER NOT NULL, continuity_errors INTEGER NOT NULL
);
CREATE INDEX pid_seconds_stream ON pid_seconds (stream_id, pid, time_ms);
CREATE TABLE media_seconds (
  id INTEGER PRIMARY KEY, stored_ms INTEGER NOT NULL, stream_id INTEGER NOT NULL REFERENCES streams (id), time_ms REAL NOT NULL,
  frames INTEGER NOT NULL, complete_frames INTEGER NOT NULL, cinst_peak REAL, vrx_peak REAL, ts_df_max_ns REAL,
  anc_packets INTEGER NOT NULL
);
CREATE INDEX media_seconds_stream ON media_seconds (stream_id, time_ms);
CREATE TABLE findings (
  id INTEGER PRIMARY KEY, probe TEXT NOT NULL, stream TEXT NOT NULL, code TEXT NOT NULL, clause TEXT NOT NULL,
  severity TEXT NOT NULL, pid INTEGER NOT NULL, count INTEGER NOT NULL, first TEXT, last TEXT, text TEXT NOT NULL,
  first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
  UNIQUE (probe, stream, code, clause, pid)
);
CREATE INDEX findings_last ON findings (last_ms);
CREATE TABLE events (
  id INTEGER PRIMARY KEY, stored_ms INTEGER NOT NULL, time TEXT, probe TEXT NOT NULL, stream TEXT NOT NULL, code TEXT NOT NULL,
  clause TEXT NOT NULL, severity TEXT NOT NULL, pid INTEGER, added INTEGER NOT NULL, count INTEGER NOT NULL, text TEXT NOT NULL
);
CREATE INDEX events_stored ON events (stored_ms);
`;

/**
 * Opens or makes the database at `path` for writing, in WAL, so that others read while it grows. Throws an environment
 * error when it is no database of rscap's, is of a newer version, or can't be written.
 */
export function openDatabase(path: string): Database {
  let database: Database;
  try {
    database = new Database(path, { create: true, strict: true });
  } catch (error) {
    throw openError(path, reasonOf(error), error);
  }
  try {
    database.run(`PRAGMA busy_timeout = ${BUSY_MS}`);
    const version = pragma(database, "user_version");
    const tables = database.query("SELECT count(*) AS n FROM sqlite_master").get() as { n: number };
    const owner = pragma(database, "application_id");
    if (tables.n > 0 && owner !== APPLICATION_ID) throw new Error("it is a database of another program");
    if (version > SQLITE_SCHEMA_VERSION) {
      throw new Error(`its tables are of version ${version}, this rscap knows ${SQLITE_SCHEMA_VERSION}`);
    }
    // Before the first table; pages of deleted rows can then be given back bit by bit.
    if (tables.n === 0) database.run("PRAGMA auto_vacuum = INCREMENTAL");
    database.run("PRAGMA journal_mode = WAL");
    database.run("PRAGMA synchronous = NORMAL");
    database.run("PRAGMA journal_size_limit = 16777216");
    if (tables.n === 0) makeTables(database);
    return database;
  } catch (error) {
    database.close();
    throw openError(path, reasonOf(error), error);
  }
}

/** The value of a pragma that is a number. */
export function pragma(database: Database, name: string): number {
  const row = database.query(`PRAGMA ${name}`).get() as Record<string, number> | null;
  return Number(Object.values(row ?? {})[0] ?? 0);
}

/** Why SQLite refused, in its words. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function makeTables(database: Database): void {
  // Another process may have made them since: IMMEDIATE lets one of them in at a time.
  database
    .transaction(() => {
      const { n } = database.query("SELECT count(*) AS n FROM sqlite_master").get() as { n: number };
      if (n > 0) return;
      database.run(TABLES);
      database.run(`PRAGMA user_version = ${SQLITE_SCHEMA_VERSION}`);
      database.run(`PRAGMA application_id = ${APPLICATION_ID}`);
    })
    .immediate();
}

function openError(path: string, why: string, cause: unknown): RscapError {
  return environmentError(
    "sqlite.open",
    `Can't store in ${path}: ${why}. Name another file with --sqlite (SQLITE).`,
    cause,
  );
}
