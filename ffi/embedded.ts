/**
 * Where the bundled libpcap and libzmq are. This is the variant for a run from source: the copies that
 * scripts/native.sh built. scripts/build.ts puts a module with the same exports in its place, whose paths
 * point into the executable.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

/** A library that the project builds and ships itself. */
export type BundledName = "libpcap" | "libzmq";

/** How the bundled libraries come along: inside the executable, or as files beside the source. */
export const bundledAs: "embedded" | "built" = "built";

/** Path of a bundled library, or null where it has not been built. */
export function bundledPath(name: BundledName): string | null {
  const path = join(import.meta.dir, "..", ".cache", "native", `${name}.so`);
  return existsSync(path) ? path : null;
}
