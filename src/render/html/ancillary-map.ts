import type { AncSubStreamReport } from "../../report/st2110-ancillary-schema.ts";
import { didText } from "../ancillary-facts.ts";
import { formatNumber } from "../units.ts";
import { linearScale } from "./scale.ts";
import { html, type Markup, NOTHING } from "./template.ts";

const WIDTH = 1120;
const LEFT = 150;
const RIGHT = 14;
const TOP = 8;
const ROW = 26;
const BOTTOM = 30;
const UNPLACED = 120;
const PLOT_WIDTH = WIDTH - LEFT - UNPLACED - RIGHT;

/** Words of an ANC data packet around its user words: ADF, DID, SDID, DC, checksum (ST 291-1 6). */
const FRAME_WORDS = 7;

/** Rows that are drawn. */
const MOST_LINES = 60;

/** Sub-streams with a colour of their own. */
const COLOURS = 8;

/** Smallest width of the map in words. */
const LEAST_WORDS = 1920;

type Place = AncSubStreamReport["locations"][number];

interface Block {
  readonly sub: AncSubStreamReport;
  readonly place: Place;
  readonly colour: string;
}

/** The name of a row: the line, or what a number of no line stands for. */
function lineName({ line, lineMeaning }: Place): string {
  return lineMeaning ?? `line ${line}`;
}

/**
 * The ancillary map: a row a line of the picture, each sub-stream a block where its packets begin, as long as
 * they are. Those that name no place stand in a column of their own.
 */
export function ancillaryMap(subStreams: readonly AncSubStreamReport[]): Markup {
  const blocks = subStreams.flatMap((sub, i) =>
    sub.locations.map((place): Block => ({ sub, place, colour: i < COLOURS ? `s${i}` : "rest" })),
  );
  if (blocks.length === 0) return NOTHING;
  const rows = [...Map.groupBy(blocks, ({ place }) => place.line)].toSorted(([a], [b]) => a - b);
  const shown = rows.slice(0, MOST_LINES);
  const placed = blocks.filter(({ place }) => place.offsetMeaning === null);
  const words = ({ sub }: Block): number => sub.dataCount.max + FRAME_WORDS;
  const end = Math.max(LEAST_WORDS, ...placed.map((block) => block.place.horizontalOffset + words(block)));
  const scale = linearScale(0, end, 10);
  const x = (offset: number): number => LEFT + scale.position(offset) * PLOT_WIDTH;
  const height = TOP + shown.length * ROW + BOTTOM;
  const apart = LEFT + PLOT_WIDTH + 12;
  const drawn = shown.map(([, row], i) => {
    const top = TOP + i * ROW;
    const first = row[0];
    const name = first === undefined ? "" : lineName(first.place);
    let unplaced = 0;
    const marks = row.map((block) => {
      const { sub, place, colour } = block;
      const free = place.offsetMeaning !== null;
      const left = free ? apart + unplaced++ * 16 : x(place.horizontalOffset);
      const width = free ? 12 : Math.max(4, x(place.horizontalOffset + words(block)) - left);
      const where = free ? place.offsetMeaning : `from word ${place.horizontalOffset}`;
      const label = `${didText(sub)} ${sub.name}: ${lineName(place)}, ${where}${place.colorDifference ? ", colour-difference" : ""}, ${formatNumber(place.packets, "packet")}`;
      return html`<rect class="${colour}" x="${left.toFixed(1)}" y="${top + 4}" width="${width.toFixed(1)}" height="${ROW - 8}" rx="2"><title>${label}</title></rect>`;
    });
    return html`<text x="${LEFT - 8}" y="${top + ROW / 2}" dy="4" text-anchor="end">${name}</text><line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${top + ROW}" y2="${top + ROW}"/>${marks}`;
  });
  const xMarks = scale.ticks.map((tick) => {
    const at = x(tick).toFixed(1);
    return html`<line class="grid" x1="${at}" x2="${at}" y1="${TOP}" y2="${height - BOTTOM}"/><text x="${at}" y="${height - 12}" text-anchor="middle">${tick}</text>`;
  });
  const anywhere =
    placed.length === blocks.length
      ? NOTHING
      : html`<text x="${apart}" y="${height - 12}">no place given</text>`;
  const legend = subStreams.map(
    (sub, i) =>
      html`<li><svg viewBox="0 0 12 12" aria-hidden="true"><rect class="${i < COLOURS ? `s${i}` : "rest"}" width="12" height="12" rx="2"/></svg>${didText(sub)} ${sub.name}</li>`,
  );
  const more =
    rows.length > shown.length
      ? html`<p class="note">${rows.length - shown.length} more lines are not drawn.</p>`
      : NOTHING;
  return html`<figure class="chart wide"><figcaption>Ancillary map <small>line against horizontal offset in words</small></figcaption>
<div class="scroll"><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Ancillary map">${xMarks}${drawn}${anywhere}</svg></div>
<ul class="legend">${legend}</ul>${more}</figure>`;
}
