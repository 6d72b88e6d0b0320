import { describe, expect, test } from "bun:test";
import { RscapError } from "../report/error.ts";
import { checkHttpRules, type HttpSettings } from "./http-rules.ts";

const NONE: HttpSettings = { metrics: "", httpToken: "", httpCert: "", httpKey: "", httpInsecure: false };
const TOKEN = "0123456789abcdef";

function refusal(change: Partial<HttpSettings>): string | null {
  try {
    checkHttpRules({ ...NONE, ...change });
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(RscapError);
    return (error as RscapError).message;
  }
}

describe("who may read HTTP endpoints", () => {
  test("this machine, without more", () => {
    expect(refusal({})).toBeNull();
    expect(refusal({ metrics: ":9464" })).toBeNull();
  });

  test("others with token and TLS, or where the network is said to be closed", () => {
    const metrics = "0.0.0.0:9464";
    expect(refusal({ metrics })).toContain("a token: HTTP_TOKEN or --http-token-file, and TLS: --http-cert");
    expect(refusal({ metrics, httpToken: TOKEN })).toContain("it needs TLS: --http-cert (HTTP_CERT)");
    expect(refusal({ metrics, httpCert: "c", httpKey: "k" })).toContain("it needs a token");
    expect(refusal({ metrics, httpToken: TOKEN, httpCert: "c", httpKey: "k" })).toBeNull();
    expect(refusal({ metrics, httpInsecure: true })).toBeNull();
  });

  test("certificate and key come together", () => {
    expect(refusal({ httpCert: "c" })).toStartWith(
      "--http-key (HTTP_KEY): expected a file beside --http-cert",
    );
    expect(refusal({ httpKey: "k" })).toStartWith(
      "--http-cert (HTTP_CERT): expected a file beside --http-key",
    );
  });

  test("a token that is short, or that no header can carry, is refused without being shown", () => {
    for (const httpToken of ["short-secret", "a secret with blanks in it"]) {
      const message = refusal({ metrics: ":9464", httpToken });
      expect(message).toStartWith("--http-token-file (HTTP_TOKEN): expected at least 16");
      expect(message).not.toContain(httpToken);
    }
  });
});
