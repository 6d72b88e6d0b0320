import type { PtpRequesterReport } from "../report/ptp-schema.ts";
import type { PtpMaster } from "./master.ts";
import { identityText } from "./message.ts";

/** One clock that measures its path delay by Delay_Req, as seen from where the capture stands. */
export class PtpRequester {
  readonly high: number;
  readonly low: number;
  readonly port: number;
  requests = 0;
  responses = 0;
  /** The capture clock against the master's, ns; NaN before the first whole exchange. */
  offsetNs = Number.NaN;
  pathDelayNs = Number.NaN;
  /** sequenceId of the last request, -1 for none, and whether it still waits for its answer. */
  #sequence = -1;
  #waiting = false;
  /** Number of the address that it went to. */
  #address = 0;
  /** When it was captured, less what it was corrected by until then, ns. */
  #sentNs = Number.NaN;

  constructor(high: number, low: number, port: number) {
    this.high = high;
    this.low = low;
    this.port = port;
  }

  /**
   * Takes a Delay_Req captured at `timeNs` with the correction `correctionNs`: what it has stood in transparent clocks
   * before, which its answer holds too (11.3.2). True when the one before it, to the same `address`, had no answer:
   * each has sequenceIds of its own (7.3.7).
   */
  request(sequence: number, address: number, correctionNs: number, timeNs: number): boolean {
    // The same sequenceId is the same request, captured twice (IEEE 1588-2008 7.3.7).
    const same = address === this.#address;
    if (same && sequence === this.#sequence) return false;
    const unanswered = same && this.#waiting;
    this.#address = address;
    this.requests++;
    this.#sequence = sequence;
    this.#waiting = true;
    this.#sentNs = timeNs - correctionNs;
    return unanswered;
  }

  /**
   * Takes the Delay_Resp of `master`; `receivedNs` is its receiveTimestamp less its correction, after the capture's
   * epoch. IEEE 1588-2008 11.3.2 with t2 and t3 as captured.
   */
  response(sequence: number, receivedNs: number, master: PtpMaster | null): void {
    if (!this.#waiting || sequence !== this.#sequence) return;
    this.#waiting = false;
    this.responses++;
    if (master === null) return;
    const down = master.arrivedNs - master.sentNs;
    const up = receivedNs - this.#sentNs;
    if (!Number.isFinite(down) || !Number.isFinite(up)) return;
    this.offsetNs = (down - up) / 2;
    this.pathDelayNs = (down + up) / 2;
  }

  /** What follows is not compared with what was before. */
  gap(): void {
    this.#sequence = -1;
    this.#waiting = false;
  }

  /** All of it as report data; the offset is null without a wall clock. */
  report(wallClock: boolean): PtpRequesterReport {
    const measured = Number.isFinite(this.offsetNs);
    return {
      identity: identityText(this.high, this.low),
      port: this.port,
      requests: this.requests,
      responses: this.responses,
      offsetNs: measured && wallClock ? this.offsetNs : null,
      pathDelayNs: measured ? this.pathDelayNs : null,
    };
  }
}
