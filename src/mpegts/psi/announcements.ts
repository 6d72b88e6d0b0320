import { u16, u32 } from "../../bits/read.ts";
import { CRC_BYTES, lastSectionNumber, sectionNumber, tableId, tableIdExtension } from "./fields.ts";
import { NIT_PID } from "./pid-roles.ts";
import { readKey } from "./sub-table.ts";
import { BAT_TABLE_ID, NIT_ACTUAL_TABLE_ID, NIT_OTHER_TABLE_ID } from "./tables/nit.ts";
import { SDT_ACTUAL_TABLE_ID, SDT_OTHER_TABLE_ID } from "./tables/sdt.ts";

const SDT_PID = 0x11;
const PF_ACTUAL = 0x4e;
const PF_OTHER = 0x4f;
const FIRST_SCHEDULE_OTHER = 0x60;
const LAST_EIT = 0x6f;
/** terrestrial_delivery_system_descriptor; T2_delivery_system_descriptor behind the extension tag (EN 300 468 6.2.13, 6.4.6). */
const TERRESTRIAL_TAG = 0x5a;
const EXTENSION_TAG = 0x7f;
const T2_EXTENSION_TAG = 0x04;
/** Of a stream in the NIT. */
const TERRESTRIAL = 1;
/** EIT_present_following_flag and EIT_schedule_flag of an SDT (EN 300 468 5.2.3). */
const PRESENT_FOLLOWING = 1;
const SCHEDULE = 2;

/** Most octets of sections whose entries are kept: some 4 MB of memory. */
const MOST_OCTETS = 512 * 1024;
/** What is counted for a section beside its octets. */
const SECTION_OVERHEAD = 256;

/** What one section lists: stream (transport_stream_id and original_network_id) or service_id, with its flags. */
interface Part {
  readonly crc: number;
  readonly entries: ReadonlyMap<number, number>;
  readonly octets: number;
}
/** By section_number; sparse. */
type Parts = (Part | undefined)[];

/** What the PAT in force says. */
export interface NamedPrograms {
  readonly transportStreamId: number | null;
  hasProgram(program: number): boolean;
}

/**
 * Which sub-tables of SDT and EIT other tables announce: the NIT lists the streams of the network, an SDT the services
 * with an EIT (EN 300 468 5.2.1, 5.2.3). So a table that ends with its service is told from one that is missing.
 */
export class Announcements {
  /** The NIT actual has streams of a terrestrial network. */
  terrestrial = false;
  /** Of the NIT actual. */
  readonly #streams: Parts = [];
  /** Of each SDT, by its stream. */
  readonly #services = new Map<number, Parts>();
  #octets = 0;

  /** Takes a section in force, of the long form; true where what is announced has changed. */
  section(pid: number, buf: Uint8Array, off: number, len: number): boolean {
    const table = tableId(buf, off);
    if (table === NIT_ACTUAL_TABLE_ID && pid === NIT_PID) {
      if (!this.#take(this.#streams, buf, off, len, streams)) return false;
      this.terrestrial = this.#streams.some((part) => isOfTerrestrial(part));
      return true;
    }
    const isSdt = table === SDT_ACTUAL_TABLE_ID || table === SDT_OTHER_TABLE_ID;
    if (!isSdt || pid !== SDT_PID || len < 11 + CRC_BYTES) return false;
    const stream = tableIdExtension(buf, off) * 65536 + u16(buf, off + 8);
    const parts = this.#services.get(stream) ?? [];
    if (!this.#take(parts, buf, off, len, services)) return false;
    if (parts.some((part) => part !== undefined)) this.#services.set(stream, parts);
    else this.#services.delete(stream);
    return true;
  }

  /**
   * Whether the sub-table with this key (`subTableKey`) is announced: of SDT other and EIT other by the NIT of this
   * network, of any EIT by the SDT of its stream, of EIT actual by the PAT too. NIT other and BAT never are, and all
   * others have to be there anyway.
   */
  has(table: number, key: number, pat: NamedPrograms): boolean {
    if (table === NIT_OTHER_TABLE_ID || table === BAT_TABLE_ID) return false;
    const { extension, discriminator } = readKey(key);
    if (table === SDT_OTHER_TABLE_ID) return isListed(this.#streams, extension * 65536 + discriminator, 0);
    if (table < PF_ACTUAL || table > LAST_EIT) return true;
    const sdt = this.#services.get(discriminator);
    const flag = table <= PF_OTHER ? PRESENT_FOLLOWING : SCHEDULE;
    const listed = sdt !== undefined && isListed(sdt, extension, flag);
    if (table === PF_OTHER || table >= FIRST_SCHEDULE_OTHER)
      return listed && isListed(this.#streams, discriminator, 0);
    const named = pat.hasProgram(extension) && pat.transportStreamId === Math.floor(discriminator / 65536);
    return named && (listed || sdt === undefined);
  }

  /** Forgets all. */
  clear(): void {
    this.#streams.length = 0;
    this.terrestrial = false;
    this.#services.clear();
    this.#octets = 0;
  }

  #take(
    parts: Parts,
    buf: Uint8Array,
    off: number,
    len: number,
    read: (buf: Uint8Array, off: number, end: number) => Map<number, number>,
  ): boolean {
    const number = sectionNumber(buf, off);
    const last = lastSectionNumber(buf, off);
    const crc = u32(buf, off + len - CRC_BYTES);
    if (parts[number]?.crc === crc && parts.length <= last + 1) return false;
    const gone = [...parts.splice(last + 1), parts[number]].filter((part) => part !== undefined);
    for (const { octets } of gone) this.#octets -= octets;
    delete parts[number];
    const octets = len + SECTION_OVERHEAD;
    if (this.#octets + octets > MOST_OCTETS) return gone.length > 0;
    parts[number] = { crc, entries: read(buf, off, off + len - CRC_BYTES), octets };
    this.#octets += octets;
    return true;
  }
}

function isOfTerrestrial(part: Part | undefined): boolean {
  return part !== undefined && [...part.entries.values()].includes(TERRESTRIAL);
}

function isListed(parts: Parts, entry: number, flags: number): boolean {
  return parts.some((part) => {
    const found = part?.entries.get(entry);
    return found !== undefined && (found & flags) === flags;
  });
}

/** The streams that a section of the NIT lists; what its lengths leave out is not there. */
function streams(buf: Uint8Array, off: number, end: number): Map<number, number> {
  const found = new Map<number, number>();
  const loop = off + 10 + (off + 10 <= end ? u16(buf, off + 8) & 0xfff : 0);
  for (let at = loop + 2; at + 6 <= end; ) {
    const next = at + 6 + (u16(buf, at + 4) & 0xfff);
    found.set(u32(buf, at), isTerrestrial(buf, at + 6, Math.min(next, end)) ? TERRESTRIAL : 0);
    at = next;
  }
  return found;
}

function isTerrestrial(buf: Uint8Array, off: number, end: number): boolean {
  for (let at = off; at + 2 <= end; at += 2 + (buf[at + 1] as number)) {
    const tag = buf[at] as number;
    if (tag === TERRESTRIAL_TAG) return true;
    if (tag === EXTENSION_TAG && at + 3 <= end && buf[at + 2] === T2_EXTENSION_TAG) return true;
  }
  return false;
}

/** The services that a section of an SDT lists, with their flags. */
function services(buf: Uint8Array, off: number, end: number): Map<number, number> {
  const found = new Map<number, number>();
  for (let at = off + 11; at + 5 <= end; at += 5 + (u16(buf, at + 3) & 0xfff)) {
    found.set(u16(buf, at), (buf[at + 2] as number) & (PRESENT_FOLLOWING | SCHEDULE));
  }
  return found;
}
