import { dlopen } from "bun:ffi";
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memfdPath } from "./memfd.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-memfd-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("memfdPath", () => {
  test("holds the octets of the file and can't be written any more", () => {
    const path = memfdPath("test-octets", file("octets", "some octets"));
    expect(path).toMatch(/^\/proc\/self\/fd\/\d+$/);
    expect(readFileSync(path, "utf8")).toBe("some octets");
    expect(() => writeSync(Number(path.split("/").at(-1)), "more")).toThrow();
  });

  test("a second request finds the first copy, another name gets another one", () => {
    const first = memfdPath("test-first", file("first", "1"));
    const second = memfdPath("test-second", file("second", "2"));
    expect(second).not.toBe(first);
    // The file is not read again: the copy is the process's one.
    expect(memfdPath("test-first", "/nonexistent")).toBe(first);
    expect([readFileSync(first, "utf8"), readFileSync(second, "utf8")]).toEqual(["1", "2"]);
  });

  test("the loader takes a library from it", () => {
    const maps = readFileSync("/proc/self/maps", "utf8");
    const libc = /\s(\/\S*\/libm\.so\.6)$/m.exec(maps)?.[1];
    if (libc === undefined) throw new Error("libm.so.6 is not mapped in this process");
    const path = memfdPath("test-libm", libc);
    const { symbols } = dlopen(path, { cos: { args: ["f64"], returns: "f64" } });
    expect(symbols.cos(0)).toBe(1);
    expect(readFileSync("/proc/self/maps", "utf8")).toContain("/memfd:rscap-test-libm (deleted)");
  });

  test("a file that can't be read throws, and no half-written copy is handed out later", () => {
    expect(() => memfdPath("test-missing", join(folder, "missing"))).toThrow("ENOENT");
    const path = memfdPath("test-missing", file("there", "now"));
    expect(readFileSync(path, "utf8")).toBe("now");
  });
});
