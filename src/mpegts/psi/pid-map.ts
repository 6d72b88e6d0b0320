import { u32 } from "../../bits/read.ts";
import { NULL_PID, PID_COUNT } from "../packet.ts";
import { Announcements } from "./announcements.ts";
import { type CaReference, type Component, caReferences } from "./component.ts";
import {
  CRC_BYTES,
  currentNextIndicator,
  lastSectionNumber,
  longForm,
  sectionNumber,
  tableId,
  tableIdExtension,
  versionNumber,
} from "./fields.ts";
import { type CountedRole, PID_ROLE, PidRoles, PSIP_BASE_PID } from "./pid-roles.ts";
import { type ProgramMap, readProgramMap } from "./program.ts";
import { SectionSet } from "./section-set.ts";
import { ServiceNames } from "./service-names.ts";
import { type Service, toService } from "./services.ts";
import { MGT_TABLE_ID } from "./tables/atsc/mgt.ts";
import { CAT_TABLE_ID } from "./tables/cat.ts";
import { PAT_TABLE_ID, type Pat, parsePat } from "./tables/pat.ts";
import { PMT_TABLE_ID } from "./tables/pmt.ts";
import { longHeader } from "./tables/section-header.ts";

/** Most programs that are followed; a multiplex has some tens. */
export const MOST_PROGRAMS = 8192;
/** Most elementary streams that are followed, over all programs. */
const MOST_COMPONENTS = 32_768;

/** Within what each section of PAT and PMT comes again (TR 101 290 1.3.a, 1.5.a). */
const PROGRAM_TABLES_MS = 500;
/** The same of the CAT, for which no standard names a time; 2.6 of TR 101 290 does not either. */
const CAT_MS = 1000;

/** Most octets of PMT sections that are followed, over all programs: 2 MiB. */
export const MOST_PMT_OCTETS = 2 * 1024 * 1024;

/** One program that the PAT names. */
interface Program {
  readonly number: number;
  readonly pmtPid: number;
  /** What its PMT says. */
  readonly set: SectionSet<ProgramMap>;
  /** How often the PAT in force names it. */
  named: number;
}

/**
 * What each PID is, by the PAT, CAT, PMT, SDT, MGT and VCT in force. Takes each intact section; looks at what
 * it has not seen only, so a section costs what it changes. Memory: 300 kB for the roles, and at most
 * MOST_PROGRAMS programs, MOST_COMPONENTS elementary streams and what MOST_PMT_OCTETS of their PMTs say; the
 * other tables are bounded by their 256 sections. What is more is counted in `notKept`.
 */
export class PidMap {
  /** Goes up with each change of what is said here. */
  generation = 0;
  readonly #roles = new PidRoles();
  readonly #pat = new SectionSet<Pat>(PROGRAM_TABLES_MS);
  readonly #cat = new SectionSet<CaReference[]>(CAT_MS);
  readonly #programs = new Map<number, Program>();
  /** The streams that PMTs put on each PID; sparse. */
  readonly #components: (Set<Component> | undefined)[] = new Array(PID_COUNT);
  readonly #names = new ServiceNames();
  readonly #announcements = new Announcements();
  #componentCount = 0;
  #pmtOctets = 0;
  #mgtPids: readonly number[] = [];
  #notKept = 0;
  #services: Service[] | null = null;
  #numbers: number[] | null = null;
  /** Programs by the PIDs that they use; made when first asked for, as `#services` is. */
  #users: Map<number, number[]> | null = null;

  /** Roles of each PID as bits of PID_ROLE: for the hot path, not to be written. */
  get roles(): Uint16Array {
    return this.#roles.bits;
  }

  /** See `PidRoles.ended`. */
  get sectionsEnded(): Set<number> {
    return this.#roles.ended;
  }

  /** transport_stream_id of the PAT in force, or null. */
  get transportStreamId(): number | null {
    return this.#pat.values()[0]?.transportStreamId ?? null;
  }

  /** The program_numbers of the PAT in force; the same array until it changes. */
  get programNumbers(): readonly number[] {
    this.#numbers ??= [...this.#programs.keys()];
    return this.#numbers;
  }

  /** Whether the tables in force announce the sub-table with this `subTableKey`; see `Announcements.has`. */
  announces(table: number, key: number): boolean {
    return this.#announcements.has(table, key, this);
  }

  /** The network is terrestrial, as its NIT says. */
  get terrestrial(): boolean {
    return this.#announcements.terrestrial;
  }

  /** Whether the PAT in force names this program. */
  hasProgram(program: number): boolean {
    return this.#programs.has(program);
  }

  /** Programs, streams and PMT sections that were more than is followed. */
  get notKept(): number {
    return this.#notKept;
  }

  /** Roles of `pid` as bits of PID_ROLE; 0 where no table names it. */
  roleOf(pid: number): number {
    return this.#roles.bits[pid] as number;
  }

  /** The elementary streams that PMTs put on `pid`: more than one where programs share it. */
  componentsOf(pid: number): readonly Component[] {
    return [...(this.#components[pid] ?? [])];
  }

  /** The program_numbers that use `pid` in any role, ascending. */
  programsOf(pid: number): number[] {
    if (this.#users === null) {
      this.#users = new Map();
      for (const { program, pids } of this.services()) {
        for (const used of pids) {
          const users = this.#users.get(used);
          if (users === undefined) this.#users.set(used, [program]);
          else users.push(program);
        }
      }
    }
    return [...(this.#users.get(pid) ?? [])];
  }

  /** What the packets of `pid` count as in the bit rates. `other` is what no table names. */
  typeOf(pid: number): "video" | "audio" | "data" | "si" | "null" | "other" {
    if (pid === NULL_PID) return "null";
    const component = this.#components[pid]?.values().next().value;
    if (component !== undefined) {
      const { kind } = component.codec;
      return kind === "video" || kind === "audio" ? kind : "data";
    }
    const role = this.roleOf(pid);
    if ((role & (PID_ROLE.pcr | PID_ROLE.ecm | PID_ROLE.emm)) !== 0) return "data";
    return role === 0 ? "other" : "si";
  }

  /** The programs of the PAT with what PMT, SDT and VCT say of them, by program_number. */
  services(): readonly Service[] {
    this.#services ??= [...this.#programs.values()]
      .sort((a, b) => a.number - b.number)
      .map(({ number, pmtPid, set }) => toService(number, pmtPid, set.values(), this.#names.of(number)));
    return this.#services;
  }

  /** Takes a whole and intact section of any PID and table, as a SectionHandler does; without times NaN. */
  section(pid: number, buf: Uint8Array, off: number, len: number, timeNs = Number.NaN): void {
    if (!longForm(buf, off) || currentNextIndicator(buf, off) === 0) return;
    if (this.#announcements.section(pid, buf, off, len)) this.#changed();
    switch (tableId(buf, off)) {
      case PAT_TABLE_ID:
        if (pid === 0) this.#takePat(buf, off, len, timeNs);
        break;
      case CAT_TABLE_ID:
        if (pid === 1) this.#takeCat(buf, off, len, timeNs);
        break;
      case PMT_TABLE_ID:
        this.#takePmt(pid, buf, off, len, timeNs);
        break;
      case MGT_TABLE_ID:
        if (pid === PSIP_BASE_PID && this.#names.takeMgt(buf, off, len, timeNs)) this.#takeMgtPids();
        break;
      default:
        if (this.#names.take(pid, buf, off, len, timeNs)) this.#changed();
    }
  }

  /** Forgets all: the stream is another one from now on. */
  reset(): void {
    for (const program of [...this.#programs.values()]) this.#drop(program);
    this.#swap(this.#pat.values().flatMap(networkPids), [], PID_ROLE.nit);
    this.#swap(this.#cat.values().flatMap(caPids), [], PID_ROLE.emm);
    this.#swap(this.#mgtPids, [], PID_ROLE.si);
    this.#swap(this.#mgtPids, [], PID_ROLE.sections);
    this.#mgtPids = [];
    this.#pat.clear();
    this.#cat.clear();
    this.#names.clear();
    this.#announcements.clear();
    this.#notKept = 0;
    this.#changed();
  }

  #changed(): void {
    this.generation += 1;
    this.#services = null;
    this.#users = null;
  }

  #takePat(buf: Uint8Array, off: number, len: number, timeNs: number): void {
    const version = tableIdExtension(buf, off) * 32 + versionNumber(buf, off);
    const crc = u32(buf, off + len - CRC_BYTES);
    const last = lastSectionNumber(buf, off);
    if (this.#pat.knows(version, last, sectionNumber(buf, off), crc)) return;
    const pat = parsePat(buf, off, len);
    const change = pat && this.#pat.put(version, last, sectionNumber(buf, off), crc, pat, len, timeNs);
    if (change === null) return;
    // First what is new, so that what stays is never without a name.
    for (const { programs } of change.added) {
      for (const { programNumber, programMapPid } of programs) this.#name(programNumber, programMapPid);
    }
    for (const { programs } of change.removed) {
      for (const { programNumber, programMapPid } of programs) this.#unname(programNumber, programMapPid);
    }
    this.#swap(change.removed.flatMap(networkPids), change.added.flatMap(networkPids), PID_ROLE.nit);
    this.#changed();
  }

  /** The PAT names a program. Where it has another PID now, its PMT is read anew there. */
  #name(number: number, pmtPid: number): void {
    const there = this.#programs.get(number);
    if (there?.pmtPid === pmtPid) {
      there.named += 1;
      return;
    }
    if (there !== undefined) this.#drop(there);
    if (this.#programs.size >= MOST_PROGRAMS) {
      this.#notKept += 1;
      return;
    }
    this.#numbers = null;
    this.#programs.set(number, { number, pmtPid, set: new SectionSet(PROGRAM_TABLES_MS), named: 1 });
    this.#roles.give(pmtPid, PID_ROLE.pmt);
  }

  /** A section of the PAT that had named a program is no longer in force. */
  #unname(number: number, pmtPid: number): void {
    const program = this.#programs.get(number);
    if (program?.pmtPid !== pmtPid) return;
    program.named -= 1;
    if (program.named === 0) this.#drop(program);
  }

  #takeCat(buf: Uint8Array, off: number, len: number, timeNs: number): void {
    const version = versionNumber(buf, off);
    const last = lastSectionNumber(buf, off);
    const number = sectionNumber(buf, off);
    const crc = u32(buf, off + len - CRC_BYTES);
    if (this.#cat.knows(version, last, number, crc)) return;
    const header = longHeader(buf, off, len, CAT_TABLE_ID);
    if (header === null) return;
    const ca = caReferences(buf, header.at, header.end - header.at);
    const change = this.#cat.put(version, last, number, crc, ca, len, timeNs);
    if (change === null) return;
    this.#swap(change.removed.flatMap(caPids), change.added.flatMap(caPids), PID_ROLE.emm);
    this.#changed();
  }

  #takePmt(pid: number, buf: Uint8Array, off: number, len: number, timeNs: number): void {
    const program = this.#programs.get(tableIdExtension(buf, off));
    if (program === undefined || program.pmtPid !== pid) return;
    const version = versionNumber(buf, off);
    const last = lastSectionNumber(buf, off);
    const number = sectionNumber(buf, off);
    const crc = u32(buf, off + len - CRC_BYTES);
    if (program.set.knows(version, last, number, crc)) return;
    if (this.#pmtOctets + len > MOST_PMT_OCTETS) {
      this.#notKept += 1;
      return;
    }
    const map = readProgramMap(buf, off, len);
    if (map === null) return;
    const before = program.set.octets;
    const change = program.set.put(version, last, number, crc, map, len, timeNs);
    this.#pmtOctets += program.set.octets - before;
    if (change === null) return;
    this.#exchange(change.removed, change.added);
    this.#changed();
  }

  #takeMgtPids(): void {
    const pids = this.#names.mgtPids;
    for (const role of [PID_ROLE.si, PID_ROLE.sections] as const) this.#swap(this.#mgtPids, pids, role);
    this.#mgtPids = pids;
    this.#changed();
  }

  #drop(program: Program): void {
    this.#exchange(program.set.values(), []);
    this.#pmtOctets -= program.set.octets;
    this.#roles.take(program.pmtPid, PID_ROLE.pmt);
    this.#programs.delete(program.number);
    this.#numbers = null;
  }

  /** Takes back what the sections `old` of a PMT said, and gives what `now` say. */
  #exchange(old: readonly ProgramMap[], now: readonly ProgramMap[]): void {
    for (const { components } of old) for (const component of components) this.#removeComponent(component);
    for (const { components } of now) {
      const more = Math.max(0, components.length - (MOST_COMPONENTS - this.#componentCount));
      this.#notKept += more;
      components.length -= more;
      for (const component of components) this.#addComponent(component);
    }
    const pcr = (maps: readonly ProgramMap[]) =>
      maps.flatMap(({ pcrPid }) => (pcrPid === null ? [] : [pcrPid]));
    const ecm = (maps: readonly ProgramMap[]) => maps.flatMap(({ ca }) => caPids(ca));
    this.#swap(pcr(old), pcr(now), PID_ROLE.pcr);
    this.#swap(ecm(old), ecm(now), PID_ROLE.ecm);
  }

  #addComponent(component: Component): void {
    const { pid } = component;
    const there = this.#components[pid];
    if (there === undefined) this.#components[pid] = new Set([component]);
    else there.add(component);
    this.#componentCount += 1;
    this.#roles.give(pid, PID_ROLE.es);
    if (carriesTables(component)) this.#roles.give(pid, PID_ROLE.sections);
  }

  #removeComponent(component: Component): void {
    const { pid } = component;
    const there = this.#components[pid];
    there?.delete(component);
    if (there?.size === 0) this.#components[pid] = undefined;
    this.#componentCount -= 1;
    this.#roles.take(pid, PID_ROLE.es);
    if (carriesTables(component)) this.#roles.take(pid, PID_ROLE.sections);
  }

  #swap(old: readonly number[], now: readonly number[], role: CountedRole): void {
    for (const pid of now) this.#roles.give(pid, role);
    for (const pid of old) this.#roles.take(pid, role);
  }
}

const caPids = (references: readonly CaReference[]): number[] => references.map(({ caPid }) => caPid);

const networkPids = ({ networkPid }: Pat): number[] => (networkPid === null ? [] : [networkPid]);

/** Whether an elementary stream carries tables that are decoded: AIT, splice information. */
function carriesTables({ codec }: Component): boolean {
  return codec.id === "ait" || codec.id === "scte-35";
}
