import type { PesStart } from "./pes.ts";

/** Octets that are looked at for a start code: what one TS packet can hold. */
const TS_PACKET_BYTES = 188;

/** nal_unit_type of AVC: slice of an IDR picture, sequence parameter set (ISO/IEC 14496-10 table 7-1). */
const AVC_IDR = 5;
const AVC_SPS = 7;
/** nal_unit_type of HEVC: first and last of the IRAP pictures, video and sequence parameter set (23008-2 table 7-1). */
const HEVC_IRAP_FIRST = 16;
const HEVC_IRAP_LAST = 21;
const HEVC_VPS = 32;
const HEVC_SPS = 33;
/** sequence_header_code of MPEG-1 and MPEG-2 video (ISO/IEC 13818-2 table 6-1). */
const MPEG2_SEQUENCE = 0xb3;

/**
 * Whether the access unit that starts in the TS packet at `at` is one to start with, by the start codes within that
 * packet: parameter sets or the slice of a random access picture. `payload` is where the PES packet stands. For streams
 * whose random_access_indicator says nothing.
 */
export function startsWithKeyframe(
  buf: Uint8Array,
  at: number,
  payload: number,
  pes: PesStart,
  codec: string,
): boolean {
  const end = at + TS_PACKET_BYTES;
  for (let i = payload + pes.headerBytes; i + 3 < end; i++) {
    if (buf[i] !== 0 || buf[i + 1] !== 0 || buf[i + 2] !== 1) continue;
    if (isEntry(codec, buf[i + 3] as number)) return true;
    i += 2;
  }
  return false;
}

function isEntry(codec: string, octet: number): boolean {
  if (codec === "avc") {
    const type = octet & 0x1f;
    return type === AVC_IDR || type === AVC_SPS;
  }
  if (codec === "hevc") {
    const type = (octet >> 1) & 0x3f;
    const irap = type >= HEVC_IRAP_FIRST && type <= HEVC_IRAP_LAST;
    return irap || type === HEVC_VPS || type === HEVC_SPS;
  }
  return (codec === "mpeg2video" || codec === "mpeg1video") && octet === MPEG2_SEQUENCE;
}
