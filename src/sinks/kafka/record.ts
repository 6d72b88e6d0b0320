/** A message for Kafka, before it has a partition. */
export interface KafkaRecord {
  readonly key: string;
  /** When its document came, milliseconds of Unix time. */
  readonly timestampMs: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly value: Uint8Array;
}

/** What stands before the value of a record in the spool: key, time, headers. */
interface RecordHead {
  readonly k: string;
  readonly t: number;
  readonly h: readonly (readonly [string, string])[];
}

/** Octets of the number that says how long the head is. */
const HEAD_LENGTH_BYTES = 4;

/** What a record costs in memory besides its octets: objects, array slots. */
const RECORD_COST_BYTES = 256;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Octets that `record` is counted with where memory is bounded. */
export function recordCost(record: KafkaRecord): number {
  let cost = RECORD_COST_BYTES + record.key.length + record.value.length;
  for (const [name, value] of record.headers) cost += name.length + value.length;
  return cost;
}

/** A record as it stands in the spool, in parts: length of the head (32 bits, little-endian), head as JSON, value. */
export function encodeRecord({ key, timestampMs, headers, value }: KafkaRecord): Uint8Array[] {
  const head = encoder.encode(JSON.stringify({ k: key, t: timestampMs, h: headers } satisfies RecordHead));
  const length = new Uint8Array(new ArrayBuffer(HEAD_LENGTH_BYTES));
  new DataView(length.buffer).setUint32(0, head.length, true);
  return [length, head, value];
}

/** The record in `octets`, which may be reused afterwards; null where they hold none. */
export function decodeRecord(octets: Uint8Array): KafkaRecord | null {
  if (octets.length < HEAD_LENGTH_BYTES) return null;
  const length = new DataView(octets.buffer, octets.byteOffset).getUint32(0, true);
  const end = HEAD_LENGTH_BYTES + length;
  if (end > octets.length) return null;
  try {
    const head: unknown = JSON.parse(decoder.decode(octets.subarray(HEAD_LENGTH_BYTES, end)));
    if (!isHead(head)) return null;
    return { key: head.k, timestampMs: head.t, headers: head.h, value: octets.slice(end) };
  } catch {
    return null;
  }
}

function isHead(value: unknown): value is RecordHead {
  if (typeof value !== "object" || value === null) return false;
  const { k, t, h } = value as Partial<Record<keyof RecordHead, unknown>>;
  return typeof k === "string" && Number.isSafeInteger(t) && Array.isArray(h) && h.every(isHeader);
}

function isHeader(value: unknown): value is readonly [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((text) => typeof text === "string");
}
