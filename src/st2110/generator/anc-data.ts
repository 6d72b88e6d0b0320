/** What the ancillary data packets of generated streams carry: user data words of 8 bits, by the standard of each. */

/** An ANC data packet; words are right unless something else is said. */
export interface AncData {
  readonly did: number;
  readonly sdid: number;
  /** User data, 8 bits each; parity is added. */
  readonly data: readonly number[];
  readonly line: number;
  /** Changes words before the checksum is made: DID, SDID, data count, user words. */
  words?: (words: number[]) => void;
  /** XORed into the checksum word. */
  checksumFault?: number;
  /** Fills up to 32 bits with ones. */
  dirtyAlign?: boolean;
}

/** cdp_frame_rate and cc_count (ST 334-2 5.3), by frames or fields a second times 1001, rounded. */
const CDP_RATES: ReadonlyMap<number, readonly [code: number, captions: number]> = new Map([
  [24_000, [1, 25]],
  [24_024, [2, 25]],
  [25_025, [3, 24]],
  [30_000, [4, 20]],
  [30_030, [5, 20]],
  [50_050, [6, 12]],
  [60_000, [7, 10]],
  [60_060, [8, 10]],
]);

/** AFD 16:9 full frame (ST 2016-3). */
export function afd(): AncData {
  return { did: 0x41, sdid: 0x05, data: [0x54, 0, 0, 0, 0, 0, 0, 0], line: 11 };
}

/** Payload identifier of 1080p59.94 (ST 352). */
export function vpid(): AncData {
  return { did: 0x41, sdid: 0x01, data: [0x89, 0xca, 0x00, 0x01], line: 10 };
}

/** Linear time code of ST 12-2: frame `frame` of a count of `perSecond`, from 10:00:00:00 on. */
export function timeCode(frame: number, perSecond: number): AncData {
  const seconds = Math.floor(frame / perSecond);
  const parts = [
    frame % perSecond,
    seconds % 60,
    Math.floor(seconds / 60) % 60,
    (10 + Math.floor(seconds / 3600)) % 24,
  ];
  // A nibble of time, then one of user bits; the lower four bits are for distributed binary bits.
  const data = parts.flatMap((part) => [(part % 10) << 4, 0, Math.floor(part / 10) << 4, 0]);
  return { did: 0x60, sdid: 0x60, data, line: 9 };
}

/** A byte pair of CEA-608, both without data: odd parity of 0. */
export function cea608(): AncData {
  return { did: 0x61, sdid: 0x02, data: [0x80, 0x80, 0x80], line: 12 };
}

/** The parts of a caption distribution packet that a fault may change. */
export interface CdpFields {
  readonly sequence: number;
  readonly footer: number;
  /** Captions in place of the number that goes with the rate. */
  readonly count: number;
  /** Sequence number of its DTVCC packet. */
  readonly dtvcc: number;
  /** Of the header. */
  readonly flags: number;
}

/** Captions only, their service active. */
export const CDP_FLAGS = 0x43;

/** True for a caption distribution packet. */
export function isCaptions({ did, sdid }: AncData): boolean {
  return did === 0x61 && sdid === 0x01;
}

/** Whether ST 334-2 has a code for frames at this rate. */
export function hasCaptions(perSecond: number): boolean {
  return CDP_RATES.has(Math.round(perSecond * 1001));
}

/** A caption distribution packet with one DTVCC packet of service 1; null where ST 334-2 has no code for the rate. */
export function captions(perSecond: number, number: number, change: Partial<CdpFields> = {}): AncData | null {
  const rate = CDP_RATES.get(Math.round(perSecond * 1001));
  if (rate === undefined) return null;
  const [code, usual] = rate;
  const sequence = (change.sequence ?? number) & 0xffff;
  const footer = (change.footer ?? sequence) & 0xffff;
  const count = change.count ?? usual;
  const dtvcc = (change.dtvcc ?? number) & 3;
  // cc_type 3 begins a DTVCC packet of four octets, here a block of two characters for service 1.
  const triplets = [0xff, (dtvcc << 6) | 2, (1 << 5) | 2, 0xfe, 0x41, 0x42];
  for (let rest = count - 2; rest > 0; rest -= 1) triplets.push(0xfa, 0, 0);
  const head = [0x96, 0x69, 0, (code << 4) | 0x0f, change.flags ?? CDP_FLAGS, sequence >> 8, sequence & 0xff];
  const data = [...head, 0x72, 0xe0 | count, ...triplets, 0x74, footer >> 8, footer & 0xff, 0];
  data[2] = data.length;
  return { did: 0x61, sdid: 0x01, data: summed(data), line: 13 };
}

/** A time_signal_request of SCTE 104, four seconds ahead, as a multiple_operation_message in one packet (ST 2010). */
export function scte104(number: number): AncData {
  const operation = [0x01, 0x04, 0, 2, 0x0f, 0xa0];
  const message = [0xff, 0xff, 0, 0, 0, 0, number & 0xff, 0, 1, 0, 0, 1, ...operation];
  message[3] = message.length;
  return { did: 0x41, sdid: 0x07, data: [0x08, ...message], line: 14 };
}

/** A subtitling distribution packet of OP-47: the header of teletext page 888, without text. */
export function op47(number: number): AncData {
  // Hamming 8/4: 0x15 is 0, 0xd0 is 8; run-in, framing code, magazine and packet, page, then the header's text.
  const page = [0x55, 0x55, 0x27, 0x15, 0x15, 0xd0, 0xd0, ...new Array<number>(38).fill(0x15)];
  const data = [0x51, 0x15, 0, 0x02, 0xe9, 0, 0, 0, 0, ...page, 0x74, (number >> 8) & 0xff, number & 0xff, 0];
  data[2] = data.length;
  return { did: 0x43, sdid: 0x02, data: summed(data), line: 15 };
}

/** The same octets with the last one such that all add up to 0. */
function summed(data: number[]): number[] {
  const sum = data.slice(0, -1).reduce((total, octet) => total + octet, 0);
  return [...data.slice(0, -1), -sum & 0xff];
}
