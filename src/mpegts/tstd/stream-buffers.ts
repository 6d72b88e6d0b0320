import type { BufferReport } from "../../report/mpegts-schema.ts";
import { TS_PACKET_BYTES } from "../packet.ts";
import { NS_PER_TICK, TICKS_PER_PTS } from "../timing/pcr-time.ts";
import type { BufferSizes } from "./buffer-sizes.ts";
import type { TStdEvents } from "./events.ts";
import { Gauge } from "./gauge.ts";
import { HeaderQueue } from "./header-queue.ts";
import { octetsPerTick, TransportBuffer } from "./transport-buffer.ts";
import { UnitQueue } from "./unit-queue.ts";

/** Sums of fractions may be off by less than this. */
const LATE_OCTETS = 0.01;

/**
 * The buffers of one elementary stream, ISO/IEC 13818-1 2.4.2: TBn, then MBn and EBn for video or Bn for all else.
 *
 * Octets are counted, not kept: those that came out of TBn, that went on from MBn to EBn, and that were decoded. In
 * between, all flows at constant rates, so one packet is one step, cut where an access unit is decoded. Times are
 * ticks of 27 MHz of the program. Some 30 kB.
 */
export class StreamBuffers {
  readonly units = new UnitQueue();
  readonly #pid: number;
  readonly #events: TStdEvents;
  readonly #delayLimitTicks: number;
  readonly #transport: TransportBuffer;
  readonly #multiplex: Gauge | null;
  readonly #elementary: Gauge;
  readonly #headers = new HeaderQueue();
  #mayUnderflow: boolean;
  /** Rbxn in octets a tick; without MBn all goes on at once. */
  #leak: number;
  #atTicks = 0;
  /** Octets of the elementary stream: out of TBn, into EBn (or Bn), decoded. */
  #in = 0;
  #out = 0;
  #decoded = 0;
  /** A unit's time has come, and what is still to come of it is late. */
  #due = false;
  #dueTicks = 0;
  #dueJudged = false;

  constructor(pid: number, sizes: BufferSizes, delayLimitTicks: number, events: TStdEvents) {
    this.#pid = pid;
    this.#events = events;
    this.#delayLimitTicks = delayLimitTicks;
    const video = sizes.mbOctets > 0;
    this.#transport = new TransportBuffer(pid, "TB", sizes.rxBps, events);
    this.#multiplex = video ? new Gauge(pid, "MB", sizes.mbOctets, events) : null;
    this.#elementary = new Gauge(pid, video ? "EB" : "B", sizes.ebOctets, events);
    this.#leak = video ? octetsPerTick(sizes.rbxBps) : 0;
    this.#mayUnderflow = sizes.mayUnderflow;
  }

  /** The stream says other sizes from here on. */
  resize(sizes: BufferSizes): void {
    this.#transport.setRate(sizes.rxBps);
    if (this.#multiplex) this.#multiplex.sizeOctets = sizes.mbOctets;
    this.#elementary.sizeOctets = sizes.ebOctets;
    this.#leak = octetsPerTick(sizes.rbxBps);
    this.#mayUnderflow = sizes.mayUnderflow;
  }

  /**
   * A packet arrives from `from` to `to` with `header` octets of a PES header and `data` octets of its payload
   * after it, both 0 where they are not to be counted.
   */
  packet(from: number, to: number, header: number, data: number, timeNs: number): void {
    const transport = this.#transport;
    transport.packet(from, to, timeNs);
    const octets = header + data;
    if (octets === 0) return;
    // The payload ends the packet; it leaves TBn after what stands before it.
    const spread = (transport.finishTicks - transport.startTicks) / TS_PACKET_BYTES;
    const end = transport.finishTicks;
    if (!this.#due && this.units.decodeTicks > end) {
      // Nearly always: nothing is decoded meanwhile.
      this.units.arrive(this.#in + data, from);
      if (header > 0) this.#headers.push(this.#in, header);
      this.#pass(Math.max(this.#atTicks, end - data * spread), end, data, timeNs);
      this.#levels(timeNs);
      return;
    }
    this.#flow(end - data * spread, 0, timeNs);
    if (header > 0) this.#headers.push(this.#in, header);
    this.units.arrive(this.#in + data, from);
    this.#flow(end, data, timeNs);
    this.#levels(timeNs);
  }

  /** It is `ticks`, and no packet came: what is to be decoded by then is. */
  advance(ticks: number, timeNs: number): void {
    if (ticks > this.#atTicks) this.#flow(ticks, 0, timeNs);
  }

  /** Empty at `ticks`: the next octet is the first of the elementary stream. */
  restart(ticks: number): void {
    this.#transport.restart(ticks);
    this.#multiplex?.restart();
    this.#elementary.restart();
    this.#headers.clear();
    this.units.clear();
    this.#atTicks = ticks;
    this.#in = 0;
    this.#out = 0;
    this.#decoded = 0;
    this.#due = false;
  }

  /** Rows of the stream's buffers. */
  report(): BufferReport[] {
    const rows = [this.#transport.gauge.report()];
    if (this.#multiplex) rows.push(this.#multiplex.report());
    rows.push(this.#elementary.report());
    return rows;
  }

  /** `data` octets flow in evenly from `from` to `to`, and nothing is decoded: two steps of `#flow` at once. */
  #pass(from: number, to: number, data: number, timeNs: number): void {
    const before = this.#in;
    const after = before + data;
    const multiplex = this.#multiplex;
    this.#in = after;
    if (multiplex === null) {
      this.#out = after;
    } else {
      // A full EBn holds back what is in MBn (2.4.2.3).
      const full = Math.max(this.#out, this.#decoded + this.#elementary.sizeOctets);
      let out = Math.min(before, this.#out + (from - this.#atTicks) * this.#leak, full);
      if (out === before) multiplex.empty(from);
      out = Math.min(after, out + (to - from) * this.#leak, full);
      this.#out = out;
      if (out === after) multiplex.empty(to);
      else multiplex.occupied(to, timeNs);
      this.#headers.leave(out);
    }
    this.#atTicks = to;
  }

  /** `octets` flow in evenly until `to`; units are decoded on the way. */
  #flow(to: number, octets: number, timeNs: number): void {
    const units = this.units;
    let left = octets;
    while (units.decodeTicks <= to) {
      const at = units.decodeTicks;
      if (at > this.#atTicks) {
        const part = (left * (at - this.#atTicks)) / (to - this.#atTicks);
        this.#step(at, part, timeNs);
        left -= part;
        this.#levels(timeNs);
      }
      this.#decode(at, timeNs);
    }
    this.#step(Math.max(to, this.#atTicks), left, timeNs);
  }

  #step(to: number, octets: number, timeNs: number): void {
    this.#in += octets;
    const waiting = this.#in - this.#out;
    const multiplex = this.#multiplex;
    if (multiplex === null) {
      this.#out = this.#in;
    } else {
      // A full EBn holds back what is in MBn (2.4.2.3).
      const room = Math.max(0, this.#elementary.sizeOctets - (this.#out - this.#decoded));
      const moved = Math.min(waiting, (to - this.#atTicks) * this.#leak, room);
      if (moved >= waiting) {
        this.#out = this.#in;
        multiplex.empty(to);
      } else {
        this.#out += moved;
        multiplex.occupied(to, timeNs);
      }
      this.#headers.leave(this.#out);
    }
    this.#atTicks = to;
    if (this.#due) this.#late(timeNs);
  }

  /** What has come of the unit whose time is over goes at once; more than none of it is an underflow. */
  #late(timeNs: number): void {
    const end = this.units.start;
    const octets = Math.min(this.#out, end) - this.#decoded;
    if (octets > LATE_OCTETS) {
      // Time stamps are rounded to ticks of 90 kHz.
      const late = this.#atTicks > this.#dueTicks + TICKS_PER_PTS;
      if (late && this.#dueJudged && !this.#mayUnderflow) {
        this.#elementary.underflow(timeNs);
        this.#dueJudged = false;
      }
      this.#take(Math.min(this.#out, end));
    }
    if (this.#decoded >= end) this.#due = false;
  }

  #decode(at: number, timeNs: number): void {
    const units = this.units;
    const arrival = units.arrivalTicks;
    if (units.judged && at - arrival > this.#delayLimitTicks) {
      this.#events.dataDelay(this.#pid, (at - arrival) * NS_PER_TICK, timeNs);
    }
    this.#due = true;
    this.#dueTicks = at;
    this.#dueJudged = units.judged;
    units.shift();
    // What came before the unit leaves with it (2.4.2.4).
    const end = Math.min(this.#out, units.start);
    if (end > this.#decoded) this.#take(end);
    if (this.#decoded >= units.start) this.#due = false;
  }

  #take(position: number): void {
    this.#decoded = position;
    if (this.#multiplex === null) this.#headers.leave(position);
  }

  #levels(timeNs: number): void {
    const headers = this.#headers.octets;
    const multiplex = this.#multiplex;
    if (multiplex) {
      multiplex.level(this.#in - this.#out + headers, timeNs);
      this.#elementary.level(this.#out - this.#decoded, timeNs);
    } else {
      this.#elementary.level(this.#out - this.#decoded + headers, timeNs);
    }
  }
}
