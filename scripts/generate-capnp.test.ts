import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { needsProgram, testWith } from "../tests/helpers/skip.ts";
import { CAPNP_GENERATED, generateCapnp } from "./generate-capnp.ts";

const root = join(import.meta.dir, "..");

testWith(
  needsProgram("capnp", "capnproto"),
  `${CAPNP_GENERATED} is up to date (else: bun scripts/generate-capnp.ts)`,
  async () => {
    expect(readFileSync(join(root, CAPNP_GENERATED), "utf8")).toBe(await generateCapnp(root));
  },
);

testWith(needsProgram("capnp", "capnproto"), "a project without a schema is told so", async () => {
  await expect(generateCapnp("/nonexistent")).rejects.toThrow("capnp compile");
});
