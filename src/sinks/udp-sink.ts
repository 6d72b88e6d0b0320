import { monotonicNs } from "../../ffi/libc/libc.ts";
import type { Epoch } from "../report/time.ts";
import type { WireLog } from "../wire/log.ts";
import { PlayoutRate } from "./playout-rate.ts";
import {
  epochOf,
  type PacketSink,
  type SinkFigures,
  type SinkRecord,
  sinceNs,
  type TrackFacts,
} from "./queue/packet-sink.ts";
import { RECORD } from "./queue/ring.ts";
import { counted } from "./rtp-payload.ts";
import { UdpSender } from "./send.ts";
import { formatSendTarget, parseSendTarget } from "./send-target.ts";
import { TsDatagrams } from "./send-ts.ts";

const TS_PACKET_BYTES = 188;
const PACKETS_A_DATAGRAM = 7;

/** Time until a network that refused a datagram is tried again. */
const RETRY_MS = 1000;

/** The stream's times go on by this much more than packets took to come: a step of the capture's clock, or a loss. */
const STEP_NS = 1e9;
/** A longer one the sender's clock takes for a step by itself. */
const STEP_MOST_NS = 3600e9;

/** Where to send. */
export interface UdpSinkOptions {
  /** See `parseSendTarget`. */
  readonly url: string;
  /** Time between a packet's arrival and its leaving: what evens out the messages that packets come in. */
  readonly delayMs: number;
  /** Word 0 becomes 1 when nothing is waited for any more. */
  readonly stop: Int32Array;
  readonly log: WireLog;
}

/**
 * One stream onto the network again, to another destination: RTP packets as they came, TS packets seven a datagram,
 * with the distances in time that they arrived with.
 */
export class UdpSink implements PacketSink {
  readonly #options: UdpSinkOptions;
  readonly #name: string;
  readonly #tracks: (TrackFacts | undefined)[] = [];
  #sender: UdpSender;
  #datagrams: TsDatagrams;
  #stream: string | null = null;
  #epoch: Epoch | null = null;
  readonly #rate: PlayoutRate;
  /** Time of the last packet, and when it was put in the queue. */
  #lastNs = Number.NaN;
  #lastPutNs = 0;
  #retryMs = Number.NEGATIVE_INFINITY;
  #told = false;
  #toldOthers = false;
  #packets = 0;
  #bytes = 0;
  #lost = 0;
  #unwanted = 0;
  /** Datagrams of senders that are gone. */
  #sent = 0;

  /** Opens the socket; throws a usage error for a bad URL, an environment error where the system refuses it. */
  constructor(options: UdpSinkOptions) {
    this.#options = options;
    this.#name = formatSendTarget(parseSendTarget(options.url, "--udp (UDP)"));
    this.#sender = this.#open();
    this.#datagrams = new TsDatagrams(this.#sender);
    this.#rate = new PlayoutRate(options.delayMs * 1e6);
  }

  track(index: number, facts: TrackFacts): void {
    this.#tracks[index] = facts;
  }

  take(record: SinkRecord): void {
    const facts = this.#tracks[record.track];
    if (facts === undefined || !this.#chosen(facts)) {
      this.#unwanted += record.packets;
      return;
    }
    const epoch = this.#epoch ?? epochOf(record.firstSeconds, facts.wall);
    this.#epoch = epoch;
    if (performance.now() < this.#retryMs) {
      this.#lost += record.packets;
      return;
    }
    this.#keepPace(record, epoch);
    const { dropped, abandoned } = this.#sender.stats;
    try {
      if (record.type === RECORD.rtp) this.#sendRtp(record, epoch);
      else this.#sendTs(record, epoch);
    } catch (error) {
      this.#lost += record.packets;
      this.#failed(error);
      return;
    }
    const after = this.#sender.stats;
    const each = record.type === RECORD.rtp ? 1 : PACKETS_A_DATAGRAM;
    const missed = (after.dropped - dropped + after.abandoned - abandoned) * each;
    const lost = Math.min(record.packets, missed);
    this.#lost += lost;
    this.#packets += record.packets - lost;
    this.#bytes += lost === 0 ? record.len : 0;
  }

  poll(): void {
    try {
      this.#datagrams.poll();
    } catch (error) {
      this.#failed(error);
    }
  }

  figures(): SinkFigures {
    const { datagrams, stalls, p99ErrorNs } = this.#sender.stats;
    const notes = [
      `${counted(this.#sent + datagrams, "datagram")} sent to ${this.#name}, 99 % of them within ${Math.round(p99ErrorNs / 1000)} us of their time.`,
    ];
    if (stalls > 0) notes.push(`${counted(stalls, "time")} packets came too late for their time.`);
    if (this.#rate.catchUps > 0) {
      const end = this.#rate.catchingUp ? ", which still goes on" : "";
      notes.push(
        `${counted(this.#rate.catchUps, "time")} packets were sent a tenth faster to catch up${end}.`,
      );
    }
    return {
      packets: this.#packets,
      bytes: this.#bytes,
      lost: this.#lost,
      unwanted: this.#unwanted,
      files: [],
      notes,
    };
  }

  close(): void {
    try {
      this.#datagrams.end();
    } catch (error) {
      this.#failed(error);
    }
    this.#sender.close();
  }

  #open(): UdpSender {
    const { url, delayMs, stop } = this.#options;
    return new UdpSender({ target: parseSendTarget(url, "--udp (UDP)"), delayNs: delayMs * 1e6, stop });
  }

  #chosen({ probe, stream, kind }: TrackFacts): boolean {
    if (kind !== "ts" && kind !== "rtp") return false;
    const id = `${probe}/${stream}`;
    this.#stream ??= id;
    if (this.#stream === id) return true;
    if (!this.#toldOthers) {
      this.#toldOthers = true;
      this.#options.log(
        "warning",
        `Stream ${stream} is not sent to ${this.#name}, which takes one. Choose with --stream (STREAM).`,
        { stream },
      );
    }
    return false;
  }

  /** Follows the capture's clock, and catches up after a standstill. */
  #keepPace(record: SinkRecord, epoch: Epoch): void {
    const firstNs = sinceNs(record.firstSeconds, record.firstNs, epoch);
    // What nothing comes for is not waited for: the packets behind it would fill the queue.
    const stepNs = firstNs - this.#lastNs - (record.putNs - this.#lastPutNs);
    if (stepNs > STEP_NS && stepNs <= STEP_MOST_NS) this.#sender.move(-stepNs);
    this.#lastNs = sinceNs(record.lastSeconds, record.lastNs, epoch);
    this.#lastPutNs = record.putNs;
    const untilDueNs = this.#sender.untilDueNs(firstNs);
    const nowNs = monotonicNs();
    this.#sender.move(this.#rate.move(nowNs, nowNs - record.putNs, untilDueNs));
  }

  #sendRtp(record: SinkRecord, epoch: Epoch): void {
    const firstNs = sinceNs(record.firstSeconds, record.firstNs, epoch);
    const lastNs = sinceNs(record.lastSeconds, record.lastNs, epoch);
    const stepNs = record.packets > 1 ? (lastNs - firstNs) / (record.packets - 1) : 0;
    for (let i = 0, at = record.off; i < record.packets; i++) {
      const length = record.packetBytes(i);
      this.#sender.send(record.buf, at, length, firstNs + i * stepNs);
      at += length;
    }
    // The octets stand in the queue, whose room is given back.
    this.#sender.flush();
  }

  #sendTs(record: SinkRecord, epoch: Epoch): void {
    const firstNs = sinceNs(record.firstSeconds, record.firstNs, epoch);
    const lastNs = sinceNs(record.lastSeconds, record.lastNs, epoch);
    const datagrams = Math.ceil(record.packets / PACKETS_A_DATAGRAM);
    const stepNs = datagrams > 1 ? (lastNs - firstNs) / (datagrams - 1) : 0;
    const most = PACKETS_A_DATAGRAM * TS_PACKET_BYTES;
    for (let i = 0, off = 0; off < record.len; i++, off += most) {
      const bytes = Math.min(most, record.len - off);
      this.#datagrams.packets(record.buf, record.off + off, bytes, firstNs + i * stepNs);
    }
  }

  /** The network refuses: told once, and tried again a while later with a new socket. */
  #failed(error: unknown): void {
    this.#retryMs = performance.now() + RETRY_MS;
    if (!this.#told) {
      this.#told = true;
      const why = error instanceof Error ? error.message : String(error);
      this.#options.log("error", `${why} Packets are lost until it goes on; they are counted.`);
    }
    try {
      const sender = this.#open();
      this.#sent += this.#sender.stats.datagrams;
      this.#sender.abandon();
      this.#sender = sender;
      this.#datagrams = new TsDatagrams(sender);
    } catch {
      // No new one to be had: the old one is tried again.
    }
  }
}
