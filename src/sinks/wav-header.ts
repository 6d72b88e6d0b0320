/** What a WAV file holds. */
export interface WavFormat {
  readonly sampleRateHz: number;
  readonly channels: number;
  /** Of one sample of one channel: 2 or 3. */
  readonly octets: number;
}

/** RIFF and WAVE, room for the sizes of RF64, the format, and the head of the data. */
export const WAV_HEADER_OCTETS = 104;

/** Octets of the ds64 chunk after its head (EBU Tech 3306), without a table. */
const DS64_OCTETS = 28;
const FMT_OCTETS = 40;
/** Sizes that stand elsewhere, or are not known yet. */
const UNKNOWN = 0xffffffff;
const EXTENSIBLE = 0xfffe;
/** KSDATAFORMAT_SUBTYPE_PCM. */
const PCM_GUID = "0100000000001000800000aa00389b71";

/**
 * The head of a WAV file with `dataOctets` of samples, or of one whose length is not known (null). Beyond 4 GiB it is
 * RF64 (EBU Tech 3306), for whose sizes every file has room.
 */
export function wavHeader(format: WavFormat, dataOctets: number | null): Uint8Array {
  const { sampleRateHz, channels, octets } = format;
  const header = new Uint8Array(WAV_HEADER_OCTETS);
  const view = new DataView(header.buffer);
  const padded = dataOctets === null ? 0 : dataOctets + (dataOctets & 1);
  const riffOctets = WAV_HEADER_OCTETS - 8 + padded;
  const large = dataOctets !== null && riffOctets >= UNKNOWN;
  const small = dataOctets !== null && !large;
  write(header, 0, large ? "RF64" : "RIFF");
  view.setUint32(4, small ? riffOctets : UNKNOWN, true);
  write(header, 8, "WAVE");
  write(header, 12, large ? "ds64" : "JUNK");
  view.setUint32(16, DS64_OCTETS, true);
  if (large) {
    view.setBigUint64(20, BigInt(riffOctets), true);
    view.setBigUint64(28, BigInt(dataOctets), true);
    view.setBigUint64(36, BigInt(dataOctets / (channels * octets)), true);
  }
  write(header, 48, "fmt ");
  view.setUint32(52, FMT_OCTETS, true);
  view.setUint16(56, EXTENSIBLE, true);
  view.setUint16(58, channels, true);
  view.setUint32(60, sampleRateHz, true);
  view.setUint32(64, sampleRateHz * channels * octets, true);
  view.setUint16(68, channels * octets, true);
  view.setUint16(70, octets * 8, true);
  view.setUint16(72, 22, true);
  view.setUint16(74, octets * 8, true);
  header.set(Uint8Array.fromHex(PCM_GUID), 80);
  write(header, 96, "data");
  view.setUint32(100, small ? dataOctets : UNKNOWN, true);
  return header;
}

function write(to: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i += 1) to[at + i] = text.charCodeAt(i);
}
