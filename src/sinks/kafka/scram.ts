import type { SASLOptions, saslScramSha } from "@platformatic/kafka";

/** What a login may cost: brokers ask for 4,096 to some 100,000 rounds; each 100,000 take 50 ms. */
const MOST_ITERATIONS = 1_000_000;

/**
 * Logs in by SCRAM (RFC 5802) as the library does, but refuses a broker that asks for so many rounds that it would
 * keep a processor busy for minutes.
 */
export function scramAuthenticator(scram: typeof saslScramSha): NonNullable<SASLOptions["authenticate"]> {
  const crypto: typeof scram.defaultCrypto = {
    ...scram.defaultCrypto,
    hi: async (definition, password, salt, iterations) => {
      if (!(iterations <= MOST_ITERATIONS)) {
        throw new Error(`the broker asks for ${iterations} rounds, more than ${MOST_ITERATIONS}`);
      }
      return await scram.defaultCrypto.hi(definition, password, salt, iterations);
    },
  };
  return (mechanism, connection, authenticate, user, password, _token, callback) => {
    const algorithm = mechanism === "SCRAM-SHA-256" ? "SHA-256" : "SHA-512";
    scram.authenticate(authenticate, connection, algorithm, user ?? "", password ?? "", crypto, callback);
  };
}
