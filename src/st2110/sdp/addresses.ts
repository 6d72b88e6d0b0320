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

/** True for 224/4 and ff00::/8. */
export function isMulticast(address: string): boolean {
  return /^(22[4-9]|23\d)\./.test(address) || /^ff[0-9a-f]{2}:/i.test(address);
}

/** True for source-specific multicast (RFC 4607): 232/8 and ff3x::/32. */
export function isSourceSpecific(address: string): boolean {
  return address.startsWith("232.") || /^ff3[0-9a-f]:/i.test(address);
}
