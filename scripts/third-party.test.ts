import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundledPackages, thirdPartyText } from "./third-party.ts";

const ROOT = join(import.meta.dir, "..");
const native = mkdtempSync(join(tmpdir(), "rscap-licences-"));
afterAll(() => rmSync(native, { recursive: true }));

test("each package and each native library with the text of its licence", () => {
  for (const name of ["libpcap", "libzmq", "libsodium"]) {
    writeFileSync(join(native, `${name}.copyright`), `The terms of ${name}.\n`);
  }
  const text = thirdPartyText(ROOT, native);
  const packages = bundledPackages(ROOT);
  expect(packages).toContain("zod");
  for (const name of packages) expect(text).toContain(`\n${name} `);
  for (const name of ["libpcap", "libzmq", "libsodium"]) expect(text).toContain(`The terms of ${name}.`);
  // MIT, Apache 2.0, BSD, ISC: each package's own copy.
  const terms =
    /Permission is hereby granted|Apache License\s+Version 2|Redistribution and use|Permission to use, copy/g;
  expect(text.match(terms)?.length).toBeGreaterThanOrEqual(packages.length);
});

test("a missing licence stops the build", () => {
  rmSync(join(native, "libsodium.copyright"));
  expect(() => thirdPartyText(ROOT, native)).toThrow("libsodium.copyright is missing");
});
