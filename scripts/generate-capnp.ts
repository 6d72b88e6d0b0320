/**
 * Writes `src/wire/header.gen.ts` from `src/wire/header.capnp`, with the `capnp` tool (Debian: capnproto) and the
 * compiler of capnp-es. A test fails where the file differs from what this makes.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { plugin } from "bun";

/** The schema, from the project's root. */
export const CAPNP_SCHEMA = "src/wire/header.capnp";

/** What is made from it. */
export const CAPNP_GENERATED = "src/wire/header.gen.ts";

// The compiler only lays its text out with TypeScript 5 or 6, and version 7 has no such interface yet: Biome does that here.
const printer = { printFile: (text: string): string => text };
const typescript = {
  createSourceFile: (_name: string, text: string): string => text,
  createPrinter: () => printer,
  ScriptTarget: {},
  ScriptKind: {},
};

/** Runs a command with `input`; its standard output. Throws with what it wrote to standard error. */
function run(command: string[], input?: string): Buffer {
  const stdin = input === undefined ? "ignore" : Buffer.from(input);
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { stdin });
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr.toString()}`);
  return stdout;
}

/** The text of `CAPNP_GENERATED` for the project in `root`. Throws without `capnp`, and for a wrong schema. */
export async function generateCapnp(root: string): Promise<string> {
  const request = run(["capnp", "compile", "-o-", `--src-prefix=${root}`, join(root, CAPNP_SCHEMA)]);
  plugin({
    name: "layout by Biome",
    setup: (build) =>
      void build.module("typescript", () => ({ loader: "object", exports: { default: typescript } })),
  });
  const { compileAll } = await import("capnp-es/compiler");
  const { files } = await compileAll(request, { ts: true });
  const [code] = files.values();
  if (code === undefined) throw new Error(`${CAPNP_SCHEMA}: capnp-es made nothing of it`);
  const ours = code
    .replace(/^\/\/.*\n/, `// Made from ${CAPNP_SCHEMA} by scripts/generate-capnp.ts; not to be edited.\n`)
    .replace("export const _capnpFileId", "\n/** The schema's own number. */\n$&")
    .replace(/^ *export type (\w+)/gm, "/** One of `$1`. */\n$&")
    // A header is no part of another message, so nothing is moved between messages.
    .replaceAll(/^ *_(adopt|disown)\w+\([\s\S]*?\n {6}\}\n/gm, "")
    .replaceAll(/^\* *\n(?=\*\/)/gm, "")
    .replaceAll("static readonly _capnp", "static override readonly _capnp")
    .replaceAll("toString():", "override toString():");
  // By Bun: Biome's launcher is written for Node, which may be older than it likes.
  const biome = [process.execPath, join(root, "node_modules", "@biomejs", "biome", "bin", "biome")];
  const options = [`--config-path=${root}`, "--stdin-file-path=src/wire/made.ts"];
  return run([...biome, "format", ...options], ours).toString();
}

if (import.meta.main) {
  const root = join(import.meta.dir, "..");
  writeFileSync(join(root, CAPNP_GENERATED), await generateCapnp(root));
}
