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
  /** Row numbers in a field (or progressive frame): one more than the last, 4:2:0's second row of each pair counted. */
  readonly fieldRows: number;
  readonly rowStep: number;
  /** Octets a pixel of one row; null when not known. */
  readonly octetsPerPixel: number | null;
}

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
  #maxRow = 0;
  #maxOffset = 0;
  #maxOffsetLength = 0;
  #offsets = 0;
  #lengths = 0;
  #blocks = true;
  #block1260 = true;

  /** One segment; `follows` is false when packets are missing before it, or a field begins. */
  segment(length: number, row: number, offset: number, follows: boolean): void {
    this.#offsets = greatestCommonDivisor(this.#offsets, offset);
    this.#lengths = greatestCommonDivisor(this.#lengths, length);
    if (follows && row === this.#lastRow && offset > this.#lastOffset) {
      const ratio = this.#lastLength / (offset - this.#lastOffset);
      if (this.#octetsPerPixel === 0) this.#octetsPerPixel = ratio;
      else if (ratio !== this.#octetsPerPixel) this.#ratioSure = false;
    }
    if (follows && row > this.#lastRow && this.#lastRow >= 0) {
      const step = row - this.#lastRow;
      if (this.#rowStep === 0 || step < this.#rowStep) this.#rowStep = step;
    }
    if (row > this.#maxRow) this.#maxRow = row;
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

  /** A field, segment or progressive frame is over. One that is not whole makes the rest start anew. */
  fieldEnd(field: number, timestamp: number, packets: number, octets: number, whole: boolean): void {
    this.#lastRow = -1;
    if (this.#fields.length === MOST_FIELDS) this.#fields = [];
    if (!whole) this.#fields = [];
    else this.#fields.push({ field, timestamp, packets, octets });
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
    const fieldRows = this.#maxRow + rowStep;
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
      height: scan === "progressive" ? fieldRows : fieldRows * 2,
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
