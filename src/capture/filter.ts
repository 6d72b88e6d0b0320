/** Filters: the text for the sources that were asked for, and its way through libpcap's compiler. */
import { type Compiled, compileForFiles } from "../../ffi/libpcap/libpcap.ts";
import { LINKTYPE } from "../net/linktype.ts";
import { type RscapError, usageError } from "../report/error.ts";
import type { BpfProgram } from "./bpf.ts";

/** Snap length that cuts nothing: more than the longest frame there is (as in libpcap). */
export const MAX_SNAPLEN = 262_144;

const REJECTS_ALL = "expression rejects all packets";
/** BPF_RET | BPF_K, k = 0. */
const RETURN_ZERO = new Uint8Array([0x06, 0, 0, 0, 0, 0, 0, 0]);

/** One source as the filter sees it. */
export interface FilterSource {
  /** Group or host address that the packets go to, IPv4 or IPv6; empty for any. */
  readonly destination: string;
  /** UDP destination port; 0 for any. */
  readonly port: number;
  /** Sender, where only this one is wanted. */
  readonly source?: string;
}

/** All UDP, for `--discover`. */
export const ANY_UDP: FilterSource = { destination: "", port: 0 };

/** What a filter is compiled for. */
export interface CompileOptions {
  /** LINKTYPE_ of the frames. */
  readonly linkType: number;
  /** Octets of a frame that the filter keeps; MAX_SNAPLEN unless told. */
  readonly snaplen?: number;
}

/**
 * Compiles `text` for frames as they stand in files. An empty text takes every frame. Throws a usage
 * error with libpcap's own words.
 */
export function compileFilter(text: string, options: CompileOptions): BpfProgram {
  const compiled = compileForFiles(text, options.linkType, options.snaplen ?? MAX_SNAPLEN);
  if (compiled.ok) return { instructions: compiled.program, text };
  // E.g. an IPv4 host on a link type that is all IPv6: nothing wrong in a file of several link types.
  if (compiled.text === REJECTS_ALL) return { instructions: RETURN_ZERO.slice(), text };
  throw filterError(text, compiled);
}

/** The error for a filter that did not compile. */
export function filterError(text: string, compiled: Compiled & { ok: false }): RscapError {
  return usageError(
    "filter.syntax",
    `The filter "${text}" does not compile: libpcap says: ${compiled.text}. ` +
      `Correct it (--filter, FILTER); the language is described in pcap-filter(7).`,
  );
}

/** With more sources than this, addresses alone are filtered, so that the program stays small enough. */
const FILTER_PORTS_MAX_SOURCES = 32;

/**
 * The filter text for `sources`, or'ed; empty when there are none. On Ethernet each matches with up to two
 * VLAN tags too: the kernel takes the outer tag out of a live frame, a file and QinQ have it inside. What it
 * takes is a superset (fragments, extension headers, many sources): the flow table has the last word.
 */
export function filterForSources(
  sources: readonly FilterSource[],
  linkType: number = LINKTYPE.ethernet,
): string {
  if (sources.length === 0) return "";
  const exact = sources.length <= FILTER_PORTS_MAX_SOURCES;
  const plain = [...new Set(sources.map(exact ? sourceExpression : destinationExpression))].join(" or ");
  if (linkType !== LINKTYPE.ethernet) return plain;
  // `vlan` shifts every offset after it, up to the end of the text: so each level is the last thing said.
  return `${plain} or (vlan and (${plain} or (vlan and (${plain}))))`;
}

function destinationExpression({ destination }: FilterSource): string {
  if (destination === "") return ANY_UDP_EXPRESSION;
  return `${destination.includes(":") ? "ip6" : "ip"} dst host ${destination}`;
}

function sourceExpression(source: FilterSource): string {
  if (source.destination === "") return ANY_UDP_EXPRESSION;
  const ipv6 = source.destination.includes(":");
  const sender = source.source === undefined ? "" : ` and ${ipv6 ? "ip6" : "ip"} src host ${source.source}`;
  const udp = ipv6 ? udpOverIpv6(source.port) : udpOverIpv4(source.port);
  return `(${destinationExpression(source)}${sender} and ${udp})`;
}

/**
 * Extension headers that may stand before UDP: hop-by-hop (0), routing (43), fragment (44), AH (51) and destination
 * options (60). libpcap looks for UDP only right after the IPv6 header, so these are left to the flow table.
 */
const IPV6_EXTENSIONS = [0, 43, 44, 51, 60].map((header) => `ip6[6] = ${header}`).join(" or ");

const ANY_UDP_EXPRESSION = `udp or ip proto 17 or (ip6 and (${IPV6_EXTENSIONS}))`;

/** UDP to the port; later fragments too, which have no UDP header, so that they are counted as fragments. */
function udpOverIpv4(port: number): string {
  const udp = port === 0 ? "udp" : `udp dst port ${port}`;
  return `(${udp} or (ip proto 17 and ip[6:2] & 0x1fff != 0))`;
}

/** UDP to the port, or an extension header next. */
function udpOverIpv6(port: number): string {
  const udp = port === 0 ? "udp" : `udp dst port ${port}`;
  return `(${udp} or ${IPV6_EXTENSIONS})`;
}
