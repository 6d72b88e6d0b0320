/** One leg of a redundant pair, and what was counted on it. */
export class Leg {
  /** Packets that were placed in the window, duplicates not counted. */
  packets = 0;
  octets = 0;
  /** Packets missing between the first and the last that came. */
  lost = 0;
  /** Packets that came on this leg alone. */
  only = 0;
  /** Packets that came twice on this leg. */
  duplicates = 0;
  /** Packets after the window had moved on. */
  late = 0;
  /** Packets from before the pair was first seen. */
  early = 0;
  /** Packets whose numbers fit nowhere, such as the first ones after a restart. */
  unplaced = 0;
  /** Time of the last packet, ns; NaN before the first. */
  lastNs = Number.NaN;
  silent = false;
  /** Extended number of the last packet; NaN before the first. */
  lastExt = Number.NaN;
  /** Extended number of the first packet of this numbering. */
  firstExt = Number.NaN;
  ssrc = 0;
  /** Which numbering the leg follows; one that is behind has not restarted yet. */
  generation = -1;
  /** What a second packet of a new numbering would have; -1 for none. */
  expectedSequence = -1;
  expectedSsrc = 0;
  /** Missing numbers after the last packet that is settled; lost once another follows. */
  pending = 0;

  /** True for the second of two packets in a row with a numbering of their own (RFC 3550 A.1). */
  strikes(sequence: number, ssrc: number): boolean {
    if (sequence === this.expectedSequence && ssrc === this.expectedSsrc) return true;
    this.expectedSequence = (sequence + 1) & 0xffff;
    this.expectedSsrc = ssrc;
    return false;
  }

  /** Follows a numbering from `ext` on. */
  begin(ext: number, ssrc: number, generation: number): void {
    this.ssrc = ssrc;
    this.generation = generation;
    this.firstExt = ext;
    this.lastExt = ext;
    this.expectedSequence = -1;
    this.pending = 0;
  }

  /** The number `ext` is settled; `came` on this leg or not. Returns how many numbers are now known as lost. */
  settle(ext: number, came: boolean): number {
    if (came) {
      const { pending } = this;
      this.pending = 0;
      this.lost += pending;
      return pending;
    }
    if (ext > this.firstExt) this.pending++;
    return 0;
  }
}
