import { ReorderMemory } from "../net/packet-slots.ts";
import { rtpSsrc, rtpTimestamp } from "../net/rtp.ts";
import type { Finding } from "../report/finding.ts";
import type { PacketOutput } from "../report/output.ts";
import type { StreamReport } from "../report/schema.ts";
import type { RedundantPairReport } from "../report/st2110-redundancy-schema.ts";
import type { Epoch } from "../report/time.ts";
import type { TimestampQuality } from "../st2110/analyser.ts";
import { isSampled, LegFinder } from "../st2110/redundancy/leg-finder.ts";
import type { LegIndex } from "../st2110/redundancy/redundancy.ts";
import type { SkewClass } from "../st2110/redundancy/skew-class.ts";
import type { Flow } from "./flow.ts";
import type { FlowContext } from "./flow-context.ts";
import { LegOutput } from "./leg-output.ts";
import { type KeptPacket, Pair } from "./leg-pair.ts";
import type { SdpSessions } from "./sdp-sessions.ts";

/**
 * `merge`: compare legs, and pass on the stream that they make in their place; `both`: pass on that stream and the legs;
 * `legs`: compare them and pass on the legs alone; `off`: look for none.
 */
export type LegsMode = "merge" | "both" | "legs" | "off";

/** First packets of a flow that are kept, so that a pair found by their likeness is compared from its first on. */
const MOST_KEPT = 256;

/** For those packets, all flows together: no more than this is looked back. */
const KEPT_MEMORY_OCTETS = 16 * 1024 * 1024;

/** Flows that the search tells apart. */
const MOST_FLOWS = 2 ** 20;

/**
 * How long a flow that may be a second leg is held back, unless it is known sooner: legs further apart than class C
 * allows, 450 ms, are none that a receiver would merge.
 */
const HOLD_NS = 500e6;

/** For what is held back, all flows together; a flow that finds no more room is passed on. */
const HELD_MEMORY_OCTETS = 64 * 1024 * 1024;

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
  kept: KeptPacket[] | null;
  keptOctets: number;
  /** Packets looked at before it became a leg. */
  seen: number;
  firstNs: number;
  /** SSRC and timestamp of the last packet before it became a leg; -1 before the first. */
  ssrc: number;
  timestamp: number;
  /** A description says that it is a second leg. */
  describedSecond: boolean;
  /** Its first packets are past, and it is not held back. */
  settled: boolean;
}

/** What the search is told. */
export interface LegPairsOptions {
  readonly mode: Exclude<LegsMode, "off">;
  readonly timestamps: TimestampQuality;
  /** Whether the stream of that id was chosen to be passed on. */
  readonly chosen: (id: string) => boolean;
  /** Descriptions say which flows are legs before their packets do. */
  readonly sessions: SdpSessions | null;
  /** The class that the receivers of pairs are built for; null where none is set. */
  readonly expectedClass: SkewClass | null;
}

/**
 * Finds the flows that are legs of one stream (ST 2022-7), by a description or by their packets, and has each pair
 * compared and merged.
 */
export class LegPairs {
  readonly #options: LegPairsOptions;
  readonly #finder = new LegFinder();
  readonly #memory = new ReorderMemory(KEPT_MEMORY_OCTETS);
  readonly #heldMemory = new ReorderMemory(HELD_MEMORY_OCTETS);
  readonly #holding = new Set<LegFlow>();
  readonly #legs = new Map<number, LegFlow>();
  #pairs: Pair[] = [];
  #next = 0;

  constructor(options: LegPairsOptions) {
    this.#options = options;
  }

  /** What a flow's packets are to go through, since it may be a leg; null where they may go straight to `output`. */
  outputFor(output: PacketOutput | null): LegOutput | null {
    return output === null || this.#options.mode !== "merge" ? null : new LegOutput(output, this.#heldMemory);
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
      seen: 0,
      firstNs: Number.NaN,
      ssrc: -1,
      timestamp: 0,
      describedSecond: false,
      settled: false,
    };
    this.#legs.set(number, leg);
    const described = flow.said === null ? null : (this.#options.sessions?.legsOf(flow.said) ?? null);
    if (described === null) return leg;
    const isFirst = described[0] === flow.said;
    leg.describedSecond = !isFirst;
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
    // Once the first packets are past, those that the finder would not look at have nothing more to tell.
    if (leg.settled && !isSampled(buf, off)) return;
    this.#look(leg, buf, off, timeNs);
    const kept = keep(leg, buf, off, len, wireLength, timeNs);
    if (leg.number >= MOST_FLOWS) return;
    const found = this.#finder.packet(leg.number, buf, off, len, timeNs, leg.seen <= MOST_KEPT);
    const other = found < 0 ? undefined : this.#legs.get(found);
    if (other === undefined || other.pair !== null) return;
    const pair = this.#pair(other.number < leg.number ? [other, leg] : [leg, other], "content");
    if (!kept) pair.redundancy.packet(leg.index, buf, off, len, wireLength, timeNs);
  }

  /** By packet time it is `nowNs`. */
  expire(nowNs: number): void {
    for (const leg of this.#holding) this.#release(leg, nowNs);
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
    for (const pair of this.#pairs) pair.gap();
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
    this.#holding.delete(leg);
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

  /** Takes down what the packet says of its flow; the first one tells whether the flow is to be held back. */
  #look(leg: LegFlow, buf: Uint8Array, off: number, timeNs: number): void {
    leg.ssrc = rtpSsrc(buf, off);
    leg.timestamp = rtpTimestamp(buf, off);
    leg.seen++;
    const output = leg.flow.legOutput;
    leg.settled = leg.seen > MOST_KEPT && (output === null || output.passing);
    if (output === null) return;
    if (output.undecided) {
      leg.firstNs = timeNs;
      if (leg.describedSecond || this.#hasTwin(leg, timeNs)) {
        output.hold();
        this.#holding.add(leg);
      } else output.pass();
    } else if (output.holding) this.#release(leg, timeNs);
  }

  /** True when another flow that runs has the same SSRC, as legs have: streams that are none seldom do. */
  #hasTwin(leg: LegFlow, timeNs: number): boolean {
    for (const other of this.#legs.values()) {
      if (other === leg || other.pair !== null || other.ssrc !== leg.ssrc) continue;
      if (timeNs - other.flow.lastNs <= HOLD_NS) return true;
    }
    return false;
  }

  /** Passes on what was held back of a flow, once it has been for long enough. */
  #release(leg: LegFlow, nowNs: number): void {
    if (nowNs - leg.firstNs < HOLD_NS && leg.flow.legOutput?.holding) return;
    leg.flow.legOutput?.pass();
    this.#holding.delete(leg);
  }

  #pair(legs: readonly [LegFlow, LegFlow], pairedBy: "sdp" | "content"): Pair {
    for (const leg of legs) this.#holding.delete(leg);
    const pair = new Pair(legs, { ...this.#options, pairedBy }, letGo);
    this.#pairs.push(pair);
    return pair;
  }
}

/** Keeps a copy of the packet if it is one of the first; false when it is not, or there is no memory. */
function keep(
  leg: LegFlow,
  buf: Uint8Array,
  off: number,
  len: number,
  wireLength: number,
  timeNs: number,
): boolean {
  if (leg.kept === null) return false;
  if (leg.kept.length === MOST_KEPT || !leg.memory.take(len)) {
    letGo(leg);
    return false;
  }
  leg.keptOctets += len;
  leg.kept.push({ octets: buf.slice(off, off + len), wireLength, timeNs });
  return true;
}

/** The packets that were kept, null when there were more; no more are from now on. */
function letGo(leg: LegFlow): KeptPacket[] | null {
  const { kept } = leg;
  leg.memory.give(leg.keptOctets);
  leg.keptOctets = 0;
  leg.kept = null;
  return kept;
}
