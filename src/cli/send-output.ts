import type { DatagramOutput } from "../flow/pipeline.ts";
import { formatFigure, formatNumber, formatOctets } from "../render/units.ts";
import { usageError } from "../report/error.ts";
import type { PacketOutput, StreamInfo } from "../report/output.ts";
import { UdpSender } from "../sinks/send.ts";
import { formatSendTarget, parseSendTarget, type SendTarget } from "../sinks/send-target.ts";
import { TsDatagrams } from "../sinks/send-ts.ts";

const NS_PER_US = 1000;

/**
 * `--send`: plays one stream onto the network with its own timing. The datagrams of a capture leave as they
 * came, RTP header and all, but for their addresses; the packets of a transport stream file leave seven a
 * datagram.
 */
export class SendOutput implements DatagramOutput, PacketOutput {
  readonly #target: SendTarget;
  readonly #sender: UdpSender;
  readonly #packets: TsDatagrams;
  readonly #ids: ReadonlySet<string>;
  /** Index of the file's own stream, whose packets come without datagrams; -1 for none. */
  #fileStream = -1;
  #id = "";

  /** `ids` are the streams chosen by `--stream`; empty when there is only one to choose. */
  constructor(url: string, speed: number, ids: readonly string[], stop: Int32Array) {
    this.#target = parseSendTarget(url);
    this.#sender = new UdpSender({ target: this.#target, speed, stop });
    this.#packets = new TsDatagrams(this.#sender);
    this.#ids = new Set(ids);
  }

  datagram(id: string, buf: Uint8Array, off: number, len: number, timeNs: number): void {
    if (id !== this.#id && !this.#take(id)) return;
    this.#sender.send(buf, off, len, timeNs);
  }

  open(stream: number, info: StreamInfo): void {
    if (info.destinationAddress === "") this.#fileStream = stream;
  }

  packets(stream: number, buf: Uint8Array, off: number, len: number, timeNs: number): void {
    if (stream === this.#fileStream) this.#packets.packets(buf, off, len, timeNs);
  }

  bufferEnd(): void {
    this.#sender.flush();
  }

  close(stream: number): void {
    if (stream === this.#fileStream) this.#packets.end();
  }

  /** Sends what is left, closes the socket, and says what was sent and how well in time. */
  finish(): string {
    this.#packets.end();
    this.#sender.close();
    const { datagrams, bytes, dropped, abandoned, stalls, stalledNs, ...error } = this.#sender.stats;
    const us = (ns: number): string => `${formatFigure(ns / NS_PER_US)} us`;
    const parts = [
      `Sent ${formatNumber(datagrams, "datagram")} (${formatOctets(bytes)}) to ${formatSendTarget(this.#target)}`,
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
        `--send plays one stream, and this capture has several: ${this.#id} and ${id}. Choose one with --stream.`,
      );
    }
    this.#id = id;
    return true;
  }
}
