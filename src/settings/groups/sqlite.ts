import type { Setting } from "../setting.ts";

/** Largest size that is thought of: 1 PiB. */
const MAX_BYTES = 2 ** 50;

/** Reports in a database. */
export const SQLITE_SETTINGS = {
  sqlite: {
    type: "string",
    value: "file",
    flag: "sqlite",
    env: ["SQLITE"],
    commands: ["client", "replay"],
    group: "SQLite",
    help: "store reports, findings, events and the figures of each second in this SQLite database",
    default: "",
    defaultText: "none",
  },
  sqliteReports: {
    type: "duration",
    unit: "s",
    flag: "sqlite-reports",
    env: ["SQLITE_REPORTS"],
    commands: ["client", "replay"],
    group: "SQLite",
    help: "least time between two whole reports of a probe that are stored as JSON, 0 for each; the last one of replay always is",
    default: 60_000,
    min: 0,
    max: 86_400_000,
  },
  sqliteMaxAge: {
    type: "duration",
    unit: "s",
    flag: "sqlite-max-age",
    env: ["SQLITE_MAX_AGE"],
    commands: ["client"],
    group: "SQLite",
    help: "delete what was stored longer ago, 0 for never",
    default: 0,
    min: 0,
    max: 100 * 365 * 86_400_000,
  },
  sqliteMaxSize: {
    type: "size",
    flag: "sqlite-max-size",
    env: ["SQLITE_MAX_SIZE"],
    commands: ["client"],
    group: "SQLite",
    help: "delete the oldest when the database is larger, 0 for no limit",
    default: 0,
    min: 0,
    max: MAX_BYTES,
  },
} as const satisfies Record<string, Setting>;
