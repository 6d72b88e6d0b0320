import { type Rational, times } from "../timing21/rational.ts";
import type { Scan } from "../timing21/schedule.ts";
import { rateOfSteps, SHORT_STEP_TICKS } from "./frame-rate.ts";
import { greatestCommonDivisor, type Packing, packingsFor } from "./sampling.ts";

/** Format of a stream as its packets show it. */
export interface VideoFormat {
  readonly width: number | null;
  /** Lines of the frame, both fields together. */
  readonly height: number;
  readonly scan: Scan;
  /** Frames a second; null when the timestamps step by no rate in use. */
  readonly rate: Rational | null;
  /** Every packing that the packets may be of; none when rows come in one piece each. */
  readonly candidates: readonly Packing[];
  readonly packing: "GPM" | "BPM" | "unknown";
  readonly packetsPerFrame: number;
  readonly octetsPerFrame: number;
  /**
   * Row numbers of the first field (or the progressive frame) and of the second: one more than the last, 4:2:0's second row of
   * each pair counted. They differ by one where the height is odd, as in the 487 lines of 525; progressive has the first twice.
   */
  readonly fieldRows: readonly [number, number];
  readonly rowStep: number;
  /** Octets a pixel of one row; null when not known. */
  readonly octetsPerPixel: number | null;
}

/** What headers of a field say that can't all be right: places within rows, or row numbers; null for nothing. */
export type Contradiction = "samples" | "lines" | null;

interface Field {
  readonly field: number;
  readonly timestamp: number;
  readonly packets: number;
  readonly octets: number;
}

/** Standard length of the blocks of block packing mode, and what any length must be a multiple of. */
const BLOCK_OCTETS = 1260;
/** See BLOCK_OCTETS. */
export const BLOCK_UNIT_OCTETS = 180;
/** Steps after which timestamps that fit no rate are taken as such. */
const MOST_STEPS = 8;
/** Fields that are kept at most: a sender without a second field, or a first, shows no format. */
const MOST_FIELDS = 32;
/** Fields whose headers contradict each other, after which those of a stream are taken as they are. */
const MOST_CONTRADICTIONS = 8;
/** Steps that tell neighbouring high rates apart. */
const SURE_STEPS = 4;

/** Finds the format of a stream from whole fields that follow each other. Cheap, but not used once it is found. */
export class FormatLearner {
  #fields: Field[] = [];
  #octetsPerPixel = 0;
  #ratioSure = true;
  #lastRow = -1;
  #lastOffset = 0;
  #lastLength = 0;
  #rowStep = 0;
  /** Octets of the row before, from its offset 0 on; 0 when not known. */
  #rowOctets = 0;
  #contradiction: Contradiction = null;
  #contradictions = 0;
  readonly #maxRow: [number, number] = [0, 0];
  #maxOffset = 0;
  #maxOffsetLength = 0;
  #offsets = 0;
  #lengths = 0;
  #blocks = true;
  #block1260 = true;

  /** One segment of field 0 or 1; `follows` is false when packets are missing before it, or the field begins. */
  segment(field: number, length: number, row: number, offset: number, follows: boolean): void {
    this.#offsets = greatestCommonDivisor(this.#offsets, offset);
    this.#lengths = greatestCommonDivisor(this.#lengths, length);
    if (this.#lastRow < 0) {
      if (row !== 0) this.#contradiction = "lines";
      else if (offset !== 0) this.#contradiction = "samples";
    } else if (follows && row === this.#lastRow) {
      if (offset > this.#lastOffset) this.#ratio(this.#lastLength / (offset - this.#lastOffset));
      else this.#contradiction = "samples";
    } else if (follows && row > this.#lastRow) {
      this.#rowEnd(row - this.#lastRow, offset);
    }
    const which = field === 1 ? 1 : 0;
    if (row > this.#maxRow[which]) this.#maxRow[which] = row;
    if (offset > this.#maxOffset || (offset === this.#maxOffset && length > this.#maxOffsetLength)) {
      this.#maxOffset = offset;
      this.#maxOffsetLength = length;
    }
    this.#lastRow = row;
    this.#lastOffset = offset;
    this.#lastLength = length;
  }

  /** The segments of a packet hold `octets`; `last` tells that it has the marker. */
  packet(octets: number, last: boolean): void {
    if (last) return;
    if (octets % BLOCK_UNIT_OCTETS !== 0) this.#blocks = false;
    if (octets !== BLOCK_OCTETS) this.#block1260 = false;
  }

  /**
   * A field, segment or progressive frame is over. One that is not whole, or whose headers contradict each other, makes the rest
   * start anew: nothing that it said counts. Returns what the headers of a whole one contradict each other in.
   */
  fieldEnd(field: number, timestamp: number, packets: number, octets: number, whole: boolean): Contradiction {
    const contradiction = whole ? this.#contradiction : null;
    this.#lastRow = -1;
    this.#contradiction = null;
    if (contradiction !== null) this.#contradictions += 1;
    if (!whole || (contradiction !== null && this.#contradictions <= MOST_CONTRADICTIONS)) {
      this.#forget();
      return contradiction;
    }
    if (this.#fields.length === MOST_FIELDS) this.#fields = [];
    this.#fields.push({ field, timestamp, packets, octets });
    return contradiction;
  }

  /** The format, when the fields so far and the one that begins now settle it. */
  decide(nextField: number, nextTimestamp: number): VideoFormat | null {
    const last = this.#fields.at(-1);
    const before = this.#fields.at(-2);
    if (last === undefined || nextField !== 0) return null;
    if (last.field === 0) return this.#format("progressive", nextTimestamp, [last], 1);
    if (before === undefined || before.field !== 0) return null;
    const psf = before.timestamp === last.timestamp;
    return this.#format(psf ? "psf" : "interlaced", nextTimestamp, [before, last], psf ? 1 : 2);
  }

  /** Octets a pixel, by two segments of a row. */
  #ratio(ratio: number): void {
    if (this.#octetsPerPixel === 0) this.#octetsPerPixel = ratio;
    else if (ratio !== this.#octetsPerPixel) {
      this.#ratioSure = false;
      this.#contradiction = "samples";
    }
  }

  /** A row begins at `offset`, `step` after the one before: rows are all of one length, and one step apart. */
  #rowEnd(step: number, offset: number): void {
    if (this.#rowStep !== 0 && step !== this.#rowStep) this.#contradiction = "lines";
    if (this.#rowStep === 0 || step < this.#rowStep) this.#rowStep = step;
    if (offset !== 0) this.#contradiction = "samples";
    if (this.#octetsPerPixel === 0) return;
    const octets = this.#lastOffset * this.#octetsPerPixel + this.#lastLength;
    if (this.#rowOctets !== 0 && octets !== this.#rowOctets) this.#contradiction = "samples";
    this.#rowOctets = octets;
  }

  #forget(): void {
    this.#fields = [];
    this.#octetsPerPixel = 0;
    this.#ratioSure = true;
    this.#rowStep = 0;
    this.#rowOctets = 0;
    this.#maxRow.fill(0);
    this.#maxOffset = 0;
    this.#maxOffsetLength = 0;
    this.#offsets = 0;
    this.#lengths = 0;
    this.#blocks = true;
    this.#block1260 = true;
  }

  #format(scan: Scan, nextTimestamp: number, frame: Field[], stepsPerFrame: number): VideoFormat | null {
    const first = this.#fields.findIndex(({ field }) => field === 0);
    const start = this.#fields[first] as Field;
    const frames = (this.#fields.length - first) / frame.length;
    const steps = Math.floor(frames) * stepsPerFrame;
    const ticks = ((nextTimestamp - start.timestamp) >>> 0) / steps;
    if (ticks < SHORT_STEP_TICKS && steps < SURE_STEPS) return null;
    const rate = rateOfSteps(ticks, steps);
    if (rate === null && steps < MOST_STEPS) return null;
    const rowStep = this.#rowStep === 2 ? 2 : 1;
    const [firstRow, secondRow] = this.#maxRow;
    const progressive = scan === "progressive";
    const fieldRows = [firstRow + rowStep, (progressive ? firstRow : secondRow) + rowStep] as const;
    const octetsPerPixel = this.#octetsPerPixel > 0 && this.#ratioSure ? this.#octetsPerPixel : null;
    const end = octetsPerPixel === null ? null : this.#maxOffset + this.#maxOffsetLength / octetsPerPixel;
    const candidates =
      octetsPerPixel === null
        ? []
        : packingsFor({
            octetsPerPixel,
            rowStep,
            offsetDivisor: this.#offsets,
            lengthDivisor: this.#lengths,
          });
    const block = this.#block1260 ? "BPM" : "unknown";
    return {
      width: end !== null && Number.isInteger(end) ? end : null,
      height: progressive ? fieldRows[0] : fieldRows[0] + fieldRows[1],
      scan,
      rate: rate === null ? null : times(rate, 1, stepsPerFrame),
      candidates,
      packing: this.#blocks ? block : "GPM",
      packetsPerFrame: frame.reduce((sum, { packets }) => sum + packets, 0),
      octetsPerFrame: frame.reduce((sum, { octets }) => sum + octets, 0),
      fieldRows,
      rowStep,
      octetsPerPixel,
    };
  }
}
