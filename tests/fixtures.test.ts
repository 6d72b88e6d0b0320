import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { allFixtures, comparable, expectationFile, expectationText } from "../fixtures/fixtures.ts";

const FOLDER = fileURLToPath(new URL("../fixtures/", import.meta.url).href);
const MAX_OCTETS = 1_000_000;

describe("the committed fixtures are what their generator makes", () => {
  const fixtures = allFixtures();

  test.each(fixtures.map((fixture) => [fixture.file, fixture] as const))("%s", (file, fixture) => {
    const committed = comparable(file, readFileSync(FOLDER + file));
    expect(Buffer.from(committed).equals(comparable(file, fixture.bytes))).toBe(true);
    expect(readFileSync(FOLDER + expectationFile(file), "utf8")).toBe(expectationText(fixture));
  });

  test("there is no other capture, and all of them stay under 1 MB", () => {
    const files = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isFile());
    const names = files.map(({ name }) => name).filter((name) => !/^(fixtures|generate)\.ts$/.test(name));
    const expected = fixtures.flatMap(({ file }) => [file, expectationFile(file)]);
    expect(names.sort()).toEqual(expected.sort());
    const total = names.reduce((sum, name) => sum + readFileSync(FOLDER + name).length, 0);
    expect(total).toBeLessThan(MAX_OCTETS);
  });
});
