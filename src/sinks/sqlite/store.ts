import type { Database, Statement } from "bun:sqlite";
import { figure, list, text } from "../../metrics/read.ts";
import type { SunkDocument } from "../document-sink.ts";
import { openDatabase } from "./schema.ts";
import { Totals } from "./totals.ts";

/** Streams, and PIDs of a stream, whose seconds are stored; more are in the reports alone. */
const MOST_STREAMS = 1000;
const MOST_PIDS = 256;

/** What to store. */
export interface StoreOptions {
  readonly path: string;
  /** Least time between two whole reports of one probe that are stored, 0 for each. */
  readonly reportMs: number;
  /** The first report of a probe is of its first second; else it may have run for long, and its totals are old. */
  readonly fromStart: boolean;
}

type Value = string | number | null;

const recent = figure("recentBitrate");
const packets = figure("packets");
const bytes = figure("bytes");
const rtpLost = figure("rtp.lost");
const continuity = figure("mpegts.continuity.errors");
const missing = figure("mpegts.continuity.missing");
const illegal = ["syncByte", "transportError", "reservedAdaptation", "adaptationLength"].map((name) =>
  figure(`mpegts.illegal.${name}`),
);
const count = figure("count");
const priority = figure("priority");
const frames = figure("st2110.video.frames");
const completeFrames = figure("st2110.video.completeFrames");
const cinstPeak = figure("st2110.video.timing.cinst.peak");
const vrxPeak = figure("st2110.video.timing.vrx.gapped.peak");
const tsDf = figure("st2110.audio.timing.tsDf.maxNs");
const ancPackets = figure("st2110.ancillary.ancPackets");
const pidOf = figure("pid");
const pidRate = figure("rate.current");
const pidContinuity = figure("continuityErrors");
const added = figure("added");
const findingPid = figure("finding.pid");
const findingCount = figure("finding.count");

/** Reports and events in a database; what comes from the network is read with care, and what is not there is null or 0. */
export class ReportStore {
  readonly database: Database;
  readonly #options: StoreOptions;
  readonly #totals = new Totals();
  readonly #streams = new Map<string, number>();
  readonly #probes = new Set<string>();
  readonly #reportMs = new Map<string, number>();
  readonly #statements = new Map<string, Statement>();

  /** Opens the database; throws an environment error where it can't. */
  constructor(options: StoreOptions) {
    this.#options = options;
    this.database = openDatabase(options.path);
  }

  /**
   * Stores one document, all of it or nothing; `whole` stores the report itself whatever the time since the last one.
   * Throws what SQLite throws when the disk is full or another process keeps the file. False for what can't be stored.
   */
  add(document: SunkDocument, whole = false): boolean {
    const { value, kind } = document;
    if (value === null || kind === "image") return false;
    this.database.run("BEGIN IMMEDIATE");
    try {
      if (kind === "event") {
        this.#event(document, value);
        this.database.run("COMMIT");
      } else {
        const entire = this.#report(document, value, whole);
        this.database.run("COMMIT");
        this.#stored(document, entire);
      }
      return true;
    } catch (error) {
      // What a full disk has undone itself can't be undone again.
      if (this.database.inTransaction) this.database.run("ROLLBACK");
      this.#streams.clear();
      this.#totals.drop();
      throw error;
    }
  }

  /** Closes the file; the WAL goes into it. */
  close(): void {
    for (const statement of this.#statements.values()) statement.finalize();
    this.#statements.clear();
    this.database.close();
  }

  /** What the next report of the probe goes by, once this one is stored. */
  #stored({ probe, receivedMs }: SunkDocument, entire: boolean): void {
    this.#totals.keep();
    if (this.#probes.size < MOST_STREAMS) this.#probes.add(probe);
    if (!entire) return;
    if (this.#reportMs.size >= MOST_STREAMS) this.#reportMs.clear();
    this.#reportMs.set(probe, receivedMs);
  }

  /** True where the report itself was stored too, not its figures alone. */
  #report(document: SunkDocument, report: object, whole: boolean): boolean {
    const { probe, receivedMs } = document;
    const time = text(report, "time");
    const timeMs = timeOf(time, receivedMs);
    const { reportMs, fromStart } = this.#options;
    const joined = !fromStart && !this.#probes.has(probe);
    // A clock that was put back must not keep reports out.
    const sinceMs = receivedMs - (this.#reportMs.get(probe) ?? Number.NEGATIVE_INFINITY);
    const entire = whole || sinceMs < 0 || sinceMs >= reportMs;
    if (entire) {
      const json = new TextDecoder().decode(document.octets);
      this.#insert("reports", [receivedMs, orNull(time), probe, text(report, "input.name"), json]);
    }
    for (const stream of list(report, "streams").slice(0, MOST_STREAMS)) {
      this.#second(probe, stream, receivedMs, timeMs, joined);
    }
    for (const finding of list(report, "findings").slice(0, MOST_STREAMS)) {
      this.#finding(probe, finding, receivedMs);
    }
    return entire;
  }

  #second(probe: string, stream: unknown, storedMs: number, timeMs: number, joined: boolean): void {
    const id = this.#stream(probe, stream, storedMs);
    const key = `${probe}\n${text(stream, "id")}\n`;
    const grown = (name: string, total: number): number => this.#totals.grown(key + name, total, joined);
    const byPriority = [0, 0, 0, 0];
    for (const row of list(stream, "mpegts.tr101290")) {
      const errors = count(row);
      const at = priority(row);
      if (errors > 0 && at >= 1 && at <= 3) byPriority[at] = (byPriority[at] ?? 0) + errors;
    }
    this.#insert("seconds", [
      storedMs,
      id,
      timeMs,
      orNull(recent(stream)),
      grown("packets", packets(stream)),
      grown("bytes", bytes(stream)),
      grown("lost", rtpLost(stream)),
      grown("continuity", continuity(stream)),
      grown("missing", missing(stream)),
      illegal.reduce((sum, read, i) => sum + grown(`illegal ${i}`, read(stream)), 0),
      ...[1, 2, 3].map((at) => grown(`priority ${at}`, byPriority[at] ?? 0)),
    ]);
    for (const pid of list(stream, "mpegts.pids").slice(0, MOST_PIDS)) {
      const number = pidOf(pid);
      if (!(number >= 0)) continue;
      this.#insert("pid_seconds", [
        storedMs,
        id,
        timeMs,
        number,
        orNull(pidRate(pid)),
        grown(`pid ${number}`, packets(pid)),
        grown(`pid ${number} continuity`, pidContinuity(pid)),
      ]);
    }
    if (text(stream, "st2110.kind") === "") return;
    this.#insert("media_seconds", [
      storedMs,
      id,
      timeMs,
      grown("frames", frames(stream)),
      grown("complete", completeFrames(stream)),
      orNull(cinstPeak(stream)),
      orNull(vrxPeak(stream)),
      orNull(tsDf(stream)),
      grown("anc", ancPackets(stream)),
    ]);
  }

  /** Row of the stream, made where it is new. */
  #stream(probe: string, stream: unknown, nowMs: number): number {
    const name = text(stream, "id");
    const key = `${probe}\n${name}`;
    const known = this.#streams.get(key);
    if (known !== undefined) {
      // Where it was deleted meanwhile, its id may be another's by now.
      const sql = "UPDATE streams SET last_ms = ? WHERE id = ? AND probe = ? AND stream = ?";
      if (this.#statement(sql).run(nowMs, known, probe, name).changes > 0) return known;
    }
    const facts = [
      text(stream, "kind"),
      text(stream, "st2110.kind"),
      text(stream, "source"),
      text(stream, "destination"),
    ];
    const row = this.#statement(
      `INSERT INTO streams (probe, stream, kind, media, source, destination, first_ms, last_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (probe, stream) DO UPDATE SET kind = excluded.kind, media = excluded.media, source = excluded.source,
       destination = excluded.destination, last_ms = excluded.last_ms RETURNING id`,
    ).get(probe, name, ...facts, nowMs, nowMs) as { id: number };
    if (this.#streams.size >= MOST_STREAMS) this.#streams.clear();
    this.#streams.set(key, row.id);
    return row.id;
  }

  #finding(probe: string, finding: unknown, nowMs: number): void {
    const pid = pidOf(finding);
    this.#run(
      `INSERT INTO findings (probe, stream, code, clause, severity, pid, count, first, last, text, first_ms, last_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (probe, stream, code, clause, pid) DO UPDATE SET severity = excluded.severity, text = excluded.text,
       first = excluded.first, last = excluded.last,
       last_ms = CASE WHEN count = excluded.count THEN last_ms ELSE excluded.last_ms END, count = excluded.count`,
      [
        probe,
        text(finding, "stream"),
        text(finding, "code"),
        text(finding, "clause"),
        text(finding, "severity"),
        pid >= 0 ? pid : -1,
        count(finding) || 0,
        orNull(text(finding, "first")),
        orNull(text(finding, "last")),
        text(finding, "text"),
        nowMs,
        nowMs,
      ],
    );
  }

  #event({ probe, receivedMs }: SunkDocument, event: object): void {
    this.#insert("events", [
      receivedMs,
      orNull(text(event, "time")),
      probe,
      text(event, "finding.stream"),
      text(event, "finding.code"),
      text(event, "finding.clause"),
      text(event, "finding.severity"),
      orNull(findingPid(event)),
      added(event) || 0,
      findingCount(event) || 0,
      text(event, "finding.text"),
    ]);
  }

  #insert(table: string, values: readonly Value[]): void {
    this.#run(`INSERT INTO ${table} VALUES (NULL${", ?".repeat(values.length)})`, values);
  }

  #run(sql: string, values: readonly Value[]): void {
    this.#statement(sql).run(...values);
  }

  #statement(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const made = this.database.prepare(sql);
    this.#statements.set(sql, made);
    return made;
  }
}

function orNull<T extends string | number>(value: T): T | null {
  return value === "" || Number.isNaN(value) ? null : value;
}

/** Milliseconds of Unix time; of an input without a wall clock those since its start; else when it came. */
function timeOf(time: string, receivedMs: number): number {
  const relative = /^([+-]\d+(?:\.\d+)?)s$/.exec(time);
  if (relative !== null) return Number(relative[1]) * 1000;
  const wall = Date.parse(time);
  return Number.isNaN(wall) ? receivedMs : wall;
}
