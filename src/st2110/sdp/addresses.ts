import { u32 } from "../../bits/read.ts";
import { parseAddress } from "../../net/addresses.ts";
import type { SdpConnection, SdpMedia, SdpSession } from "./parse.ts";

/** A source filter (RFC 4570): who may send. */
export interface SourceFilter {
  /** Address of the stream, or `*`. */
  readonly destination: string;
  readonly sources: readonly string[];
}

/** Reads the value of a=source-filter; null when it is not an `incl` filter of the form that ST 2110 uses. */
export function parseSourceFilter(value: string): SourceFilter | null {
  const [mode, net, family, destination, ...sources] = value.trim().split(/ +/);
  if (mode !== "incl" || net !== "IN" || !/^(IP4|IP6|\*)$/.test(family ?? "")) return null;
  if (destination === undefined || sources.length === 0) return null;
  return { destination, sources };
}

/**
 * True where `filter` is for the addresses of a c= line (RFC 4570 3.1): `*`, or any of them in any spelling. Whether a
 * host name is one of them only its resolver knows, so it is taken for one.
 */
export function filterNames({ destination }: SourceFilter, { address, count }: SdpConnection): boolean {
  if (destination === "*" || isHostName(destination) || isHostName(address)) return true;
  const asked = parseAddress(destination);
  const first = parseAddress(address);
  if (asked === null || first === null) return destination === address;
  // The addresses of one c= line are contiguous (RFC 8866 5.7).
  const low = first.length - 4;
  if (asked.length !== first.length || first.subarray(0, low).some((octet, i) => octet !== asked[i]))
    return false;
  const ahead = u32(asked, low) - u32(first, low);
  return ahead >= 0 && ahead < count;
}

/**
 * Who may send the first address of `media`, by all filters that are for it: its own, else those of the session (RFC
 * 8866 6: an attribute of the media stands before one of the session). Empty for anybody.
 */
export function sendersOf(media: SdpMedia, session: SdpSession): string[] {
  const { connection } = media;
  if (connection === null) return [];
  const first = { ...connection, count: 1 };
  for (const { attributes } of [media, session]) {
    const filters = attributes.flatMap(({ name, value }) =>
      name === "source-filter" ? (parseSourceFilter(value) ?? []) : [],
    );
    const sources = filters
      .filter((filter) => filterNames(filter, first))
      .flatMap((filter) => filter.sources);
    if (sources.length > 0) return [...new Set(sources)];
  }
  return [];
}

function isHostName(text: string): boolean {
  return !text.includes(":") && /[a-z]/i.test(text);
}

/** True for 224/4 and ff00::/8. */
export function isMulticast(address: string): boolean {
  return /^(22[4-9]|23\d)\./.test(address) || /^ff[0-9a-f]{2}:/i.test(address);
}

/** True for source-specific multicast (RFC 4607): 232/8 and ff3x::/32. */
export function isSourceSpecific(address: string): boolean {
  return address.startsWith("232.") || /^ff3[0-9a-f]:/i.test(address);
}
