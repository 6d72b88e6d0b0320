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
  /** Packets after the window had moved on, which are not among `packets`. */
  late = 0;
  /** Packets from before the pair was first seen. */
  early = 0;
  /** Packets whose numbers fit nowhere, such as the first ones after a restart. */
  unplaced = 0;
  /** Time of the last packet, ns; NaN before the first. */
  lastNs = Number.NaN;
  silent = false;
  /** Arrival on the other leg of the first packet that was waited for here since the last that came; NaN for none. */
  absentNs = Number.NaN;
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
  /** The lowest of them. */
  #pendingFrom = Number.NaN;

  /** True for the second of two packets in a row with a numbering of their own (RFC 3550 A.1). */
  strikes(sequence: number, ssrc: number): boolean {
    if (sequence === this.expectedSequence && ssrc === this.expectedSsrc) return true;
    this.expectedSequence = (sequence + 1) & 0xffff;
    this.expectedSsrc = ssrc;
    return false;
  }

  /** What comes does not follow on what came; whether it was silent stays said. */
  forget(): void {
    this.generation = -1;
    this.lastNs = Number.NaN;
    this.absentNs = Number.NaN;
  }

  /** A packet has come at `timeNs`. */
  heard(timeNs: number): void {
    this.lastNs = timeNs;
    this.absentNs = Number.NaN;
    this.silent = false;
  }

  /**
   * A packet that came on the other leg at `timeNs` was waited for here in vain. True when the leg falls silent by it:
   * only what it lacks tells, for where the other leg pauses too there was nothing to come.
   */
  lacks(timeNs: number, silentNs: number): boolean {
    if (this.silent || timeNs <= this.lastNs) return false;
    if (Number.isNaN(this.absentNs)) this.absentNs = timeNs;
    return timeNs - this.absentNs > silentNs;
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
    if (ext > this.firstExt) {
      if (this.pending === 0) this.#pendingFrom = ext;
      this.pending++;
    }
    return 0;
  }

  /** The number `ext`, settled as missing, has come after all. */
  takeBack(ext: number): void {
    if (this.pending > 0 && ext >= this.#pendingFrom) this.pending--;
  }
}
