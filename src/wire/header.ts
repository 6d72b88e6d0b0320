import { z } from "zod";
import { KINDS, type Kind } from "./topic.ts";

/** What stands before a payload: a header in Cap'n Proto or JSON, or nothing at all. */
export const HEADER_FORMATS = ["capnp", "json", "none"] as const;

/** See `HEADER_FORMATS`. */
export type HeaderFormat = (typeof HEADER_FORMATS)[number];

/** Version of the header, in its first field. */
export const HEADER_VERSION = 1;

/** Largest payload of one message in octets; a batch leaves before it would grow beyond. */
export const PAYLOAD_MAX_BYTES = 1024 * 1024;

/** Most datagrams in one message. */
export const BATCH_MAX_DATAGRAMS = 4096;

/** Largest number of a message: one more is still an exact number, as acknowledgements need it. */
export const SEQUENCE_MAX = Number.MAX_SAFE_INTEGER - 1;

/** Longest header that is read, in octets. */
export const HEADER_MAX_BYTES = 64 * 1024;

/** Longest text in a header, in UTF-16 code units. */
export const TEXT_MAX_CHARACTERS = 1024;

const count = z.int().nonnegative();
const time = z.string().max(64).nullable();
const text = z.string().max(TEXT_MAX_CHARACTERS);

/**
 * The header as a receiver sees it, whatever it was encoded in, and as it stands in JSON. Unknown keys pass: a
 * newer probe, or the earlier rscap's names beside ours, are no fault.
 */
export const headerSchema = z.object({
  rscap: z.literal(HEADER_VERSION).describe("version of this header"),
  probe: text,
  run: text.describe("changes when the probe starts again"),
  stream: text,
  kind: z.enum(KINDS),
  source: text.nullable().describe("address and port of the sender"),
  destination: text.nullable(),
  timestampSource: text.describe("where the times come from"),
  sequence: count.max(SEQUENCE_MAX).describe("per probe, stream and kind, from 0"),
  firstTime: time.describe("capture time of the first packet: RFC 3339 in UTC, nine decimals"),
  lastTime: time.describe("capture time of the last packet"),
  datagrams: count.max(BATCH_MAX_DATAGRAMS).describe("datagrams that the packets came in"),
  packets: count.describe("TS packets of 188 octets, or RTP packets"),
  lengths: z.array(z.int().positive()).max(BATCH_MAX_DATAGRAMS).optional().describe("of each RTP packet"),
});

/** See `headerSchema`. */
export type Header = z.infer<typeof headerSchema>;

/** What is the same in every header of a stream. */
export interface HeaderFacts {
  readonly probe: string;
  readonly run: string;
  readonly stream: string;
  readonly kind: Kind;
  readonly sourceAddress: string;
  readonly sourcePort: number;
  readonly destinationAddress: string;
  readonly destinationPort: number;
  readonly timestampSource: string;
  /** Capture device or file, for the earlier rscap's `source_device`. */
  readonly deviceName: string;
  /** Host and port of the ZeroMQ endpoint, for its `target_ip` and `target_port`. */
  readonly targetHost: string;
  readonly targetPort: number;
  readonly batchSize: number;
}

/** The numbers of one message. */
export interface HeaderNumbers {
  sequence: number;
  /** Nanoseconds since the source's epoch; NaN without times. */
  firstNs: number;
  lastNs: number;
  datagrams: number;
  packets: number;
  /** Octets of this message's payload, and of all payloads of the stream up to and with it. */
  payloadBytes: number;
  totalBytes: number;
  /** Length of each packet, `packets` of them, or null where all are alike. */
  lengths: Uint32Array | null;
}

/** Beyond this no calendar goes (ECMA-262 21.4.1.1); only a damaged capture has such times. NaN is neither. */
export const TIME_LIMIT_NS = 8.64e21;

/**
 * Writes a stream's headers into one reused buffer: the constant part once, then only numbers, so that a
 * message costs no string and no object.
 */
export interface HeaderEncoder {
  /** Holds the header after `encode`; made by `alloc`, so that its address may be given to native code. */
  readonly buf: Uint8Array;
  /** Address of `buf`. */
  readonly address: number;
  /** Writes the header of one message; its length in octets. */
  encode(numbers: HeaderNumbers): number;
}

/** `address:port`, IPv6 in brackets; null without an address. */
export function addressAndPort(address: string, port: number): string | null {
  if (address === "") return null;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
