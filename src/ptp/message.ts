/**
 * PTP version 2 message fields by offset (IEEE 1588-2008 clause 13). `off` is the first octet of the PTP header; the
 * caller has checked that the octets of the message exist (`ptpOctets`).
 */
import { u8, u16, u32 } from "../bits/read.ts";

/** UDP port of event messages (IEEE 1588-2008 D.2): Sync, Delay_Req, Pdelay_Req, Pdelay_Resp. */
export const PTP_EVENT_PORT = 319;

/** UDP port of general messages (IEEE 1588-2008 D.2): all others. */
export const PTP_GENERAL_PORT = 320;

/** Octets of the common header (13.3.1). */
export const PTP_HEADER_OCTETS = 34;

/** messageType, 4 bits (table 19). */
export const PTP_MESSAGE = {
  sync: 0x0,
  delayReq: 0x1,
  pdelayReq: 0x2,
  pdelayResp: 0x3,
  followUp: 0x8,
  delayResp: 0x9,
  pdelayRespFollowUp: 0xa,
  announce: 0xb,
  signaling: 0xc,
  management: 0xd,
} as const;

/** Fewest octets of each messageType; 0 for one that the standard reserves (13.5 to 13.13). */
const MIN_OCTETS = Uint8Array.of(44, 44, 54, 54, 0, 0, 0, 0, 44, 54, 54, 64, 44, 48, 0, 0);

/** alternateMasterFlag: bit 0 of the first flag octet (table 20). */
const ALTERNATE_MASTER = 0x01;
/** twoStepFlag: bit 1 of the first flag octet (table 20). */
const TWO_STEP = 0x02;
/** ptpTimescale: bit 3 of the second flag octet; set when the grandmaster counts TAI from the PTP epoch. */
export const FLAG_PTP_TIMESCALE = 0x08;
/** currentUtcOffsetValid: bit 2 of the second flag octet. */
export const FLAG_UTC_OFFSET_VALID = 0x04;
/** timeTraceable: bit 4 of the second flag octet. */
export const FLAG_TIME_TRACEABLE = 0x10;

/** logMessageInterval of messages that have none, such as Delay_Req (table 24). */
export const NO_LOG_INTERVAL = 127;

/** messageType: the low four bits; above them stands transportSpecific. */
export function ptpMessageType(buf: Uint8Array, off: number): number {
  return u8(buf, off) & 0x0f;
}

/** versionPTP: 2 since IEEE 1588-2008; above it stands minorVersionPTP, 1 in IEEE 1588-2019. */
export function ptpVersion(buf: Uint8Array, off: number): number {
  return u8(buf, off + 1) & 0x0f;
}

/** messageLength, octets from the header to the last TLV. */
export function ptpMessageLength(buf: Uint8Array, off: number): number {
  return u16(buf, off + 2);
}

/** domainNumber: 0 to 127; 128 to 255 are reserved (table 2). */
export function ptpDomain(buf: Uint8Array, off: number): number {
  return u8(buf, off + 4);
}

/** True when the time of a Sync or Pdelay_Resp comes in a Follow_Up. */
export function ptpTwoStep(buf: Uint8Array, off: number): boolean {
  return (u8(buf, off + 6) & TWO_STEP) !== 0;
}

/** True for a message of a port that is not the master and does not mean to be (17.4). */
export function ptpAlternateMaster(buf: Uint8Array, off: number): boolean {
  return (u8(buf, off + 6) & ALTERNATE_MASTER) !== 0;
}

/** The second flag octet: FLAG_* and the leap second announcements. */
export function ptpTimeFlags(buf: Uint8Array, off: number): number {
  return u8(buf, off + 7);
}

/**
 * correctionField in nanoseconds: 64 bits, signed, in units of 2^-16 ns (13.3.2.7). NaN where all bits but the sign are
 * set: then it is too big to be told.
 */
export function ptpCorrectionNs(buf: Uint8Array, off: number): number {
  if (u32(buf, off + 8) === 0x7fffffff && u32(buf, off + 12) === 0xffffffff) return Number.NaN;
  return ((u32(buf, off + 8) | 0) * 2 ** 32 + u32(buf, off + 12)) / 65536;
}

/** The upper half of a clockIdentity at `at`. */
export function identityHigh(buf: Uint8Array, at: number): number {
  return u32(buf, at);
}

/** The lower half of a clockIdentity at `at`. */
export function identityLow(buf: Uint8Array, at: number): number {
  return u32(buf, at + 4);
}

/** sequenceId, 16 bits; wraps. */
export function ptpSequence(buf: Uint8Array, off: number): number {
  return u16(buf, off + 30);
}

/** logMessageInterval: base 2 logarithm of seconds, signed; NO_LOG_INTERVAL for none. */
export function ptpLogInterval(buf: Uint8Array, off: number): number {
  return (u8(buf, off + 33) << 24) >> 24;
}

/** Whole seconds of the Timestamp at `at`: 48 bits, exact in a float64. */
export function timestampSeconds(buf: Uint8Array, at: number): number {
  return u16(buf, at) * 2 ** 32 + u32(buf, at + 2);
}

/** Nanoseconds of the Timestamp at `at`; below 1e9 by 5.3.3, but anything on a hostile network. */
export function timestampNanoseconds(buf: Uint8Array, at: number): number {
  return u32(buf, at + 6);
}

/** Fewest octets a message of the type `messageType` (0 to 15) has; 0 for a reserved type. */
export function minOctets(messageType: number): number {
  return MIN_OCTETS[messageType] as number;
}

/** True for messages that are time-stamped and go to port 319 (table 19). */
export function isEventMessage(messageType: number): boolean {
  return messageType <= PTP_MESSAGE.pdelayResp;
}

/** A clockIdentity as text: eight octets in hexadecimal, `39-A7-94-FF-FE-07-CB-D0` as RFC 7273 writes it. */
export function identityText(high: number, low: number): string {
  const digits = high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0");
  return (digits.toUpperCase().match(/../g) ?? []).join("-");
}
