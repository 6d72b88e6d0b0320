import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { RscapError } from "../report/error.ts";
import { readSecretFile } from "./secret-file.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rscap-secret-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const NAME = "TOKEN, or --token-file (TOKEN_FILE)";

function written(octets: string | Uint8Array, mode = 0o600): string {
  writeFileSync(join(folder, "secret"), octets);
  chmodSync(join(folder, "secret"), mode);
  return "secret";
}

function errorOf(named: string): RscapError {
  try {
    readSecretFile(NAME, named, folder);
  } catch (error) {
    if (error instanceof RscapError) return error;
    throw error;
  }
  throw new Error("no error came");
}

describe("a secret from a file", () => {
  test("is its text without the line end, blanks and all", () => {
    expect(readSecretFile(NAME, written("a b \n"), folder)).toEqual({ secret: "a b ", notice: null });
    expect(readSecretFile(NAME, written("ß\r\n"), folder).secret).toBe("ß");
    expect(readSecretFile(NAME, join(folder, "secret"), "/").secret).toBe("ß");
  });

  test("a file that everybody can read is told of", () => {
    const { notice } = readSecretFile(NAME, written("x", 0o644), folder);
    expect(notice).toContain("chmod 600");
    expect(readSecretFile(NAME, written("x", 0o640), folder).notice).toBeNull();
  });

  test.each([
    ["nowhere", "there is no such file"],
    ["folder", "this is a folder"],
    ["/dev/null", "it is empty"],
    ["/dev/zero", "it is too large"],
  ])("%s: %s", (named, why) => {
    if (named === "folder") mkdirSync(join(folder, "folder"));
    const error = errorOf(named);
    expect(error.exitCode).toBe(2);
    expect(error.message).toBe(
      `${NAME}: expected a file that holds the secret and nothing else, got "${named}": ${why}.`,
    );
  });

  test("any octets: a text or a usage error that shows none of them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        const named = written(octets);
        try {
          expect(readSecretFile(NAME, named, folder).secret).not.toBe("");
        } catch (error) {
          expect(error).toBeInstanceOf(RscapError);
          expect((error as RscapError).message).toMatch(/: it is (empty|no text)\.$/);
        }
      }),
      { numRuns: 100 },
    );
  });
});
