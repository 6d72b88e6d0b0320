/** A synthetic stream of events for the tests of this room: clean, unless something is left out or added. */
import { NO_WALL_CLOCK } from "../../report/time.ts";
import { type PidContext, REFERENCE } from "./context.ts";
import { type Limits, profileLimits } from "./limits.ts";
import { Tr101290 } from "./tr101290.ts";

/** PIDs of the stream. */
export const PIDS = {
  pmt: 0x100,
  video: 0x101,
  audio: 0x102,
  emm: 0x103,
  ecm: 0x104,
  stray: 0x1234,
} as const;
/** Nanoseconds of a millisecond. */
export const MS = 1e6;
/** Nanoseconds of a second. */
export const S = 1e9;

/** What tables say, to be set by hand. */
export class FakeContext implements PidContext {
  generation = 0;
  programs: readonly number[] = [];
  terrestrial = false;
  /** Sub-tables that no table announces. */
  readonly #unannounced = new Set<string>();
  readonly #references = new Map<number, number>();

  /** Sets what the tables say of `pid`. */
  set(pid: number, references: number): this {
    this.#references.set(pid, references);
    this.generation += 1;
    return this;
  }

  /** Sets whether tables announce a sub-table. */
  announce(tableId: number, key: number, announced: boolean): this {
    if (announced) this.#unannounced.delete(`${tableId} ${key}`);
    else this.#unannounced.add(`${tableId} ${key}`);
    this.generation += 1;
    return this;
  }

  announces(tableId: number, key: number): boolean {
    return !this.#unannounced.has(`${tableId} ${key}`);
  }

  referenceOf(pid: number): number {
    return this.#references.get(pid) ?? 0;
  }
}

/** Something that comes again and again. */
interface Source {
  readonly every: number;
  readonly at: number;
  readonly play: (tr: Tr101290, timeNs: number) => void;
}

/** A section in a packet of its own. */
export function section(
  tr: Tr101290,
  t: number,
  pid: number,
  tableId: number,
  key = 0,
  number = 0,
  last = 0,
): void {
  tr.packet(pid, t, false);
  tr.section(pid, tableId, key, number, last, t);
}

const table = (
  every: number,
  at: number,
  pid: number,
  id: number,
  key = 0,
  number = 0,
  last = 0,
): Source => ({
  every: every * MS,
  at: at * MS,
  play: (tr, t) => section(tr, t, pid, id, key, number, last),
});

/** Everything that the clean stream has, by a name to leave it out. */
const SOURCES = {
  pat: table(100, 0, 0x00, 0x00, 1),
  pmt: table(100, 1, PIDS.pmt, 0x02, 1),
  video: { every: 10 * MS, at: 2 * MS, play: (tr, t) => tr.packet(PIDS.video, t, false) },
  audio: { every: 50 * MS, at: 3 * MS, play: (tr, t) => tr.packet(PIDS.audio, t, false) },
  pcr: {
    every: 40 * MS,
    at: 4 * MS,
    play: (tr, t) => {
      tr.packet(PIDS.video, t, false);
      tr.pcr(PIDS.video, Math.round((t / S) * 27e6), t, false);
    },
  },
  videoPts: {
    every: 40 * MS,
    at: 5 * MS,
    play: (tr, t) => {
      tr.packet(PIDS.video, t, false);
      tr.pts(PIDS.video, t);
    },
  },
  audioPts: {
    every: 200 * MS,
    at: 6 * MS,
    play: (tr, t) => {
      tr.packet(PIDS.audio, t, false);
      tr.pts(PIDS.audio, t);
    },
  },
  nit: table(5000, 7, 0x10, 0x40, 1),
  nitOther0: table(5000, 8, 0x10, 0x41, 2, 0, 1),
  nitOther1: table(5000, 58, 0x10, 0x41, 2, 1, 1),
  sdt: table(1000, 9, 0x11, 0x42, 1),
  sdtOther: table(5000, 10, 0x11, 0x46, 2),
  bat: table(5000, 11, 0x11, 0x4a, 1),
  eit0: table(1000, 12, 0x12, 0x4e, 1, 0, 1),
  eit1: table(1000, 512, 0x12, 0x4e, 1, 1, 1),
  secondEit0: table(1000, 13, 0x12, 0x4e, 2, 0, 1),
  secondEit1: table(1000, 513, 0x12, 0x4e, 2, 1, 1),
  eitOther0: table(5000, 14, 0x12, 0x4f, 9, 0, 1),
  eitOther1: table(5000, 2014, 0x12, 0x4f, 9, 1, 1),
  schedule: table(8000, 15, 0x12, 0x50, 1, 8, 16),
  tdt: table(20_000, 16, 0x14, 0x70),
  tot: table(20_000, 17, 0x14, 0x73),
} as const satisfies Record<string, Source>;

/** Name of a part of the clean stream. */
export type SourceName = keyof typeof SOURCES;

/** What is done to the stream. */
export interface Changes {
  /** Length of the stream; 1 s unless stated. */
  readonly seconds?: number;
  /** Parts left out from the first to the second time, in seconds. */
  readonly without?: Partial<Record<SourceName, readonly [from: number, to: number]>>;
  /** What comes beside, at a time in seconds. */
  readonly extra?: readonly (readonly [at: number, play: (tr: Tr101290, timeNs: number) => void])[];
  readonly limits?: Partial<Limits>;
  readonly context?: FakeContext;
  /** Times as the monitor is told them; the same unless stated. */
  readonly clock?: (timeNs: number) => number;
}

/** The tables of the clean stream. */
export function cleanContext(): FakeContext {
  return new FakeContext()
    .set(PIDS.pmt, REFERENCE.programMap)
    .set(PIDS.video, REFERENCE.component | REFERENCE.pcr | REFERENCE.audioVideo)
    .set(PIDS.audio, REFERENCE.component | REFERENCE.audioVideo);
}

/** A monitor that has seen the stream. */
export function played(changes: Changes = {}): Tr101290 {
  const tr = new Tr101290({ ...profileLimits("dvb"), ...changes.limits }, changes.context ?? cleanContext());
  const clock = changes.clock ?? ((timeNs: number) => timeNs);
  const events: { t: number; play: Source["play"] }[] = [];
  for (const [name, { every, at, play }] of Object.entries(SOURCES)) {
    const [from, to] = changes.without?.[name as SourceName] ?? [0, 0];
    for (let t = at; t < (changes.seconds ?? 1) * S; t += every) {
      if (t < from * S || t >= to * S) events.push({ t, play });
    }
  }
  for (const [at, play] of changes.extra ?? []) events.push({ t: at * S, play });
  for (const { t, play } of events.sort((a, b) => a.t - b.t)) play(tr, clock(t));
  return tr;
}

/** Numbers of the rows that have an error, with their counts. */
export function errors(tr: Tr101290, seconds: number): Record<string, number> {
  const rows = tr.report(seconds * S, NO_WALL_CLOCK).filter(({ state }) => state === "error");
  return Object.fromEntries(rows.map(({ number, count }) => [number, count]));
}

/** The same of the rows that are findings, where each error counts once. */
export function faults(tr: Tr101290, seconds: number): Record<string, number> {
  const rows = tr.faults(seconds * S, NO_WALL_CLOCK);
  return Object.fromEntries(rows.map(({ number, count }) => [number, count]));
}

/** What the stream with these changes trips, at its end. */
export const trips = (changes: Changes): Record<string, number> =>
  errors(played(changes), changes.seconds ?? 1);
/** A row of the report. */
export const row = (tr: Tr101290, number: string, seconds: number) =>
  tr.report(seconds * S, NO_WALL_CLOCK).find((indicator) => indicator.number === number);
/** Plays a scrambled packet. */
export const scrambledAt = (pid: number) => (tr: Tr101290, t: number) => tr.packet(pid, t, true);
/** Plays a section of another table. */
export const foreign = (pid: number, tableId: number) => (tr: Tr101290, t: number) =>
  section(tr, t, pid, tableId);
