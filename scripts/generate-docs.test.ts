import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { Glob } from "bun";
import { LIMIT_SETTINGS, parseLimits, profileLimits } from "../src/mpegts/tr101290/limits.ts";
import { resolveConfig } from "../src/settings/config.ts";
import { defaultOf, SETTING_KEYS, settingOf } from "../src/settings/table.ts";
import { envExample, generated, limitsDocument, replaceSection } from "./generate-docs.ts";

const root = join(import.meta.dir, "..");

/** Flags of other programs that messages and documents name. */
const FOREIGN_FLAGS =
  "--cap-add --network --reuid --regid --init-groups --inh-caps --ambient-caps --preload".split(" ");

/** Every way to write a flag of ours. */
function ownFlags(): Set<string> {
  // `--x` stands for any flag.
  const flags = new Set(["--help", "--version", "--verbose", "--json", "--x", "--no-x", ...FOREIGN_FLAGS]);
  for (const key of SETTING_KEYS) {
    const { flag, type } = settingOf(key);
    if (flag === null) continue;
    flags.add(`--${flag}`);
    if (type === "boolean") flags.add(flag.startsWith("no-") ? `--${flag.slice(3)}` : `--no-${flag}`);
  }
  return flags;
}

describe("flags named in messages and documents", () => {
  const files = ["README.md", "CHANGELOG.md", "ARCHITECTURE.md", ".env.example"];
  for (const pattern of ["docs/*.md", "src/**/*.ts", "ffi/**/*.ts"]) {
    for (const file of new Glob(pattern).scanSync(root)) if (!file.endsWith(".test.ts")) files.push(file);
  }
  const known = ownFlags();

  test("all of them exist", () => {
    // The names of a style sheet's own properties look like flags.
    const unknown = files
      .filter((file) => !file.endsWith("/style.ts"))
      .flatMap((file) => {
        const text = readFileSync(join(root, file), "utf8").replace(/<!--.*?-->/g, "");
        const named = text.match(/(?<![\w-])--[a-z]+(-[a-z]+)*/g) ?? [];
        return named.filter((flag) => !known.has(flag)).map((flag) => `${file}: ${flag}`);
      });
    expect(files.length).toBeGreaterThan(20);
    expect(unknown).toEqual([]);
  });

  test("each file that the README links to is there", () => {
    const text = readFileSync(join(root, "README.md"), "utf8");
    const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1] ?? "");
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((link) => !existsSync(join(root, link)))).toEqual([]);
  });
});

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

  test("docs/limits.md has each limit once, and its example is a file that --limits takes", () => {
    const text = limitsDocument();
    for (const name of Object.keys(LIMIT_SETTINGS)) expect(text.split(`| \`${name}\` |`)).toHaveLength(2);
    const example = /```toml\n([^`]+)```/.exec(text)?.[1] ?? "";
    const limits = parseLimits(example, "example.toml");
    expect(limits).toMatchObject({ pmtMs: 200, otherPidMs: 60_000, requireSi: true, privatePids: [500] });
    expect({ ...profileLimits("dvb"), ...limits }).toEqual(limits);
  });

  test("a README without marks is an error, not a silent nothing", () => {
    expect(() => replaceSection("text", "settings", "x")).toThrow("lost its marks");
    expect(replaceSection("a<!-- s -->old<!-- /s -->b", "s", "new")).toBe("a<!-- s -->\nnew\n<!-- /s -->b");
  });
});
