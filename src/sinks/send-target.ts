import { formatAddress, isMulticast, parseAddress } from "../net/addresses.ts";
import { type RscapError, usageError } from "../report/error.ts";

/** Where `--send` plays to. */
export interface SendTarget {
  /** 4 octets for IPv4, 16 for IPv6. */
  readonly address: Uint8Array;
  readonly ipVersion: 4 | 6;
  readonly port: number;
  readonly multicast: boolean;
  /** Device to send from, empty for the one that routes there. */
  readonly iface: string;
  /** TTL or hop limit, null for the system's own (1 for multicast). */
  readonly ttl: number | null;
  /** The setting that it comes from, for messages. */
  readonly setting: string;
}

/** `--send` without a destination: each stream goes to the address and port that it had. */
export type OwnDestinations = Pick<SendTarget, "iface" | "ttl">;

const FORM = "udp://group:port[?iface=device&ttl=1..255]";

/**
 * Device and TTL of `udp://[?iface=device&ttl=n]`, which sends each stream to its own destination; null where a
 * destination is named. Throws a usage error where one of them is wrong.
 */
export function parseOwnDestinations(text: string, setting = "--send"): OwnDestinations | null {
  const match = /^udp:\/\/\/?(?:\?([^#]*))?$/i.exec(text);
  return match === null ? null : parameters(match[1] ?? "", wrongSend(text, setting));
}

/**
 * Takes `udp://group:port[?iface=device&ttl=n]` apart, IPv6 addresses in brackets. Throws a usage error that
 * names the setting and what is wrong.
 */
export function parseSendTarget(text: string, setting = "--send"): SendTarget {
  const wrong = wrongSend(text, setting);
  const match = /^udp:\/\/(\[([^\]]*)\]|[^/?#:@]*):(\d{1,5})\/?(?:\?([^#]*))?$/i.exec(text);
  if (match === null) throw wrong("this is not a destination");
  const host = match[2] ?? (match[1] as string);
  const address = parseAddress(host);
  if (address === null || (match[2] !== undefined) !== (address.length === 16)) {
    throw wrong(`"${host}" is not an IPv4 or IPv6 address`);
  }
  if (address.every((octet) => octet === 0)) throw wrong(`"${host}" is no destination`);
  const port = Number(match[3]);
  if (port < 1 || port > 65535) throw wrong(`the port "${match[3]}" is not a number of 1 to 65535`);
  const { iface, ttl } = parameters(match[4] ?? "", wrong);
  const ipVersion = address.length === 4 ? 4 : 6;
  return { address, ipVersion, port, multicast: isMulticast(address, 0, ipVersion), iface, ttl, setting };
}

function wrongSend(text: string, setting: string): (what: string) => RscapError {
  return (what) =>
    usageError("bad-send", `${setting}: ${what} in "${text}". Expected ${FORM}, IPv6 addresses in brackets.`);
}

function parameters(query: string, wrong: (what: string) => RscapError): OwnDestinations {
  let iface = "";
  let ttl: number | null = null;
  for (const [name, value] of new URLSearchParams(query)) {
    if (name === "iface") {
      if (value === "" || /[\s/]/.test(value)) throw wrong(`iface "${value}" is not a device name`);
      iface = value;
    } else if (name === "ttl") {
      ttl = /^\d{1,3}$/.test(value) ? Number(value) : 0;
      if (ttl < 1 || ttl > 255) throw wrong(`ttl "${value}" is not a number of 1 to 255`);
    } else {
      throw wrong(`the parameter "${name}" is not known, only iface and ttl are,`);
    }
  }
  return { iface, ttl };
}

/** The target as an engineer writes it, e.g. `239.1.1.1:5000` or `[ff3e::1]:5000`. */
export function formatSendTarget(target: SendTarget): string {
  const address = formatAddress(target.address, 0, target.ipVersion);
  return target.ipVersion === 6 ? `[${address}]:${target.port}` : `${address}:${target.port}`;
}
