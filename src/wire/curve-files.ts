/**
 * Folders of CURVE keys. A key pair NAME is two certificates in ZPL, as CZMQ and pyzmq write them: `NAME.key` with
 * the public key, for the peers, and `NAME.key_secret` with both.
 */
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { type CurveKeyPair, curvePublicKey, makeCurveKeyPair } from "../../ffi/libzmq/curve.ts";
import { environmentError, type RscapError, usageError } from "../report/error.ts";
import { isKey } from "./z85.ts";

/** A public key that may connect, and whose it is: its file's name without `.key`. */
export interface KnownKey {
  readonly name: string;
  readonly publicKey: string;
}

/** What a certificate says. */
export interface Certificate {
  readonly publicKey: string | null;
  readonly secretKey: string | null;
}

/** Larger is no certificate. */
const CERTIFICATE_MAX_OCTETS = 64 * 1024;

const PUBLIC_END = ".key";
const SECRET_END = ".key_secret";
const FLAG = "--curve-keys (CURVE_KEYS)";

/** Permission bits of those who are neither the owner nor of the group. */
const OTHERS = 0o007;

/** Certificate in ZPL (ZeroMQ RFC 4); unknown lines pass. Null for a key that is missing or no Z85. */
export function parseCertificate(text: string): Certificate {
  const value = (name: string): string | null => {
    const key = new RegExp(`^\\s*${name}\\s*=\\s*["']?(\\S{40})["']?\\s*$`, "m").exec(text)?.[1];
    return key !== undefined && isKey(key) ? key : null;
  };
  return { publicKey: value("public-key"), secretKey: value("secret-key") };
}

function certificateText(name: string, publicKey: string, secretKey: string | null): string {
  const kind = secretKey === null ? "Public" : "**Secret**";
  const advice = secretKey === null ? "Give it to those who are to know you." : "Show it to nobody.";
  const secret = secretKey === null ? "" : `    secret-key = "${secretKey}"\n`;
  return (
    `#   ZeroMQ CURVE ${kind} Certificate, made by rscap keygen. ${advice}\n\n` +
    `metadata\n    name = "${name}"\ncurve\n    public-key = "${publicKey}"\n${secret}`
  );
}

/** The files that `writeKeyPair` made. */
export interface WrittenKeys {
  readonly publicKey: string;
  readonly publicFile: string;
  readonly secretFile: string;
}

/**
 * Makes a key pair and writes `NAME.key` and `NAME.key_secret` (only its owner may read it) into `folder`, which is made
 * where it is missing. Nothing is overwritten: a usage error where one of them exists.
 */
export function writeKeyPair(folder: string, name: string): WrittenKeys {
  const publicFile = join(folder, name + PUBLIC_END);
  const secretFile = join(folder, name + SECRET_END);
  const { publicKey, secretKey } = makeCurveKeyPair();
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unwritable(folder, error);
  }
  writeNew(secretFile, certificateText(name, publicKey, secretKey), 0o600);
  try {
    writeNew(publicFile, certificateText(name, publicKey, null), 0o644);
  } catch (error) {
    // A secret key whose public one was not written is of no use; it was made just now.
    rmSync(secretFile);
    throw error;
  }
  return { publicKey, publicFile, secretFile };
}

function writeNew(path: string, text: string, mode: number): void {
  let fd: number;
  try {
    fd = openSync(path, "wx", mode);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw unwritable(path, error);
    throw usageError(
      "curve.exists",
      `${path} exists: a key that is in use must not be lost. Give another name, or move that file away.`,
    );
  }
  try {
    // Whatever the umask took away or a default ACL added.
    chmodSync(path, mode);
    writeSync(fd, text);
  } catch (error) {
    rmSync(path, { force: true });
    throw unwritable(path, error);
  } finally {
    closeSync(fd);
  }
}

/** The own keys in a folder. */
export interface OwnKeys extends CurveKeyPair {
  /** A sentence for the log about the file's permissions; null when they are right. */
  readonly notice: string | null;
}

/** The one secret key in `folder`; a usage error where there is none, or more than one, or the file holds no key. */
export function readOwnKeys(folder: string): OwnKeys {
  const names = list(folder)
    .filter((name) => name.endsWith(SECRET_END))
    .toSorted();
  const [name] = names;
  if (name === undefined || names.length > 1) {
    throw usageError(
      "curve.own",
      `${FLAG}: expected one secret key (*${SECRET_END}) in ${folder}, got ` +
        (name === undefined
          ? `none. Make one: rscap keygen --curve-keys ${folder}`
          : `${names.length}: ${names.join(", ")}. Move those of others to their machines.`),
    );
  }
  const path = join(folder, name);
  const { publicKey, secretKey } = parseCertificate(read(path));
  const derived = secretKey === null ? null : curvePublicKey(secretKey);
  if (secretKey === null || derived === null) throw noKey(path, "secret-key");
  if (publicKey !== null && publicKey !== derived) {
    throw usageError(
      "curve.pair",
      `${FLAG}: the keys in ${path} do not belong together. Make new ones: rscap keygen`,
    );
  }
  const open = (statSync(path).mode & OTHERS) !== 0;
  return {
    publicKey: derived,
    secretKey,
    notice: open
      ? `${path} holds a secret key and is open to every user of this machine: chmod 600 it.`
      : null,
  };
}

/** The public keys (`*.key`) in `folder`, by name; a usage error where one of the files holds none. */
export function readKnownKeys(folder: string): KnownKey[] {
  return list(folder)
    .filter((name) => name.endsWith(PUBLIC_END))
    .toSorted()
    .map((name) => ({
      name: name.slice(0, -PUBLIC_END.length),
      publicKey: readPublicKey(join(folder, name)),
    }));
}

/** The public key in the certificate at `path`. */
export function readPublicKey(path: string): string {
  const { publicKey } = parseCertificate(read(path));
  if (publicKey === null) throw noKey(path, "public-key");
  return publicKey;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw unreadable(folder, "a folder of keys", error);
  }
}

function read(path: string): string {
  try {
    if (statSync(path).size <= CERTIFICATE_MAX_OCTETS) return readFileSync(path, "utf8");
  } catch (error) {
    throw unreadable(path, "a certificate", error);
  }
  throw noKey(path, "public-key");
}

function noKey(path: string, name: string): RscapError {
  return usageError(
    "curve.certificate",
    `${FLAG}: expected a line ${name} = "…" with 40 characters of Z85 in ${path}, got none. ` +
      `rscap keygen makes such files; so do CZMQ and pyzmq.`,
  );
}

function unreadable(path: string, what: string, error: unknown): RscapError {
  const code = codeOf(error);
  const why =
    code === "ENOENT"
      ? "it does not exist; rscap keygen makes one"
      : code === "EACCES"
        ? "there is no permission to read it"
        : code === "ENOTDIR"
          ? "this is no folder"
          : `it can't be read (${code})`;
  return usageError("curve.unreadable", `${FLAG}: expected ${what}, got ${path}: ${why}.`, error);
}

function unwritable(path: string, error: unknown): RscapError {
  return environmentError(
    "curve.unwritable",
    `Can't write ${path} (${codeOf(error)}). Name a folder that you may write to with ${FLAG}.`,
    error,
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
