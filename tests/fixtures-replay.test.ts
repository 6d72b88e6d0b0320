import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Run } from "../fixtures/lib/fixture.ts";
import { reportSchema } from "../src/report/schema.ts";
import { differences } from "./helpers/match.ts";
import { reportOf, rscapCommand, run } from "./helpers/run.ts";

const FOLDER = fileURLToPath(new URL("../fixtures/", import.meta.url).href);
const SUFFIX = ".expected.json";

/** Each committed fixture and its runs, read as a user's CI would: from the files. */
const fixtures = readdirSync(FOLDER)
  .filter((name) => name.endsWith(SUFFIX))
  .map((name): [string, string, Run[]] => {
    const { about, runs } = JSON.parse(readFileSync(FOLDER + name, "utf8"));
    return [name.slice(0, -SUFFIX.length), about, runs];
  });

describe("rscap replay --report json", () => {
  test.each(fixtures)(
    "%s: %s",
    async (file, _about, runs) => {
      for (const { args, exitCode, report, error } of runs) {
        const ended = await run(rscapCommand("replay", "--report", "json", ...args, `fixtures/${file}`));
        if (report !== null) {
          const document = reportOf(ended);
          expect(differences(document, report)).toEqual([]);
          expect(reportSchema.safeParse(document).error?.issues ?? []).toEqual([]);
        }
        if (error !== undefined) expect(ended.stderr).toContain(error);
        expect({ exitCode: ended.exitCode, stderr: ended.stderr }).toMatchObject({ exitCode });
      }
    },
    20_000,
  );
});
