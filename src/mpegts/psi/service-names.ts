import { u32 } from "../../bits/read.ts";
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
import { parseMgt } from "./tables/atsc/mgt.ts";
import { CVCT_TABLE_ID, parseCvct, parseTvct, TVCT_TABLE_ID } from "./tables/atsc/vct.ts";
import { parseSdt, SDT_ACTUAL_TABLE_ID } from "./tables/sdt.ts";

/** PID of SDT and BAT (EN 300 468 table 1). */
const SDT_PID = 0x11;
const SERVICE_DESCRIPTOR = 0x48;

/** Within what each section comes again: SDT (TR 101 211 4.4), VCT and MGT (A/65 7.1). */
const SDT_MS = 2000;
const VCT_MS = 400;
const MGT_MS = 150;

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

const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

/** Names of the services of this transport stream, by the SDT actual (DVB) or the virtual channels (ATSC). */
export class ServiceNames {
  readonly #sdt = new SectionSet<Map<number, ServiceName>>(SDT_MS);
  readonly #vct = new SectionSet<Map<number, ServiceName>>(VCT_MS);
  readonly #mgt = new SectionSet<number[]>(MGT_MS);

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
  take(pid: number, buf: Uint8Array, off: number, len: number, timeNs: number): boolean {
    const table = tableId(buf, off);
    if (table === SDT_ACTUAL_TABLE_ID && pid === SDT_PID)
      return take(this.#sdt, buf, off, len, timeNs, sdtNames);
    const vct = table === TVCT_TABLE_ID || table === CVCT_TABLE_ID;
    return vct && pid === PSIP_BASE_PID && take(this.#vct, buf, off, len, timeNs, vctNames);
  }

  /** Takes a section of the master guide table; true where what is known has changed. */
  takeMgt(buf: Uint8Array, off: number, len: number, timeNs: number): boolean {
    return take(this.#mgt, buf, off, len, timeNs, mgtPids);
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
  timeNs: number,
  read: (buf: Uint8Array, off: number, len: number) => T | null,
): boolean {
  const version = tableIdExtension(buf, off) * 32 + versionNumber(buf, off);
  const last = lastSectionNumber(buf, off);
  const crc = u32(buf, off + len - CRC_BYTES);
  if (set.knows(version, last, sectionNumber(buf, off), crc)) return false;
  const value = read(buf, off, len);
  return value !== null && set.put(version, last, sectionNumber(buf, off), crc, value, len, timeNs) !== null;
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

/** Virtual channels on this transport stream by program_number; the table may tell of others too. */
function vctNames(buf: Uint8Array, off: number, len: number): Map<number, ServiceName> | null {
  const vct = parseTvct(buf, off, len) ?? parseCvct(buf, off, len);
  if (vct === null) return null;
  const names = new Map<number, ServiceName>();
  for (const channel of vct.channels) {
    if (channel.channelTsid !== vct.transportStreamId) continue;
    const { majorChannelNumber, minorChannelNumber } = channel;
    const number = minorChannelNumber === null ? "" : `.${minorChannelNumber}`;
    names.set(channel.programNumber, {
      name: textOf(channel.shortName.trim()) ?? `${majorChannelNumber}${number}`,
      provider: null,
      type: channel.serviceTypeName,
      scrambled: channel.accessControlled,
      originalNetworkId: null,
    });
  }
  return names;
}

/** PIDs of the tables that the master guide table names; not those with a meaning of their own. */
function mgtPids(buf: Uint8Array, off: number, len: number): number[] | null {
  const pids = parseMgt(buf, off, len)?.tables.map(({ tableTypePid }) => tableTypePid) ?? null;
  return pids?.filter((pid) => pid >= NIT_PID && pid < PSIP_BASE_PID) ?? null;
}
