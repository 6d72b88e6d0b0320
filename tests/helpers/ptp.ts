/** What a made PTP message is; the rest is as a good grandmaster sends it. */
export interface MadePtp {
  type: number;
  sequence: number;
  /** Last octet of the sender's clockIdentity. */
  clock?: number;
  port?: number;
  domain?: number;
  version?: number;
  alternate?: boolean;
  twoStep?: boolean;
  log?: number;
  seconds?: number;
  nanoseconds?: number;
  /** Infinity for one that is too big to be told. */
  correctionNs?: number;
  /** Announce: last octet of the grandmaster's identity, and what is said of it. */
  grandmaster?: number;
  priority1?: number;
  clockClass?: number;
  utcOffset?: number;
  timeFlags?: number;
  stepsRemoved?: number;
  /** Delay_Resp: last octet of the clock that asked. */
  requester?: number;
}

const OCTETS: Record<number, number> = {
  0: 44,
  1: 44,
  2: 54,
  3: 54,
  8: 44,
  9: 54,
  10: 54,
  11: 64,
  12: 44,
  13: 48,
};

/** Octets of a PTP version 2 message, written from IEEE 1588-2008 clause 13 apart from the program's reader. */
export function makePtp(made: MadePtp): Uint8Array {
  const octets = new Uint8Array(OCTETS[made.type] ?? 44);
  const view = new DataView(octets.buffer);
  view.setUint8(0, made.type);
  view.setUint8(1, made.version ?? 2);
  view.setUint16(2, octets.length);
  view.setUint8(4, made.domain ?? 127);
  view.setUint8(6, (made.twoStep ? 2 : 0) | (made.alternate ? 1 : 0));
  view.setUint8(7, made.timeFlags ?? 0x3c);
  const { correctionNs = 0 } = made;
  view.setBigInt64(8, correctionNs === Infinity ? 2n ** 63n - 1n : BigInt(Math.round(correctionNs * 65536)));
  octets.set(identity(made.clock ?? 1), 20);
  view.setUint16(28, made.port ?? 1);
  view.setUint16(30, made.sequence & 0xffff);
  view.setInt8(33, made.log ?? (made.type === 11 ? -2 : made.type === 1 ? 127 : -3));
  view.setUint16(34, Math.floor((made.seconds ?? 0) / 2 ** 32));
  view.setUint32(36, (made.seconds ?? 0) >>> 0);
  view.setUint32(40, made.nanoseconds ?? 0);
  if (made.type === 9) {
    octets.set(identity(made.requester ?? 9), 44);
    view.setUint16(52, 1);
  }
  if (made.type === 11) {
    view.setInt16(44, made.utcOffset ?? 37);
    view.setUint8(47, made.priority1 ?? 128);
    view.setUint8(48, made.clockClass ?? 6);
    view.setUint8(49, 0x21);
    view.setUint16(50, 0x4e5d);
    view.setUint8(52, 128);
    octets.set(identity(made.grandmaster ?? made.clock ?? 1), 53);
    view.setUint16(61, made.stepsRemoved ?? 0);
    view.setUint8(63, 0x20);
  }
  return octets;
}

/** A management message with the synchronization metadata TLV of ST 2059-2. */
export function makeMetadata(sequence: number, domain = 127): Uint8Array {
  const octets = new Uint8Array(48 + 52);
  octets.set(makePtp({ type: 13, sequence, domain }));
  const view = new DataView(octets.buffer);
  view.setUint16(2, octets.length);
  view.setUint16(48, 3);
  view.setUint16(50, 48);
  octets.set([0x68, 0x97, 0xe8, 0, 0, 1], 52);
  view.setUint32(58, 30000);
  view.setUint32(62, 1001);
  view.setUint8(66, 3);
  view.setUint8(67, 1);
  return octets;
}

function identity(last: number): number[] {
  return [0, 0x11, 0x22, 0xff, 0xfe, 0x33, 0x44, last];
}
