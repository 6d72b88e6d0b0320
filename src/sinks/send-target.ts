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

const FORM = "udp://group:port[?iface=device&ttl=1..255]";

/**
 * Takes `udp://group:port[?iface=device&ttl=n]` apart, IPv6 addresses in brackets. Throws a usage error that
 * names the setting and what is wrong.
 */
export function parseSendTarget(text: string, setting = "--send"): SendTarget {
  const wrong = (what: string): RscapError =>
    usageError("bad-send", `${setting}: ${what} in "${text}". Expected ${FORM}, IPv6 addresses in brackets.`);
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
  let iface = "";
  let ttl: number | null = null;
  for (const [name, value] of new URLSearchParams(match[4] ?? "")) {
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
  const ipVersion = address.length === 4 ? 4 : 6;
  return { address, ipVersion, port, multicast: isMulticast(address, 0, ipVersion), iface, ttl, setting };
}

/** The target as an engineer writes it, e.g. `239.1.1.1:5000` or `[ff3e::1]:5000`. */
export function formatSendTarget(target: SendTarget): string {
  const address = formatAddress(target.address, 0, target.ipVersion);
  return target.ipVersion === 6 ? `[${address}]:${target.port}` : `${address}:${target.port}`;
}
