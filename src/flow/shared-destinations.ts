import type { Rule } from "../report/finding.ts";

/** Two senders on one destination: who joins the group, or owns the address, gets the packets of all sources. */
export const NET_TWO_SENDERS: Rule = {
  code: "net-two-senders",
  clause: "RFC 4607 1",
  severity: "warning",
  text: "{count} other {sender sends|senders send} to the same destination at the same time: receivers get a mix of both.",
};

/** Flows that overlap for less than this are a handover from one sender to another. */
export const HANDOVER_NS = 1_000_000_000;

/** What is to be known of a flow. */
export interface SentFlow {
  readonly firstNs: number;
  readonly lastNs: number;
  readonly address: {
    readonly id: string;
    readonly destinationAddress: string;
    readonly destinationPort: number;
    readonly vlan: readonly number[];
  };
}

/** How many others send to the destination of a flow, and since when and until when they do so beside it. */
export interface OtherSenders {
  readonly others: number;
  readonly firstNs: number;
  readonly lastNs: number;
}

/**
 * The flows that share destination, port and VLANs with others and overlap with one of them in time by HANDOVER_NS or
 * more, by stream id. The cost is that of sorting, however many senders a destination has.
 */
export function sharedDestinations(flows: Iterable<SentFlow>): Map<string, OtherSenders> {
  const byDestination = new Map<string, SentFlow[]>();
  for (const flow of flows) {
    const { destinationAddress, destinationPort, vlan } = flow.address;
    // Also leaves out a flow without times, whose comparison is false.
    if (destinationAddress === "" || !(flow.lastNs - flow.firstNs >= HANDOVER_NS)) continue;
    const key = `${vlan.join("/")} ${destinationAddress} ${destinationPort}`;
    const there = byDestination.get(key);
    if (there) there.push(flow);
    else byDestination.set(key, [flow]);
  }
  const shared = new Map<string, OtherSenders>();
  for (const there of byDestination.values()) {
    if (there.length > 1) overlaps(there, shared);
  }
  return shared;
}

/** Adds to `shared` those of the flows of one destination that overlap. Each is HANDOVER_NS long or longer. */
function overlaps(flows: readonly SentFlow[], shared: Map<string, OtherSenders>): void {
  const starts = Float64Array.from(flows, ({ firstNs }) => firstNs).sort();
  const ends = Float64Array.from(flows, ({ lastNs }) => lastNs).sort();
  for (const { firstNs, lastNs, address } of flows) {
    // Flows start before this one is nearly over, or never overlap; so do those that end when it has just begun.
    const started = below(starts, lastNs - HANDOVER_NS, true);
    const ended = below(ends, firstNs + HANDOVER_NS, false);
    const others = started - ended - 1;
    if (others === 0) continue;
    const before = below(starts, firstNs, true);
    const endedBefore = below(ends, lastNs, false);
    shared.set(address.id, {
      others,
      firstNs: before - ended > 1 ? firstNs : (starts[before] as number),
      lastNs: started - endedBefore > 1 ? lastNs : (ends[endedBefore - 1] as number),
    });
  }
}

/** How many of the ascending `values` are less than `limit`, or equal to it where `inclusive`. */
function below(values: Float64Array, limit: number, inclusive: boolean): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = values[middle] as number;
    if (value < limit || (inclusive && value === limit)) low = middle + 1;
    else high = middle;
  }
  return low;
}
