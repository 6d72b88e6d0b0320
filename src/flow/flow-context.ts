import type { MonitorOptions } from "../mpegts/analyser.ts";
import type { ReorderMemory } from "../net/packet-slots.ts";
import type { PacketOutput } from "../report/output.ts";
import type { LegPairs } from "./legs.ts";
import type { MergedOutput } from "./merged-output.ts";
import type { FoundMedia, RtpMediaContext } from "./rtp-media.ts";

/** Who sends to whom, as text; made once per flow. */
export interface FlowAddress {
  /** Stream id, see stream-id.ts. */
  readonly id: string;
  readonly sourceAddress: string;
  readonly sourcePort: number;
  readonly destinationAddress: string;
  readonly destinationPort: number;
  /** VLAN ids, outer first. */
  readonly vlan: number[];
}

/** What is different in a flow that was made of two legs. */
export interface MergedContext {
  /** Where its packets go when they go on from those of a leg; null where they are passed on by themselves. */
  readonly passing: MergedOutput | null;
  /** What the legs carry, as far as that is known: a merged stream has no timing of its own to tell it by. */
  readonly found: () => FoundMedia | null;
}

/** What a flow needs from the pipeline that owns it. */
export interface FlowContext {
  readonly output: PacketOutput | null;
  readonly passIllegal: boolean;
  readonly dropNull: boolean;
  readonly reorderPackets: number;
  readonly reorderNs: number;
  /** For packets that wait, shared by all flows: the bound on what they take together. */
  readonly reorderMemory: ReorderMemory;
  /** Where the times come from: a capture's arrival times, or a file's PCR. */
  readonly clock: "arrival" | "pcr" | "none";
  /** How much of the conformance monitor's results reports show; null to count packets only. */
  readonly monitor: MonitorOptions | null;
  /** For RTP that carries no TS; null where that is not judged. */
  readonly media: RtpMediaContext | null;
  /** Takes the packets of RTP flows, any of which may be a leg of ST 2022-7; null where none is looked for. */
  readonly legs: LegPairs | null;
  /** Null for what came from the network by itself. */
  readonly merged: MergedContext | null;
  /** The next index for `PacketOutput.open`. */
  nextStream(): number;
  /** Octets that a flow handed out are about to be overwritten: the output must copy them now. */
  release(): void;
}
