import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { usageError } from "../report/error.ts";

/** Names and values of one `.env` file. */
export interface EnvFile {
  /** Path as it is shown to the user. */
  readonly path: string;
  readonly values: Readonly<Record<string, string>>;
  /** Every user of the machine may read it. */
  readonly open: boolean;
}

/** The file that is read when no other is named. */
const DEFAULT_ENV_FILE = ".env";

/** Larger is not a file of settings. */
const ENV_FILE_MAX_OCTETS = 1024 * 1024;

/** Permission bit of those who are neither the owner nor of the group. */
const OTHERS_READ = 0o004;

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/**
 * Reads `named`, or `.env` in `folder` when it is empty. A missing `.env` is no error and gives null; a
 * missing or unreadable file that was named is a usage error.
 */
export function readEnvFile(named: string, folder: string): EnvFile | null {
  const shown = named === "" ? DEFAULT_ENV_FILE : named;
  const path = resolve(folder, shown);
  let text: string;
  let open: boolean;
  try {
    text = readFileSync(path, "utf8");
    const stat = statSync(path);
    open = stat.isFile() && (stat.mode & OTHERS_READ) !== 0;
  } catch (error) {
    const code = codeOf(error);
    if (named === "" && (code === "ENOENT" || code === "EISDIR")) return null;
    const why =
      code === "ENOENT"
        ? "there is no such file"
        : code === "EISDIR"
          ? "this is a folder"
          : code === "EACCES"
            ? "there is no permission to read it"
            : `it cannot be read (${code})`;
    throw usageError(
      "env-file",
      `--env-file (ENV_FILE): expected a file with NAME=value lines, got "${shown}": ${why}. ` +
        "Name another file, or leave the flag out.",
      error,
    );
  }
  if (text.length > ENV_FILE_MAX_OCTETS || text.includes("\0")) {
    throw usageError(
      "env-file",
      `--env-file (ENV_FILE): expected a text file of NAME=value lines, got "${shown}", which is not one.`,
    );
  }
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(parseEnv(text))) values[name] = value ?? "";
  return { path: shown, values, open };
}
