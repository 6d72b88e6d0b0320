import { describe, expect, test } from "bun:test";
import type { PeerFailure } from "../../ffi/libzmq/monitor.ts";
import { failureAdvice } from "./failure-text.ts";

const OWN = { publicKey: "OURS" };
const FAILURES: readonly PeerFailure[] = ["accept", "refused", "mechanism", "keys", "closed", "protocol"];

describe("why a connection failed", () => {
  test.each(FAILURES.map((failure) => [failure]))(
    "%s: a sentence for each end, with CURVE and without",
    (failure) => {
      for (const role of ["bind", "connect"] as const) {
        for (const own of [OWN, null]) expect(failureAdvice(failure, role, own)).toMatch(/^\S.*[.?]$/);
      }
    },
  );

  test("what to do stands in it", () => {
    expect(failureAdvice("refused", "connect", OWN)).toContain("it refused our key OURS. Put our .key file");
    expect(failureAdvice("mechanism", "connect", null)).toContain("set --curve-keys and --curve-server-key");
    expect(failureAdvice("mechanism", "connect", OWN)).toContain(
      "it does not use CURVE. Start it with --curve-keys",
    );
    expect(failureAdvice("mechanism", "bind", OWN)).toContain("it came without CURVE: it needs --curve-keys");
    expect(failureAdvice("mechanism", "bind", null)).toContain("Turn it on with --curve-keys");
    expect(failureAdvice("keys", "bind", OWN)).toContain("its --curve-server-key must be OURS");
    expect(failureAdvice("closed", "connect", null)).toContain("If it uses CURVE");
    expect(failureAdvice("accept", "bind", null)).toContain("ulimit -n");
  });
});
