import type { METADATA_RULES } from "../metadata.ts";
import { type Rational, toNumber } from "../timing21/rational.ts";
import { FrameGrid, videoTimestamp } from "./frame-grid.ts";
import {
  type Fault,
  type GeneratedPacket,
  type GeneratedStream,
  type GeneratorStart,
  rtpOctets,
  WholePacket,
} from "./stream.ts";

/** An ST 2110-41 stream of fast metadata to be made: a packet with every frame. */
export interface MetadataPlan {
  /** Frames a second. */
  readonly rate: Rational;
}

/** One packet before it is written. */
interface MetadataPacket {
  marker: boolean;
  payload: number[];
}

/** One fault: changes a packet, `seconds` after the one to strike, or has it left out. */
export interface MetadataFault extends Fault<MetadataPlan> {
  readonly strike: (packet: MetadataPacket, seconds: number, first: boolean) => "left out" | undefined;
}

const PAYLOAD_TYPE = 101;
const SSRC = 0x4141;
const DELAY_NS = 500_000;
/** Faults strike later than the half second after which a flow without headers to know it by is taken for this. */
const FAULT_SECONDS = 0.6;
/** A pause that is longer than ST 2110-41 allows. */
const PAUSE_SECONDS = 0.55;
/** Types of the two Data Items of a packet, of no meaning here; the second is empty. */
const COUNTER_TYPE = 0x3f_0001;
const EMPTY_TYPE = 0x3f_0002;

function once(strike: (packet: MetadataPacket) => void): MetadataFault {
  return {
    strike(packet, _seconds, first) {
      if (first) strike(packet);
      return undefined;
    },
  };
}

/** Every fault by the rule that it breaks. */
export const METADATA_FAULTS: Readonly<Record<keyof typeof METADATA_RULES, MetadataFault>> = {
  header: once((packet) => {
    packet.payload = packet.payload.slice(0, 2);
  }),
  // The last item says that four octets more are to come.
  length: once((packet) => {
    packet.payload[packet.payload.length - 1] = 1;
  }),
  marker: once((packet) => {
    packet.marker = true;
  }),
  pause: { strike: (_packet, seconds) => (seconds < PAUSE_SECONDS ? "left out" : undefined) },
};

/** A Data Item: type of 22 bits, K of 0, length in words, contents (ST 2110-41). */
function dataItem(type: number, contents: readonly number[]): number[] {
  const head = ((type << 10) | (contents.length / 4)) >>> 0;
  return [head >>> 24, (head >>> 16) & 0xff, (head >>> 8) & 0xff, head & 0xff, ...contents];
}

/** Two Data Items with every frame, the first of which counts the frames. */
export class MetadataStream implements GeneratedStream {
  readonly #fault: MetadataFault | null;
  readonly #grid: FrameGrid;
  readonly #perSecond: number;
  readonly #faultFrame: number;
  readonly #ssrc: number;
  #frame = 0;
  #sequence = 0xfff0;

  constructor(plan: MetadataPlan, fault: MetadataFault | null, start: GeneratorStart) {
    this.#fault = fault;
    this.#grid = new FrameGrid(plan.rate, start);
    this.#perSecond = toNumber(plan.rate);
    this.#faultFrame = Math.ceil(FAULT_SECONDS * this.#perSecond);
    this.#ssrc = SSRC + start.place;
  }

  next(): GeneratedPacket[] {
    for (;;) {
      const frame = this.#frame++;
      const counter = [0, 0, frame >> 8, frame & 0xff].map((octet) => octet & 0xff);
      const packet: MetadataPacket = {
        marker: false,
        payload: [...dataItem(COUNTER_TYPE, counter), ...dataItem(EMPTY_TYPE, [])],
      };
      const since = frame - this.#faultFrame;
      const seconds = since / this.#perSecond;
      if (since >= 0 && this.#fault?.strike(packet, seconds, since === 0) === "left out") continue;
      const moment = this.#grid.frameStart(frame);
      const octets = rtpOctets(
        {
          payloadType: PAYLOAD_TYPE,
          marker: packet.marker,
          sequence: this.#sequence++,
          timestamp: videoTimestamp(moment),
          ssrc: this.#ssrc,
        },
        packet.payload,
      );
      return [new WholePacket(octets, Math.round(toNumber(this.#grid.sinceEpoch(moment))) + DELAY_NS)];
    }
  }
}
