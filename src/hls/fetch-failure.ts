/** Why something could not be fetched. */
export interface FetchFailure {
  readonly ok: false;
  /** A clause: `the server answered 404 Not Found`. */
  readonly why: string;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** It may go better the next time. */
  readonly passing: boolean;
}

/** A failure for the reason `why`; one that may pass unless told. */
export function failure(why: string, status = 0, passing = true): FetchFailure {
  return { ok: false, why, status, passing };
}

/** More came than is read. */
export function tooLarge(limit: number): FetchFailure {
  return failure(`it is larger than ${limit} octets`, 0, false);
}

/** What went wrong below HTTP, in words. */
export function reason(error: unknown): string {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  if (/ECONNREFUSED|ConnectionRefused/.test(code)) return "no server answers there (connection refused)";
  if (/ENOTFOUND|EAI_AGAIN|DNS|FailedToOpenSocket/i.test(code))
    return `the host can't be found or reached (${code})`;
  if (/CERT|SELF_SIGNED|UNABLE_TO|HOSTNAME|ALTNAME/i.test(code)) {
    return `the server's certificate is not trusted (${code}); --hls-ca (HLS_CA) names the authorities to trust`;
  }
  const message = error instanceof Error ? error.message.replaceAll(/[\p{C}\s]+/gu, " ").slice(0, 200) : "";
  return `the connection failed (${code || message || "no reason given"})`;
}
