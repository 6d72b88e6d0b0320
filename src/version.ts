/** Version and commit of this executable; scripts/build.ts sets both when it compiles. */
import { version } from "../package.json";

declare const RSCAP_COMMIT: string | undefined;

/** The version in package.json, as `1.2.3`. */
export const VERSION: string = version;

/** Abbreviated git commit of the build (`+` added where the tree had changes), or `dev` from source. */
export const COMMIT: string = typeof RSCAP_COMMIT === "string" ? RSCAP_COMMIT : "dev";
