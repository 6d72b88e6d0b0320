import { u8, u16, u24, u32 } from "../bits/read.ts";

/** TLV type of an organization extension (IEEE 1588-2008 table 34). */
const ORGANIZATION_EXTENSION = 0x0003;
/** organizationId and subtype of SMPTE's synchronization metadata (ST 2059-2). */
const SMPTE_ORGANIZATION = 0x6897e8;
const SYNCHRONIZATION_METADATA = 0x000001;
/** Octets from the start of a management message to its TLV (IEEE 1588-2008 15.4.1). */
const MANAGEMENT_HEADER = 48;
/** lengthField up to and with timeAddressFlags, the last that is read here. */
const MIN_LENGTH = 16;

/** The synchronization metadata that a grandmaster spreads once a second (ST 2059-2). */
export class SynchronizationMetadata {
  messages = 0;
  numerator = 0;
  denominator = 0;
  masterLockingStatus = 0;
  dropFrame = false;

  /** Looks for the TLV in the management message `buf[off, off + len)`. */
  take(buf: Uint8Array, off: number, len: number): void {
    const at = off + MANAGEMENT_HEADER;
    if (len < MANAGEMENT_HEADER + 4 + MIN_LENGTH || u16(buf, at) !== ORGANIZATION_EXTENSION) return;
    if (u16(buf, at + 2) < MIN_LENGTH) return;
    if (u24(buf, at + 4) !== SMPTE_ORGANIZATION || u24(buf, at + 7) !== SYNCHRONIZATION_METADATA) return;
    this.messages++;
    this.numerator = u32(buf, at + 10);
    this.denominator = u32(buf, at + 14);
    this.masterLockingStatus = u8(buf, at + 18);
    this.dropFrame = (u8(buf, at + 19) & 1) === 1;
  }

  /** As report data. */
  report() {
    const seen = this.messages > 0;
    return {
      messages: this.messages,
      frameRate: seen ? `${this.numerator}/${this.denominator}` : null,
      masterLockingStatus: seen ? this.masterLockingStatus : null,
      dropFrame: seen ? this.dropFrame : null,
    };
  }
}
