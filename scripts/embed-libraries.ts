/**
 * The bundler plugin that puts libpcap and libzmq into the executable: in the build, ffi/embedded.ts is
 * replaced by a module with the same exports, whose paths point inside.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { BunPlugin } from "bun";

/** Source of the module that stands in for ffi/embedded.ts; each library is imported as a file. */
export function embeddedModule(libraries: Readonly<Record<"libpcap" | "libzmq", string>>): string {
  return [
    `import libpcap from ${JSON.stringify(libraries.libpcap)} with { type: "file" };`,
    `import libzmq from ${JSON.stringify(libraries.libzmq)} with { type: "file" };`,
    `export const bundledAs = "embedded";`,
    `export function bundledPath(name) { return name === "libpcap" ? libpcap : libzmq; }`,
  ].join("\n");
}

/** The plugin, with the libraries of `folder` (`libpcap.so`, `libzmq.so`). Throws where one is missing. */
export function embedLibraries(folder: string): BunPlugin {
  const libraries = { libpcap: join(folder, "libpcap.so"), libzmq: join(folder, "libzmq.so") };
  for (const path of Object.values(libraries)) {
    if (!existsSync(path)) throw new Error(`${path} is missing: run scripts/native.sh first`);
  }
  return {
    name: "embed-libraries",
    setup(build) {
      build.onLoad({ filter: /[/\\]ffi[/\\]embedded\.ts$/ }, () => ({
        contents: embeddedModule(libraries),
        loader: "js",
      }));
    },
  };
}
