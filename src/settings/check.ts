import { isIP } from "node:net";

/** Largest UDP or TCP port. */
export const MAX_PORT = 65535;

/** Longest probe name: it is part of every topic. */
const PROBE_ID_MAX_CHARACTERS = 64;

/** Accepts an IPv4 or IPv6 address. */
export function checkAddress(text: string): string | null {
  return isIP(text) === 0 ? "an IPv4 or IPv6 address" : null;
}

/** Meant as an IPv4 address: where it is none, the resolver would make some other address of it. */
const ALMOST_IPV4 = /^[\d.]+$/;

/** Accepts what can stand in a ZeroMQ TCP endpoint: an address, a host or device name, or `*`. */
export function checkHost(text: string): string | null {
  if (text === "*" || isIP(text) !== 0) return null;
  if (ALMOST_IPV4.test(text)) return "an IPv4 address of four numbers of 0 to 255";
  return /^[A-Za-z0-9]([A-Za-z0-9._-]{0,252})$/.test(text) ? null : "an address, a host name or *";
}

/**
 * Accepts `udp://` and `rtp://` with an address and a port, and the address of an HLS playlist; the parts are looked
 * at where it is used.
 */
export function checkStreamUrl(text: string): string | null {
  // No password here: others could read it (ps, --show-config).
  if (/^hls\+https?:\/\/[^\s/@]+(\/\S*)?$/i.test(text)) return null;
  return /^(udp|rtp):\/\/[^\s/?#]+:\d{1,5}\/?(\?\S*)?$/i.test(text)
    ? null
    : "udp://[source@]group:port[?iface=device] or hls+https://host/name.m3u8 (its login by --hls-user)";
}

/** Accepts what names a variant of an HLS master playlist. */
export function checkVariant(text: string): string | null {
  return /^(highest|lowest|[1-9]\d{0,4}x[1-9]\d{0,4}|[1-9]\d{0,11}(\.\d+)?[kM]?)$/.test(text)
    ? null
    : "highest, lowest, a number from 1, WIDTHxHEIGHT, or bits per second such as 3000k";
}

/** Accepts one destination of UDP. */
export function checkSendUrl(text: string): string | null {
  return /^(udp|rtp):\/\/[^\s/?#@]+:\d{1,5}\/?(\?\S*)?$/i.test(text)
    ? null
    : "udp://group:port[?iface=device&ttl=N]";
}

/** Accepts what `--send` takes: a destination, or none for each stream's own. */
export function checkReplaySend(text: string): string | null {
  const other = checkSendUrl(text);
  if (other === null || /^udp:\/\/\/?(\?\S*)?$/i.test(text)) return null;
  return `${other}, or udp://[?iface=device&ttl=N] for each stream's own`;
}

/** Accepts the file of a still picture. */
export function checkStill(text: string): string | null {
  return /\.(png|jpe?g)$/i.test(text) ? null : "a file name that ends with .png, .jpg or .jpeg";
}

/** Accepts the ZeroMQ transports that we offer. */
export function checkEndpoint(text: string): string | null {
  if (/^ipc:\/\/\S+$/.test(text)) return null;
  const host = /^tcp:\/\/(\S+):(?:\d{1,5}|\*)$/.exec(text)?.[1];
  if (host === undefined) return "tcp://host:port or ipc://path";
  return ALMOST_IPV4.test(host) ? checkHost(host) : null;
}

/** Accepts a probe name: it is one level of the topic, so no slash and nothing invisible. */
export function checkProbeId(text: string): string | null {
  return text.length <= PROBE_ID_MAX_CHARACTERS && /^[\p{L}\p{N}\p{M}._:@+-]+$/u.test(text)
    ? null
    : `at most ${PROBE_ID_MAX_CHARACTERS} letters, digits and . _ : @ + -, without blanks and slashes`;
}

/** Accepts a Kafka broker: host or address, IPv6 in brackets, and a port. */
export function checkBroker(text: string): string | null {
  const parts = /^(?:\[([^\]]+)\]|([^\s[\]:/]+)):(\d{1,5})$/.exec(text);
  if (parts === null || Number(parts[3]) < 1 || Number(parts[3]) > MAX_PORT)
    return "host:port, such as kafka-1:9092";
  if (parts[1] !== undefined) return isIP(parts[1]) === 6 ? null : "an IPv6 address in brackets";
  return parts[2] === "*" ? "host:port, such as kafka-1:9092" : checkHost(parts[2] ?? "");
}

/** Accepts the name of a Kafka topic, by Kafka's own rule. */
export function checkKafkaTopic(text: string): string | null {
  return /^[A-Za-z0-9._-]{1,249}$/.test(text) && text !== "." && text !== ".."
    ? null
    : "at most 249 of the characters A-Z a-z 0-9 . _ -";
}

/** Accepts the pattern of a segment's name: known fields, and no way out of its folder. */
export function checkSegmentName(text: string): string | null {
  const inside = !text.startsWith("/") && !text.split("/").some((part) => ["", ".", ".."].includes(part));
  return inside && /^(?:[^%\p{Cc}]|%[YymdHMSjFsLi%])+$/u.test(text)
    ? null
    : "a name with %Y %y %m %d %H %M %S %j %F %s %L %i or %%, without .. and without / at either end";
}
