import { type Finding, FindingCounter, findingsOf } from "../report/finding.ts";
import type { PacketOutput } from "../report/output.ts";
import type { Epoch } from "../report/time.ts";
import {
  CONTINUITY,
  type Continuity,
  type ContinuityError,
  continuityState,
  judgeContinuity,
  missingPackets,
  NO_COUNTER,
  sameButPcr,
} from "./continuity.ts";
import type { PacketObserver } from "./observer.ts";
import { NULL_PID, pcr27MHz, TS_PACKET_BYTES } from "./packet.ts";
import { PcrRate } from "./pcr-rate.ts";
import { PidTable, SAVED } from "./pid-table.ts";
import {
  TS_ADAPTATION_CONTROL,
  TS_ADAPTATION_LENGTH,
  TS_CONTINUITY,
  TS_STRAY_OCTETS,
  TS_SYNC_BYTE,
  TS_SYNC_LOSS,
  TS_TRANSPORT_ERROR,
} from "./rules.ts";
import type { PacketSink } from "./sink.ts";

/** What a judge must be told. */
export interface JudgeOptions {
  /** Index of the stream for `output`. */
  readonly stream: number;
  /** Takes the packets that pass; null to count only. */
  readonly output: PacketOutput | null;
  /** Pass illegal packets too; they are counted all the same. */
  readonly passIllegal: boolean;
  /** Do not pass null packets. */
  readonly dropNull: boolean;
  /**
   * Told of each continuity error: number of the TS packet in the stream, from 0, and the packets missing
   * (0 for a third copy). For tests and tools; never called for a clean stream.
   */
  readonly onContinuity?: (packet: number, pid: number, kind: ContinuityError, missing: number) => void;
}

/** More buffers than this between two `saveLast` are not told apart: last packets are copied out then. */
const MOST_BUFFERS = 64;

/**
 * Judges and counts packets one by one, and passes on those that may leave.
 *
 * Legal is a packet with the right sync byte, no transport_error_indicator, an adaptation_field_control other
 * than 00 and an adaptation_field_length within bounds; an illegal one is counted once, by the first of these
 * it breaks. Without the sync byte or with the error indicator a packet is not looked at further: its PID is
 * in doubt (TR 101 290 2.1). The others count for their PID and its continuity, as their header is sound; an
 * adaptation field of illegal length is not read.
 */
export class PacketJudge implements PacketSink {
  readonly pids = new PidTable();
  readonly rate = new PcrRate();
  readonly syncByte = new FindingCounter(TS_SYNC_BYTE);
  readonly transportError = new FindingCounter(TS_TRANSPORT_ERROR);
  readonly reservedAdaptation = new FindingCounter(TS_ADAPTATION_CONTROL);
  readonly adaptationLength = new FindingCounter(TS_ADAPTATION_LENGTH);
  readonly syncLosses = new FindingCounter(TS_SYNC_LOSS);
  readonly skippedBytes = new FindingCounter(TS_STRAY_OCTETS);
  /** All packets, legal and illegal. */
  total = 0;
  passed = 0;
  nullDropped = 0;
  /** Packets missing by the continuity counters of all PIDs. */
  missing = 0;
  /** Signalled by discontinuity_indicator; on the first packet of a PID there is nothing to break. */
  discontinuities = 0;

  readonly #options: JudgeOptions;
  #observer: PacketObserver | null = null;
  /** What the packet at hand came to, for the observer. */
  #verdict: Continuity = CONTINUITY.ok;
  #sound = true;
  /** Continuity by slot of the PID; sparse. */
  readonly #continuity: FindingCounter[] = [];
  /** Buffers that last packets stand in; index SAVED is the PID table's own and not kept here. */
  readonly #buffers: Uint8Array[] = [new Uint8Array(0)];
  #buffer = SAVED;
  /** 1 until the first run of the datagram has been passed. */
  #datagrams = 0;
  /** Number of the packet before which packets were lost last. */
  #lossAt = 0;

  constructor(options: JudgeOptions) {
    this.#options = options;
  }

  /** From now on `observer` sees each packet after it was counted. */
  observe(observer: PacketObserver): void {
    this.#observer = observer;
  }

  /** A new datagram or chunk: what is passed next is its first run. */
  begin(): void {
    this.#datagrams = 1;
  }

  packets(buf: Uint8Array, off: number, count: number, stride: number, timeNs: number): void {
    const table = this.pids;
    const slotOf = table.slotOf;
    const passNull = !this.#options.dropNull;
    const observer = this.#observer;
    const buffer = this.#numberOf(buf);
    const bare = stride === TS_PACKET_BYTES;
    const end = off + count * stride;
    let { packets, counter, scrambled, lastBuffer, lastOffset } = table;
    let packet = this.total;
    let run = off;
    for (let at = off; at < end; at += stride, packet += 1) {
      const second = buf[at + 1] as number;
      let pass = true;
      if (second >= 0x80) {
        this.transportError.hit(timeNs); // TR 101 290 2.1
        observer?.transportError(timeNs);
        pass = this.#options.passIllegal;
      } else {
        const pid = ((second & 0x1f) << 8) | (buf[at + 2] as number);
        const fourth = buf[at + 3] as number;
        let slot = slotOf[pid] as number;
        if (slot === 0) {
          slot = table.add(pid);
          ({ packets, counter, scrambled, lastBuffer, lastOffset } = table);
        }
        packets[slot] = (packets[slot] as number) + 1;
        if (fourth >= 0x40) scrambled[slot] = (scrambled[slot] as number) + 1;
        // The common case first: payload only, and the counter one up.
        if ((fourth & 0x30) !== 0x10) pass = this.#adaptation(buf, at, pid, slot, packet, timeNs);
        else if (pid === NULL_PID) pass = passNull || this.#dropNull();
        else if ((fourth & 0x0f) === (((counter[slot] as number) + 1) & 0x0f)) counter[slot] = fourth & 0x0f;
        else this.#counter(buf, at, pid, slot, packet, timeNs);
        lastBuffer[slot] = buffer;
        lastOffset[slot] = at;
        if (observer !== null) {
          observer.packet(buf, at, pid, slot, packet, timeNs, this.#verdict, this.#sound);
          this.#verdict = CONTINUITY.ok;
          this.#sound = true;
        }
      }
      if (!bare) {
        if (pass) this.#pass(buf, at, TS_PACKET_BYTES, timeNs);
      } else if (!pass) {
        if (at > run) this.#pass(buf, run, at - run, timeNs);
        run = at + TS_PACKET_BYTES;
      }
    }
    if (bare && run < end) this.#pass(buf, run, end - run, timeNs);
    this.total = packet;
  }

  badSync(buf: Uint8Array, off: number, timeNs: number): void {
    this.total += 1;
    this.syncByte.hit(timeNs); // TR 101 290 1.2
    this.#observer?.syncByte(1, timeNs);
    if (this.#options.passIllegal) this.#pass(buf, off, TS_PACKET_BYTES, timeNs);
  }

  lostPackets(count: number, timeNs: number): void {
    this.total += count;
    this.syncByte.hit(timeNs, count);
    this.#observer?.syncByte(count, timeNs);
    this.#lossAt = this.total;
  }

  syncLoss(timeNs: number): void {
    this.syncLosses.hit(timeNs);
    this.#observer?.syncLoss(timeNs);
  }

  skipped(bytes: number, timeNs: number): void {
    this.skippedBytes.hit(timeNs, bytes);
    this.#lossAt = this.total;
  }

  /** Buffers are about to be reused: the last packet of each PID is copied out of them. */
  saveLast(): void {
    this.pids.saveLast(this.#buffers);
    this.#buffers.length = 1;
    this.#buffer = SAVED;
  }

  /** Packets in between were not seen, by no fault of the stream: the next of each PID has no predecessor. */
  forget(): void {
    this.pids.counter.fill(NO_COUNTER);
    this.pids.lastPcr.fill(Number.NaN);
    this.#lossAt = this.total;
    this.#observer?.gap();
  }

  /** All findings so far. */
  findings(stream: string, epoch: Epoch): Finding[] {
    const all = [
      this.syncLosses,
      this.syncByte,
      ...this.#continuity.filter((counter) => counter !== undefined).sort((a, b) => a.pid - b.pid),
      this.transportError,
      this.reservedAdaptation,
      this.adaptationLength,
      this.skippedBytes,
    ];
    return findingsOf(all, stream, epoch);
  }

  /** A packet with an adaptation field, or with the reserved control. Returns whether it may pass. */
  #adaptation(
    buf: Uint8Array,
    at: number,
    pid: number,
    slot: number,
    packet: number,
    timeNs: number,
  ): boolean {
    const control = (buf[at + 3] as number) & 0x30;
    const length = buf[at + 4] as number;
    let flags = 0;
    let legal = true;
    if (control === 0) {
      this.reservedAdaptation.hit(timeNs); // ISO/IEC 13818-1 Table 2-5
      legal = false;
    } else if (control === 0x30 ? length > 182 : length !== 183) {
      this.adaptationLength.hit(timeNs); // ISO/IEC 13818-1 2.4.3.5
      legal = false;
    } else if (length > 0) {
      flags = buf[at + 5] as number;
    }
    this.#sound = legal;
    const pass = legal || this.#options.passIllegal;
    if (pid === NULL_PID) return pass && (!this.#options.dropNull || this.#dropNull());
    if ((flags & 0x80) !== 0 && !this.#repeatsLast(buf, at, slot)) this.#discontinuity(buf, at, slot);
    else this.#counter(buf, at, pid, slot, packet, timeNs);
    if ((flags & 0x10) !== 0 && length >= 7) this.#pcr(slot, pcr27MHz(buf, at), packet);
    return pass;
  }

  /** A packet with discontinuity_indicator; a repeat of one has it too, and announces nothing of its own. */
  #discontinuity(buf: Uint8Array, at: number, slot: number): void {
    const table = this.pids;
    if (table.counter[slot] !== NO_COUNTER) this.discontinuities += 1;
    table.counter[slot] = (buf[at + 3] as number) & 0x0f;
    table.lastPcr[slot] = Number.NaN;
  }

  /** Continuity where the simple case does not hold: TR 101 290 1.4. */
  #counter(buf: Uint8Array, at: number, pid: number, slot: number, packet: number, timeNs: number): void {
    const table = this.pids;
    const state = table.counter[slot] as number;
    const last = state & 0x0f;
    const fourth = buf[at + 3] as number;
    const cc = fourth & 0x0f;
    const payload = (fourth & 0x10) !== 0;
    const verdict = judgeContinuity(state, cc, payload, this.#repeatsLast(buf, at, slot));
    const repeat = verdict === CONTINUITY.duplicate || verdict === CONTINUITY.repeated;
    this.#verdict = verdict;
    table.counter[slot] = repeat ? continuityState(cc, (state >> 4) + 1) : cc;
    // A duplicate is a legal repeat; a copy too many counts as an error only, so that the two add up.
    if (verdict === CONTINUITY.duplicate) table.duplicates[slot] = (table.duplicates[slot] as number) + 1;
    if (verdict === CONTINUITY.ok || verdict === CONTINUITY.duplicate) return;
    const missing = verdict === CONTINUITY.repeated ? 0 : missingPackets(last, cc);
    table.errors[slot] = (table.errors[slot] as number) + 1;
    table.missing[slot] = (table.missing[slot] as number) + missing;
    this.missing += missing;
    if (verdict !== CONTINUITY.repeated) this.#lossAt = packet;
    let finding = this.#continuity[slot];
    if (finding === undefined) {
      finding = new FindingCounter(TS_CONTINUITY, pid);
      this.#continuity[slot] = finding;
    }
    finding.hit(timeNs);
    const kind =
      verdict === CONTINUITY.repeated ? "repeated" : verdict === CONTINUITY.moved ? "moved" : "missing";
    this.#options.onContinuity?.(packet, pid, kind, missing);
  }

  /** Whether a packet with payload is the one before again: a duplicate by ISO/IEC 13818-1 2.4.3.3. */
  #repeatsLast(buf: Uint8Array, at: number, slot: number): boolean {
    const table = this.pids;
    const state = table.counter[slot] as number;
    const fourth = buf[at + 3] as number;
    if ((fourth & 0x10) === 0 || state === NO_COUNTER || (fourth & 0x0f) !== (state & 0x0f)) return false;
    const number = table.lastBuffer[slot] as number;
    const last = number === SAVED ? table.saved : this.#buffers[number];
    return last !== undefined && sameButPcr(buf, at, last, table.lastOffset[slot] as number);
  }

  #pcr(slot: number, pcr: number, packet: number): void {
    const table = this.pids;
    table.pcrs[slot] = (table.pcrs[slot] as number) + 1;
    const last = table.lastPcr[slot] as number;
    const lastPacket = table.lastPcrPacket[slot] as number;
    if (!Number.isNaN(last)) this.rate.interval(last, pcr, packet - lastPacket, lastPacket < this.#lossAt);
    table.lastPcr[slot] = pcr;
    table.lastPcrPacket[slot] = packet;
  }

  #dropNull(): false {
    this.nullDropped += 1;
    return false;
  }

  /** Number of `buf` in `#buffers`, for the PIDs whose last packet stands in it. */
  #numberOf(buf: Uint8Array): number {
    if (this.#buffers[this.#buffer] === buf) return this.#buffer;
    let number = this.#buffers.indexOf(buf);
    if (number < 1) {
      if (this.#buffers.length > MOST_BUFFERS) this.saveLast();
      number = this.#buffers.push(buf) - 1;
    }
    this.#buffer = number;
    return number;
  }

  #pass(buf: Uint8Array, off: number, len: number, timeNs: number): void {
    this.passed += len / TS_PACKET_BYTES;
    this.#options.output?.packets(this.#options.stream, buf, off, len, timeNs, this.#datagrams);
    this.#datagrams = 0;
  }
}
