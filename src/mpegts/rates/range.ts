import type { RateReport } from "../../report/mpegts-schema.ts";
import { TS_PACKET_BITS } from "../packet.ts";

/** Packets a second of whole seconds as bit rates; null where no second was measured. */
export function rateReport(
  current: number,
  min: number,
  max: number,
  meanBps: number | null,
  measured: boolean,
): RateReport {
  const bits = (packets: number): number | null => (measured ? packets * TS_PACKET_BITS : null);
  return {
    current: bits(current),
    mean: meanBps,
    // Until a second from start to end was seen there is no lowest.
    min: min === Number.POSITIVE_INFINITY ? null : bits(min),
    max: bits(max),
  };
}

/** Least, most and last packets a second of a group of PIDs. */
export class RateRange {
  #current = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;
  #measured = false;

  /** A second with `packets`; `whole` is false where the group began in the middle of it. */
  second(packets: number, whole: boolean): void {
    this.#measured = true;
    this.#current = packets;
    if (whole && packets < this.#min) this.#min = packets;
    if (packets > this.#max) this.#max = packets;
  }

  /** As report data; `meanBps` over the whole time. */
  report(meanBps: number | null): RateReport {
    return rateReport(this.#current, this.#min, this.#max, meanBps, this.#measured);
  }
}
