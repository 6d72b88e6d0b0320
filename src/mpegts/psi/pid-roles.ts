import { NULL_PID, PID_COUNT } from "../packet.ts";

/** What a PID is, as bits: more than one may hold. 0 is a PID that no table names. */
export const PID_ROLE = {
  /** PID 0. */
  pat: 1,
  /** PID 1. */
  cat: 2,
  /** PID 2. */
  tsdt: 4,
  /** network_PID of the PAT; PID 0x10 where the PAT names none. */
  nit: 8,
  /** Service information: PIDs 0x10 to 0x1F (EN 300 468 table 1), 0x1FFB and what the MGT names (A/65). */
  si: 16,
  /** program_map_PID of the PAT. */
  pmt: 32,
  /** PCR_PID of a PMT. */
  pcr: 64,
  /** elementary_PID of a PMT. */
  es: 128,
  /** CA_PID of a PMT. */
  ecm: 256,
  /** CA_PID of the CAT. */
  emm: 512,
  /** PID 0x1FFF. */
  null: 1024,
  /** Carries sections of tables that are read: those of PSI and SI, AIT, splice information. */
  sections: 2048,
} as const;

/** Roles of the PIDs whose sections are to be put together. */
export const SECTION_ROLES = PID_ROLE.sections | PID_ROLE.pmt | PID_ROLE.nit;

/** Roles of the PIDs that carry PSI, and so sections and nothing else. */
export const PSI_ROLES = PID_ROLE.pat | PID_ROLE.cat | PID_ROLE.tsdt | PID_ROLE.pmt;

/** Base PID of the ATSC's program and system information (A/65 4.1). */
export const PSIP_BASE_PID = 0x1ffb;
/** The usual PID of the NIT (EN 300 468 table 1). */
export const NIT_PID = 0x10;

/**
 * PIDs that carry sections by EN 300 468 table 1 and A/65. Not 0x15 and 0x1D: network synchronization and
 * measurement are no sections.
 */
const SECTION_PIDS = [0, 1, 2, NIT_PID, 0x11, 0x12, 0x13, 0x14, 0x16, 0x1e, 0x1f, PSIP_BASE_PID];

/** Roles that tables give and take; counted, as several tables may give the same PID the same role. */
const COUNTED = [
  PID_ROLE.nit,
  PID_ROLE.si,
  PID_ROLE.pmt,
  PID_ROLE.pcr,
  PID_ROLE.es,
  PID_ROLE.ecm,
  PID_ROLE.emm,
  PID_ROLE.sections,
] as const;

/** A role that a table may give a PID. */
export type CountedRole = (typeof COUNTED)[number];

/** The roles that PIDs have whatever the tables say. */
function fixedRoles(): Uint16Array {
  const roles = new Uint16Array(PID_COUNT);
  roles[0] = PID_ROLE.pat;
  roles[1] = PID_ROLE.cat;
  roles[2] = PID_ROLE.tsdt;
  for (let pid = 0x03; pid <= 0x1f; pid += 1) roles[pid] = PID_ROLE.si;
  roles[NIT_PID] = PID_ROLE.nit | PID_ROLE.si;
  roles[PSIP_BASE_PID] = PID_ROLE.si;
  for (const pid of SECTION_PIDS) roles[pid] = (roles[pid] as number) | PID_ROLE.sections;
  roles[NULL_PID] = PID_ROLE.null;
  return roles;
}

/** Roles of all PIDs, held by counts: a role is gone when the last table that gave it takes it back. */
export class PidRoles {
  /** Role bits by PID; read it in the hot path, never write it. */
  readonly bits = fixedRoles();
  /** PIDs that carried sections and no longer do; cleared by whoever puts sections together. */
  readonly ended = new Set<number>();
  readonly #fixed = fixedRoles();
  readonly #counts = new Map(COUNTED.map((role) => [role as number, new Uint32Array(PID_COUNT)]));

  /** A table names `pid` in this role. */
  give(pid: number, role: CountedRole): void {
    const counts = this.#counts.get(role);
    if (counts === undefined) return;
    counts[pid] = (counts[pid] as number) + 1;
    if ((role & SECTION_ROLES) !== 0) this.ended.delete(pid);
    this.bits[pid] = (this.bits[pid] as number) | role;
  }

  /** A table that had named `pid` in this role does so no longer. */
  take(pid: number, role: CountedRole): void {
    const counts = this.#counts.get(role);
    if (counts === undefined || counts[pid] === 0) return;
    counts[pid] = (counts[pid] as number) - 1;
    if (counts[pid] === 0 && ((this.#fixed[pid] as number) & role) === 0) {
      const left = (this.bits[pid] as number) & ~role;
      this.bits[pid] = left;
      if ((role & SECTION_ROLES) !== 0 && (left & SECTION_ROLES) === 0) this.ended.add(pid);
    }
  }
}
