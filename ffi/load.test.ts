import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { EXIT, RscapError } from "../src/report/error.ts";
import { bundledPath } from "./embedded.ts";
import { libraryPlaces, openLibrary } from "./load.ts";

const PID = { getpid: { args: [], returns: "i32" } } as const;

function errorOf(run: () => unknown): RscapError {
  try {
    run();
  } catch (error) {
    if (error instanceof RscapError) return error;
    throw error;
  }
  throw new Error("expected an RscapError");
}

describe("where a library is looked for", () => {
  test("a setting stands alone", () => {
    expect(libraryPlaces("libzmq", { RSCAP_LIBZMQ: "/opt/libzmq.so" })).toEqual([
      { source: "setting", path: "/opt/libzmq.so" },
    ]);
    expect(libraryPlaces("libpcap", { RSCAP_LIBPCAP: "/opt/libpcap.so" })[0]?.source).toBe("setting");
  });

  test("each variable is for its own library, and an empty one is not set", () => {
    const env = { RSCAP_LIBZMQ: "/opt/libzmq.so", RSCAP_LIBPCAP: "" };
    expect(libraryPlaces("libpcap", env).some(({ source }) => source === "setting")).toBe(false);
    expect(libraryPlaces("libc", env)).toEqual([{ source: "system", path: "libc.so.6" }]);
  });

  test("without a setting: the project's own copy where it was built, then the system's", () => {
    const built = bundledPath("libpcap");
    const system = ["libpcap.so.0.8", "libpcap.so.1"].map((path) => ({ source: "system" as const, path }));
    const expected = built === null ? system : [{ source: "built" as const, path: built }, ...system];
    expect(libraryPlaces("libpcap", {})).toEqual(expected);
  });
});

describe("openLibrary", () => {
  test("gives typed functions, and the same ones for the same table", () => {
    const libc = openLibrary("libc", PID);
    const pid: number = libc.symbols.getpid();
    expect(pid).toBe(process.pid);
    expect(libc.source).toBe("system");
    expect(openLibrary("libc", PID)).toBe(libc);
  });

  test("a library named by its variable is used, and reported so", () => {
    const table = { getppid: { args: [], returns: "i32" } } as const;
    const opened = openLibrary("libzmq", table, { RSCAP_LIBZMQ: "libc.so.6" });
    expect([opened.source, opened.path, opened.symbols.getppid()]).toEqual([
      "setting",
      "libc.so.6",
      process.ppid,
    ]);
  });

  test("a setting that can't be loaded is an error that names the variable, not a quiet fallback", () => {
    const path = join(import.meta.dir, "load.ts");
    const table = { pcap_lib_version: { args: [], returns: "cstring" } } as const;
    const error = errorOf(() => openLibrary("libpcap", table, { RSCAP_LIBPCAP: path }));
    expect([error.code, error.exitCode]).toEqual(["library.setting", EXIT.environment]);
    expect(error.message).toContain(`RSCAP_LIBPCAP names no usable libpcap: ${path} (setting): `);
    expect(error.message).toContain("unset it to use the built-in one");
  });

  test("a library without the functions wanted is an error that says what to install", () => {
    const table = { rscap_no_such_function: { args: [], returns: "void" } } as const;
    const error = errorOf(() => openLibrary("libc", table, {}));
    expect([error.code, error.exitCode]).toEqual(["library.missing", EXIT.environment]);
    expect(error.message).toContain("rscap_no_such_function");
    expect(error.message).toContain("Install the Debian package libc6.");
  });

  test("a missing libzmq names its variable too", () => {
    const table = { rscap_no_such_function: { args: [], returns: "i32" } } as const;
    const error = errorOf(() => openLibrary("libzmq", table, {}));
    expect(error.message).toContain("Install the Debian package libzmq5, or set RSCAP_LIBZMQ.");
  });
});
