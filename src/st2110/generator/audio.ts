import {
  FAULT_UNIT,
  type Fault,
  type GeneratedPacket,
  type GeneratedStream,
  type GeneratorStart,
  rtpOctets,
  WholePacket,
} from "./stream.ts";

/** An audio stream to be made: PCM of ST 2110-30, or AES3 in AM824 of ST 2110-31. */
export interface AudioPlan {
  readonly encoding: "L16" | "L24" | "AM824";
  readonly rateHz: number;
  readonly channels: number;
  /** Samples of a channel in a packet. */
  readonly samples: number;
}

/** One fault of an audio stream. */
export interface AudioFault extends Fault<AudioPlan> {
  /** The stream that has the fault all along. */
  readonly plan?: (plan: AudioPlan) => AudioPlan;
  /** The stream that it becomes with packet FAULT_PACKET; samples a packet stay. */
  readonly becomes?: (plan: AudioPlan) => AudioPlan;
  /** First octets of the channel status. */
  readonly status?: readonly number[];
  /** The F bit goes on alternating from one frame to the next, which shows with an odd number of sequences. */
  readonly frameBitsGoOn?: boolean;
  /** Changes packet `index` of the stream; called for each. */
  readonly strike?: (packet: WholePacket, index: number, plan: AudioPlan) => void;
}

/** Packet that audio faults strike: the stream is known by then. */
export const FAULT_PACKET = 40 * FAULT_UNIT;

/** Octets of a sample of each encoding. */
export const SAMPLE_OCTETS: Readonly<Record<AudioPlan["encoding"], number>> = { L16: 2, L24: 3, AM824: 4 };

const PAYLOAD_TYPE = 97;
const SSRC = 0x3030;
const NS = 1e9;
/** From a packet's last sample to its departure. */
const DELAY_NS = 20_000;
/** Frames of an AES3 block (AES3 4.3). */
const BLOCK_FRAMES = 192;
const TONE_HZ = 997;
/** -18 dBFS (EBU R 68). */
const TONE_LEVEL = 10 ** (-18 / 20);
/** Channel status of professional PCM at 48 kHz, two channels, 24 bits (AES3 5.2), its CRCC aside. */
const STATUS = [0x81, 0x02, 0x2c];
const STATUS_OCTETS = 24;

/** Sample `n` of a channel, an integer of `bits` bits: a tone, each channel a little higher. */
function tone(n: number, channel: number, rateHz: number, bits: number): number {
  const phase = (2 * Math.PI * TONE_HZ * (channel + 1) * n) / rateHz;
  return Math.round(2 ** (bits - 1) * TONE_LEVEL * Math.sin(phase));
}

/** CRCC of the 23 octets before it: x^8 + x^4 + x^3 + x^2 + 1, all ones at first, low bit first (AES3 5.2). */
function statusCrcc(block: readonly number[]): number {
  let crc = 0xff;
  for (const octet of block) {
    for (let bit = 0; bit < 8; bit += 1) {
      const feedback = (crc & 1) ^ ((octet >> bit) & 1);
      crc >>= 1;
      if (feedback === 1) crc ^= 0xb8;
    }
  }
  return crc;
}

/** One AM824 word of ST 2110-31 5.4, with even parity. */
function am824Word(data: number, blockStart: boolean, frameStart: boolean, status: number): number {
  const word = (status << 26) | (data & 0xff_ffff);
  let ones = 0;
  for (let rest = word >>> 0; rest !== 0; rest &= rest - 1) ones += 1;
  return (word | (Number(blockStart) << 29) | (Number(frameStart) << 28) | ((ones & 1) << 27)) >>> 0;
}

/** A stream of tones, each packet leaving when its samples are there. */
export class AudioStream implements GeneratedStream {
  #plan: AudioPlan;
  readonly #fault: AudioFault | null;
  readonly #firstSample: number;
  readonly #taiSeconds: number;
  readonly #status: number[];
  readonly #ssrc: number;
  #index = 0;

  constructor(plan: AudioPlan, fault: AudioFault | null, start: GeneratorStart) {
    this.#plan = fault?.plan?.(plan) ?? plan;
    this.#fault = fault;
    this.#taiSeconds = start.taiSeconds;
    this.#ssrc = SSRC + start.place;
    this.#firstSample = Math.ceil((start.startNs / NS) * this.#plan.rateHz);
    const status = fault?.status ?? STATUS;
    const block = [...status, ...new Array<number>(STATUS_OCTETS - 1 - status.length).fill(0)];
    this.#status = [...block, statusCrcc(block)];
  }

  next(): GeneratedPacket[] {
    if (this.#index === FAULT_PACKET) this.#plan = this.#fault?.becomes?.(this.#plan) ?? this.#plan;
    const { rateHz, samples } = this.#plan;
    const ticks = this.#firstSample + this.#index * samples;
    const timestamp = Number((BigInt(this.#taiSeconds) * BigInt(rateHz) + BigInt(ticks)) % 2n ** 32n);
    const octets = rtpOctets(
      { payloadType: PAYLOAD_TYPE, marker: false, sequence: this.#index, timestamp, ssrc: this.#ssrc },
      this.#payload(ticks),
    );
    const packet = new WholePacket(octets, Math.round(((ticks + samples) * NS) / rateHz) + DELAY_NS);
    this.#fault?.strike?.(packet, this.#index, this.#plan);
    this.#index += 1;
    return [packet];
  }

  #payload(first: number): Uint8Array {
    const { encoding, channels, samples, rateHz } = this.#plan;
    const octets = SAMPLE_OCTETS[encoding];
    const view = new DataView(new ArrayBuffer(samples * channels * octets));
    for (let n = 0; n < samples; n += 1) {
      for (let channel = 0; channel < channels; channel += 1) {
        const at = (n * channels + channel) * octets;
        if (encoding === "L16") view.setInt16(at, tone(first + n, channel, rateHz, 16));
        else if (encoding === "L24") {
          const value = tone(first + n, channel, rateHz, 24);
          view.setInt16(at, value >> 8);
          view.setUint8(at + 2, value & 0xff);
        } else view.setUint32(at, this.#subframe(first + n, channel));
      }
    }
    return new Uint8Array(view.buffer);
  }

  #subframe(sample: number, channel: number): number {
    const place = this.#fault?.frameBitsGoOn === true ? sample * this.#plan.channels + channel : channel;
    const left = place % 2 === 0;
    const bit = sample % BLOCK_FRAMES;
    const status = ((this.#status[bit >> 3] as number) >> (bit & 7)) & 1;
    return am824Word(tone(sample, channel, this.#plan.rateHz, 24), left && bit === 0, left, status);
  }
}
