import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resetSync } from "@logtape/logtape";
import { RscapError } from "../report/error.ts";
import { type WrittenKeys, writeKeyPair } from "../wire/curve-files.ts";
import { runKeygen } from "./keygen.ts";
import { loadCurve } from "./load-curve.ts";
import { setUpLogging } from "./logging.ts";

const root = mkdtempSync(join(tmpdir(), "rscap-load-curve-"));
const folder = join(root, "keys");
let own: WrittenKeys;
beforeAll(() => {
  own = writeKeyPair(folder, "own");
});
afterAll(() => {
  rmSync(root, { recursive: true });
  resetSync();
});

function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof RscapError) return error.message;
    throw error;
  }
  throw new Error("no error came");
}

const load = (
  curveKeys: string,
  curveServerKey: readonly string[],
  role: "bind" | "connect" = "connect",
  endpoints: readonly string[] = ["tcp://a:1"],
) => loadCurve({ curveKeys, curveServerKey }, role, endpoints);

describe("the keys of a run", () => {
  test("none are set: none are used", () => {
    expect(load("", [])).toBeNull();
    expect(load("", [], "bind")).toBeNull();
  });

  test("the end that connects: a key as text or as a file", () => {
    for (const key of [own.publicKey, own.publicFile]) {
      const curve = load(folder, [key]);
      expect(curve?.publicKey).toBe(own.publicKey);
      expect(curve?.serverKeys).toEqual([own.publicKey]);
    }
    expect(
      load(folder, [own.publicKey, own.publicFile], "connect", ["tcp://a:1", "tcp://b:1"])?.serverKeys,
    ).toHaveLength(2);
  });

  test("the end that binds needs no server key, and is told that nobody may connect yet", () => {
    const lines: string[] = [];
    setUpLogging({ level: "info", format: "text", colour: false, write: (line) => void lines.push(line) });
    expect(load(folder, [], "bind")?.known).toEqual([{ name: "own", publicKey: own.publicKey }]);
    expect(lines.join("")).toContain("nobody else can connect yet");
  });

  test("half of the settings is an error, never plain ZeroMQ", () => {
    expect(errorOf(() => load("", [own.publicKey]))).toContain(
      "--curve-keys (CURVE_KEYS): expected a folder",
    );
    expect(errorOf(() => load("", [own.publicKey], "bind"))).toContain("--curve-keys (CURVE_KEYS)");
    expect(errorOf(() => load(folder, []))).toContain("one for all or one for each, got 0");
    expect(errorOf(() => load(folder, [own.publicKey, own.publicKey]))).toContain("got 2");
    expect(errorOf(() => load(folder, ["short"]))).toContain(
      '40 characters of Z85 or a .key file, got "short"',
    );
  });
});

describe("rscap keygen", () => {
  test("prints the public key alone, and says elsewhere what is where", async () => {
    const out: string[] = [];
    const err: string[] = [];
    const into = join(root, "made");
    const code = await runKeygen(
      { curveKeys: into },
      ["probe-1"],
      (text) => void out.push(text),
      (text) => void err.push(text),
    );
    expect(code).toBe(0);
    expect(load(into, [join(into, "probe-1.key")])?.publicKey).toBe(out.join("").trim());
    expect(err.join("")).toContain("probe-1.key_secret: the secret key");
  });

  test.each([[["a/b"]], [[".hidden"]], [[""]], [["a", "b"]]])("no such name: %j", (names) => {
    expect(runKeygen({ curveKeys: root }, names)).rejects.toThrow("rscap keygen: expected");
  });
});
