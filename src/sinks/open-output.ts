import { closeSync, constants, fstatSync, openSync, renameSync, statSync } from "node:fs";
import { environmentError, type RscapError } from "../report/error.ts";

/** Name that means standard output. */
export const STANDARD_OUTPUT = "-";

const STANDARD_OUTPUT_FD = 1;

/** Step of the wait for a FIFO's reader. */
const WAIT_STEP_MS = 50;

/** An open output. */
export interface OpenOutput {
  readonly fd: number;
  /** A regular file, which can be renamed and cut; else a pipe, a FIFO or a device. */
  readonly regular: boolean;
}

/**
 * Opens `path` for writing without emptying it: that waits for the first packet, so that a run that gets
 * nothing leaves the last capture alone. A FIFO is opened when it has a reader; null when the run was
 * stopped before. Throws an environment error.
 */
export function openOutput(path: string, stopped: () => boolean, onWait: () => void): OpenOutput | null {
  if (path === STANDARD_OUTPUT) return { fd: STANDARD_OUTPUT_FD, regular: false };
  let told = false;
  for (;;) {
    try {
      const isFifo = statSync(path, { throwIfNoEntry: false })?.isFIFO() === true;
      const flags = constants.O_WRONLY | constants.O_CREAT | (isFifo ? constants.O_NONBLOCK : 0);
      const fd = openSync(path, flags, 0o666);
      return { fd, regular: fstatSync(fd).isFile() };
    } catch (error) {
      // ENXIO: a FIFO that nobody reads yet.
      if (codeOf(error) !== "ENXIO") throw openError(path, error);
    }
    if (stopped()) return null;
    if (!told) onWait();
    told = true;
    Bun.sleepSync(WAIT_STEP_MS);
  }
}

/** The output as the user knows it. */
export function outputName(path: string): string {
  return path === STANDARD_OUTPUT ? "standard output" : path;
}

/** Gives an open output another name. Throws an environment error. */
export function renameOutput(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    throw environmentError("output.rename", `Can't rename ${from} to ${to}: ${String(error)}.`, error);
  }
}

/**
 * Closes an output; standard output stays open, and an `fd` below 0 was never opened. Throws where the system
 * reports a late write error.
 */
export function closeOutput(path: string, fd: number): void {
  if (path === STANDARD_OUTPUT || fd < 0) return;
  try {
    closeSync(fd);
  } catch (error) {
    throw openError(path, error);
  }
}

function openError(path: string, error: unknown): RscapError {
  const why = error instanceof Error ? error.message : String(error);
  return environmentError(
    "output.open",
    `Can't write the output file ${path}: ${why}. Choose another with --output-file (OUTPUT_FILE).`,
    error,
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
