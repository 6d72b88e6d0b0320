/**
 * Finds and opens the native libraries. Order for libpcap and libzmq: RSCAP_LIBPCAP or RSCAP_LIBZMQ if set,
 * else the one inside the executable (from source: the locally built one), else the system's.
 */
import { dlopen, type FFIFunction, type Library } from "bun:ffi";
import { environmentError } from "../src/report/error.ts";
import { type BundledName, bundledAs, bundledPath } from "./embedded.ts";
import { memfdPath } from "./memfd.ts";

/** A native library that the program uses. */
export type LibraryName = BundledName | "libc";

/** Where a library was found. */
export type LibrarySource = "setting" | "embedded" | "built" | "system";

/** The functions wanted from a library: name to argument and result types, as `bun:ffi` has them. */
export type SymbolTable = Record<string, FFIFunction>;

/** An open library: typed functions, and where they come from. */
export interface OpenLibrary<Table extends SymbolTable> {
  readonly symbols: Library<Table>["symbols"];
  readonly source: LibrarySource;
  /** What was given to dlopen: a path, or the bare name that the system's loader searched for. */
  readonly path: string;
}

interface Place {
  readonly source: LibrarySource;
  readonly path: string;
}

interface Known {
  /** Names the system's loader is asked for, in this order. */
  readonly system: readonly string[];
  /** Environment variable that names another copy. */
  readonly variable: string | null;
  /** Debian package that brings the system's copy. */
  readonly debian: string;
  readonly bundled: BundledName | null;
}

const KNOWN: Readonly<Record<LibraryName, Known>> = {
  libpcap: {
    system: ["libpcap.so.0.8", "libpcap.so.1"],
    variable: "RSCAP_LIBPCAP",
    debian: "libpcap0.8",
    bundled: "libpcap",
  },
  libzmq: { system: ["libzmq.so.5"], variable: "RSCAP_LIBZMQ", debian: "libzmq5", bundled: "libzmq" },
  libc: { system: ["libc.so.6"], variable: null, debian: "libc6", bundled: null },
};

const opened = new Map<SymbolTable, OpenLibrary<SymbolTable>>();

/** The places to look for a library, best first. A setting stands alone: it is meant, so nothing replaces it. */
export function libraryPlaces(name: LibraryName, env: Readonly<Record<string, string | undefined>>): Place[] {
  const known = KNOWN[name];
  const setting = known.variable === null ? undefined : env[known.variable];
  if (setting !== undefined && setting !== "") return [{ source: "setting", path: setting }];
  const system = known.system.map((path): Place => ({ source: "system", path }));
  const bundled = known.bundled === null ? null : bundledPath(known.bundled);
  return bundled === null ? system : [{ source: bundledAs, path: bundled }, ...system];
}

/**
 * Opens a library with the functions in `table`. Cached per thread and table: pass a module-level constant.
 * Throws an environment error that says where it looked and what to do.
 */
export function openLibrary<const Table extends SymbolTable>(
  name: LibraryName,
  table: Table,
  env: Readonly<Record<string, string | undefined>> = process.env,
): OpenLibrary<Table> {
  const cached = opened.get(table);
  if (cached !== undefined) return cached as unknown as OpenLibrary<Table>;
  const failures: string[] = [];
  let cause: unknown;
  for (const { source, path } of libraryPlaces(name, env)) {
    try {
      // The kernel gives the copy inside the executable a file of its own: dlopen can't read Bun's.
      const file = source === "embedded" ? memfdPath(name, path) : path;
      const library: OpenLibrary<Table> = { symbols: dlopen(file, table).symbols, source, path };
      opened.set(table, library as unknown as OpenLibrary<SymbolTable>);
      return library;
    } catch (error) {
      cause = error;
      failures.push(`${path} (${source}): ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw notLoaded(name, failures, cause, env);
}

function notLoaded(
  name: LibraryName,
  failures: readonly string[],
  cause: unknown,
  env: Readonly<Record<string, string | undefined>>,
): Error {
  const { variable, debian } = KNOWN[name];
  const tried = failures.join("; ");
  if (variable !== null && env[variable]) {
    const advice = `Set ${variable} to a ${name} shared library, or unset it to use the built-in one.`;
    return environmentError(
      "library.setting",
      `${variable} names no usable ${name}: ${tried}. ${advice}`,
      cause,
    );
  }
  const advice = `Install the Debian package ${debian}${variable === null ? "" : `, or set ${variable}`}.`;
  return environmentError("library.missing", `${name} can't be loaded: ${tried}. ${advice}`, cause);
}
