import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { resolve } from "node:path";
import { type RscapError, usageError } from "../report/error.ts";

/** Larger is no password and no token. */
const SECRET_MAX_OCTETS = 64 * 1024;

/** Permission bits of those who are neither the owner nor of the group. */
const OTHERS = 0o007;

/** A secret, and what is to be said of its file. */
export interface SecretFile {
  readonly secret: string;
  /** A sentence for the log; null when there is nothing to say. */
  readonly notice: string | null;
}

/**
 * The text in the file `named` without the line ends after it. `setting` is how errors call the setting. A pipe will
 * do, e.g. `<(pass show token)`. A usage error where it can't be read, holds nothing, or holds no text; no message
 * ever has a part of it.
 */
export function readSecretFile(setting: string, named: string, folder: string): SecretFile {
  let octets: Uint8Array;
  let open = false;
  let fd = -1;
  try {
    fd = openSync(resolve(folder, named), "r");
    const stat = fstatSync(fd);
    open = stat.isFile() && (stat.mode & OTHERS) !== 0;
    octets = readAll(fd);
  } catch (error) {
    throw wrong(setting, named, reasonOf(error), error);
  } finally {
    if (fd >= 0) closeSync(fd);
  }
  if (octets.length > SECRET_MAX_OCTETS) throw wrong(setting, named, "it is too large");
  const secret = textOf(octets)?.replace(/[\r\n]+$/, "");
  if (secret === undefined) throw wrong(setting, named, "it is no text");
  if (secret === "") throw wrong(setting, named, "it is empty");
  return {
    secret,
    notice: open
      ? `${named}, which holds a secret (${setting}), is open to every user of this machine: chmod 600 it.`
      : null,
  };
}

/** What `fd` has to give, up to one octet more than is allowed. */
function readAll(fd: number): Uint8Array {
  const room = new Uint8Array(SECRET_MAX_OCTETS + 1);
  let filled = 0;
  for (;;) {
    const bytes = readSync(fd, room, filled, room.length - filled, null);
    filled += bytes;
    if (bytes === 0 || filled === room.length) return room.subarray(0, filled);
  }
}

function textOf(octets: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(octets);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT") return "there is no such file";
  if (code === "EISDIR") return "this is a folder";
  return code === "EACCES" ? "there is no permission to read it" : `it cannot be read (${code})`;
}

function wrong(setting: string, named: string, why: string, cause?: unknown): RscapError {
  return usageError(
    "secret-file",
    `${setting}: expected a file that holds the secret and nothing else, got "${named}": ${why}.`,
    cause,
  );
}
