import { writeSync } from "node:fs";
import { wantsColour } from "../render/layout.ts";
import type { Screen } from "../render/painter.ts";

/** Columns assumed where there is no terminal to ask. */
const DEFAULT_COLUMNS = 80;

/** Rows assumed where there is no terminal to ask. */
const DEFAULT_ROWS = 24;

const STDOUT = 1;
const STDERR = 2;

/** Standard output and standard error as the commands use them; both written at once, without a queue. */
export const terminal = {
  out: (text: string): void => writeAll(STDOUT, text),
  err: (text: string): void => writeAll(STDERR, text),
  outIsTerminal: (): boolean => process.stdout.isTTY === true,
  errIsTerminal: (): boolean => process.stderr.isTTY === true,
  outColour: (): boolean => wantsColour(process.stdout.isTTY === true, process.env),
  errColour: (): boolean => wantsColour(process.stderr.isTTY === true, process.env),
  outColumns: (): number => process.stdout.columns ?? DEFAULT_COLUMNS,
  errColumns: (): number => process.stderr.columns ?? DEFAULT_COLUMNS,
  errRows: (): number => process.stderr.rows ?? DEFAULT_ROWS,
};

/** Standard error as a painter's screen. */
export const errScreen: Screen = { write: terminal.err, columns: terminal.errColumns };

/** Writes all of `text`; a reader that has gone away (EPIPE) is no fault of ours, and nothing more to say to. */
function writeAll(fd: number, text: string): void {
  const octets = new TextEncoder().encode(text);
  let done = 0;
  while (done < octets.length) {
    try {
      done += writeSync(fd, octets, done);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EAGAIN") Bun.sleepSync(1);
      else if (code === "EPIPE") return;
      else throw error;
    }
  }
}
