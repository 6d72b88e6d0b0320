import { barRow, type GeneratedSampling } from "./samples.ts";
import { FAULT_UNIT, type GeneratedPacket, type GeneratedStream, type GeneratorStart } from "./stream.ts";
import type { VideoFault } from "./video-faults.ts";
import {
  type PlannedPacket,
  type StreamPlan,
  VideoFrames,
  videoPacketLength,
  writeVideoHeaders,
} from "./video-plan.ts";

/** An ST 2110-20 stream of colour bars. */
export class VideoStream implements GeneratedStream {
  readonly #plan: StreamPlan;
  readonly #frames: VideoFrames;
  readonly #fault: VideoFault | null;
  readonly #row: Uint8Array;
  /** The frames from the struck one on, where they are of another format. */
  readonly #others: VideoFrames | null;
  #frame = 0;

  constructor(
    plan: StreamPlan,
    sampling: GeneratedSampling,
    depth: number,
    fault: VideoFault | null,
    start: GeneratorStart,
  ) {
    this.#plan = fault?.plan?.(plan) ?? plan;
    this.#frames = new VideoFrames(this.#plan, start);
    this.#others = fault?.becomes === undefined ? null : new VideoFrames(fault.becomes(plan), start);
    this.#fault = fault;
    this.#row = barRow(sampling, depth, plan.width);
  }

  next(): GeneratedPacket[] {
    let packets = this.#frames.next();
    const changed = this.#changed(packets);
    if (changed !== undefined) {
      this.#frames.renumber(changed, packets.length);
      packets = changed;
    }
    this.#frame += 1;
    return packets.map((packet) => new VideoPacket(packet, this.#plan, this.#row));
  }

  /** What the fault makes of a frame, where it is not the same packets. */
  #changed(packets: PlannedPacket[]): PlannedPacket[] | undefined {
    const others = this.#others?.next();
    if (others !== undefined) return this.#frame >= FAULT_UNIT ? others : undefined;
    if (this.#frame !== FAULT_UNIT) return undefined;
    return this.#fault?.strike?.({ packets, plan: this.#plan, schedule: this.#frames.schedule });
  }
}

/** A planned packet with its samples: every row is the same. */
class VideoPacket implements GeneratedPacket {
  readonly timeNs: number;
  readonly length: number;
  readonly #packet: PlannedPacket;
  readonly #plan: StreamPlan;
  readonly #row: Uint8Array;

  constructor(packet: PlannedPacket, plan: StreamPlan, row: Uint8Array) {
    this.timeNs = packet.timeNs;
    this.length = videoPacketLength(packet);
    this.#packet = packet;
    this.#plan = plan;
    this.#row = row;
  }

  write(buf: Uint8Array, off: number): void {
    if (this.#packet.cut === 0) {
      this.#write(buf, off, off + this.length);
      return;
    }
    const whole = new Uint8Array(this.length + this.#packet.cut);
    this.#write(whole, 0, whole.length);
    buf.set(whole.subarray(0, this.length), off);
  }

  #write(buf: Uint8Array, off: number, end: number): void {
    let at = off + writeVideoHeaders(this.#packet, buf, off);
    const [octets, pixels] = this.#plan.pgroup;
    for (const { length, offset } of this.#packet.segments) {
      const from = (offset * octets) / pixels;
      const samples = this.#row.subarray(from, from + Math.min(length, end - at));
      buf.set(samples, at);
      at += samples.length;
    }
    buf.fill(0, at, end);
  }
}
