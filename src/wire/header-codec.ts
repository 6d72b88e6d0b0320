import type { Epoch } from "../report/time.ts";
import type { Header, HeaderEncoder, HeaderFacts, HeaderFormat } from "./header.ts";
import { CapnpHeaderEncoder } from "./header-capnp.ts";
import { decodeCapnpHeader } from "./header-capnp-reader.ts";
import { decodeJsonHeader, JsonHeaderEncoder } from "./header-json.ts";

/**
 * The header in `octets`, in either format, or null when it is none. The number of segments less one begins a
 * Cap'n Proto message; a header has one, so its first octet is 0, with which no JSON begins.
 */
export function decodeHeader(octets: Uint8Array): Header | null {
  return octets[0] === 0 ? decodeCapnpHeader(octets) : decodeJsonHeader(octets);
}

/** What writes the headers of a stream in `format`. */
export function makeHeaderEncoder(
  format: Exclude<HeaderFormat, "none">,
  facts: HeaderFacts,
  epoch: Epoch,
): HeaderEncoder {
  return format === "capnp" ? new CapnpHeaderEncoder(facts, epoch) : new JsonHeaderEncoder(facts, epoch);
}
