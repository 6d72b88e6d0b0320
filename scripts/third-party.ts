/**
 * The licences of what is inside the executable: the packages of package.json and the native libraries. Their
 * text goes beside it as THIRD-PARTY.txt, because most of them ask to be passed on with copies.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Name of the file beside the executable. */
export const THIRD_PARTY_FILE = "THIRD-PARTY.txt";

/** Native libraries in the executable (libsodium within libzmq), as scripts/native.sh names their copyright files. */
const NATIVE = ["libpcap", "libzmq", "libsodium"] as const;

const LINE = "=".repeat(78);

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string };
  readonly dependencies?: Readonly<Record<string, string>>;
}

function packageJson(folder: string): Package {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Package;
}

/** Packages that the program depends on, directly or by another, in the order of their names. */
export function bundledPackages(root: string): string[] {
  const found = new Set<string>();
  const add = (folder: string): void => {
    for (const name of Object.keys(packageJson(folder).dependencies ?? {})) {
      if (found.has(name)) continue;
      found.add(name);
      add(join(root, "node_modules", name));
    }
  };
  add(root);
  return [...found].sort();
}

function section(title: string, text: string): string {
  return `${LINE}\n${title}\n${LINE}\n\n${text.trim()}\n`;
}

/** The terms of the MIT licence, which are ours too, with another's name above. */
function mitText(root: string, { author }: Package): string {
  const ours = readFileSync(join(root, "LICENSE"), "utf8");
  const holder = typeof author === "string" ? author : author?.name;
  return `Copyright (c) ${holder}\n\n${ours.slice(ours.indexOf("Permission is hereby granted"))}`;
}

function packageSection(root: string, name: string): string {
  const folder = join(root, "node_modules", name);
  const about = packageJson(folder);
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.\w+)?$/i.test(entry));
  const title = `${name} ${about.version} (${about.license ?? "see below"})`;
  if (file !== undefined) return section(title, readFileSync(join(folder, file), "utf8"));
  // Some packages only name their licence.
  if (about.license === "MIT" && about.author !== undefined) return section(title, mitText(root, about));
  throw new Error(`${name} has no licence file: look what it asks for`);
}

function nativeSection(native: string, name: string): string {
  const path = join(native, `${name}.copyright`);
  if (!existsSync(path)) throw new Error(`${path} is missing: run scripts/native.sh first`);
  return section(`${name}, built from Debian's source package`, readFileSync(path, "utf8"));
}

/**
 * The text of THIRD-PARTY.txt for the project in `root` with native libraries from `native`. Throws where a
 * licence is missing: the executable must not be passed on without it.
 */
export function thirdPartyText(root: string, native: string): string {
  return [
    "rscap contains the software below. rscap itself is under the MIT licence (LICENSE).\n" +
      "libzmq is loaded as a shared library; RSCAP_LIBZMQ names another one to load in its place.\n",
    ...bundledPackages(root).map((name) => packageSection(root, name)),
    ...NATIVE.map((name) => nativeSection(native, name)),
    section(
      `Bun ${Bun.version} (MIT; it contains JavaScriptCore and other libraries)`,
      `The runtime. Its licences: https://github.com/oven-sh/bun/blob/bun-v${Bun.version}/LICENSE.md`,
    ),
  ].join("\n");
}
