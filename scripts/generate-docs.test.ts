import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { resolveConfig } from "../src/settings/config.ts";
import { defaultOf, SETTING_KEYS, settingOf } from "../src/settings/table.ts";
import { envExample, generated, replaceSection } from "./generate-docs.ts";

const root = join(import.meta.dir, "..");

describe("generated files", () => {
  test.each([...generated(root)])("%s is up to date (else: bun scripts/generate-docs.ts)", (file, text) => {
    expect(readFileSync(join(root, file), "utf8")).toBe(text);
  });

  test(".env.example with its comment signs removed sets every default again", () => {
    const env = parseEnv(envExample().replaceAll(/^#([A-Z_]+=)/gm, "$1"));
    for (const command of ["probe", "client", "replay"] as const) {
      const { config } = resolveConfig({
        command,
        flags: {},
        env,
        folder: "/nonexistent",
        hostname: "studio",
      });
      for (const key of SETTING_KEYS) {
        const setting = settingOf(key);
        if (key === "probeId" || setting.defaults !== undefined) continue;
        expect({ [key]: config[key] }).toEqual({ [key]: defaultOf(setting, command) });
      }
    }
  });

  test("a README without marks is an error, not a silent nothing", () => {
    expect(() => replaceSection("text", "settings", "x")).toThrow("lost its marks");
    expect(replaceSection("a<!-- s -->old<!-- /s -->b", "s", "new")).toBe("a<!-- s -->\nnew\n<!-- /s -->b");
  });
});
