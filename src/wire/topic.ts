/** First part of every topic: the protocol and its version. */
export const TOPIC_ROOT = "rscap/1";

/** What a message carries; the last level of its topic. */
export const KINDS = ["ts", "rtp", "report", "event", "image"] as const;

/** See `KINDS`. */
export type Kind = (typeof KINDS)[number];

/** A topic taken apart. */
export interface Topic {
  readonly probe: string;
  /** Stream id; `-` for what concerns the probe as a whole. */
  readonly stream: string;
  readonly kind: Kind;
}

/** Longest level of a topic in characters. */
const LEVEL_MAX_CHARACTERS = 128;

/** Longest topic in octets: two free levels of up to four octets a character, and the rest. */
export const TOPIC_MAX_BYTES = 2 * 4 * LEVEL_MAX_CHARACTERS + 32;

/** Everything but visible characters, and the slash that parts the levels. */
const FORBIDDEN = /[\s\p{C}/]/u;
const ALL_FORBIDDEN = /[\s\p{C}/]/gu;

/** `text` made fit for one level of a topic: forbidden characters become `_`, nothing becomes `-`. */
export function topicLevel(text: string): string {
  const level = [...text.toWellFormed()].slice(0, LEVEL_MAX_CHARACTERS).join("").replace(ALL_FORBIDDEN, "_");
  return level === "" ? "-" : level;
}

/** `rscap/1/<probe>/<stream>/<kind>`. */
export function buildTopic(probe: string, stream: string, kind: Kind): string {
  return `${TOPIC_ROOT}/${topicLevel(probe)}/${topicLevel(stream)}/${kind}`;
}

/** The topic in `text`, or null when it is none of ours: text from the network is not to be trusted. */
export function parseTopic(text: string): Topic | null {
  const levels = text.split("/");
  if (levels.length !== 5 || `${levels[0]}/${levels[1]}` !== TOPIC_ROOT) return null;
  const [, , probe, stream, kind] = levels as [string, string, string, string, string];
  const known = KINDS.find((name) => name === kind);
  return known !== undefined && isLevel(probe) && isLevel(stream) ? { probe, stream, kind: known } : null;
}

function isLevel(text: string): boolean {
  return text !== "" && [...text].length <= LEVEL_MAX_CHARACTERS && !FORBIDDEN.test(text);
}
