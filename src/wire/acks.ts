import { z } from "zod";
import { type Endpoint, parseEndpoint } from "./endpoint.ts";
import { TOPIC_ROOT, topicLevel } from "./topic.ts";

/**
 * Acknowledged delivery over PUSH: the probe says hello on each new connection, the client then publishes what
 * it has taken on a second endpoint, and the probe keeps each message until then.
 */

/** Last level of the topic of a probe's hello. */
const HELLO = "hello";

/** First level of an acknowledgement's topic. */
const ACK_ROOT = "rscap-ack/1";

/** Largest acknowledgement in octets. */
export const ACK_MAX_BYTES = 256 * 1024;

/** Streams in one acknowledgement at most: with the longest topics they are no larger than may be. */
export const ACKS_A_MESSAGE = 64;

/** What a client has of one stream: everything of that run before number `next`. */
export interface Ack {
  readonly run: string;
  readonly topic: string;
  readonly next: number;
}

/** Topic of the message by which a probe asks for acknowledgements. */
export function helloTopic(probe: string): string {
  return `${TOPIC_ROOT}/${topicLevel(probe)}/-/${HELLO}`;
}

/** The probe that says hello by `topic`; null when it is none. */
export function helloFrom(topic: string): string | null {
  const levels = topic.split("/");
  const probe = levels[2] ?? "";
  return levels.length === 5 && helloTopic(probe) === topic ? probe : null;
}

/** Topic of the acknowledgements for a probe. */
export function ackTopic(probe: string): string {
  return `${ACK_ROOT}/${topicLevel(probe)}/`;
}

/** What an acknowledgement says. */
export function encodeAcks(acks: readonly Ack[]): string {
  return JSON.stringify(acks.map(({ run, topic, next }) => [run, topic, next]));
}

const acksSchema = z
  .array(z.tuple([z.string().max(64), z.string().max(2048), z.int().nonnegative()]))
  .max(ACKS_A_MESSAGE);

const decoder = new TextDecoder("utf-8", { fatal: true });

/** The acknowledgements in `octets`; null when they are none. */
export function decodeAcks(octets: Uint8Array): Ack[] | null {
  try {
    const parsed = acksSchema.safeParse(JSON.parse(decoder.decode(octets)));
    return parsed.success ? parsed.data.map(([run, topic, next]) => ({ run, topic, next })) : null;
  } catch {
    return null;
  }
}

/**
 * Where acknowledgements go when nobody says otherwise: the port after that of the messages, or the path with
 * `.ack`. Null where there is none, for port 65535 and for a port that is not known yet.
 */
export function ackEndpointFor(endpoint: string): string | null {
  const parsed: Endpoint = parseEndpoint(endpoint);
  if (parsed.protocol === "ipc") return `ipc://${parsed.path}.ack`;
  if (parsed.port === 0 || parsed.port === 65535) return null;
  return `${endpoint.slice(0, endpoint.lastIndexOf(":"))}:${parsed.port + 1}`;
}
