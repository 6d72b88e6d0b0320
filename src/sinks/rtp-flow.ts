import type { Epoch } from "../report/time.ts";
import type { Kind2110 } from "../st2110/detector.ts";
import { type Found, RtpProbe } from "./rtp-probe.ts";

/** Octets of packets that all flows together keep until it is known what they are. */
const HELD_OCTETS = 256 * 1024 * 1024;

/** Takes the packets of one flow. */
export interface FlowTaker {
  /** One whole RTP packet, in order, that came at `timeNs` after the epoch (NaN where it is not known). */
  packet(buf: Uint8Array, off: number, len: number, timeNs: number): void;
}

/** What a flow needs from its output. */
export interface RtpFlowContext {
  /** The kind that is taken; null for every flow, which is then not looked at. */
  readonly wanted: Kind2110 | null;
  readonly epoch: () => Epoch;
  /** Octets held by all flows. */
  readonly budget: { held: number };
  /** Who takes the packets of such a flow; null for nobody. */
  open(found: Found): FlowTaker | null;
}

/** One flow on its way to its taker: held until it is clear what it is, then handed on from the first packet. */
export class RtpFlow {
  /** Packets that nobody took. */
  untaken = 0;
  /** No packet has come: outputs get none that the snap length cut. */
  empty = true;
  readonly #context: RtpFlowContext;
  #probe: RtpProbe | null = null;
  #taker: FlowTaker | null = null;
  #held: { octets: Uint8Array; timeNs: number }[] = [];
  #heldOctets = 0;

  constructor(context: RtpFlowContext) {
    this.#context = context;
    if (context.wanted === null) this.#open({ kind: "unknown", audio: null, video: null });
    else this.#probe = new RtpProbe(context.epoch);
  }

  /** See FlowTaker. */
  packet(buf: Uint8Array, off: number, len: number, timeNs: number): void {
    this.empty = false;
    const probe = this.#probe;
    if (probe === null) {
      if (this.#taker === null) this.untaken++;
      else this.#taker.packet(buf, off, len, timeNs);
      return;
    }
    this.#hold(buf, off, len, timeNs);
    probe.packet(buf, off, len, timeNs);
    const { kind } = probe;
    if (kind !== null && kind !== this.#context.wanted) {
      this.#letGo(null);
      return;
    }
    const { found } = probe;
    if (found !== null) this.#open(found);
  }

  /** The flow is over. */
  end(): void {
    if (this.#probe !== null) this.#open(this.#probe.finish());
  }

  #hold(buf: Uint8Array, off: number, len: number, timeNs: number): void {
    const { budget } = this.#context;
    if (budget.held + len > HELD_OCTETS) {
      // With a hole in them, the first packets would make a file that looks damaged.
      this.untaken += this.#held.length + 1;
      budget.held -= this.#heldOctets;
      this.#heldOctets = 0;
      this.#held = [];
      return;
    }
    budget.held += len;
    this.#heldOctets += len;
    this.#held.push({ octets: buf.slice(off, off + len), timeNs });
  }

  #open(found: Found): void {
    const { wanted } = this.#context;
    this.#letGo(wanted === null || found.kind === wanted ? this.#context.open(found) : null);
  }

  /** Hands on what was held: to the taker, or to nobody. */
  #letGo(taker: FlowTaker | null): void {
    this.#probe = null;
    this.#taker = taker;
    const held = this.#held;
    this.#held = [];
    this.#context.budget.held -= this.#heldOctets;
    this.#heldOctets = 0;
    if (taker === null) this.untaken += held.length;
    else for (const { octets, timeNs } of held) taker.packet(octets, 0, octets.length, timeNs);
  }
}
