import type { NetworkReport } from "../report/mpegts-schema.ts";
import { ArrivalMeter } from "./arrival.ts";
import { FecDetector } from "./fec2022.ts";
import { Mdi } from "./mdi.ts";
import { RtpJitter } from "./rtp-jitter.ts";

/**
 * What the network did to one stream: arrival, microbursts, MDI, RTP jitter, datagrams in pieces, FEC. For streams
 * off the network only: times are those of arrival.
 */
export class NetworkMeter {
  readonly mdi = new Mdi();
  readonly fec = new FecDetector();
  /** Datagrams that are not a whole number of TS packets. */
  partialDatagrams = 0;
  readonly #arrival = new ArrivalMeter();
  readonly #jitter = new RtpJitter();

  /** Any datagram, as it arrives: octets of UDP payload on the wire. */
  datagram(octets: number, timeNs: number): void {
    this.#arrival.arrival(octets, timeNs);
  }

  /** An RTP packet, as it arrives and before it is put in order. */
  rtp(timestamp: number, ssrc: number, timeNs: number): void {
    this.#jitter.packet(timestamp, ssrc, timeNs);
  }

  /** The octets of a datagram that are MPEG-TS, as it arrives; `packetLength` is that of the stream's packets. */
  media(octets: number, packetLength: number, timeNs: number): void {
    if (octets % packetLength !== 0) this.partialDatagrams += 1;
    this.mdi.packet(octets, timeNs);
  }

  /** The input starts again: what comes next is not compared with what came before. */
  gap(): void {
    this.#arrival.gap();
    this.#jitter.gap();
    this.mdi.gap();
  }

  /** All of it as report data; the bins of the histogram only where they are asked for. */
  report(bins = true): NetworkReport {
    return {
      interArrivalUs: this.#arrival.interArrivalUs(bins),
      bursts: this.#arrival.bursts(),
      mdi: this.mdi.report(),
      rtpJitterMs: this.#jitter.jitterMs,
      ssrcChanges: this.#jitter.ssrcChanges,
      partialDatagrams: this.partialDatagrams,
      fec: this.fec.name,
    };
  }
}
