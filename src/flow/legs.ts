import { ReorderMemory } from "../net/packet-slots.ts";
import type { Finding } from "../report/finding.ts";
import type { StreamReport } from "../report/schema.ts";
import type { RedundantPairReport } from "../report/st2110-redundancy-schema.ts";
import type { Epoch } from "../report/time.ts";
import type { TimestampQuality } from "../st2110/analyser.ts";
import { LegFinder } from "../st2110/redundancy/leg-finder.ts";
import { type LegIndex, Redundancy2022 } from "../st2110/redundancy/redundancy.ts";
import { Flow } from "./flow.ts";
import type { FlowContext } from "./flow-context.ts";
import type { SdpSessions } from "./sdp-sessions.ts";

/** `merge`: compare legs and make a stream of them; `compare`: compare them only; `off`: look for none. */
export type LegsMode = "merge" | "compare" | "off";

/** First packets of a flow that are kept, so that a pair found by their likeness is compared from its first on. */
const MOST_KEPT = 256;

/** For those packets, all flows together: no more than this is looked back. */
const KEPT_MEMORY_OCTETS = 16 * 1024 * 1024;

/** Flows that the search tells apart. */
const MOST_FLOWS = 2 ** 20;

interface KeptPacket {
  readonly leg: LegIndex;
  readonly octets: Uint8Array;
  readonly wireLength: number;
  readonly timeNs: number;
}

/** What an RTP flow is to the search. */
export interface LegFlow {
  readonly number: number;
  readonly flow: Flow;
  readonly context: FlowContext;
  /** For `kept`. */
  readonly memory: ReorderMemory;
  pair: Pair | null;
  index: LegIndex;
  /** First packets, until there are MOST_KEPT or the flow is a leg; null from then on. */
  kept: Omit<KeptPacket, "leg">[] | null;
  keptOctets: number;
}

/** What the search is told. */
export interface LegPairsOptions {
  readonly mode: Exclude<LegsMode, "off">;
  readonly timestamps: TimestampQuality;
  /** Descriptions say which flows are legs before their packets do. */
  readonly sessions: SdpSessions | null;
}

/**
 * Finds the flows that are legs of one stream (ST 2022-7), by a description or by their packets, and has each pair
 * compared and merged.
 */
export class LegPairs {
  readonly #options: LegPairsOptions;
  readonly #finder = new LegFinder();
  readonly #memory = new ReorderMemory(KEPT_MEMORY_OCTETS);
  readonly #legs = new Map<number, LegFlow>();
  #pairs: Pair[] = [];
  #next = 0;

  constructor(options: LegPairsOptions) {
    this.#options = options;
  }

  /** An RTP flow has begun. */
  join(flow: Flow, context: FlowContext): LegFlow {
    const number = this.#next++;
    const leg: LegFlow = {
      number,
      flow,
      context,
      memory: this.#memory,
      pair: null,
      index: 0,
      kept: [],
      keptOctets: 0,
    };
    this.#legs.set(number, leg);
    const described = flow.said === null ? null : (this.#options.sessions?.legsOf(flow.said) ?? null);
    if (described === null) return leg;
    const isFirst = described[0] === flow.said;
    const other = [...this.#legs.values()].find(({ flow: { said } }) => said === described[isFirst ? 1 : 0]);
    if (other && other.pair === null) this.#pair(isFirst ? [leg, other] : [other, leg], "sdp");
    return leg;
  }

  /** An RTP packet of a flow, as it came: `len` of its `wireLength` octets were captured. */
  packet(leg: LegFlow, buf: Uint8Array, off: number, len: number, wireLength: number, timeNs: number): void {
    if (leg.pair !== null) {
      leg.pair.redundancy.packet(leg.index, buf, off, len, wireLength, timeNs);
      return;
    }
    keep(leg, buf, off, len, wireLength, timeNs);
    if (leg.number >= MOST_FLOWS) return;
    const found = this.#finder.packet(leg.number, buf, off, len, timeNs);
    const other = found < 0 ? undefined : this.#legs.get(found);
    if (other === undefined || other.pair !== null) return;
    this.#pair(other.number < leg.number ? [other, leg] : [leg, other], "content");
  }

  /** By packet time it is `nowNs`. */
  expire(nowNs: number): void {
    for (const pair of this.#pairs) {
      pair.redundancy.expire(nowNs);
      pair.merged?.expire(nowNs);
    }
  }

  /** See `Flow.endWindow`. */
  endWindow(nowNs: number): void {
    for (const { merged } of this.#pairs) merged?.endWindow(nowNs);
  }

  /** See `Flow.bufferEnd`. */
  bufferEnd(): void {
    for (const { merged } of this.#pairs) merged?.bufferEnd();
  }

  /** The input starts again. */
  gap(): void {
    for (const pair of this.#pairs) {
      pair.redundancy.gap();
      pair.merged?.gap();
    }
    for (const leg of this.#legs.values()) letGo(leg);
  }

  /** The input is over. */
  end(): void {
    for (const pair of this.#pairs) pair.end();
    for (const leg of this.#legs.values()) letGo(leg);
  }

  /** When the last packet of a flow, or of the other leg of its pair, came. */
  lastNs({ leg, lastNs }: Flow): number {
    const legs = leg?.pair?.legs;
    return legs === undefined ? lastNs : Math.max(legs[0].flow.lastNs, legs[1].flow.lastNs);
  }

  /** A flow has given up its place, and with it the pair that it was a leg of. */
  forget({ leg }: Flow): void {
    if (leg === null) return;
    letGo(leg);
    this.#finder.forget(leg.number);
    this.#legs.delete(leg.number);
    const { pair } = leg;
    if (pair === null || !this.#pairs.includes(pair)) return;
    pair.end();
    this.#pairs = this.#pairs.filter((each) => each !== pair);
  }

  /** Ids of the streams that are second legs. */
  secondLegs(): Set<string> {
    return new Set(this.#pairs.map(({ legs }) => legs[1].flow.address.id));
  }

  /** The merged streams as report data. */
  streams(epoch: Epoch, nowNs: number, final: boolean): StreamReport[] {
    return this.#pairs.flatMap(({ merged }) => merged?.report(epoch, nowNs, final) ?? []);
  }

  /** The pairs as report data. */
  report(nowNs: number): RedundantPairReport[] {
    return this.#pairs.map((pair) => pair.report(nowNs));
  }

  /** Everything that was found wrong by `nowNs`. */
  findings(epoch: Epoch, nowNs: number): Finding[] {
    return this.#pairs.flatMap(({ redundancy, merged, id }) => [
      ...redundancy.findings(id, epoch),
      ...(merged?.findings(epoch, nowNs) ?? []),
    ]);
  }

  #pair(legs: readonly [LegFlow, LegFlow], pairedBy: "sdp" | "content"): void {
    const { mode, timestamps } = this.#options;
    this.#pairs.push(new Pair(legs, pairedBy, mode === "merge", timestamps));
  }
}

/** Two legs, and the stream that they make. */
class Pair {
  readonly legs: readonly [LegFlow, LegFlow];
  readonly id: string;
  readonly merged: Flow | null;
  readonly redundancy: Redundancy2022;
  readonly #pairedBy: "sdp" | "content";
  #reportedNs: number | null = null;
  #report: RedundantPairReport | null = null;

  constructor(
    legs: readonly [LegFlow, LegFlow],
    pairedBy: "sdp" | "content",
    merge: boolean,
    timestamps: TimestampQuality,
  ) {
    this.legs = legs;
    this.#pairedBy = pairedBy;
    const { flow, context } = legs[0];
    this.id = merge ? `${flow.address.id}-merged` : flow.address.id;
    // The legs are judged each for themselves: what they make has no timing of its own.
    const merged = merge
      ? new Flow({ ...flow.address, id: this.id }, { ...context, legs: null, media: null })
      : null;
    this.merged = merged;
    const release = (): void => {
      context.release();
      merged?.bufferEnd();
    };
    this.redundancy = new Redundancy2022({
      timestamps,
      memory: context.reorderMemory,
      release,
      ...(merged === null
        ? {}
        : {
            deliver: (buf, off, len, wireLength, _lost, timeNs) =>
              merged.datagram(buf, off, len, wireLength - len, timeNs),
          }),
    });
    for (const [index, leg] of legs.entries()) {
      leg.pair = this;
      leg.index = index as LegIndex;
    }
    const kept = legs.flatMap((leg) => letGo(leg).map((packet) => ({ ...packet, leg: leg.index })));
    kept.sort((a, b) => a.timeNs - b.timeNs || 0);
    for (const { leg, octets, wireLength, timeNs } of kept) {
      this.redundancy.packet(leg, octets, 0, octets.length, wireLength, timeNs);
    }
    if (kept.length > 0) release();
  }

  /** Nothing more comes. */
  end(): void {
    this.redundancy.close();
    this.merged?.end();
  }

  /** As report data; asked twice for the same moment it says the same, for the pair counts from report to report. */
  report(nowNs: number): RedundantPairReport {
    if (this.#report !== null && this.#reportedNs === nowNs) return this.#report;
    const [first, second] = this.legs;
    this.#reportedNs = nowNs;
    this.#report = {
      ...this.redundancy.report(),
      streams: [first.flow.address.id, second.flow.address.id],
      pairedBy: this.#pairedBy,
      mergedStream: this.merged === null ? null : this.id,
    };
    return this.#report;
  }
}

function keep(
  leg: LegFlow,
  buf: Uint8Array,
  off: number,
  len: number,
  wireLength: number,
  timeNs: number,
): void {
  if (leg.kept === null) return;
  if (leg.kept.length === MOST_KEPT || !leg.memory.take(len)) {
    letGo(leg);
    return;
  }
  leg.keptOctets += len;
  leg.kept.push({ octets: buf.slice(off, off + len), wireLength, timeNs });
}

/** The packets that were kept; no more are from now on. */
function letGo(leg: LegFlow): Omit<KeptPacket, "leg">[] {
  const kept = leg.kept ?? [];
  leg.memory.give(leg.keptOctets);
  leg.keptOctets = 0;
  leg.kept = null;
  return kept;
}
