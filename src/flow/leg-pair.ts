import type { PacketOutput } from "../report/output.ts";
import type { RedundantPairReport } from "../report/st2110-redundancy-schema.ts";
import type { TimestampQuality } from "../st2110/analyser.ts";
import { type LegIndex, Redundancy2022 } from "../st2110/redundancy/redundancy.ts";
import type { SkewClass } from "../st2110/redundancy/skew-class.ts";
import { Flow } from "./flow.ts";
import type { AnnouncedStream } from "./leg-output.ts";
import type { LegFlow } from "./legs.ts";
import { MergedOutput } from "./merged-output.ts";
import type { FoundMedia } from "./rtp-media.ts";

/** What the id of a merged stream ends in, after that of its first leg. */
export const MERGED_SUFFIX = "-merged";

/** A leg without packets for so long is not gone on from: what comes next on the other is no part of what it had. */
const PAST_NS = 1e9;

/** The copy of a packet that came before it was known that its flow is a leg. */
export interface KeptPacket {
  readonly octets: Uint8Array;
  readonly wireLength: number;
  readonly timeNs: number;
}

/** How a pair is treated. */
export interface PairOptions {
  readonly mode: "merge" | "both" | "legs";
  readonly pairedBy: "sdp" | "content";
  readonly timestamps: TimestampQuality;
  readonly chosen: (id: string) => boolean;
  /** The class that the receivers are built for; null where none is set. */
  readonly expectedClass: SkewClass | null;
}

/** Takes the packets that were kept of a leg; null when there were more than could be kept. */
export type TakeKept = (leg: LegFlow) => KeptPacket[] | null;

/** Two legs, and the stream that they make. */
export class Pair {
  readonly legs: readonly [LegFlow, LegFlow];
  readonly id: string;
  readonly merged: Flow | null;
  readonly redundancy: Redundancy2022;
  readonly #options: PairOptions;
  readonly #output: MergedOutput | null = null;
  #reportedNs: number | null = null;
  #report: RedundantPairReport | null = null;

  /** The pair of `legs` in order. */
  constructor(legs: readonly [LegFlow, LegFlow], options: PairOptions, take: TakeKept) {
    this.legs = legs;
    this.#options = options;
    const { mode, timestamps, expectedClass } = options;
    const { flow, context } = legs[0];
    this.id = mode === "legs" ? flow.address.id : `${flow.address.id}${MERGED_SUFFIX}`;
    for (const [index, leg] of legs.entries()) {
      leg.pair = this;
      leg.index = index as LegIndex;
    }
    const going = mode === "merge" && context.output !== null ? this.#goOn(context.output) : null;
    if (going !== null) this.#output = going.output;
    const output = this.#output ?? context.output;
    const merged = mode === "legs" ? null : this.#mergedFlow(output);
    this.merged = merged;
    const release = (): void => {
      context.release();
      merged?.bufferEnd();
    };
    this.redundancy = new Redundancy2022({
      timestamps,
      memory: context.reorderMemory,
      release,
      ...(expectedClass === null ? {} : { expectedClass }),
      ...(merged === null
        ? {}
        : {
            deliver: (buf, off, len, wireLength, _lost, timeNs) =>
              merged.datagram(buf, off, len, wireLength - len, timeNs),
          }),
    });
    this.#begin(going, take);
    release();
  }

  /** Nothing more comes. */
  end(): void {
    this.redundancy.close();
    this.merged?.end();
    this.#output?.end();
  }

  /** The input starts again. */
  gap(): void {
    this.redundancy.gap();
    this.merged?.gap();
    this.#output?.gap();
  }

  /** As report data; asked twice for the same moment it says the same, for the pair counts from report to report. */
  report(nowNs: number): RedundantPairReport {
    if (this.#report !== null && this.#reportedNs === nowNs) return this.#report;
    const [first, second] = this.legs;
    const { merged } = this;
    const passedOn = merged !== null && first.context.output !== null;
    this.#reportedNs = nowNs;
    this.#report = {
      ...this.redundancy.report(),
      streams: [first.flow.address.id, second.flow.address.id],
      pairedBy: this.#options.pairedBy,
      mergedStream: merged === null ? null : this.id,
      passedOnAs: passedOn ? (this.#output?.id ?? this.id) : null,
    };
    return this.#report;
  }

  #mergedFlow(output: PacketOutput | null): Flow {
    const { flow, context } = this.legs[0];
    const found = (): FoundMedia | null => {
      const [first, second] = this.legs.map((leg) => leg.flow.media?.found ?? null);
      if (!first || !second) return first ?? second ?? null;
      return first.kind === "unknown" ? second : first;
    };
    const { address, said } = flow;
    const ownContext = {
      ...context,
      output,
      legs: null,
      merged: { passing: this.#output, found },
      // The times of packets that came two ways measure nothing.
      clock: "none" as const,
      // In order already: what was not waited for here is lost.
      reorderPackets: 0,
    };
    return new Flow({ ...address, id: this.id }, ownContext, said);
  }

  /** Ends what the legs are passed on as, but for one stream, which the merged one goes on with. */
  #goOn(output: PacketOutput): { output: MergedOutput; leg: LegFlow; next: number } {
    const leg = this.#leader();
    const other = leg === this.legs[0] ? this.legs[1] : this.legs[0];
    const own = leg.flow.legOutput;
    // More of it is held back than was kept for merging.
    if (own?.holding && leg.kept === null) own.pass();
    const handed: AnnouncedStream | null = own?.handOver() ?? null;
    const next = handed === null ? -1 : (leg.flow.reorder?.next ?? -1);
    other.flow.legOutput?.end();
    return { output: new MergedOutput(output, leg.flow.address.id, handed, next), leg, next };
  }

  /** The leg whose stream goes on: the one that was asked for, else that which is passed on already. */
  #leader(): LegFlow {
    const [first, second] = this.legs;
    const { chosen } = this.#options;
    const wanted = chosen(first.flow.address.id);
    if (wanted !== chosen(second.flow.address.id)) return wanted ? first : second;
    if (first.flow.legOutput?.passing) return first;
    const begun = second.flow.legOutput?.passing || (second.flow.legOutput?.holding && second.kept === null);
    return begun ? second : first;
  }

  /**
   * Gives what was kept of the legs to merging; if not all was, from the packet on that the output, or the leg with more
   * packets than were kept, is at: what it had before is not missing.
   */
  #begin(going: { leg: LegFlow; next: number } | null, take: TakeKept): void {
    const { redundancy } = this;
    const leg = going?.leg ?? this.legs.find(({ kept }) => kept === null);
    const next = going?.next ?? leg?.flow.reorder?.next ?? -1;
    const nowNs = Math.max(...this.legs.map(({ flow }) => flow.lastNs));
    if (leg?.kept === null && next >= 0 && nowNs - leg.flow.lastNs <= PAST_NS) {
      redundancy.goOn(leg.index, next, leg.ssrc, leg.timestamp, leg.flow.lastNs);
    }
    const packets = this.legs.flatMap((leg) => {
      const kept = take(leg) ?? waitingOf(leg.flow);
      return kept.map((packet) => ({ ...packet, leg: leg.index }));
    });
    packets.sort((a, b) => a.timeNs - b.timeNs || 0);
    for (const { leg, octets, wireLength, timeNs } of packets) {
      redundancy.packet(leg, octets, 0, octets.length, wireLength, timeNs);
    }
  }
}

/** Copies of the packets that wait for one that is late, for the leg's own sequence order. */
function waitingOf(flow: Flow): KeptPacket[] {
  const packets: KeptPacket[] = [];
  flow.reorder?.waiting((buf, off, len, timeNs, wireLength) => {
    packets.push({ octets: buf.slice(off, off + len), wireLength, timeNs });
  });
  return packets;
}
