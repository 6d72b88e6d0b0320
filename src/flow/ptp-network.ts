import { u32 } from "../bits/read.ts";
import type { Datagram } from "../net/datagram.ts";
import type { PtpReport } from "../report/ptp-schema.ts";

/** Values that a VLAN id of 12 bits has. */
const VLAN_IDS = 4096;

/**
 * Number of the network that a datagram is of, by its VLAN: PTP messages reach no further. 0 without one; VLAN 0 is
 * none, as such a tag gives a priority alone (802.1Q 6.9).
 */
export function ptpNetwork({
  vlanCount,
  vlan0,
  vlan1,
}: Pick<Datagram, "vlanCount" | "vlan0" | "vlan1">): number {
  const inner = vlanCount > 1 ? vlan1 : 0;
  if (vlanCount === 0 || vlan0 === 0) return inner;
  return inner === 0 ? vlan0 : vlan0 * VLAN_IDS + inner;
}

/** A number for the destination address of a datagram: the address itself for IPv4, a hash of it for IPv6. */
export function ptpAddress(buf: Uint8Array, { ipVersion, destinationOff }: Datagram): number {
  if (ipVersion === 4) return u32(buf, destinationOff);
  let hash = 0;
  for (let word = 0; word < 16; word += 4) {
    hash = Math.imul(hash ^ u32(buf, destinationOff + word), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}

/** Name of a network in words, as of streams: `VLAN 10`, `VLAN 20 in 10`, `no VLAN`. */
export function ptpNetworkName(network: number): string {
  if (network === 0) return "no VLAN";
  if (network < VLAN_IDS) return `VLAN ${network}`;
  return `VLAN ${Math.floor(network / VLAN_IDS)} in ${network % VLAN_IDS}`;
}

/**
 * What of `ptp` a stream with the tags `vlan` can be held to: where several networks have PTP, that of its own. A
 * clock of another one is none of its.
 */
export function ptpBeside(ptp: PtpReport | undefined, vlan: readonly number[]): PtpReport | undefined {
  if (ptp === undefined || ptp.domains.every(({ network }) => network === undefined)) return ptp;
  const [vlan0 = 0, vlan1 = 0] = vlan;
  const own = ptpNetworkName(ptpNetwork({ vlanCount: vlan.length, vlan0, vlan1 }));
  return { ...ptp, domains: ptp.domains.filter(({ network }) => network === own) };
}
