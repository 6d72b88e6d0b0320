import type { FrameSource } from "../capture/batch.ts";
import { makeFilter } from "../capture/bpf.ts";
import { compileFilter } from "../capture/filter.ts";
import { openFile } from "../capture/open-file.ts";
import { PacedSource } from "../capture/pace.ts";
import type { FileSource } from "../capture/savefile.ts";
import { GeneratedSource } from "./generated-source.ts";
import { openLive } from "./open-live.ts";
import type { FileInput, GeneratorInput, LiveInput } from "./pipeline-job.ts";

/** An input that is ready to be read. */
export interface OpenedInput {
  readonly source: FrameSource;
  /** Octets of the file read so far; 0 where there is no file. */
  readonly position: () => number;
  /** Number of the repeat (`--loop`) that the last frames were of, from 1. */
  readonly repeat: () => number;
  close(): void;
}

const NS_PER_MS = 1e6;

/** Opens one file, or all live devices as one source. Throws RscapErrors that say what is wrong. */
export async function openInputs(
  input: readonly LiveInput[] | FileInput | GeneratorInput,
  stop: Int32Array,
): Promise<OpenedInput> {
  if ("path" in input) return openFileInput(input, stop);
  return "kind" in input ? openGenerator(input, stop) : openLive(input);
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
