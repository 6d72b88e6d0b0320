/**
 * Fields of a transport stream packet, ISO/IEC 13818-1 2.4.3.2 to 2.4.3.5, by offset.
 *
 * `off` is where the sync byte stands. Each helper needs the 188 octets from there on, which the framer has
 * checked; nothing here looks at the length of `buf`.
 */

/** Octets of a transport stream packet (2.4.3.2). */
export const TS_PACKET_BYTES = 188;
/** Bits of a transport stream packet; bit rates are counted on these, whatever stands around a packet. */
export const TS_PACKET_BITS = TS_PACKET_BYTES * 8;
/** Value of sync_byte (2.4.3.3). */
export const SYNC_BYTE = 0x47;
/** PID of null packets (Table 2-3). */
export const NULL_PID = 0x1fff;
/** Number of PIDs: 13 bits. */
export const PID_COUNT = 8192;
/** Ticks of the system clock in a second (2.4.2.1). */
export const SYSTEM_CLOCK_HZ = 27_000_000;
/** The PCR starts again at zero after this many ticks: a base of 33 bits, 300 ticks each (2.4.3.5). */
export const PCR_MODULUS = 2 ** 33 * 300;

/** sync_byte; SYNC_BYTE where the packet is whole. */
export function syncByte(buf: Uint8Array, off: number): number {
  return buf[off] as number;
}

/** transport_error_indicator: 0 or 1. */
export function transportErrorIndicator(buf: Uint8Array, off: number): number {
  return (buf[off + 1] as number) >> 7;
}

/** payload_unit_start_indicator: 0 or 1. */
export function payloadUnitStartIndicator(buf: Uint8Array, off: number): number {
  return ((buf[off + 1] as number) >> 6) & 1;
}

/** PID: 0 to 8191. */
export function tsPid(buf: Uint8Array, off: number): number {
  return (((buf[off + 1] as number) & 0x1f) << 8) | (buf[off + 2] as number);
}

/** transport_scrambling_control: 0 is not scrambled (Table 2-4); 2 even and 3 odd key in DVB. */
export function transportScramblingControl(buf: Uint8Array, off: number): number {
  return (buf[off + 3] as number) >> 6;
}

/** adaptation_field_control: 0 reserved, 1 payload, 2 adaptation field, 3 both (Table 2-5). */
export function adaptationFieldControl(buf: Uint8Array, off: number): number {
  return ((buf[off + 3] as number) >> 4) & 3;
}

/** continuity_counter: 0 to 15. */
export function continuityCounter(buf: Uint8Array, off: number): number {
  return (buf[off + 3] as number) & 0x0f;
}

/** True when adaptation_field_control says that payload follows. */
export function hasPayload(buf: Uint8Array, off: number): boolean {
  return ((buf[off + 3] as number) & 0x10) !== 0;
}

/** adaptation_field_length, or -1 where the packet has no adaptation field. */
export function adaptationFieldLength(buf: Uint8Array, off: number): number {
  return ((buf[off + 3] as number) & 0x20) !== 0 ? (buf[off + 4] as number) : -1;
}

/**
 * False where adaptation_field_length breaks 2.4.3.5: it "shall be" 183 without payload and 0 to 182 with.
 * True where there is no adaptation field.
 */
export function adaptationFieldLengthLegal(buf: Uint8Array, off: number): boolean {
  const control = (buf[off + 3] as number) & 0x30;
  if (control === 0x30) return (buf[off + 4] as number) <= 182;
  return control !== 0x20 || (buf[off + 4] as number) === 183;
}

/** The flags octet of the adaptation field; 0 where there is none, it is empty, or its length is illegal. */
export function adaptationFlags(buf: Uint8Array, off: number): number {
  return adaptationFieldLength(buf, off) > 0 && adaptationFieldLengthLegal(buf, off)
    ? (buf[off + 5] as number)
    : 0;
}

/** discontinuity_indicator: 0 or 1. */
export function discontinuityIndicator(buf: Uint8Array, off: number): number {
  return adaptationFlags(buf, off) >> 7;
}

/** random_access_indicator: 0 or 1. */
export function randomAccessIndicator(buf: Uint8Array, off: number): number {
  return (adaptationFlags(buf, off) >> 6) & 1;
}

/** True when PCR_flag is set and the adaptation field is long enough to hold one (flags and 48 bits). */
export function hasPcr(buf: Uint8Array, off: number): boolean {
  return (adaptationFlags(buf, off) & 0x10) !== 0 && (buf[off + 4] as number) >= 7;
}

/** program_clock_reference_base, 33 bits, ticks of 90 kHz. Only where `hasPcr`. */
export function pcrBase(buf: Uint8Array, off: number): number {
  // By multiplication: a 33rd bit would be lost by the shifts, which work on 32 bits.
  return (
    (buf[off + 6] as number) * 2 ** 25 +
    (((buf[off + 7] as number) << 17) |
      ((buf[off + 8] as number) << 9) |
      ((buf[off + 9] as number) << 1) |
      ((buf[off + 10] as number) >> 7))
  );
}

/** program_clock_reference_extension, 9 bits, ticks of 27 MHz; 0 to 299 in a right PCR. Only where `hasPcr`. */
export function pcrExtension(buf: Uint8Array, off: number): number {
  return (((buf[off + 10] as number) & 1) << 8) | (buf[off + 11] as number);
}

/** PCR in ticks of 27 MHz: base * 300 + extension, exact in a float64. Only where `hasPcr`. */
export function pcr27MHz(buf: Uint8Array, off: number): number {
  return pcrBase(buf, off) * 300 + pcrExtension(buf, off);
}

/**
 * Offset of the first payload octet within the packet, 4 to 188; 188 where there is no payload or the
 * adaptation field leaves no room for it.
 */
export function payloadOffset(buf: Uint8Array, off: number): number {
  if (!hasPayload(buf, off)) return TS_PACKET_BYTES;
  // -1 without an adaptation field: the payload then starts at octet 4.
  return Math.min(TS_PACKET_BYTES, 5 + adaptationFieldLength(buf, off));
}
