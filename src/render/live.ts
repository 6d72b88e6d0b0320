import type { Report, StreamReport } from "../report/schema.ts";
import { LAMP_LEGEND, lampLines, priorityLamps } from "./lamps.ts";
import { clip, fit, printable, type TextStyle, textStyle } from "./layout.ts";
import { mediaFigures } from "./media-facts.ts";
import {
  continuityErrors,
  illegalCount,
  kindText,
  rtpLost,
  type StreamState,
  streamState,
} from "./stream-facts.ts";
import { segmentsText } from "./text-hls.ts";
import { ptpOffsets } from "./text-ptp.ts";
import { systemLine } from "./text-system.ts";
import { formatBitrate, formatCount, formatNumber, UNKNOWN } from "./units.ts";

/** The space there is. */
export interface LiveOptions {
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
  /** Sources that were asked for and have sent nothing so far. */
  readonly waitingFor?: readonly string[];
  /** Show the machine, too. */
  readonly system?: boolean;
}

/** Blanks between two columns: one more where there is room. */
const GAP_NARROW = 1;
const GAP_WIDE = 2;

/** From this width there is room. */
const WIDE_COLUMNS = 100;

/** The longest name gets at least this, and is not cut for another column up to the second. */
const NAME_COLUMNS = 12;
const NAME_COLUMNS_WANTED = 21;

/** And no more than this, so that the figures stay near it. */
const NAME_COLUMNS_MAX = 46;

/** Head, titles, and the line that counts the streams for which there is no room. */
const OTHER_ROWS = 3;

/** Narrower than this the lamps of each indicator are left out: one a line would be too many. */
const LAMP_COLUMNS = 60;

interface LiveColumn {
  readonly title: string;
  readonly width: number;
  readonly align: "left" | "right";
  /** Columns of the highest rank go first when there is no room; 0 stays. */
  readonly rank: number;
  readonly text: (stream: StreamReport, state: StreamState) => string;
  /** The same text with colours of its own, as wide as the column. */
  readonly paint?: (stream: StreamReport, style: TextStyle) => string;
  /** True when the figure is bad news. */
  readonly bad?: (stream: StreamReport) => boolean;
}

function optional(count: number | null): string {
  return count === null ? UNKNOWN : formatCount(count);
}

/** A lamp for each priority of TR 101 290. */
function lampsText(stream: StreamReport, style: TextStyle): string {
  const rows = stream.mpegts?.tr101290 ?? [];
  return rows.length === 0 ? "   " : priorityLamps(rows, style);
}

const above0 = (count: number | null): boolean => count !== null && count > 0;

/** The kind column is as wide as what stands in it, within these bounds. */
const KIND_COLUMNS = 6;
const KIND_COLUMNS_MAX = 12;

const KIND: LiveColumn = {
  title: "kind",
  width: KIND_COLUMNS,
  align: "left",
  rank: 3,
  text: (stream) => kindText(stream),
};

const COLUMNS: readonly LiveColumn[] = [
  {
    title: "bit rate",
    width: 10,
    align: "right",
    rank: 0,
    text: (stream) => formatBitrate(stream.recentBitrate),
  },
  {
    title: "123",
    width: 3,
    align: "left",
    rank: 1,
    text: (stream) => lampsText(stream, textStyle(false)),
    paint: lampsText,
  },
  { title: "packets", width: 9, align: "right", rank: 4, text: (stream) => formatCount(stream.packets) },
  {
    title: "cont.",
    width: 6,
    align: "right",
    rank: 1,
    text: (stream) => optional(continuityErrors(stream)),
    bad: (stream) => above0(continuityErrors(stream)),
  },
  {
    title: "lost",
    width: 6,
    align: "right",
    rank: 1,
    text: (stream) => optional(rtpLost(stream)),
    bad: (stream) => above0(rtpLost(stream)),
  },
  {
    title: "illegal",
    width: 7,
    align: "right",
    rank: 2,
    text: (stream) => optional(illegalCount(stream)),
    bad: (stream) => above0(illegalCount(stream)),
  },
  { title: "state", width: 8, align: "left", rank: 0, text: (_, state) => state },
];

interface Layout {
  readonly shown: readonly LiveColumn[];
  readonly nameColumns: number;
  readonly gap: string;
}

/** The columns for which there is room beside a name of `longest` columns and a kind of `longestKind`. */
function layoutFor(columns: number, longest: number, longestKind: number): Layout {
  const kindColumns = Math.min(KIND_COLUMNS_MAX, Math.max(KIND_COLUMNS, longestKind));
  const all = [{ ...KIND, width: kindColumns }, ...COLUMNS];
  const wanted = Math.max(NAME_COLUMNS, Math.min(NAME_COLUMNS_WANTED, longest));
  const gap = columns >= WIDE_COLUMNS ? GAP_WIDE : GAP_NARROW;
  for (let rank = 4; ; rank--) {
    const shown = all.filter((column) => column.rank <= rank);
    const left = columns - shown.reduce((sum, column) => sum + column.width + gap, 0);
    if (left >= wanted || rank === 0) {
      const nameColumns = Math.max(1, Math.min(NAME_COLUMNS_MAX, left));
      return { shown, nameColumns, gap: " ".repeat(gap) };
    }
  }
}

function paintState(state: StreamState, text: string, style: TextStyle): string {
  if (state === "ok") return style.green(text);
  return state === "warnings" ? style.yellow(text) : style.red(text);
}

/** A number that is too wide for its column loses its last digits to a prefix: `1,234,567` → `1.23M`. */
function narrow(text: string, width: number): string {
  if (text.length <= width || !/^[\d,]+$/.test(text)) return text;
  const value = Number(text.replaceAll(",", ""));
  for (const [factor, prefix] of [
    [1e3, "k"],
    [1e6, "M"],
    [1e9, "G"],
  ] as const) {
    const short = `${Math.floor(value / factor)}${prefix}`;
    if (short.length <= width) return short;
  }
  return text;
}

function headLine(report: Report, columns: number, style: TextStyle): string {
  const { drops } = report.input;
  const lost = drops.kernel + drops.interface;
  const parts = [`${printable(report.input.name)} (${report.input.kind})`];
  if (report.hls === undefined) {
    parts.push(`${formatCount(report.input.packets)} frames`, `kernel drops ${formatCount(lost)}`);
  } else {
    parts.push(`segments: ${segmentsText(report.hls)}`);
  }
  if (report.published !== undefined) {
    const { published } = report;
    parts.push(
      published.transport === "pub"
        ? formatNumber(published.subscribers, "subscriber")
        : published.spool === undefined
          ? `queue ${formatCount(published.queued)} of ${formatCount(published.queueLimit)}`
          : `${formatCount(published.queued)} not acknowledged`,
    );
    const refused = published.failedConnections ?? 0;
    if (refused > 0) parts.push(`${formatCount(refused)} refused`);
  }
  parts.push(...ptpOffsets(report.ptp));
  const text = clip(parts.join("  "), columns);
  return lost > 0 ? style.red(text) : style.bold(text);
}

/** What stands below a stream where there is room: its lamps, or the figures of its part of ST 2110. */
function detailLines(stream: StreamReport, columns: number, style: TextStyle): string[] {
  if (stream.st2110 === undefined) return lampLines(stream.mpegts?.tr101290 ?? [], columns, style);
  const figures = printable(mediaFigures(stream.st2110));
  return figures === "" ? [] : [style.dim(clip(`    ${figures}`, columns))];
}

function streamLine(stream: StreamReport, state: StreamState, layout: Layout, style: TextStyle): string {
  const cells = layout.shown.map((column, i) => {
    const text = fit(narrow(column.text(stream, state), column.width), column.width, column.align);
    const cell = i === layout.shown.length - 1 ? text.trimEnd() : text;
    if (column.title === "state") return paintState(state, cell, style);
    if (column.paint !== undefined) return column.paint(stream, style);
    return column.bad?.(stream) === true ? style.red(cell) : cell;
  });
  return [fit(printable(stream.id), layout.nameColumns), ...cells].join(layout.gap);
}

/**
 * The live view: a head with what concerns the whole capture, then one line a stream. Columns that do not
 * fit are left out, the least important first; of more streams than rows, those in trouble are shown.
 */
export function liveLines(report: Report, options: LiveOptions): string[] {
  const style = textStyle(options.colour);
  const longest = Math.max(0, ...report.streams.map(({ id }) => Bun.stringWidth(id)));
  const longestKind = Math.max(0, ...report.streams.map((stream) => kindText(stream).length));
  const layout = layoutFor(options.columns, longest, longestKind);
  const titles = layout.shown.map((column) => fit(column.title, column.width, column.align));
  const lines = [
    headLine(report, options.columns, style),
    style.dim(
      clip([fit("stream", layout.nameColumns), ...titles].join(layout.gap).trimEnd(), options.columns),
    ),
  ];
  const system = options.system === true ? (report.system ?? null) : null;
  if (system !== null) lines.splice(1, 0, clip(systemLine(system), options.columns));
  const streams = report.streams.map((stream) => ({ stream, state: streamState(report, stream) }));
  const { waitingFor = [] } = options;
  const otherRows = OTHER_ROWS + Math.min(1, waitingFor.length) + (system === null ? 0 : 1);
  const room = Math.max(1, options.rows - otherRows);
  const trouble = streams.filter((entry) => entry.state !== "ok");
  const visible =
    streams.length <= room
      ? streams
      : [...trouble, ...streams.filter((entry) => entry.state === "ok")].slice(0, room);
  const lamps = visible.map(({ stream }) => detailLines(stream, options.columns, style));
  const lampRows = lamps.reduce((sum, own) => sum + own.length, 0);
  // Every lamp and figure where there is room for those of all streams, and the line with what the signs mean.
  const withLamps =
    lampRows > 0 && options.columns >= LAMP_COLUMNS && visible.length + lampRows + otherRows < options.rows;
  for (const [i, { stream, state }] of visible.entries()) {
    lines.push(streamLine(stream, state, layout, style));
    if (withLamps) lines.push(...(lamps[i] ?? []));
  }
  if (withLamps && visible.some(({ stream }) => stream.mpegts?.tr101290 !== undefined)) {
    lines.push(style.dim(clip(`       ${LAMP_LEGEND}`, options.columns)));
  }
  const hidden = streams.length - visible.length;
  if (hidden > 0) {
    const hiddenTrouble = Math.max(0, trouble.length - visible.length);
    const text = `and ${formatNumber(hidden, "more stream")}, ${formatCount(hiddenTrouble)} of them not ok`;
    lines.push(style.dim(clip(text, options.columns)));
  }
  if (waitingFor.length > 0) {
    lines.push(style.yellow(clip(`nothing yet from ${waitingFor.join(", ")}`, options.columns)));
  } else if (streams.length === 0) {
    lines.push(style.dim(clip("waiting for the first packet", options.columns)));
  }
  return lines;
}

/** One stream on one log line, for where there is no terminal. */
export function streamLogLine(report: Report, stream: StreamReport): string {
  const parts = [
    `${printable(stream.id)} ${kindText(stream)} ${formatBitrate(stream.recentBitrate)}`,
    formatNumber(stream.packets, "packet"),
  ];
  if (stream.mpegts !== undefined) {
    parts.push(`continuity errors ${formatCount(stream.mpegts.continuity.errors)}`);
    parts.push(`illegal ${formatCount(illegalCount(stream) ?? 0)}`);
  }
  if (stream.rtp !== undefined) parts.push(`lost ${formatCount(stream.rtp.lost)}`);
  parts.push(`kernel drops ${formatCount(report.input.drops.kernel + report.input.drops.interface)}`);
  return `${parts.join(", ")}: ${streamState(report, stream)}`;
}
