import { z } from "zod";
import { KINDS, type Kind } from "./topic.ts";

/** Version of the header, in its first field. */
const HEADER_VERSION = 1;

/** Largest payload of one message in octets; a batch leaves before it would grow beyond. */
export const PAYLOAD_MAX_BYTES = 1024 * 1024;

/** Most datagrams in one message. */
export const BATCH_MAX_DATAGRAMS = 4096;

/** Longest header that is read, in octets. */
export const HEADER_MAX_BYTES = 64 * 1024;

const count = z.int().nonnegative();
const time = z.string().max(64).nullable();
const text = z.string().max(1024);

/**
 * The header as a receiver sees it. Unknown keys pass: a newer probe, or the earlier rscap's names beside
 * ours, are no fault.
 */
const headerSchema = z.object({
  rscap: z.literal(HEADER_VERSION).describe("version of this header"),
  probe: text,
  run: text.describe("changes when the probe starts again"),
  stream: text,
  kind: z.enum(KINDS),
  source: text.nullable().describe("address and port of the sender"),
  destination: text.nullable(),
  timestampSource: text.describe("where the times come from"),
  sequence: count.describe("per probe, stream and kind, from 0"),
  firstTime: time.describe("capture time of the first packet: RFC 3339 in UTC, nine decimals"),
  lastTime: time.describe("capture time of the last packet"),
  datagrams: count.max(BATCH_MAX_DATAGRAMS).describe("datagrams that the packets came in"),
  packets: count.describe("TS packets of 188 octets, or RTP packets"),
  lengths: z.array(z.int().positive()).max(BATCH_MAX_DATAGRAMS).optional().describe("of each RTP packet"),
});

/** See `headerSchema`. */
export type Header = z.infer<typeof headerSchema>;

const decoder = new TextDecoder("utf-8", { fatal: true });

/** The header in `octets`, or null when it is not one: bad UTF-8, bad JSON, a field missing or wrong. */
export function decodeHeader(octets: Uint8Array): Header | null {
  try {
    const parsed = headerSchema.safeParse(JSON.parse(decoder.decode(octets)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

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

/** The format's name in the earlier rscap's headers, which it had for packets only. */
const EARLIER_FORMAT: Partial<Record<Kind, string>> = { ts: "mpegts", rtp: "smpte2110" };

/**
 * The constant part of a stream's headers, from the opening brace to the comma before the first number. The
 * second half repeats the facts under the earlier rscap's names: there `source_ip` is the captured group.
 */
export function renderHeaderStart(facts: HeaderFacts): string {
  const ours = {
    rscap: HEADER_VERSION,
    probe: facts.probe,
    run: facts.run,
    stream: facts.stream,
    kind: facts.kind,
    source: addressAndPort(facts.sourceAddress, facts.sourcePort),
    destination: addressAndPort(facts.destinationAddress, facts.destinationPort),
    timestampSource: facts.timestampSource,
  };
  const format = EARLIER_FORMAT[facts.kind];
  const earlier = format && {
    type: "mpegts_chunk",
    format,
    source_ip: facts.destinationAddress,
    source_port: facts.destinationPort,
    source_device: facts.deviceName,
    target_ip: facts.targetHost,
    target_port: facts.targetPort,
    batch_size: facts.batchSize,
  };
  return `${JSON.stringify({ ...ours, ...earlier }).slice(0, -1)},`;
}

function addressAndPort(address: string, port: number): string | null {
  if (address === "") return null;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
