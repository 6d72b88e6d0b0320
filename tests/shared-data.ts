import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Where the shared captures stand: test data of other projects, read in place and never copied into this
 * one. RSCAP_SHARED_DATA names another folder.
 */
const ROOT =
  process.env.RSCAP_SHARED_DATA || fileURLToPath(new URL("../../shared/data", import.meta.url).href);

/** Absolute path of a shared capture such as `pcap/tsduck-162.pcap`, or null where it is missing. */
export function sharedData(path: string): string | null {
  const absolute = `${ROOT}/${path}`;
  return existsSync(absolute) ? absolute : null;
}
