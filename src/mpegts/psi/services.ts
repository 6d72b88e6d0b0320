import type { CaReference, Component } from "./component.ts";
import type { ProgramMap } from "./program.ts";
import type { ServiceName } from "./service-names.ts";

/** A service: a program of the PAT, with what PMT and SDT (or VCT) say of it. Plain data. */
export interface Service {
  /** program_number, the same as service_id. */
  readonly program: number;
  readonly name: string | null;
  readonly provider: string | null;
  /** service_type in words. */
  readonly type: string | null;
  readonly originalNetworkId: number | null;
  readonly pmtPid: number;
  /** Null where the program has no PCR, or its PMT has not come. */
  readonly pcrPid: number | null;
  /** False until the PMT has come. */
  readonly pmtSeen: boolean;
  /** A CA_descriptor in the PMT, or free_CA_mode in the SDT: not whether its packets are scrambled. */
  readonly conditionalAccess: boolean;
  readonly components: readonly Component[];
  readonly ca: readonly CaReference[];
  /** All PIDs of the service, ascending: PMT, PCR, elementary streams, ECM. */
  readonly pids: readonly number[];
}

/** The service of a program by its PMT sections and name. */
export function toService(
  program: number,
  pmtPid: number,
  maps: readonly ProgramMap[],
  name: ServiceName | null,
): Service {
  const components = maps.flatMap((map) => map.components);
  const ca = maps.flatMap((map) => map.ca);
  const pcrPid = maps.find((map) => map.pcrPid !== null)?.pcrPid ?? null;
  const pids = new Set([pmtPid, ...components.map(({ pid }) => pid), ...ca.map(({ caPid }) => caPid)]);
  if (pcrPid !== null) pids.add(pcrPid);
  return {
    program,
    name: name?.name ?? null,
    provider: name?.provider ?? null,
    type: name?.type ?? null,
    originalNetworkId: name?.originalNetworkId ?? null,
    pmtPid,
    pcrPid,
    pmtSeen: maps.length > 0,
    conditionalAccess: ca.length > 0 || (name?.scrambled ?? false),
    components,
    ca,
    pids: [...pids].sort((a, b) => a - b),
  };
}
