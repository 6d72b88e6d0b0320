import { usageError } from "../report/error.ts";
import { parseListen } from "./listen.ts";
import type { Config } from "./table.ts";

/** What the rules of an HTTP endpoint are about. */
export type HttpSettings = Pick<Config, "metrics" | "httpToken" | "httpCert" | "httpKey" | "httpInsecure">;

/** Least characters of a token: 16 of a random one take longer to guess than a machine lives. */
const SHORTEST_TOKEN = 16;

/** What an HTTP header can carry without quoting (RFC 6750 2.1). */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/**
 * Who may read the endpoints: those of this machine; others with a token, over TLS. Throws a usage error that says
 * what is missing.
 */
export function checkHttpRules(config: HttpSettings): void {
  const { httpToken, httpCert, httpKey, httpInsecure } = config;
  if ((httpCert === "") !== (httpKey === "")) {
    const [has, lacks] =
      httpKey === ""
        ? ["--http-cert (HTTP_CERT)", "--http-key (HTTP_KEY)"]
        : ["--http-key (HTTP_KEY)", "--http-cert (HTTP_CERT)"];
    throw usageError("bad-setting", `${lacks}: expected a file beside ${has}, got none: TLS needs both.`);
  }
  const listen = config.metrics === "" ? null : parseListen(config.metrics);
  if (listen === null) return;
  if (httpToken !== "" && (httpToken.length < SHORTEST_TOKEN || !TOKEN.test(httpToken))) {
    throw usageError(
      "bad-setting",
      `--http-token-file (HTTP_TOKEN): expected at least ${SHORTEST_TOKEN} letters, digits or . _ ~ + / - ` +
        "(such as openssl rand -hex 32 makes), got a text that is shorter or has others.",
    );
  }
  if (listen.loopback || httpInsecure) return;
  const missing = [
    ...(httpToken === "" ? ["a token: HTTP_TOKEN or --http-token-file"] : []),
    ...(httpCert === "" ? ["TLS: --http-cert (HTTP_CERT) and --http-key (HTTP_KEY)"] : []),
  ];
  if (missing.length === 0) return;
  throw usageError(
    "bad-setting",
    `--metrics (METRICS): expected a loopback address, got ${config.metrics}, which other machines can reach. ` +
      `For them it needs ${missing.join(", and ")}. On a network that is closed by other means ` +
      "--http-insecure (HTTP_INSECURE) does without.",
  );
}
