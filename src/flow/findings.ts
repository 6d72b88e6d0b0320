import type { RtpReorder } from "../net/reorder.ts";
import { type Finding, FindingCounter, findingsOf, type Rule } from "../report/finding.ts";
import type { Epoch } from "../report/time.ts";

/** RTP sequence numbers that never came. */
export const RTP_LOSS: Rule = {
  code: "rtp-loss",
  clause: "RFC 3550 5.1",
  severity: "error",
  text: "{count} RTP {packet was|packets were} lost: {its sequence number|their sequence numbers} did not come within the reorder window.",
};

/** RTP packets after their turn. */
export const RTP_LATE: Rule = {
  code: "rtp-late",
  clause: "RFC 3550 5.1",
  severity: "warning",
  text: "{count} RTP {packet|packets} came after the reorder window had moved on and {was|were} dropped; a larger window would save {it|them}.",
};

/** RTP packets out of order, put right. */
export const RTP_REORDERED: Rule = {
  code: "rtp-reordered",
  clause: "RFC 3550 5.1",
  severity: "warning",
  text: "{count} RTP {packet|packets} came out of order and {was|were} put back in order.",
};

/** RTP packets twice. */
export const RTP_DUPLICATE: Rule = {
  code: "rtp-duplicate",
  clause: "RFC 3550 5.1",
  severity: "warning",
  text: "{count} RTP {packet|packets} came twice; the second copy was dropped.",
};

/** Datagrams on an RTP flow that are not RTP. */
export const RTP_INVALID: Rule = {
  code: "rtp-invalid",
  clause: "RFC 3550 5.1",
  severity: "warning",
  text: "{count} {datagram|datagrams} on this RTP stream {is no RTP packet|are not RTP packets} (version, header or padding do not fit) and {was|were} dropped.",
};

/** RTP numbering begins anew. */
export const RTP_RESTART: Rule = {
  code: "rtp-restart",
  clause: "RFC 3550 A.1",
  severity: "warning",
  text: "{count} {time|times} the RTP sequence or SSRC jumped too far to be loss: the sender has started again.",
};

/** Datagrams cut by the capture. */
export const SNAP_LENGTH: Rule = {
  code: "snap-length",
  clause: "rscap capture",
  severity: "warning",
  text: "{count} {datagram was|datagrams were} cut by the capture's snap length: what was cut could not be judged or passed on, and continuity is not checked. Capture with a snap length of 0.",
};

/** The same for media whose headers and times are all that its timing needs. */
export const SNAP_LENGTH_MEDIA: Rule = {
  code: "snap-length",
  clause: "rscap capture",
  severity: "info",
  text: "{count} {datagram was|datagrams were} cut by the capture's snap length: headers and timing are judged in full, the media itself is not, and nothing of it is passed on.",
};

/** The same sender from another port. */
export const SENDER_RESTART: Rule = {
  code: "sender-restart",
  clause: "rscap flow",
  severity: "warning",
  text: "{count} {time|times} the stream fell silent and the same sender came back from another port: it was started again.",
};

/** Counts a flow's findings with their times; nothing is allocated while nothing is wrong. */
export class FlowFindings {
  readonly invalid = new FindingCounter(RTP_INVALID);
  readonly snapped = new FindingCounter(SNAP_LENGTH);
  readonly senderRestart = new FindingCounter(SENDER_RESTART);
  readonly #lost = new FindingCounter(RTP_LOSS);
  readonly #late = new FindingCounter(RTP_LATE);
  readonly #reordered = new FindingCounter(RTP_REORDERED);
  readonly #duplicates = new FindingCounter(RTP_DUPLICATE);
  readonly #restarts = new FindingCounter(RTP_RESTART);
  #sum = 0;

  /** Looks whether the reorder window has counted something new, which happened at `timeNs`. */
  update(reorder: RtpReorder, timeNs: number): void {
    const { lost, late, reordered, duplicates, restarts } = reorder;
    const sum = lost + late + reordered + duplicates + restarts;
    if (sum === this.#sum) return;
    this.#sum = sum;
    raise(this.#lost, lost, timeNs);
    raise(this.#late, late, timeNs);
    raise(this.#reordered, reordered, timeNs);
    raise(this.#duplicates, duplicates, timeNs);
    raise(this.#restarts, restarts, timeNs);
  }

  /** The findings of the stream `id` so far; `media` is RTP without TS. */
  list(id: string, epoch: Epoch, media: boolean): Finding[] {
    const { count, firstNs, lastNs } = this.snapped;
    const snapped = media
      ? Object.assign(new FindingCounter(SNAP_LENGTH_MEDIA), { count, firstNs, lastNs })
      : this.snapped;
    const counters = [
      this.#lost,
      this.#late,
      this.#reordered,
      this.#duplicates,
      this.invalid,
      this.#restarts,
      snapped,
      this.senderRestart,
    ];
    return findingsOf(counters, id, epoch);
  }
}

function raise(counter: FindingCounter, total: number, timeNs: number): void {
  if (total > counter.count) counter.hit(timeNs, total - counter.count);
}
