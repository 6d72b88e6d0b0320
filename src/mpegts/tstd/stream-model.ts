import type { BufferReport } from "../../report/mpegts-schema.ts";
import { SYSTEM_CLOCK_HZ, TS_PACKET_BYTES } from "../packet.ts";
import { PES, pesStart, readPesStart } from "../timing/pes.ts";
import type { AudioFrame, AudioSyntax } from "./audio-frame.ts";
import { AudioSplitter } from "./audio-splitter.ts";
import {
  AC3_ATSC_BUFFERS,
  AC3_DVB_BUFFERS,
  aacBuffers,
  type BufferSizes,
  MPEG_AUDIO_BUFFERS,
} from "./buffer-sizes.ts";
import type { TStdEvents } from "./events.ts";
import { ownerOf, type PacketQueue } from "./packet-queue.ts";
import type { ProgramClock } from "./program-clock.ts";
import type { Splitter, UnitSink } from "./splitter.ts";
import { StreamBuffers } from "./stream-buffers.ts";
import type { VideoSyntax } from "./video-headers.ts";
import { VideoSplitter } from "./video-splitter.ts";

/** An elementary stream as its PMT describes it. */
export interface TStdStream {
  readonly pid: number;
  readonly streamType: number;
  /** Short name of the codec, as in psi/stream-types.ts. */
  readonly codec: string;
  readonly stillPicture: boolean;
  /** From MBn to EBn by the leak method, which alone is modelled. */
  readonly leak: boolean;
}

const VIDEO = new Map<string, VideoSyntax>([
  ["mpeg1video", "mpeg2"],
  ["mpeg2video", "mpeg2"],
  ["avc", "avc"],
  ["hevc", "hevc"],
]);
const AUDIO = new Map<string, AudioSyntax>([
  ["mp1", "mpeg"],
  ["mp2", "mpeg"],
  ["aac", "adts"],
  ["aac-latm", "loas"],
  ["ac3", "ac3"],
  ["eac3", "ac3"],
]);
/** Streams of ISO/IEC 14496 and 23008, which may be delayed for longer (2.14.3.1, 2.17.2). */
const LONG_DELAY = new Set(["avc", "hevc", "aac-latm"]);
const DELAY_TICKS = SYSTEM_CLOCK_HZ;
const LONG_DELAY_TICKS = 10 * SYSTEM_CLOCK_HZ;
const STILL_DELAY_TICKS = 60 * SYSTEM_CLOCK_HZ;
/** Decoding times farther from the clock are of another time base. */
const FARTHEST_AHEAD_TICKS = 90 * SYSTEM_CLOCK_HZ;
const FARTHEST_BEHIND_TICKS = 10 * SYSTEM_CLOCK_HZ;
/** stream_type of AC-3 in ATSC (A/53 part 3). */
const ATSC_AC3 = 0x81;
/** Longest frame that the ATSC's buffer is for: 448 kbit/s (A/53 part 5). */
const ATSC_AC3_FRAME_OCTETS = 1792;
/** Channels where the frames do not say: the next larger buffer is taken rather than errors made up. */
const UNKNOWN_CHANNELS = 8;

/**
 * One elementary stream: finds its access units as packets come, and lets them through the buffers once their
 * arrival times are known. Some 31 kB with its buffers.
 */
export class StreamModel implements UnitSink {
  readonly stream: TStdStream;
  /** Octets of PES header and of counted payload in the packet parsed last. */
  #header = 0;
  #data = 0;
  /** Changes when the stream starts again: what was parsed before doesn't count any more. 16 bits. */
  #epoch = 0;
  /** Number of the stream in its program and its epoch, for the queue. */
  #owner: number;
  readonly #index: number;
  readonly #queue: PacketQueue;
  readonly #clock: ProgramClock;
  readonly #events: TStdEvents;
  readonly #splitter: Splitter | null;
  readonly #start = pesStart();
  #buffers: StreamBuffers | null = null;
  #sizes: BufferSizes | null = null;
  #reason: string;
  #inPes = false;
  #headerLeft = 0;
  /**
   * So many octets from here on are counted and not looked at: 0 unless the clock runs, a PES packet goes on and its
   * units are counted. And how many they were when the splitter was asked.
   */
  #quiet = 0;
  #lent = 0;
  /** Octets of the elementary stream parsed since the start, and where the first counted unit started. */
  #offset = 0;
  #base = 0;
  #joined = false;
  /** Of the last unit, and of the last with a time stamp. */
  #ticks = Number.NaN;
  #stampTicks = Number.NaN;
  /** Units since that one, and those of them whose time is not known. */
  #unstamped = 0;
  #open = 0;
  /** Ticks from unit to unit, 0 where not known. */
  #period = 0;

  /** Stream number `index` of its program, by whose clock it goes; its packets wait in the program's queue. */
  constructor(
    stream: TStdStream,
    index: number,
    clock: ProgramClock,
    queue: PacketQueue,
    events: TStdEvents,
  ) {
    this.stream = stream;
    this.#index = index;
    this.#owner = ownerOf(index, 0);
    this.#queue = queue;
    this.#clock = clock;
    this.#events = events;
    const video = VIDEO.get(stream.codec);
    const audio = AUDIO.get(stream.codec);
    if (video !== undefined && !stream.leak) {
      this.#splitter = null;
      this.#reason = "its descriptors name another way from MBn to EBn than the leak method";
    } else if (video !== undefined) {
      this.#splitter = new VideoSplitter(video, this);
      this.#reason = "no sequence header or sequence parameter set was seen";
    } else if (audio !== undefined) {
      this.#splitter = new AudioSplitter(audio, this);
      this.#reason = "no audio frames were seen";
    } else {
      this.#splitter = null;
      this.#reason = `ISO/IEC 13818-1 buffers of ${stream.codec} are not modelled`;
    }
  }

  /** Its packets are of any use. */
  get active(): boolean {
    return this.#splitter !== null;
  }

  /** Something of it went through the buffers. */
  get modelled(): boolean {
    return this.#buffers !== null;
  }

  /**
   * Packet number `packet` at `buf[at]`; `off` is where its payload starts, TS_PACKET_BYTES without. It waits for
   * the next PCR; false where there is no more room.
   */
  packet(
    buf: Uint8Array,
    at: number,
    packet: number,
    timeNs: number,
    off: number,
    pusi: boolean,
    duplicate: boolean,
  ): boolean {
    const scrambled = (buf[at + 3] as number) >= 0x40;
    const octets = TS_PACKET_BYTES - off;
    // Nearly always: an access unit goes on, and there is nothing to read.
    if (octets <= this.#quiet && octets > 0 && !pusi && !duplicate && !scrambled) {
      this.#quiet -= octets;
      this.#offset += octets;
      return this.#queue.push(this.#owner, 0, octets, packet, timeNs);
    }
    if (!this.#clock.running) return true;
    if (scrambled) {
      this.#scrambled();
      return true;
    }
    this.#header = 0;
    this.#data = 0;
    // A duplicate fills TBn, but does not go on from there (2.4.2.3).
    if (!duplicate && octets > 0) this.#parse(buf, at + off, at + TS_PACKET_BYTES, pusi);
    return this.#queue.push(this.#owner, this.#header, this.#data, packet, timeNs);
  }

  /** Lets the packets from `first` to before `end` of the queue, parsed in `epoch`, through the buffers. */
  pass(epoch: number, first: number, end: number): void {
    if (epoch === this.#epoch) this.#buffers?.packets(this.#queue, first, end, this.#clock);
  }

  /** All packets that arrived before `ticks` went through. */
  advance(ticks: number, timeNs: number): void {
    this.#buffers?.advance(ticks, timeNs);
  }

  /** Starts again with empty buffers at the next access unit with a time stamp. */
  restart(): void {
    this.#epoch = (this.#epoch + 1) & 0xffff;
    this.#owner = ownerOf(this.#index, this.#epoch);
    this.#inPes = false;
    this.#headerLeft = 0;
    this.#quiet = 0;
    this.#lent = 0;
    this.#offset = 0;
    this.#joined = false;
    this.#ticks = Number.NaN;
    this.#stampTicks = Number.NaN;
    this.#unstamped = 0;
    this.#open = 0;
    this.#splitter?.restart();
    this.#buffers?.restart(this.#clock.ticks);
  }

  unit(offset: number, ticks: number): void {
    if (this.#buffers === null) return;
    const stamped = !Number.isNaN(ticks);
    if (!this.#joined) {
      if (!stamped) return;
      this.#joined = true;
      this.#base = offset;
    }
    if (stamped && !this.#plausible(ticks)) {
      this.restart();
      return;
    }
    let at = ticks;
    if (!stamped && this.#period > 0) at = this.#ticks + this.#period;
    if (!this.#buffers.units.push(Math.max(0, offset - this.#base), at, stamped)) {
      this.restart();
      return;
    }
    if (stamped) this.#stamp(ticks);
    else this.#unstamped += 1;
    if (Number.isNaN(at)) this.#open += 1;
    else this.#ticks = at;
  }

  sizes(sizes: BufferSizes | null): void {
    if (sizes === null) {
      this.#reason = "no rule of ISO/IEC 13818-1 fits its profile and level";
      this.#buffers = null;
      this.#sizes = null;
      this.restart();
      return;
    }
    if (this.#buffers === null) {
      this.#buffers = new StreamBuffers(this.stream.pid, sizes, this.#delayLimit(), this.#events);
      this.#buffers.restart(this.#clock.ticks);
    } else if (!sameSizes(sizes, this.#sizes)) {
      // What is in the buffers came under other rules.
      this.#buffers.resize(sizes);
      this.restart();
    }
    this.#sizes = sizes;
  }

  frame(frame: AudioFrame): void {
    if (this.#buffers === null) this.sizes(this.#audioSizes(frame));
  }

  lost(): void {
    this.restart();
  }

  /** Rows of the buffers, or one that says why there are none. */
  report(): BufferReport[] {
    if (this.#buffers !== null) return this.#buffers.report();
    return [this.#notModelled()];
  }

  #notModelled(): BufferReport {
    return {
      pid: this.stream.pid,
      buffer: VIDEO.has(this.stream.codec) ? "EB" : "B",
      sizeOctets: 0,
      peakOctets: 0,
      overflows: 0,
      underflows: 0,
      modelled: false,
      reason: this.#clock.running ? this.#reason : "its program has no PCR",
    };
  }

  /** The payload `buf[off, end)` of a packet: sets `#header` and `#data`. */
  #parse(buf: Uint8Array, off: number, end: number, pusi: boolean): void {
    const splitter = this.#splitter;
    if (splitter === null) return;
    splitter.quiet -= this.#lent - this.#quiet;
    this.#quiet = 0;
    this.#lent = 0;
    if (pusi && !this.#startPes(buf, off, end, splitter)) return;
    if (!this.#inPes) return;
    const headerOctets = Math.min(this.#headerLeft, end - off);
    this.#headerLeft -= headerOctets;
    const from = off + headerOctets;
    const octets = end - from;
    const offset = this.#offset;
    const joined = this.#joined;
    const epoch = this.#epoch;
    if (octets > 0) splitter.data(buf, from, end, offset);
    // The splitter lost its way and all starts again.
    if (epoch !== this.#epoch) return;
    this.#offset += octets;
    if (joined) {
      this.#header = headerOctets;
      this.#data = octets;
      if (this.#headerLeft === 0) {
        this.#quiet = splitter.quiet;
        this.#lent = splitter.quiet;
      }
    } else if (this.#joined) {
      const before = Math.min(octets, Math.max(0, this.#base - offset));
      this.#base = offset + before;
      this.#header = before === 0 ? headerOctets : 0;
      this.#data = octets - before;
    }
  }

  /** A scrambled packet: nothing in it can be told apart, and by what rates it goes is not known either. */
  #scrambled(): void {
    this.#reason = "scrambled";
    if (this.#inPes || this.#joined) this.restart();
  }

  #startPes(buf: Uint8Array, off: number, end: number, splitter: Splitter): boolean {
    const start = this.#start;
    const result = readPesStart(buf, off, end - off, start);
    if (result === PES.bare) {
      // Padding and the like: none of it is of the elementary stream.
      this.#inPes = false;
      return false;
    }
    if (result !== PES.header || start.scrambling !== 0) {
      if (start.scrambling !== 0) this.#reason = "scrambled";
      this.restart();
      return false;
    }
    this.#inPes = true;
    this.#headerLeft = start.headerBytes;
    const stamp = Number.isNaN(start.dts) ? start.pts : start.dts;
    splitter.pes(Number.isNaN(stamp) ? Number.NaN : this.#clock.stamp(stamp));
    return true;
  }

  /** Decoding times go forward and stay near the clock, else they are of another time base. */
  #plausible(ticks: number): boolean {
    const ahead = ticks - this.#clock.ticks;
    if (ahead > FARTHEST_AHEAD_TICKS || ahead < -FARTHEST_BEHIND_TICKS) return false;
    const step = ticks - this.#stampTicks;
    return Number.isNaN(step) || (step >= 0 && step <= STILL_DELAY_TICKS);
  }

  #stamp(ticks: number): void {
    const from = this.#stampTicks;
    if (!Number.isNaN(from)) {
      this.#buffers?.units.fill(this.#open, from, ticks);
      this.#period = (ticks - from) / (this.#unstamped + 1);
    }
    this.#stampTicks = ticks;
    this.#unstamped = 0;
    this.#open = 0;
  }

  #delayLimit(): number {
    if (this.stream.stillPicture) return STILL_DELAY_TICKS;
    return LONG_DELAY.has(this.stream.codec) ? LONG_DELAY_TICKS : DELAY_TICKS;
  }

  #audioSizes(frame: AudioFrame): BufferSizes {
    switch (this.stream.codec) {
      case "aac":
      case "aac-latm":
        return aacBuffers(frame.channels || UNKNOWN_CHANNELS);
      case "ac3":
        return this.stream.streamType === ATSC_AC3 && frame.length <= ATSC_AC3_FRAME_OCTETS
          ? AC3_ATSC_BUFFERS
          : AC3_DVB_BUFFERS;
      case "eac3":
        return AC3_DVB_BUFFERS;
      default:
        return MPEG_AUDIO_BUFFERS;
    }
  }
}

function sameSizes(a: BufferSizes, b: BufferSizes | null): boolean {
  return (
    b !== null &&
    a.rxBps === b.rxBps &&
    a.rbxBps === b.rbxBps &&
    a.mbOctets === b.mbOctets &&
    a.ebOctets === b.ebOctets &&
    a.mayUnderflow === b.mayUnderflow
  );
}
