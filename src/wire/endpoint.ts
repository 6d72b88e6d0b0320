import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { ERRNO } from "../../ffi/libzmq/constants.ts";
import { zmqErrorText } from "../../ffi/libzmq/libzmq.ts";
import { environmentError, type RscapError, usageError } from "../report/error.ts";

/** A ZeroMQ endpoint taken apart. */
export type Endpoint =
  | { readonly protocol: "tcp"; readonly host: string; readonly port: number }
  | { readonly protocol: "ipc"; readonly path: string };

const NAMES = "--endpoint (ENDPOINT), or TARGET_IP and TARGET_PORT";

/** Longest path of a Unix socket: `sun_path` of sockaddr_un less its NUL. */
const IPC_PATH_MAX_BYTES = 107;

/** `__SO_ACCEPTCON` in the flags of /proc/net/unix: the socket is listening. */
const ACCEPTS_CONNECTIONS = 0x10000;

/**
 * `tcp://host:port` (IPv6 in brackets, port `*` for any free one) or `ipc://path`. Throws a usage error
 * that names the setting.
 */
export function parseEndpoint(text: string): Endpoint {
  const ipc = /^ipc:\/\/(.+)$/.exec(text);
  if (ipc) {
    const path = ipc[1] as string;
    if (new TextEncoder().encode(path).length > IPC_PATH_MAX_BYTES) {
      throw invalid(text, `a path of at most ${IPC_PATH_MAX_BYTES} octets, as Unix sockets have it`);
    }
    return { protocol: "ipc", path };
  }
  const tcp = /^tcp:\/\/(\[[0-9A-Fa-f:.%\w]+\]|[^\s[\]:/]+):(\d{1,5}|\*)$/.exec(text);
  if (!tcp) throw invalid(text, "tcp://host:port (IPv6 in brackets) or ipc://path");
  const port = tcp[2] === "*" ? 0 : Number(tcp[2]);
  if (port > 65535 || tcp[2] === "0") throw invalid(text, "a port of 1 to 65535");
  return { protocol: "tcp", host: (tcp[1] as string).replace(/^\[|\]$/g, ""), port };
}

function invalid(text: string, expected: string): RscapError {
  return usageError("endpoint.invalid", `${NAMES}: expected ${expected}, got "${text}".`);
}

/**
 * libzmq unlinks whatever stands at an ipc path before it binds: another probe's socket, or a file. Throws
 * where that would take something away from somebody.
 */
export function checkIpcFree(endpoint: string): void {
  const parsed = parseEndpoint(endpoint);
  if (parsed.protocol !== "ipc" || parsed.path.startsWith("@")) return;
  const { path } = parsed;
  if (!exists(dirname(path))) {
    throw environmentError(
      "endpoint.folder",
      `Can't bind ${endpoint}: there is no folder ${dirname(path)}. Make it, or choose another path.`,
    );
  }
  if (!exists(path)) return;
  if (!statSync(path).isSocket()) {
    throw usageError(
      "endpoint.notSocket",
      `${NAMES}: ${path} exists and is no socket; it would be overwritten. Choose another path.`,
    );
  }
  if (listening(path)) throw bindError(endpoint, ERRNO.eaddrinuse);
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** True when a process of this network namespace listens on the Unix socket at `path`. */
function listening(path: string): boolean {
  let table: string;
  try {
    table = readFileSync("/proc/net/unix", "utf8");
  } catch {
    return false;
  }
  // Num: RefCount Protocol Flags Type St Inode Path
  return table.split("\n").some((line) => {
    const fields = line.trim().split(/\s+/);
    return (
      fields.slice(7).join(" ") === path && (Number.parseInt(fields[3] ?? "", 16) & ACCEPTS_CONNECTIONS) !== 0
    );
  });
}

/** What went wrong when `endpoint` was bound, and what to do; `code` is the errno value. */
export function bindError(endpoint: string, code: number): RscapError {
  const why = `Can't bind ${endpoint}: `;
  switch (code) {
    case ERRNO.eaddrinuse:
      return environmentError(
        "endpoint.inUse",
        `${why}the address is in use, perhaps by another rscap. Stop that one, or choose another with ${NAMES}.`,
      );
    case ERRNO.eaddrnotavail:
    case ERRNO.enodev:
      return environmentError(
        "endpoint.notLocal",
        `${why}no device of this machine has that address. Use one it has, or * for every device (${NAMES}).`,
      );
    case ERRNO.eacces:
      return environmentError(
        "endpoint.permission",
        `${why}permission denied. Choose a port of 1024 or above or a folder you may write to (${NAMES}).`,
      );
    default:
      return endpointError(why, endpoint, code);
  }
}

/** What went wrong when `endpoint` was connected to; `code` is the errno value. */
export function connectError(endpoint: string, code: number): RscapError {
  return endpointError(`Can't connect to ${endpoint}: `, endpoint, code);
}

function endpointError(why: string, endpoint: string, code: number): RscapError {
  const text = `${why}${zmqErrorText(code)}.`;
  if (code === ERRNO.einval || code === ERRNO.eprotonosupport || code === ERRNO.enametoolong) {
    return usageError("endpoint.invalid", `${NAMES}: "${endpoint}" is no endpoint. ${text}`);
  }
  return environmentError("endpoint.failed", `${text} Choose another with ${NAMES}.`);
}
