import { u32 } from "../bits/read.ts";
import type { Datagram } from "../net/datagram.ts";
import type { PtpReport } from "../report/ptp-schema.ts";

/** Values that a VLAN id of 12 bits has, and those of two. */
const VLAN_IDS = 4096;
const VLAN_PAIRS = VLAN_IDS * VLAN_IDS;

/**
 * Number of the network that a datagram is of, by its VLAN and the device that it was captured on: PTP messages reach
 * no further. VLAN 0 is none, as such a tag gives a priority alone (802.1Q 6.9).
 */
export function ptpNetwork(
  { vlanCount, vlan0, vlan1 }: Pick<Datagram, "vlanCount" | "vlan0" | "vlan1">,
  device: number,
): number {
  const inner = vlanCount > 1 ? vlan1 : 0;
  const outer = vlanCount > 0 ? vlan0 : 0;
  return device * VLAN_PAIRS + (inner === 0 ? outer : outer * VLAN_IDS + inner);
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

/** Name of a network in words: `VLAN 10`, `VLAN 20 in 10`, `no VLAN`; before it the one of several `devices`. */
export function ptpNetworkName(network: number, devices?: readonly string[]): string {
  const outer = Math.floor((network % VLAN_PAIRS) / VLAN_IDS);
  const inner = network % VLAN_IDS;
  const vlan = outer === 0 ? `VLAN ${inner}` : `VLAN ${outer} in ${inner}`;
  const device = devices?.[Math.floor(network / VLAN_PAIRS)];
  if (device === undefined) return network === 0 ? "no VLAN" : vlan;
  return network % VLAN_PAIRS === 0 ? device : `${device}, ${vlan}`;
}

/**
 * What of `ptp` a stream with the tags `vlan` can be held to: where several networks have PTP, that of its own. A
 * clock of another one is none of its. Of several `devices` it is not known which one a stream came from, so there
 * must be no more than one that has PTP on its VLAN.
 */
export function ptpBeside(
  ptp: PtpReport | undefined,
  vlan: readonly number[],
  devices?: readonly string[],
): PtpReport | undefined {
  if (ptp === undefined || ptp.domains.every(({ network }) => network === undefined)) return ptp;
  const [vlan0 = 0, vlan1 = 0] = vlan;
  const tags = { vlanCount: vlan.length, vlan0, vlan1 };
  const own = new Set(
    (devices ?? [""]).map((_, device) => ptpNetworkName(ptpNetwork(tags, device), devices)),
  );
  const domains = ptp.domains.filter(({ network }) => network !== undefined && own.has(network));
  const several = domains.some(({ network }) => network !== domains[0]?.network);
  return { ...ptp, domains: several ? [] : domains };
}
