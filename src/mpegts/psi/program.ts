import { NULL_PID } from "../packet.ts";
import { PROGRAM_FORMAT_NONE, programFormat } from "./codec.ts";
import { type CaReference, type Component, caReferences, readComponent } from "./component.ts";
import { walkPmt } from "./tables/pmt.ts";

/** What one program map section says, as far as the PID map needs it. */
export interface ProgramMap {
  readonly program: number;
  /** Null where the program has no PCR. */
  readonly pcrPid: number | null;
  /** Those that are followed. */
  readonly components: Component[];
  /** Of the program and of its streams. */
  readonly ca: readonly CaReference[];
}

/** Reads a program map section; null where it is none. */
export function readProgramMap(buf: Uint8Array, off: number, len: number): ProgramMap | null {
  let program = 0;
  let pcrPid: number | null = null;
  let format = PROGRAM_FORMAT_NONE;
  const components: Component[] = [];
  const ca: CaReference[] = [];
  const reader = walkPmt(buf, off, len, {
    program: (programNumber, pid, at, bytes) => {
      program = programNumber;
      pcrPid = pid === NULL_PID ? null : pid;
      format = programFormat(buf, at, bytes);
      ca.push(...caReferences(buf, at, bytes));
    },
    stream: (streamType, pid, at, bytes) => {
      components.push(readComponent(program, pid, streamType, buf, at, bytes, format));
      ca.push(...caReferences(buf, at, bytes));
    },
  });
  return reader === null ? null : { program, pcrPid, components, ca };
}
