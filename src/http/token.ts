import { createHash, timingSafeEqual } from "node:crypto";

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** Compares bearer tokens (RFC 6750 2.1) in a time that tells nothing of the right one, not even its length. */
export class TokenCheck {
  readonly #digest: Buffer | null;

  /** `token`: what requests must have; empty for none. */
  constructor(token: string) {
    this.#digest = token === "" ? null : digest(token);
  }

  /** True where `authorization`, the header of a request, has the token, or none is asked for. */
  accepts(authorization: string | null): boolean {
    if (this.#digest === null) return true;
    const given = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1] ?? "";
    return timingSafeEqual(digest(given), this.#digest);
  }
}
