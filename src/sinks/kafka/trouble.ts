/** Why a message did not arrive. */
export interface Trouble {
  /**
   * `record`: the broker will never take this message; `login`: it must not be asked often; `topic`: there is none
   * yet; `other`: it may go better later.
   */
  readonly kind: "record" | "login" | "topic" | "other";
  /** A clause for a sentence: `the broker does not answer (ECONNREFUSED)`. */
  readonly text: string;
}

/** What words need to know. */
export interface TroubleContext {
  readonly topic: string;
  /** Empty for none. */
  readonly user: string;
}

/** Errors of brokers about a message itself: sending it again can't help. */
const RECORD_ERRORS: Readonly<Record<string, string>> = {
  MESSAGE_TOO_LARGE: "the broker takes no message as large as this (message.max.bytes)",
  RECORD_LIST_TOO_LARGE: "the broker takes no message as large as this (segment.bytes)",
  INVALID_RECORD: "the broker finds the message against the topic's rules",
  INVALID_TIMESTAMP: "the broker does not take the message's time (message.timestamp.*.max.ms)",
};

/** Longest text of others in our sentences. */
const MOST_CHARACTERS = 200;

/** Errors within an error that are looked at: the library's come in trees. */
const MOST_ERRORS = 200;

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|UNKNOWN_CA|HOSTNAME/;

/** One error of the tree, as far as it says anything. */
interface Facts {
  readonly message: string;
  readonly code: string;
  readonly apiId: string;
  readonly name: string;
}

/** What `error`, of the library, the sockets or anybody, means for a person. */
export function explain(error: unknown, context: TroubleContext): Trouble {
  const facts = factsOf(error);
  const api = (id: string): boolean => facts.some(({ apiId }) => apiId === id);
  const says = (pattern: RegExp): Facts | undefined => facts.find(({ message }) => pattern.test(message));
  for (const [id, text] of Object.entries(RECORD_ERRORS)) if (api(id)) return { kind: "record", text };
  const { topic, user } = context;
  const as = user === "" ? "without a login (--kafka-user)" : `as ${user}`;
  if (api("TOPIC_AUTHORIZATION_FAILED")) return other(`there is no permission to write to ${topic} ${as}`);
  if (api("CLUSTER_AUTHORIZATION_FAILED")) return other(`there is no permission to write ${as}`);
  if (api("UNSUPPORTED_SASL_MECHANISM"))
    return login("the broker does not offer this way to log in (--kafka-sasl)");
  if (api("ILLEGAL_SASL_STATE")) return login("the broker wants no login at this port (--kafka-user)");
  if (facts.some(({ code }) => code === "PLT_KFK_AUTHENTICATION") || api("SASL_AUTHENTICATION_FAILED")) {
    const refused = user === "" ? "the broker wants a login" : `the broker refused the login of ${user}`;
    return login(`${refused}: check --kafka-user, KAFKA_PASSWORD and --kafka-sasl`);
  }
  if (api("INVALID_TOPIC_EXCEPTION")) return other(`the broker takes no topic called ${topic}`);
  if (api("UNKNOWN_TOPIC_OR_PARTITION") || says(/^Unknown topic/) !== undefined) {
    return { kind: "topic", text: `there is no topic ${topic}, and the broker does not make it by itself` };
  }
  if (says(/Broker requires TLS/) !== undefined) return other("the broker speaks TLS: use --kafka-tls");
  const certificate = facts.find(({ code }) => CERTIFICATE.test(code));
  if (certificate !== undefined) {
    return other(
      `the broker's certificate is not trusted (${certificate.code}): --kafka-tls-ca names the authorities to trust`,
    );
  }
  if (says(/TLS handshake failed|wrong version number|secure TLS connection|SSL routines/i) !== undefined) {
    return other("the broker does not speak TLS at this port, or not with our certificate");
  }
  const bad = facts.find(({ name }) => name === "BadAnswer" || name === "TypeError" || name === "RangeError");
  if (bad !== undefined || facts.some(({ code }) => /OUT_OF_BOUNDS|CORRELATION/.test(code))) {
    return other(`the broker's answer makes no sense${bad === undefined ? "" : ` (${plain(bad.message)})`}`);
  }
  const system = facts.find(({ code }) => /^E[A-Z]+$/.test(code));
  if (system !== undefined) return other(`the broker can't be reached (${system.code})`);
  if (says(/timed out/i) !== undefined) return other("the broker does not answer in time");
  if (says(/Connection closed/i) !== undefined) {
    const hint = user === "" ? "; it may want a login (--kafka-user) or TLS (--kafka-tls)" : "";
    return other(`the broker closed the connection${hint}`);
  }
  const reason = facts.findLast(({ message }) => message !== "")?.message ?? printed(error);
  return other(plain(reason));
}

function other(text: string): Trouble {
  return { kind: "other", text };
}

function login(text: string): Trouble {
  return { kind: "login", text };
}

/** Text of others on one line: no control characters, not too long. */
function plain(text: string): string {
  const line = text.replace(/[\p{C}\s]+/gu, " ").trim();
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}…` : line;
}

/** The error, what caused it, and what it is made of, outermost first. */
function factsOf(error: unknown): Facts[] {
  const facts: Facts[] = [];
  const waiting: unknown[] = [error];
  const seen = new Set<unknown>();
  while (waiting.length > 0 && facts.length < MOST_ERRORS) {
    const next = waiting.shift();
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    const { message, code, apiId, name, cause, errors } = next as Readonly<Record<string, unknown>>;
    facts.push({ message: text(message), code: text(code), apiId: text(apiId), name: text(name) });
    if (Array.isArray(errors)) waiting.push(...errors.slice(-MOST_ERRORS));
    if (cause !== undefined) waiting.push(cause);
  }
  return facts;
}

/** What was thrown that is no error, in words. An object may have no `toString` that can be called. */
function printed(thrown: unknown): string {
  if (typeof thrown === "object" || typeof thrown === "function") return "an error without a message";
  return String(thrown);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
