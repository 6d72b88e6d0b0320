import { afterAll, expect, test } from "bun:test";
import { copyFileSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogLines } from "../../tests/helpers/wire.ts";
import { AllowList } from "./allow-list.ts";
import { readKnownKeys, writeKeyPair } from "./curve-files.ts";

const root = mkdtempSync(join(tmpdir(), "rscap-allow-"));
afterAll(() => rmSync(root, { recursive: true }));

test("keys that come and go count from the next look on; a damaged one changes nothing and is told once", () => {
  const folder = join(root, "keys");
  const a = writeKeyPair(folder, "a").publicKey;
  const b = writeKeyPair(join(root, "other"), "b");
  const { lines, log } = new LogLines();
  const list = new AllowList(folder, readKnownKeys(folder), log);
  // Times of our own: two changes may fall into one tick of the file system's clock.
  let tick = 1_000_000;
  const touched = (): void => utimesSync(folder, ++tick, tick);
  expect([list.nameOf(a, 0), list.nameOf(b.publicKey, 0)]).toEqual(["a", null]);
  copyFileSync(b.publicFile, join(folder, "b.key"));
  touched();
  expect(list.nameOf(b.publicKey, 999)).toBeNull();
  expect(list.nameOf(b.publicKey, 1000)).toBe("b");
  rmSync(join(folder, "b.key"));
  touched();
  expect(list.nameOf(b.publicKey, 2000)).toBeNull();
  writeFileSync(join(folder, "c.key"), "nothing");
  for (const ms of [3000, 4000, 5000]) {
    touched();
    expect(list.nameOf(a, ms)).toBe("a");
  }
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("those known stay");
  rmSync(folder, { recursive: true });
  expect(list.nameOf(a, 6000)).toBe("a");
  expect(list.nameOf(a, 7000)).toBe("a");
});
