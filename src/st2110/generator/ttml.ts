import { rational } from "../timing21/rational.ts";
import type { TTML_RULES } from "../ttml.ts";
import { videoTimestamp } from "./frame-grid.ts";
import {
  FAULT_UNIT,
  type Fault,
  type GeneratedPacket,
  type GeneratedStream,
  type GeneratorStart,
  rtpOctets,
  WholePacket,
} from "./stream.ts";

/** A stream of timed text (ST 2110-43, RFC 8759) to be made. */
export interface TtmlPlan {
  /** xml:lang of the documents. */
  readonly language: string;
  /** From one document to the next. */
  readonly intervalMs: number;
}

/** One packet before it is written; the names of RFC 8759 4. */
interface TtmlPacket {
  marker: boolean;
  ssrc: number;
  reserved: number;
  data: Uint8Array;
  /** Added to what Length should be. */
  lengthFault: number;
  /** Octets of the payload that are sent. */
  keep: number;
}

/** One fault of a stream of timed text. */
export interface TtmlFault extends Fault<TtmlPlan> {
  /** Another text in place of the struck document's. */
  readonly text?: (text: string) => string;
  /** Changes the packets of a document, `units` after the struck one. */
  readonly strike?: (packets: TtmlPacket[], units: number) => void;
}

const PAYLOAD_TYPE = 102;
const SSRC = 0x4343;
const PACKET_OCTETS = 1000;
const HEADER_OCTETS = 4;
const PARAGRAPHS = 24;
/** Longer than documents are that receivers put together. */
const TOO_LONG = 1.1 * 2 ** 20;
const NS_PER_MS = 1_000_000;
/** Of a document's time, how much its packets take. */
const SENDING_SHARE = 0.8;

/** A fault of the packets of one document. */
function once(strike: (packet: TtmlPacket, all: TtmlPacket[]) => void): TtmlFault {
  return {
    strike(packets, units) {
      if (units === 0) strike(packets[1] as TtmlPacket, packets);
    },
  };
}

/** Every fault by the rule that it breaks. */
export const TTML_FAULTS: Readonly<Record<keyof typeof TTML_RULES, TtmlFault>> = {
  header: once((packet) => {
    packet.keep = 2;
  }),
  reserved: once((packet) => {
    packet.reserved = 1;
  }),
  length: once((packet) => {
    packet.lengthFault = 8;
  }),
  markerMissing: once((_, all) => {
    (all.at(-1) as TtmlPacket).marker = false;
  }),
  markerEarly: once((packet) => {
    packet.marker = true;
  }),
  ssrcMoves: {
    strike(packets, units) {
      if (units >= 0) for (const packet of packets) packet.ssrc ^= 1;
    },
  },
  document: { text: (text) => text.replace("</tt>", "") },
  tooLong: { text: (text) => text.replace("</tt>", `<!--${"x".repeat(TOO_LONG)}--></tt>`) },
};

/** A document of subtitles that names its number. */
function documentText(language: string, number: number): string {
  const lines = Array.from(
    { length: PARAGRAPHS },
    (_, line) =>
      `<p xml:id="p${line}" begin="00:00:00.000" end="00:00:00.100">Document ${number}, line ${line}</p>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="${language}"><body><div>
${lines.join("\n")}
</div></body></tt>`;
}

/** Documents at equal intervals, each in several packets. */
export class TtmlStream implements GeneratedStream {
  readonly #plan: TtmlPlan;
  readonly #fault: TtmlFault | null;
  readonly #start: GeneratorStart;
  readonly #ssrc: number;
  #document = 0;
  #sequence = 0xfff0;

  constructor(plan: TtmlPlan, fault: TtmlFault | null, start: GeneratorStart) {
    this.#plan = plan;
    this.#fault = fault;
    this.#start = start;
    this.#ssrc = SSRC + start.place;
  }

  next(): GeneratedPacket[] {
    const { language, intervalMs } = this.#plan;
    const number = this.#document++;
    const units = number - FAULT_UNIT;
    const sound = documentText(language, number);
    const text = new TextEncoder().encode(units === 0 ? (this.#fault?.text?.(sound) ?? sound) : sound);
    const fromNs = Math.ceil(this.#start.startNs) + number * intervalMs * NS_PER_MS;
    const tai = BigInt(this.#start.taiSeconds) * 1_000_000_000n + BigInt(fromNs);
    const timestamp = videoTimestamp(rational(tai));
    const packets = this.#packets(text);
    this.#fault?.strike?.(packets, units);
    const stepNs = Math.floor((intervalMs * NS_PER_MS * SENDING_SHARE) / packets.length);
    return packets.map((packet, index) => {
      const { marker, ssrc } = packet;
      const fields = { payloadType: PAYLOAD_TYPE, marker, sequence: this.#sequence++, timestamp, ssrc };
      return new WholePacket(rtpOctets(fields, payload(packet)), fromNs + index * stepNs);
    });
  }

  #packets(text: Uint8Array): TtmlPacket[] {
    const count = Math.ceil(text.length / PACKET_OCTETS);
    return Array.from({ length: count }, (_, index) => ({
      marker: index === count - 1,
      ssrc: this.#ssrc,
      reserved: 0,
      data: text.subarray(index * PACKET_OCTETS, (index + 1) * PACKET_OCTETS),
      lengthFault: 0,
      keep: Number.POSITIVE_INFINITY,
    }));
  }
}

/** Reserved and Length, then the user data (RFC 8759 4.2). */
function payload({ reserved, data, lengthFault, keep }: TtmlPacket): Uint8Array {
  const octets = new Uint8Array(HEADER_OCTETS + data.length);
  const view = new DataView(octets.buffer);
  view.setUint16(0, reserved);
  view.setUint16(2, data.length + lengthFault);
  octets.set(data, HEADER_OCTETS);
  return octets.subarray(0, Math.min(octets.length, keep));
}
