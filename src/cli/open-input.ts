import type { FrameSource } from "../capture/batch.ts";
import { makeFilter } from "../capture/bpf.ts";
import { compileFilter } from "../capture/filter.ts";
import { openFile } from "../capture/open-file.ts";
import { PacedSource } from "../capture/pace.ts";
import type { FileSource } from "../capture/savefile.ts";
import type { HlsLog } from "../hls/session.ts";
import { GeneratedSource } from "./generated-source.ts";
import { openHls } from "./open-hls.ts";
import { openLive } from "./open-live.ts";
import type { FileInput, GeneratorInput, LiveInput, RecordedInput } from "./pipeline-job.ts";

/** An input that is ready to be read. */
export interface OpenedInput {
  readonly source: FrameSource;
  /** Octets of the file read so far; 0 where there is no file. */
  readonly position: () => number;
  /**
   * Number, from 1, of the repeat (`--loop`) or of the continuous part that the last frames were of: they don't
   * follow those with another number.
   */
  readonly repeat: () => number;
  close(): void;
}

const NS_PER_MS = 1e6;

/** What opening needs beside the input. */
export interface OpenContext {
  /** Word 0 becomes 1 when all is to end. */
  readonly stop: Int32Array;
  readonly version: string;
  readonly log: HlsLog;
}

/** Opens one file, or all live devices as one source. Throws RscapErrors that say what is wrong. */
export async function openInputs(
  input: readonly LiveInput[] | RecordedInput,
  { stop, version, log }: OpenContext,
): Promise<OpenedInput> {
  if (!("kind" in input)) return openLive(input);
  if (input.kind === "file") return openFileInput(input, stop);
  return input.kind === "hls" ? openHls(input, version, stop, log) : openGenerator(input, stop);
}

function openGenerator(input: GeneratorInput, stop: Int32Array): OpenedInput {
  const open = (): GeneratedSource => new GeneratedSource(input);
  return played(open(), open, input, stop);
}

async function openFileInput(input: FileInput, stop: Int32Array): Promise<OpenedInput> {
  const { path, filter } = input;
  const open = () =>
    openFile(path, {
      stop,
      ...(filter === ""
        ? {}
        : { makeFilter: (linkType: number) => makeFilter(compileFilter(filter, { linkType })) }),
    });
  return played(await open(), open, input, stop);
}

/** The source as fast as it can be read, or in its own time. */
function played(
  file: FileSource,
  open: () => FileSource | Promise<FileSource>,
  { speed, loop, aheadMs, horizonMs }: Pick<FileInput, "speed" | "loop" | "aheadMs" | "horizonMs">,
  stop: Int32Array,
): OpenedInput {
  if (speed === 0 && loop === 1) {
    return { source: file, position: () => file.position, repeat: () => 1, close: () => file.close() };
  }
  const source = new PacedSource(file, {
    open,
    speed,
    loop,
    stop,
    aheadNs: aheadMs * NS_PER_MS,
    horizonNs: horizonMs * NS_PER_MS,
  });
  return { source, position: () => source.position, repeat: () => source.run, close: () => source.close() };
}
