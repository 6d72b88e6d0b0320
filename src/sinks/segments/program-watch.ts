import {
  hasPcr,
  NULL_PID,
  PID_COUNT,
  payloadOffset,
  payloadUnitStartIndicator,
  pcrBase,
  randomAccessIndicator,
  transportScramblingControl,
  tsPid,
} from "../../mpegts/packet.ts";
import type { Component } from "../../mpegts/psi/component.ts";
import { readProgramMap } from "../../mpegts/psi/program.ts";
import { SectionAssembler, type SectionHandler } from "../../mpegts/psi/section.ts";
import { PAT_TABLE_ID, parsePat } from "../../mpegts/psi/tables/pat.ts";
import { startsWithKeyframe } from "../../mpegts/timing/keyframe.ts";
import { PES, pesStart, readPesStart } from "../../mpegts/timing/pes.ts";
import { MediaClock } from "./media-clock.ts";
import { TablePackets } from "./table-packets.ts";

/** What a packet is, for cutting; several may be set. */
export const MARK = {
  none: 0,
  /** An access unit of the main stream starts here. */
  unit: 1,
  /** It is one that a decoder can start with. */
  entry: 2,
  /** Time stamps do not go on from those before. */
  jump: 4,
} as const;

/** Programs whose tables are kept. */
const PROGRAMS_MAX = 64;

/** What a PID is watched for. */
const WATCH = { nothing: 0, tables: 1, main: 2, pcr: 4 } as const;

interface Watched {
  readonly assembler: SectionAssembler;
  readonly packets: TablePackets;
}

/** The elementary stream that a segment is cut by. */
interface Main {
  readonly pid: number;
  readonly codec: string;
  readonly video: boolean;
}

/**
 * Follows the tables of a multiplex, finds the places where it can be cut, and tells the time by its time stamps. It is
 * cut by the video of the first program that has some, else by the first audio stream.
 */
export class ProgramWatch implements SectionHandler {
  readonly clock = new MediaClock();
  /** Goes up when the main stream has become another one. */
  changes = 0;
  readonly #watch = new Uint8Array(PID_COUNT);
  readonly #tables = new Map<number, Watched>();
  readonly #programs = new Map<
    number,
    { readonly pcrPid: number | null; readonly components: Component[] }
  >();
  /** PIDs of the PMTs in the order of the PAT. */
  #order: number[] = [];
  #main: Main | null = null;
  #pcrPid: number | null = null;
  readonly #pes = pesStart();
  #byPcr = true;

  constructor() {
    this.#addTable(0);
  }

  /** The tables as they came last, PAT first, to be put before a segment; empty as long as there is no PAT. */
  tables(): Uint8Array[] {
    const all = [0, ...this.#order].map((pid) => this.#tables.get(pid)?.packets.octets);
    return all.filter((octets): octets is Uint8Array => octets !== undefined && octets.length > 0);
  }

  /** There is a stream to cut by. */
  get hasMain(): boolean {
    return this.#main !== null;
  }

  /** Looks at the packet at `buf[at]`, 188 octets; one or more of MARK. */
  packet(buf: Uint8Array, at: number): number {
    const pid = tsPid(buf, at);
    const watch = this.#watch[pid] as number;
    if (watch === WATCH.nothing) return MARK.none;
    if ((watch & WATCH.tables) !== 0) {
      const table = this.#tables.get(pid);
      table?.packets.packet(buf, at);
      table?.assembler.packet(buf, at, false, 0);
    }
    let marks: number = MARK.none;
    if ((watch & WATCH.main) !== 0 && payloadUnitStartIndicator(buf, at) === 1) marks = this.#unit(buf, at);
    if (this.#byPcr && (watch & WATCH.pcr) !== 0 && hasPcr(buf, at) && this.clock.advance(pcrBase(buf, at))) {
      marks |= MARK.jump;
    }
    return marks;
  }

  section(pid: number, buf: Uint8Array, off: number, len: number): void {
    this.#tables.get(pid)?.packets.complete();
    if (pid === 0 && buf[off] === PAT_TABLE_ID) {
      const pat = parsePat(buf, off, len);
      if (pat !== null) this.#setPrograms(pat.programs.map(({ programMapPid }) => programMapPid));
    } else if (pid !== 0) {
      const map = readProgramMap(buf, off, len);
      if (map !== null) this.#programs.set(pid, map);
    }
    this.#choose();
  }

  /** A damaged table is passed over: the one before stays. */
  crcError(): void {}

  malformed(): void {}

  #unit(buf: Uint8Array, at: number): number {
    const main = this.#main;
    if (main === null) return MARK.none;
    let entry = !main.video || randomAccessIndicator(buf, at) === 1;
    const scrambled = transportScramblingControl(buf, at) !== 0;
    const payload = at + payloadOffset(buf, at);
    const result = scrambled ? PES.none : readPesStart(buf, payload, at + 188 - payload, this.#pes);
    const stamp = Number.isNaN(this.#pes.dts) ? this.#pes.pts : this.#pes.dts;
    const timed = result === PES.header && !Number.isNaN(stamp);
    let jump = false;
    if (timed) {
      if (this.#byPcr) this.clock.change();
      this.#byPcr = false;
      jump = this.clock.advance(stamp);
      entry ||= startsWithKeyframe(buf, at, payload, this.#pes, main.codec);
    } else if (scrambled && !this.#byPcr) {
      this.clock.change();
      this.#byPcr = true;
    }
    return MARK.unit | (entry ? MARK.entry : 0) | (jump ? MARK.jump : 0);
  }

  #setPrograms(pids: readonly number[]): void {
    const order = [...new Set(pids)].filter((pid) => pid !== 0 && pid !== NULL_PID).slice(0, PROGRAMS_MAX);
    for (const pid of this.#order) {
      if (order.includes(pid)) continue;
      this.#tables.delete(pid);
      this.#programs.delete(pid);
      this.#mark(pid, WATCH.tables, false);
    }
    this.#order = order;
    for (const pid of order) if (!this.#tables.has(pid)) this.#addTable(pid);
  }

  #addTable(pid: number): void {
    this.#tables.set(pid, { assembler: new SectionAssembler(pid, this), packets: new TablePackets() });
    this.#mark(pid, WATCH.tables, true);
  }

  /** The stream to cut by, and the PCR of its program. */
  #choose(): void {
    const programs = this.#order.flatMap((pid) => this.#programs.get(pid) ?? []);
    const find = (kind: "video" | "audio"): [Main, number | null] | null => {
      for (const { components, pcrPid } of programs) {
        const found = components.find(({ codec }) => codec.kind === kind);
        if (found) return [{ pid: found.pid, codec: found.codec.id, video: kind === "video" }, pcrPid];
      }
      return null;
    };
    const [main, pcrPid] = find("video") ?? find("audio") ?? [null, programs[0]?.pcrPid ?? null];
    this.#follow(pcrPid);
    const before = this.#main;
    if (before?.pid === main?.pid && before?.codec === main?.codec) return;
    if (before !== null) this.#mark(before.pid, WATCH.main, false);
    if (main !== null) this.#mark(main.pid, WATCH.main, true);
    this.#main = main;
    if (before !== null) this.changes++;
    this.#byPcr = true;
    this.clock.change();
  }

  #follow(pcrPid: number | null): void {
    if (this.#pcrPid === pcrPid) return;
    if (this.#pcrPid !== null) this.#mark(this.#pcrPid, WATCH.pcr, false);
    if (pcrPid !== null) this.#mark(pcrPid, WATCH.pcr, true);
    this.#pcrPid = pcrPid;
  }

  #mark(pid: number, bit: number, on: boolean): void {
    const now = this.#watch[pid] as number;
    this.#watch[pid] = on ? now | bit : now & ~bit;
  }
}
