import { u16, u32 } from "../../bits/read.ts";
import {
  CRC_BYTES,
  lastSectionNumber,
  sectionNumber,
  tableId,
  tableIdExtension,
  versionNumber,
} from "./fields.ts";
import { NIT_PID, PSIP_BASE_PID } from "./pid-roles.ts";
import { SectionSet } from "./section-set.ts";
import { parseSdt, SDT_ACTUAL_TABLE_ID } from "./tables/sdt.ts";
import { longHeader } from "./tables/section-header.ts";

/** PID of SDT and BAT (EN 300 468 table 1). */
const SDT_PID = 0x11;
const SERVICE_DESCRIPTOR = 0x48;
const MGT_TABLE_ID = 0xc7;
const TVCT_TABLE_ID = 0xc8;
const CVCT_TABLE_ID = 0xc9;
/** Octets of a virtual channel before its descriptors (A/65 6.3). */
const CHANNEL_BYTES = 32;
const SHORT_NAME_BYTES = 14;
/** Octets of an MGT entry before its descriptors (A/65 6.2). */
const MGT_ENTRY_BYTES = 11;

/** What SDT or VCT say of a service. */
export interface ServiceName {
  readonly name: string | null;
  readonly provider: string | null;
  /** service_type in words. */
  readonly type: string | null;
  /** free_CA_mode, or access_controlled of a virtual channel. */
  readonly scrambled: boolean;
  readonly originalNetworkId: number | null;
}

/** service_type of a virtual channel, A/53 part 1 table 6.13. */
const CHANNEL_TYPES = new Map<number, string>([
  [0x01, "analog television"],
  [0x02, "ATSC digital television"],
  [0x03, "ATSC audio"],
  [0x04, "ATSC data only"],
  [0x05, "ATSC software download"],
  [0x06, "ATSC unassociated or small screen"],
  [0x07, "ATSC parameterized"],
  [0x08, "ATSC non-real-time"],
  [0x09, "ATSC extended parameterized"],
]);

const UTF16 = new TextDecoder("utf-16be");

const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

/** Names of the services of this transport stream, by the SDT actual (DVB) or the virtual channels (ATSC). */
export class ServiceNames {
  readonly #sdt = new SectionSet<Map<number, ServiceName>>();
  readonly #vct = new SectionSet<Map<number, ServiceName>>();
  readonly #mgt = new SectionSet<number[]>();

  /** What is said of the service of this program_number; the SDT is asked first. */
  of(program: number): ServiceName | null {
    for (const set of [this.#sdt, this.#vct]) {
      for (const services of set.values()) {
        const found = services.get(program);
        if (found !== undefined) return found;
      }
    }
    return null;
  }

  /** PIDs that the master guide table names. */
  get mgtPids(): number[] {
    return this.#mgt.values().flat();
  }

  /** Takes a section in force, of the long form; true where what is known has changed. */
  take(pid: number, buf: Uint8Array, off: number, len: number): boolean {
    const table = tableId(buf, off);
    if (table === SDT_ACTUAL_TABLE_ID && pid === SDT_PID) return take(this.#sdt, buf, off, len, sdtNames);
    const vct = table === TVCT_TABLE_ID || table === CVCT_TABLE_ID;
    return vct && pid === PSIP_BASE_PID && take(this.#vct, buf, off, len, vctNames);
  }

  /** Takes a section of the master guide table; true where what is known has changed. */
  takeMgt(buf: Uint8Array, off: number, len: number): boolean {
    return take(this.#mgt, buf, off, len, mgtPids);
  }

  /** Forgets all. */
  clear(): void {
    for (const set of [this.#sdt, this.#vct, this.#mgt]) set.clear();
  }
}

function take<T>(
  set: SectionSet<T>,
  buf: Uint8Array,
  off: number,
  len: number,
  read: (buf: Uint8Array, off: number, len: number) => T | null,
): boolean {
  const version = tableIdExtension(buf, off) * 32 + versionNumber(buf, off);
  const last = lastSectionNumber(buf, off);
  const crc = u32(buf, off + len - CRC_BYTES);
  if (set.knows(version, last, sectionNumber(buf, off), crc)) return false;
  const value = read(buf, off, len);
  return value !== null && set.put(version, last, sectionNumber(buf, off), crc, value);
}

function sdtNames(buf: Uint8Array, off: number, len: number): Map<number, ServiceName> | null {
  const sdt = parseSdt(buf, off, len);
  if (sdt === null) return null;
  const names = new Map<number, ServiceName>();
  for (const { serviceId, freeCaMode, descriptors } of sdt.services) {
    const service = descriptors.find(({ tag }) => tag === SERVICE_DESCRIPTOR);
    names.set(serviceId, {
      name: textOf(service?.serviceName),
      provider: textOf(service?.serviceProviderName),
      type: textOf(service?.serviceTypeName),
      scrambled: freeCaMode,
      originalNetworkId: sdt.originalNetworkId,
    });
  }
  return names;
}

/** Virtual channels of this transport stream, A/65 6.3.1 and 6.3.2: by program_number. */
function vctNames(buf: Uint8Array, off: number, len: number): Map<number, ServiceName> | null {
  const header = longHeader(buf, off, len, TVCT_TABLE_ID, CVCT_TABLE_ID);
  if (header === null || header.end - header.at < 2) return null;
  const names = new Map<number, ServiceName>();
  const channels = buf[header.at + 1] as number;
  let at = header.at + 2;
  for (let i = 0; i < channels && at + CHANNEL_BYTES <= header.end; i += 1) {
    const major = (u16(buf, at + 14) >> 2) & 0x3ff;
    const minor = u16(buf, at + 15) & 0x3ff;
    // channel_TSID: the table may tell of channels on other transport streams too.
    if (u16(buf, at + 22) === header.extension) {
      const name = UTF16.decode(buf.subarray(at, at + SHORT_NAME_BYTES))
        .replace(/\0+$/, "")
        .trim();
      names.set(u16(buf, at + 24), {
        name: name === "" ? `${major}.${minor}` : name,
        provider: null,
        type: CHANNEL_TYPES.get((buf[at + 27] as number) & 0x3f) ?? "reserved",
        scrambled: ((buf[at + 26] as number) & 0x20) !== 0,
        originalNetworkId: null,
      });
    }
    at += CHANNEL_BYTES + (u16(buf, at + 30) & 0x3ff);
  }
  return names;
}

/** PIDs of the tables that the master guide table names, A/65 6.2. Not those with a meaning of their own. */
function mgtPids(buf: Uint8Array, off: number, len: number): number[] | null {
  const header = longHeader(buf, off, len, MGT_TABLE_ID);
  if (header === null || header.end - header.at < 3) return null;
  const pids: number[] = [];
  const tables = u16(buf, header.at + 1);
  let at = header.at + 3;
  for (let i = 0; i < tables && at + MGT_ENTRY_BYTES <= header.end; i += 1) {
    const pid = u16(buf, at + 2) & 0x1fff;
    if (pid >= NIT_PID && pid < PSIP_BASE_PID) pids.push(pid);
    at += MGT_ENTRY_BYTES + (u16(buf, at + 9) & 0x0fff);
  }
  return pids;
}
