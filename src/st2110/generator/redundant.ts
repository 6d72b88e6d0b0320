import {
  type Fault,
  type GeneratedPacket,
  type GeneratedStream,
  type GeneratorStart,
  WholePacket,
} from "./stream.ts";

/** Which of the two legs. */
export type LegIndex = 0 | 1;

/** What a fault of a pair has to know of its stream. */
export interface PairPlan {
  /** Kind of the stream that both legs carry, such as `st2110-30`. */
  readonly kind: string;
  /** Null where the stream does not tell. */
  readonly packetsPerSecond: number | null;
}

/** One fault of a pair. */
export interface PairFault extends Fault<PairPlan> {
  /** How much later the second leg is, in place of what was asked for. */
  readonly skewNs?: number;
  /** Changes packet `index` of a leg; says when it is lost, or the leg over. */
  readonly strike?: (packet: WholePacket, leg: LegIndex, index: number) => "lost" | "over" | undefined;
}

/** A pair of ST 2022-7 that was asked for. */
export interface PairOptions {
  /** How much later the second leg is. */
  readonly skewNs: number;
  /** One packet in so many is lost on each leg; 0 for none. */
  readonly loss: readonly [first: number, second: number];
  readonly fault: PairFault | null;
}

/** True when leg `leg` is to lose packet `index`: never the same one on both. */
export function isLost(loss: PairOptions["loss"], leg: LegIndex, index: number): boolean {
  const [first, second] = loss;
  const onFirst = first > 0 && index % first === first >> 1;
  if (leg === 0) return onFirst;
  return second > 0 && !onFirst && index % second === second - 1;
}

/** One leg of a pair: the packets of a stream, some of them missing or changed, all of them later by the skew. */
export class LegStream implements GeneratedStream {
  readonly #stream: GeneratedStream;
  readonly #leg: LegIndex;
  readonly #options: PairOptions;
  readonly #skewNs: number;
  #index = 0;
  #over = false;

  /** `make` gives the same stream each time. */
  constructor(
    make: (start: GeneratorStart) => GeneratedStream,
    leg: LegIndex,
    options: PairOptions,
    start: GeneratorStart,
  ) {
    this.#stream = make(start);
    this.#leg = leg;
    this.#options = options;
    this.#skewNs = legSkewNs(leg, options);
  }

  next(): GeneratedPacket[] {
    while (!this.#over) {
      const left = this.#stream.next().flatMap((packet) => this.#sent(packet));
      if (left.length > 0) return left;
    }
    return [];
  }

  #sent(packet: GeneratedPacket): GeneratedPacket[] {
    const index = this.#index++;
    if (this.#over || isLost(this.#options.loss, this.#leg, index)) return [];
    const strike = this.#options.fault?.strike;
    let sent = packet;
    if (strike !== undefined) {
      const octets = new Uint8Array(packet.length);
      packet.write(octets, 0);
      const whole = new WholePacket(octets, packet.timeNs);
      const fate = strike(whole, this.#leg, index);
      this.#over = fate === "over";
      if (fate !== undefined) return [];
      sent = whole;
    }
    sent.timeNs += this.#skewNs;
    return [sent];
  }
}

/** How much later than the stream a leg is. */
export function legSkewNs(leg: LegIndex, { skewNs, fault }: PairOptions): number {
  return leg === 0 ? 0 : (fault?.skewNs ?? skewNs);
}
