import type { FlowAddress } from "../flow/flow-context.ts";
import type { DatagramOutput } from "../flow/pipeline.ts";
import { formatFigure, formatNumber, formatOctets } from "../render/units.ts";
import { usageError } from "../report/error.ts";
import type { PacketOutput, StreamInfo } from "../report/output.ts";
import { UdpSender } from "../sinks/send.ts";
import {
  formatSendTarget,
  type OwnDestinations,
  parseOwnDestinations,
  parseSendTarget,
  type SendTarget,
} from "../sinks/send-target.ts";
import { TsDatagrams } from "../sinks/send-ts.ts";

const NS_PER_US = 1000;

/**
 * `--send`: plays one stream to a destination, or each to its own, with the timing that it had. The datagrams of a
 * capture leave as they came, RTP header and all, but for their addresses; the packets of a transport stream
 * file leave seven a datagram.
 */
export class SendOutput implements DatagramOutput, PacketOutput {
  readonly #stop: Int32Array;
  readonly #speed: number;
  readonly #own: OwnDestinations | null;
  readonly #target: SendTarget | null;
  /** Opened when the first stream says its IP version, where each goes to its own destination. */
  #sender: UdpSender | null = null;
  #packets: TsDatagrams | null = null;
  readonly #ids: ReadonlySet<string>;
  /** Destinations of the streams that have come; -1 for those that were not chosen. */
  readonly #destinations = new Map<FlowAddress, number>();
  #ipVersion = 0;
  /** Index of the file's own stream, whose packets come without datagrams; -1 for none. */
  #fileStream = -1;
  #id = "";

  /** `ids` are the streams chosen by `--stream`; empty for all, or when there is only one to choose. */
  constructor(url: string, speed: number, ids: readonly string[], stop: Int32Array) {
    this.#stop = stop;
    this.#speed = speed;
    this.#ids = new Set(ids);
    this.#own = parseOwnDestinations(url);
    this.#target = this.#own === null ? parseSendTarget(url) : null;
    if (this.#target === null) return;
    this.#sender = new UdpSender({ target: this.#target, speed, stop });
    this.#packets = new TsDatagrams(this.#sender);
  }

  datagram(stream: FlowAddress, buf: Uint8Array, off: number, len: number, timeNs: number): void {
    if (this.#own !== null) {
      const destination = this.#destinations.get(stream) ?? this.#add(stream, this.#own);
      if (destination >= 0) this.#sender?.send(buf, off, len, timeNs, destination);
    } else if (stream.id === this.#id || this.#take(stream.id)) {
      this.#sender?.send(buf, off, len, timeNs);
    }
  }

  open(stream: number, info: StreamInfo): void {
    if (info.destinationAddress !== "") return;
    if (this.#own !== null) {
      throw usageError(
        "send-no-destination",
        "--send udp:// sends each stream to the address that it had, and a transport stream file has none. " +
          "Name a destination: --send udp://group:port.",
      );
    }
    this.#fileStream = stream;
  }

  packets(stream: number, buf: Uint8Array, off: number, len: number, timeNs: number): void {
    if (stream === this.#fileStream) this.#packets?.packets(buf, off, len, timeNs);
  }

  /** Sends packets that have waited too long for others to fill their datagram. */
  poll(): void {
    this.#packets?.poll();
  }

  bufferEnd(): void {
    this.#sender?.flush();
  }

  close(stream: number): void {
    if (stream === this.#fileStream) this.#packets?.end();
  }

  /** Sends what is left, closes the socket, and says what was sent and how well in time. */
  finish(): string {
    this.#packets?.end();
    const sender = this.#sender;
    if (sender === null) return "Sent nothing: no stream has come.";
    sender.close();
    const { datagrams, bytes, dropped, abandoned, stalls, stalledNs, ...error } = sender.stats;
    const us = (ns: number): string => `${formatFigure(ns / NS_PER_US)} us`;
    const sent = [...this.#destinations.values()].filter((destination) => destination >= 0).length;
    const where =
      this.#target === null
        ? `of ${formatNumber(sent, "stream")}, each to its own destination`
        : `to ${formatSendTarget(this.#target)}`;
    const parts = [
      `Sent ${formatNumber(datagrams, "datagram")} (${formatOctets(bytes)}) ${where}`,
      `timing error mean ${us(error.meanErrorNs)}, 99 % within ${us(error.p99ErrorNs)}, largest ${us(error.maxErrorNs)}`,
    ];
    if (dropped > 0) parts.push(`${formatNumber(dropped, "datagram")} refused by the system`);
    if (abandoned > 0) parts.push(`${formatNumber(abandoned, "datagram")} not sent, as the run was stopped`);
    if (stalls > 0)
      parts.push(`${formatNumber(stalls, "stall")} of ${us(stalledNs)} in all, moved instead of caught up`);
    return `${parts.join("; ")}.`;
  }

  #take(id: string): boolean {
    if (this.#ids.size > 0 && !this.#ids.has(id)) return false;
    if (this.#id !== "") {
      throw usageError(
        "send-one-stream",
        `--send plays one stream, and this capture has several: ${this.#id} and ${id}. ` +
          "Choose one with --stream, or send each to its own destination: --send udp://.",
      );
    }
    this.#id = id;
    return true;
  }

  /** The number of a new stream's destination, -1 where it was not chosen. */
  #add(stream: FlowAddress, own: OwnDestinations): number {
    let destination = -1;
    if (this.#ids.size === 0 || this.#ids.has(stream.id)) {
      const { destinationAddress: host, destinationPort: port } = stream;
      const target = {
        ...parseSendTarget(`udp://${host.includes(":") ? `[${host}]` : host}:${port}`),
        ...own,
      };
      if (this.#sender === null) {
        this.#ipVersion = target.ipVersion;
        this.#sender = new UdpSender({ target, connect: false, speed: this.#speed, stop: this.#stop });
      } else if (this.#ipVersion !== target.ipVersion) {
        throw usageError(
          "send-one-version",
          `--send udp:// sends streams of one IP version, and ${stream.id} is not of the others' IPv${this.#ipVersion}. ` +
            "Choose the streams with --stream.",
        );
      }
      destination = this.#sender.destination(target);
    }
    this.#destinations.set(stream, destination);
    return destination;
  }
}
