/** A message as it waits in a spool: numbers, run, topic, header and payload, one after the other. */

/** First word of each record: `rsm1`. */
const MAGIC = 0x316d_7372;

/** Octets before the run. */
export const RECORD_PREFIX_BYTES = 28;

const SEQUENCE_AT = 4;
const DATAGRAMS_AT = 12;
const RUN_AT = 16;
const TOPIC_AT = 20;
const HEADER_AT = 24;

/** A message in a record; the octets are views of the record. */
export interface MessageRecord {
  readonly run: string;
  readonly topic: Uint8Array;
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
  readonly sequence: number;
  readonly datagrams: number;
}

/** Writes the prefix of a record into `prefix`; run, topic, header and payload are to follow it. */
export function putPrefix(
  prefix: Uint8Array,
  sequence: number,
  datagrams: number,
  runBytes: number,
  topicBytes: number,
  headerBytes: number,
): void {
  const view = new DataView(prefix.buffer, prefix.byteOffset);
  view.setUint32(0, MAGIC, true);
  view.setFloat64(SEQUENCE_AT, sequence, true);
  view.setUint32(DATAGRAMS_AT, datagrams, true);
  view.setUint32(RUN_AT, runBytes, true);
  view.setUint32(TOPIC_AT, topicBytes, true);
  view.setUint32(HEADER_AT, headerBytes, true);
}

const decoder = new TextDecoder();

/** The message in `record`; null when it is none of ours. */
export function parseRecord(record: Uint8Array): MessageRecord | null {
  if (record.length < RECORD_PREFIX_BYTES) return null;
  const view = new DataView(record.buffer, record.byteOffset);
  if (view.getUint32(0, true) !== MAGIC) return null;
  const sequence = view.getFloat64(SEQUENCE_AT, true);
  const topicAt = RECORD_PREFIX_BYTES + view.getUint32(RUN_AT, true);
  const headerAt = topicAt + view.getUint32(TOPIC_AT, true);
  const payloadAt = headerAt + view.getUint32(HEADER_AT, true);
  if (payloadAt > record.length || !Number.isSafeInteger(sequence) || sequence < 0) return null;
  return {
    run: decoder.decode(record.subarray(RECORD_PREFIX_BYTES, topicAt)),
    topic: record.subarray(topicAt, headerAt),
    header: record.subarray(headerAt, payloadAt),
    payload: record.subarray(payloadAt),
    sequence,
    datagrams: view.getUint32(DATAGRAMS_AT, true),
  };
}
