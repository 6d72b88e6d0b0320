import type { VideoFormat } from "./format-learner.ts";
import { greatestCommonDivisor } from "./sampling.ts";

/**
 * Which samples of one field (or progressive frame) came: order, gaps, lines. What may turn out to be a new format is
 * counted here until the field is over; order and alignment are returned at once.
 */
export class FieldCheck {
  packets = 0;
  octets = 0;
  /** Packets lost within, or right before its first. */
  lost = 0;
  /** A header rule was broken: what is missing then is no fault of its own. */
  faulty = false;
  /** Times samples were left out or came twice within a row. */
  holes = 0;
  /** Segments past the width, and of rows past the height. */
  beyond = 0;
  extra = 0;
  missingRows = 0;
  lastRow = -1;
  maxEnd = 0;
  #lastOffset = 0;
  #nextOffset = 0;
  /** The next segment can't be compared: something before it is not known. */
  #resync = false;
  #width = 0;
  /** Rows of the field that runs; 0 while the format is not known. */
  #rows = 0;
  #fieldRows: readonly [number, number] = [0, 0];
  #step = 1;
  #octetsPerPixel = 0;
  #pgroupOctets = 1;
  #pgroupPixels = 1;

  /** The format is known. */
  format(format: VideoFormat): void {
    const { candidates } = format;
    this.#width = format.width ?? 0;
    this.#fieldRows = format.fieldRows;
    this.#step = format.rowStep;
    this.#octetsPerPixel = format.octetsPerPixel ?? 0;
    this.#pgroupOctets = candidates.reduce((sum, { octets }) => greatestCommonDivisor(sum, octets), 0) || 1;
    this.#pgroupPixels = candidates.reduce((sum, { pixels }) => greatestCommonDivisor(sum, pixels), 0) || 1;
  }

  /** The format is no longer known. */
  forget(): void {
    this.#width = 0;
    this.#rows = 0;
    this.#fieldRows = [0, 0];
    this.#step = 1;
    this.#octetsPerPixel = 0;
    this.#pgroupOctets = 1;
    this.#pgroupPixels = 1;
  }

  /** True when a Length splits no pgroup. */
  lengthFits(length: number): boolean {
    return length % this.#pgroupOctets === 0;
  }

  /** True when an Offset is where a pgroup begins. */
  offsetFits(offset: number): boolean {
    return offset % this.#pgroupPixels === 0;
  }

  /** Field 0 or 1 begins with a packet before which `lost` are missing. */
  start(field: number, lost: number): void {
    this.#rows = this.#fieldRows[field === 1 ? 1 : 0];
    this.packets = 0;
    this.octets = 0;
    this.lost = lost;
    this.faulty = false;
    this.holes = 0;
    this.beyond = 0;
    this.extra = 0;
    this.missingRows = 0;
    this.lastRow = -1;
    this.maxEnd = 0;
    this.#nextOffset = 0;
    this.#resync = lost > 0;
  }

  /** `lost` packets are missing before the next. */
  loss(lost: number): void {
    this.lost += lost;
    this.#resync = true;
  }

  /** A header of the last packet can't be trusted. */
  fault(): void {
    this.faulty = true;
    this.#resync = true;
  }

  /** True when a segment at this row and offset can go on from what came last. */
  continues(row: number, offset: number): boolean {
    return row > this.lastRow || (row === this.lastRow && offset >= this.#nextOffset && offset > 0);
  }

  /** Rows and offsets in order: 0; -1 for a row that goes back, -2 for an offset that does not increase. */
  segment(length: number, row: number, offset: number): number {
    let order = 0;
    const resync = this.#resync;
    this.#resync = false;
    if (row === this.lastRow) {
      if (offset !== this.#nextOffset && this.#octetsPerPixel > 0 && !resync) {
        if (offset <= this.#lastOffset) order = -2;
        else this.holes += 1;
      }
    } else if (row < this.lastRow) {
      order = -1;
    } else if (!resync) {
      if (this.lastRow >= 0) this.#rowEnd();
      const skipped = (row - this.lastRow - (this.lastRow < 0 ? 1 : this.#step)) / this.#step;
      if (skipped > 0 && this.#rows > 0 && row < this.#rows) this.missingRows += Math.ceil(skipped);
      if (offset !== 0) this.holes += 1;
    }
    this.lastRow = row;
    this.#lastOffset = offset;
    if (order !== 0) {
      // One wrong header is one fault, whether it was this one or the one before: the next is compared with neither.
      this.fault();
      return order;
    }
    if (this.#rows > 0 && row >= this.#rows) this.extra += 1;
    if (this.#octetsPerPixel > 0) {
      const end = offset + length / this.#octetsPerPixel;
      this.#nextOffset = end;
      if (end > this.maxEnd) this.maxEnd = end;
      if (this.#width > 0 && end > this.#width) this.beyond += 1;
    } else {
      this.#nextOffset = offset + 1;
    }
    return 0;
  }

  /** True when everything up to the last row's end has come. */
  get atEnd(): boolean {
    return (
      this.#rows > 0 &&
      this.lastRow >= this.#rows - this.#step &&
      (this.#width === 0 || this.#octetsPerPixel === 0 || this.#nextOffset >= this.#width)
    );
  }

  /** The field is over: counts what its end lacks. */
  end(): void {
    if (this.#rows === 0) return;
    if (!this.#resync) this.#rowEnd();
    const rows = (this.#rows - this.#step - this.lastRow) / this.#step;
    if (rows > 0) this.missingRows += Math.ceil(rows);
  }

  /** True when nothing is missing or too much. */
  get complete(): boolean {
    return this.lost === 0 && !this.faulty && !this.deviates;
  }

  /** True when lines or samples are not what the format says. */
  get deviates(): boolean {
    return this.holes > 0 || this.beyond > 0 || this.extra > 0 || this.missingRows > 0;
  }

  #rowEnd(): void {
    if (this.#width > 0 && this.#octetsPerPixel > 0 && this.#nextOffset < this.#width) this.holes += 1;
  }
}
