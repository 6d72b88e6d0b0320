import { existsSync } from "node:fs";
import { checkCurve } from "../../ffi/libzmq/curve.ts";
import { usageError } from "../report/error.ts";
import type { Config } from "../settings/table.ts";
import { readKnownKeys, readOwnKeys, readPublicKey } from "../wire/curve-files.ts";
import type { Role } from "../wire/failure-text.ts";
import type { CurveSettings } from "../wire/security.ts";
import { isKey } from "../wire/z85.ts";
import { log } from "./logging.ts";

const KEYS = "--curve-keys (CURVE_KEYS)";
const SERVER_KEY = "--curve-server-key (CURVE_SERVER_KEY)";

/**
 * The keys that `config` names, read before anything is opened; null without CURVE. Usage errors where a key is missing
 * on the side that needs it: nothing ever goes out unencrypted because half of the settings are there.
 */
export function loadCurve(
  config: Pick<Config, "curveKeys" | "curveServerKey">,
  role: Role,
  endpoints: readonly string[],
): CurveSettings | null {
  const { curveKeys: folder, curveServerKey } = config;
  if (folder === "" && curveServerKey.length === 0) return null;
  if (folder === "") {
    throw usageError(
      "curve.keys",
      `${KEYS}: expected a folder with our own secret key where ${SERVER_KEY} is set, got none. ` +
        "Make one: rscap keygen --curve-keys <folder>",
    );
  }
  checkCurve();
  const { publicKey, secretKey, notice } = readOwnKeys(folder);
  if (notice !== null) log("warning", notice);
  const known = readKnownKeys(folder);
  if (role === "bind") {
    if (!known.some((key) => key.publicKey !== publicKey)) {
      log(
        "warning",
        `${KEYS}: no public key (*.key) but our own is in ${folder}: nobody else can connect yet.`,
      );
    }
    return { publicKey, secretKey, folder, known, serverKeys: [] };
  }
  const serverKeys = curveServerKey.map(serverKey);
  if (serverKeys.length !== 1 && serverKeys.length !== endpoints.length) {
    throw usageError(
      "curve.serverKey",
      `${SERVER_KEY}: expected the public key of the end that binds ` +
        `(${endpoints.join(", ")}), one for all or one for each, got ${serverKeys.length}.`,
    );
  }
  return { publicKey, secretKey, folder, known, serverKeys };
}

/** A key as it stands on the command line: the text, or the certificate's file. */
function serverKey(text: string): string {
  if (isKey(text)) return text;
  if (existsSync(text)) return readPublicKey(text);
  throw usageError(
    "curve.serverKey",
    `${SERVER_KEY}: expected 40 characters of Z85 or a .key file, got "${text}". ` +
      "Quote the characters for the shell; in .env, too.",
  );
}
