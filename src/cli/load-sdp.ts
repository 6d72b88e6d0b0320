import { readFileSync } from "node:fs";
import type { SdpFile } from "../flow/sdp-sessions.ts";
import { usageError } from "../report/error.ts";

/** The session descriptions that `--sdp` names. Throws a usage error where one can't be read. */
export function loadSdp(paths: readonly string[]): SdpFile[] {
  return paths.map((path) => {
    try {
      return { name: path, text: readFileSync(path, "utf8") };
    } catch (error) {
      const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
      const why = missing ? "there is no such file" : error instanceof Error ? error.message : String(error);
      throw usageError("sdp", `--sdp (SDP): expected a session description, got "${path}": ${why}.`, error);
    }
  });
}
