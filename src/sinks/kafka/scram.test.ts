import { expect, test } from "bun:test";
import { saslScramSha } from "@platformatic/kafka";
import { scramAuthenticator } from "./scram.ts";

/** What becomes of a login when the broker asks for this many rounds. */
async function login(mechanism: "SCRAM-SHA-256" | "SCRAM-SHA-512", rounds: number): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let answers = 0;
  // The broker's side of RFC 5802: its first message, then one whose signature is wrong.
  const broker = (
    _connection: unknown,
    octets: Buffer,
    callback: (error: null, answer: object) => void,
  ): void => {
    const nonce = /r=([^,]*)/.exec(octets.toString())?.[1] ?? "";
    const text = answers++ === 0 ? `r=${nonce}x,s=c2FsdA==,i=${rounds}` : "v=AAAA";
    callback(null, { authBytes: Buffer.from(text) });
  };
  const authenticate = scramAuthenticator(saslScramSha);
  type Broker = Parameters<typeof authenticate>[2];
  authenticate(mechanism, {} as never, broker as unknown as Broker, "alice", "hunter2", undefined, ((
    error: Error | null,
  ) => resolve([error?.message, (error?.cause as Error | undefined)?.message].join(" "))) as never);
  return await promise;
}

test.each(["SCRAM-SHA-256", "SCRAM-SHA-512"] as const)(
  "%s: a broker that asks for too many rounds is refused, and one that can't prove itself",
  async (mechanism) => {
    expect(await login(mechanism, 2 ** 31 - 1)).toContain(
      "the broker asks for 2147483647 rounds, more than 1000000",
    );
    expect(await login(mechanism, 4096)).toContain("Invalid server signature");
    expect(await login(mechanism, 1)).toContain("requires at least 4096 iterations");
  },
);
