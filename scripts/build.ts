/**
 * Makes the executable: `bun scripts/build.ts [--entry FILE] [--outfile FILE]`. Version and commit go in, the
 * native libraries too; what lies in the folder where it will run (bunfig.toml, .env) stays out. The licences
 * of what is inside go beside it.
 */
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { embedKafka } from "./embed-kafka.ts";
import { embedLibraries } from "./embed-libraries.ts";
import { THIRD_PARTY_FILE, thirdPartyText } from "./third-party.ts";

const ROOT = resolve(import.meta.dir, "..");
const NATIVE = join(ROOT, ".cache", "native");

/** Abbreviated commit of the tree, `+` added where it has changes, `unknown` without git. */
export function gitCommit(folder: string): string {
  const git = (...args: string[]) => Bun.spawnSync(["git", "-C", folder, ...args], { stderr: "ignore" });
  try {
    const head = git("rev-parse", "--short=12", "HEAD");
    if (head.exitCode !== 0) return "unknown";
    return head.stdout.toString().trim() + (git("diff", "--quiet", "HEAD").exitCode === 0 ? "" : "+");
  } catch {
    return "unknown";
  }
}

/** Compiles `entry` to `outfile`. Throws with the bundler's own words. */
export async function buildExecutable(entry: string, outfile: string): Promise<void> {
  mkdirSync(dirname(outfile), { recursive: true });
  const result = await Bun.build({
    entrypoints: [entry],
    target: "bun",
    format: "esm",
    minify: true,
    bytecode: true,
    sourcemap: "linked",
    define: { RSCAP_COMMIT: JSON.stringify(gitCommit(ROOT)) },
    plugins: [embedLibraries(NATIVE), embedKafka],
    compile: { outfile, autoloadDotenv: false, autoloadBunfig: false },
    throw: false,
  });
  if (!result.success) throw new Error(result.logs.map(String).join("\n"));
  // The source map is inside as well; the copy beside the executable is only in the way of scp.
  rmSync(`${outfile}.map`, { force: true });
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      entry: { type: "string", default: join(ROOT, "src", "main.ts") },
      outfile: { type: "string", default: join(ROOT, "dist", "rscap") },
    },
  });
  try {
    const outfile = resolve(values.outfile);
    await buildExecutable(resolve(values.entry), outfile);
    writeFileSync(join(dirname(outfile), THIRD_PARTY_FILE), thirdPartyText(ROOT, NATIVE));
    console.log(`${values.outfile} (${(statSync(values.outfile).size / 1e6).toFixed(0)} MB)`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
