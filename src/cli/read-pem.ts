import { readFileSync } from "node:fs";
import { environmentError } from "../report/error.ts";

/** Larger is no certificate. */
const PEM_MAX_OCTETS = 1024 * 1024;

/**
 * The text of a PEM file that holds `what`, `CERTIFICATE` or `PRIVATE KEY`. Throws an environment error `code` that
 * names `setting`; no message has any of the text.
 */
export function readPem(code: string, setting: string, path: string, what: string): string {
  let text: string;
  try {
    text = readFileSync(path, "latin1");
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw environmentError(code, `${setting}: can't read ${path} (${why}).`, error);
  }
  if (text.length > PEM_MAX_OCTETS || !new RegExp(`-----BEGIN [A-Z ]*${what}-----`).test(text)) {
    throw environmentError(
      code,
      `${setting}: expected a PEM file with a ${what}, got ${path}, which has none.`,
    );
  }
  return text;
}
