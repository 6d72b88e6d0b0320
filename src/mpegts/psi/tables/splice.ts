import { u32 } from "../../../bits/read.ts";
import { CRC_BYTES, SPLICE_TABLE_ID } from "../fields.ts";
import { shortEnd } from "./section-header.ts";

/** Header of a splice information section, SCTE 35 9.6; the command itself is not decoded here. */
export interface SpliceInfo {
  table: "splice_info";
  protocolVersion: number;
  encryptedPacket: boolean;
  encryptionAlgorithm: number;
  /** Ticks of 90 kHz to add to the times within. */
  ptsAdjustment90k: number;
  cwIndex: number;
  /** 0xFFF where it is not used. */
  tier: number;
  /** 0xFFF where an older sender gives no length. */
  spliceCommandLength: number;
  spliceCommandType: number;
  /** Name of the command, or `reserved`. */
  spliceCommand: string;
}

const COMMANDS = new Map<number, string>([
  [0x00, "splice_null"],
  [0x04, "splice_schedule"],
  [0x05, "splice_insert"],
  [0x06, "time_signal"],
  [0x07, "bandwidth_reservation"],
  [0xff, "private_command"],
]);

/** Reads the header of a splice information section; null where it is none. */
export function parseSpliceInfo(buf: Uint8Array, off: number, len: number): SpliceInfo | null {
  if (shortEnd(buf, off, len, SPLICE_TABLE_ID, 11, CRC_BYTES) === null) return null;
  const flags = buf[off + 4] as number;
  const type = buf[off + 13] as number;
  return {
    table: "splice_info",
    protocolVersion: buf[off + 3] as number,
    encryptedPacket: (flags & 0x80) !== 0,
    encryptionAlgorithm: (flags >> 1) & 0x3f,
    // By multiplication: 33 bits.
    ptsAdjustment90k: (flags & 1) * 2 ** 32 + u32(buf, off + 5),
    cwIndex: buf[off + 9] as number,
    tier: ((buf[off + 10] as number) << 4) | ((buf[off + 11] as number) >> 4),
    spliceCommandLength: (((buf[off + 11] as number) & 0x0f) << 8) | (buf[off + 12] as number),
    spliceCommandType: type,
    spliceCommand: COMMANDS.get(type) ?? "reserved",
  };
}
