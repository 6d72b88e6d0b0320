import type { BufferReport } from "../../report/mpegts-schema.ts";
import { TS_PACKET_BYTES } from "../packet.ts";
import { NS_PER_TICK, TICKS_PER_PTS } from "../timing/pcr-time.ts";
import { type BufferSizes, TB_OCTETS } from "./buffer-sizes.ts";
import type { TStdEvents } from "./events.ts";
import { EMPTY_TICKS, Gauge } from "./gauge.ts";
import { HeaderQueue } from "./header-queue.ts";
import type { PacketQueue } from "./packet-queue.ts";
import { arrivalTicks, type ProgramClock } from "./program-clock.ts";
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
   * The packets from `first` to before `end` of the queue, by the clock's last step: as `packet` does, but with all
   * at hand while nothing is decoded, which is nearly always.
   */
  packets(queue: PacketQueue, first: number, end: number, clock: ProgramClock): void {
    const { packet, timeNs, octets } = queue;
    const { fromPacket, fromTicks, ticksPerPacket } = clock;
    const transport = this.#transport;
    const transportGauge = transport.gauge;
    const multiplex = this.#multiplex;
    const elementary = this.#elementary;
    const units = this.units;
    const queued = this.#headers;
    const ebOctets = elementary.sizeOctets;
    const leak = this.#leak;
    const rate = transport.octetsPerTick;
    const octetTicks = 1 / rate;
    const packetTicks = TS_PACKET_BYTES / rate;
    const fullTicks = TB_OCTETS / rate;
    let finish = transport.finishTicks;
    let atTicks = this.#atTicks;
    let position = this.#in;
    let out = this.#out;
    let decoded = this.#decoded;
    let decodeTicks = this.#due ? Number.NEGATIVE_INFINITY : units.decodeTicks;
    let expected = units.expected;
    let headerAt = queued.position;
    // Of the gauges: up to where they need no word, and since when their buffers are not empty.
    let transportCalm = transportGauge.calm;
    let transportEmptyAt = transportGauge.emptyAt;
    let multiplexCalm = multiplex === null ? 0 : multiplex.calm;
    let multiplexEmptyAt = multiplex === null ? 0 : multiplex.emptyAt;
    let elementaryCalm = elementary.calm;
    for (let i = first; i < end; i += 1) {
      const from = arrivalTicks(packet[i] as number, fromPacket, fromTicks, ticksPerPacket);
      const to = from + ticksPerPacket;
      const time = timeNs[i] as number;
      const parts = octets[i] as number;
      const data = parts & 0xff;
      // TBn, as TransportBuffer.packet.
      const start = Math.max(from, finish);
      const through = start + packetTicks;
      const unlost = Math.max(through, to);
      const full = to + fullTicks;
      const leaves = Math.min(unlost, full);
      if (!(decodeTicks > leaves) && parts !== 0) {
        transport.finishTicks = finish;
        this.#atTicks = atTicks;
        this.#in = position;
        this.#out = out;
        transportGauge.emptyAt = transportEmptyAt;
        if (multiplex !== null) multiplex.emptyAt = multiplexEmptyAt;
        this.packet(from, to, parts >> 8, data, time);
        finish = transport.finishTicks;
        atTicks = this.#atTicks;
        position = this.#in;
        out = this.#out;
        decoded = this.#decoded;
        decodeTicks = this.#due ? Number.NEGATIVE_INFINITY : units.decodeTicks;
        expected = units.expected;
        headerAt = queued.position;
        transportCalm = transportGauge.calm;
        transportEmptyAt = transportGauge.emptyAt;
        if (multiplex !== null) {
          multiplexCalm = multiplex.calm;
          multiplexEmptyAt = multiplex.emptyAt;
        }
        elementaryCalm = elementary.calm;
        continue;
      }
      if (finish <= from + octetTicks) {
        transportEmptyAt = from;
      } else if (!(to - transportEmptyAt <= EMPTY_TICKS)) {
        transportGauge.emptyAt = transportEmptyAt;
        transportGauge.occupied(to, time);
        transportEmptyAt = transportGauge.emptyAt;
      }
      const transportLevel = (unlost - to) * rate;
      if (transportLevel > transportCalm) {
        transportGauge.level(transportLevel, time);
        transportCalm = transportGauge.calm;
      }
      finish = leaves;
      if (parts === 0) continue;
      const before = position;
      position += data;
      if (expected < position) {
        units.arrive(position, from);
        expected = units.expected;
      }
      if (parts > 0xff) {
        queued.push(before, parts >> 8);
        headerAt = queued.position;
      }
      // The payload ends the packet; it leaves TBn after what stands before it.
      const dataFrom = leaves - data * ((leaves - start) / TS_PACKET_BYTES);
      if (multiplex === null) {
        out = position;
        atTicks = leaves;
        const level = out - decoded + queued.octets;
        if (level > elementaryCalm) {
          elementary.level(level, time);
          elementaryCalm = elementary.calm;
        }
        continue;
      }
      // A full EBn holds back what is in MBn (2.4.2.3).
      const held = decoded + ebOctets;
      const most = Math.max(out, held);
      const since = Math.max(dataFrom, atTicks);
      out = Math.min(Math.min(before, out + (since - atTicks) * leak), most);
      if (out === before) multiplexEmptyAt = since;
      out = Math.min(Math.min(position, out + (leaves - since) * leak), most);
      if (out === position) {
        multiplexEmptyAt = leaves;
      } else if (!(leaves - multiplexEmptyAt <= EMPTY_TICKS)) {
        multiplex.emptyAt = multiplexEmptyAt;
        multiplex.occupied(leaves, time);
        multiplexEmptyAt = multiplex.emptyAt;
      }
      if (headerAt < out) {
        queued.leave(out);
        headerAt = queued.position;
      }
      atTicks = leaves;
      const multiplexLevel = position - out + queued.octets;
      if (multiplexLevel > multiplexCalm) {
        multiplex.level(multiplexLevel, time);
        multiplexCalm = multiplex.calm;
      }
      if (out - decoded > elementaryCalm) {
        elementary.level(out - decoded, time);
        elementaryCalm = elementary.calm;
      }
    }
    transportGauge.emptyAt = transportEmptyAt;
    if (multiplex !== null) multiplex.emptyAt = multiplexEmptyAt;
    transport.finishTicks = finish;
    this.#atTicks = atTicks;
    this.#in = position;
    this.#out = out;
  }

  /**
   * A packet arrives from `from` to `to` with `header` octets of a PES header and `data` octets of its payload
   * after it, both 0 where they are not to be counted.
   */
  packet(from: number, to: number, header: number, data: number, timeNs: number): void {
    const transport = this.#transport;
    transport.packet(from, to, timeNs);
    if (header + data === 0) return;
    // The payload ends the packet; it leaves TBn after what stands before it.
    const spread = (transport.finishTicks - transport.startTicks) / TS_PACKET_BYTES;
    const end = transport.finishTicks;
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
