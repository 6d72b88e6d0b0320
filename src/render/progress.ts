import { clip } from "./layout.ts";
import { formatBitrate, formatCount, formatNumber, formatOctets, formatSeconds } from "./units.ts";

/** How far a file has been read. */
export interface FileProgress {
  readonly name: string;
  /** Octets read; of a compressed file, as stored. */
  readonly doneOctets: number;
  /** 0 when not known, as for standard input. */
  readonly totalOctets: number;
  readonly packets: number;
  readonly elapsedMs: number;
}

/** What a client has received so far. */
export interface ClientProgress {
  /** Name of the file that is written; the number of files when there are several. */
  readonly target: string;
  readonly packets: number;
  readonly bytes: number;
  /** Bits per second over the last second. */
  readonly bitrate: number | null;
  readonly streams: number;
  /** Messages missing by sequence. */
  readonly gaps: number;
}

/** Columns of the bar itself. */
const BAR_COLUMNS = 24;

/** Narrower than this the bar is left out. */
const COLUMNS_FOR_BAR = 60;

/** One line that says how far a file has been read, and how long the rest will take. */
export function fileProgressLine(progress: FileProgress, columns: number): string {
  const { doneOctets, totalOctets, packets, elapsedMs } = progress;
  if (totalOctets <= 0) {
    return clip(`${progress.name}  ${formatOctets(doneOctets)}  ${formatNumber(packets, "frame")}`, columns);
  }
  const part = Math.min(1, doneOctets / totalOctets);
  const filled = Math.round(part * BAR_COLUMNS);
  const bar = columns < COLUMNS_FOR_BAR ? "" : `[${"#".repeat(filled)}${".".repeat(BAR_COLUMNS - filled)}] `;
  const percent = `${Math.floor(part * 100)} %`.padStart(5);
  const left =
    part > 0 && part < 1 ? `  ${formatSeconds(Math.ceil((elapsedMs / 1000) * (1 / part - 1)))} left` : "";
  return clip(`${bar}${percent}  ${formatNumber(packets, "frame")}${left}  ${progress.name}`, columns);
}

/** One line that says what a client writes. */
export function clientProgressLine(progress: ClientProgress, columns: number): string {
  const parts = [
    progress.target,
    formatBitrate(progress.bitrate),
    formatOctets(progress.bytes),
    formatNumber(progress.packets, "TS packet"),
    formatNumber(progress.streams, "stream"),
    progress.gaps === 0 ? "no gap" : `${formatCount(progress.gaps)} messages missing`,
  ];
  return clip(parts.join("  "), columns);
}
