import { type RscapError, usageError } from "../report/error.ts";
import { formatAddress, isMulticast, parseAddress } from "./addresses.ts";

/** A stream to capture, as `--source` names it. */
export interface SourceUrl {
  /** `rtp` says no more than `udp`: what a stream carries is found out from its packets. */
  readonly protocol: "udp" | "rtp";
  readonly ipVersion: 4 | 6;
  /** Destination of the stream, multicast or not, in its canonical text form. */
  readonly group: string;
  readonly port: number;
  /** The only sender that is wanted, in its canonical text form; empty for any. */
  readonly source: string;
  /** Device to capture from; empty for the one that routes to the group. */
  readonly iface: string;
  /** The group has to be joined. */
  readonly multicast: boolean;
}

const FORM = "udp://[source@]group:port[?iface=device]";

/**
 * Takes `udp://[source@]group:port[?iface=device]` apart; `rtp://` too, and IPv6 addresses in brackets. Throws a
 * usage error that names `setting` and what is wrong. An empty source (`udp://@239.1.1.1:5000`) means any.
 */
export function parseSourceUrl(text: string, setting = "--source"): SourceUrl {
  const wrong = (what: string): RscapError =>
    usageError(
      "bad-source",
      `${setting}: ${what} in "${text}". Expected ${FORM}, IPv6 addresses in brackets.`,
    );

  const match = /^([a-z0-9+.-]*):\/\/([^/?#]*)\/?(?:\?([^#]*))?$/i.exec(text);
  if (!match) throw wrong("this is not a stream address");
  const protocol = (match[1] as string).toLowerCase();
  if (protocol !== "udp" && protocol !== "rtp") {
    throw wrong(`the protocol "${protocol}" is not known, only udp and rtp are,`);
  }
  const authority = match[2] as string;
  const at = authority.lastIndexOf("@");
  const host = splitPort(authority.slice(at + 1));
  if (host === null) throw wrong("the port is missing");
  const port = /^\d{1,5}$/.test(host.port) ? Number(host.port) : 0;
  if (port < 1 || port > 65535) throw wrong(`the port "${host.port}" is not a number of 1 to 65535`);
  const group = parseHost(host.address);
  if (group === null) throw wrong(`the group "${host.address}" is not an IPv4 or IPv6 address`);
  const ipVersion = group.length === 4 ? 4 : 6;
  if (group.every((octet) => octet === 0)) throw wrong(`the group "${host.address}" is no destination`);

  const sourceText = at > 0 ? authority.slice(0, at) : "";
  let source = "";
  if (sourceText !== "") {
    const octets = parseHost(sourceText);
    if (octets === null) throw wrong(`the source "${sourceText}" is not an IPv4 or IPv6 address`);
    if (octets.length !== group.length) throw wrong("source and group are of different IP versions");
    if (isMulticast(octets, 0, ipVersion)) throw wrong(`the source "${sourceText}" is a multicast group`);
    source = formatAddress(octets, 0, ipVersion);
  }

  return {
    protocol,
    ipVersion,
    group: formatAddress(group, 0, ipVersion),
    port,
    source,
    iface: parseIface(match[3] ?? "", wrong),
    multicast: isMulticast(group, 0, ipVersion),
  };
}

/** `address:port`, with the colons of an IPv6 address inside brackets; null without a port. */
function splitPort(text: string): { address: string; port: string } | null {
  const colon = text.lastIndexOf(":");
  if (colon < 0 || text.endsWith("]")) return null;
  return { address: text.slice(0, colon), port: text.slice(colon + 1) };
}

/** An IPv4 address bare, an IPv6 address in brackets; without them its last field would look like a port. */
function parseHost(text: string): Uint8Array | null {
  const inside = /^\[(.*)\]$/.exec(text)?.[1];
  if (inside === undefined) return text.includes(":") ? null : parseAddress(text);
  return inside.includes(":") ? parseAddress(inside) : null;
}

function parseIface(query: string, wrong: (what: string) => RscapError): string {
  let iface = "";
  for (const [name, value] of new URLSearchParams(query)) {
    if (name !== "iface") throw wrong(`the parameter "${name}" is not known, only iface is,`);
    if (value === "" || /[\s/]/.test(value)) throw wrong(`iface "${value}" is not a device name`);
    iface = value;
  }
  return iface;
}
