import { addressOf } from "../../ffi/memory.ts";
import type { WireLog } from "../wire/log.ts";
import { ExecPipe } from "./exec-pipe.ts";
import type { PacketSink, SinkFigures, SinkRecord, TrackFacts } from "./queue/packet-sink.ts";
import { RECORD } from "./queue/ring.ts";

const TS_PACKET_BYTES = 188;

/** Longest wait before a command is started again. */
const BACKOFF_MAX_MS = 60_000;

/** A command that ran this long was all right: the next wait is the shortest again. */
const STEADY_MS = 60_000;

/** A command that takes nothing for this long is told of. */
const STALL_MS = 5000;

/** Time that a command has to end by itself, and after SIGTERM, before the next step. */
const END_MS = 5000;
const TERM_MS = 2000;

/** What to run. */
export interface ExecSinkOptions {
  /** For `sh -c`. */
  readonly command: string;
  /** Wait before the first restart, doubled with each; 0 to start it once only. */
  readonly restartMs: number;
  readonly stopped: () => boolean;
  readonly log: WireLog;
  /** Times of END_MS and TERM_MS in tests. */
  readonly endMs?: number;
  readonly termMs?: number;
}

interface Running {
  readonly process: Bun.Subprocess;
  readonly pipe: ExecPipe;
  readonly sinceMs: number;
}

/**
 * The packets of one stream on the standard input of a command. A command that ends is started again after a while;
 * packets that come in between, or that it does not take, are counted.
 */
export class ExecSink implements PacketSink {
  readonly #options: ExecSinkOptions;
  readonly #tracks: (TrackFacts | undefined)[] = [];
  #stream: string | null = null;
  #running: Running | null = null;
  #starts = 0;
  #nextMs = Number.NEGATIVE_INFINITY;
  #backoffMs: number;
  #lastEnd = "";
  #broken = false;
  #stalledMs = Number.NaN;
  #toldStall = false;
  #toldOthers = false;
  #packets = 0;
  #bytes = 0;
  #lost = 0;
  #unwanted = 0;
  #base = 0;

  constructor(options: ExecSinkOptions) {
    this.#options = options;
    this.#backoffMs = options.restartMs;
  }

  track(index: number, facts: TrackFacts): void {
    this.#tracks[index] = facts;
  }

  take(record: SinkRecord): void {
    const facts = this.#tracks[record.track];
    if (facts === undefined || record.type !== RECORD.ts || !this.#chosen(facts)) {
      this.#unwanted += record.packets;
      return;
    }
    if (this.#running === null && performance.now() >= this.#nextMs) this.#start(facts);
    const done = this.#broken || this.#running === null ? 0 : this.#write(this.#running, record);
    const packets = Math.floor(done / TS_PACKET_BYTES);
    this.#packets += packets;
    this.#bytes += done;
    this.#lost += record.packets - packets;
  }

  /** The command is looked after in `turn`. */
  poll(): void {}

  /** Sees to a command that has ended or closed its input; called after each few records. */
  async turn(): Promise<void> {
    const running = this.#running;
    if (running === null || (!this.#broken && !hasEnded(running.process))) return;
    await this.#end(running, this.#options.termMs ?? TERM_MS);
    const ranMs = performance.now() - running.sinceMs;
    const { restartMs, log } = this.#options;
    if (ranMs >= STEADY_MS) this.#backoffMs = restartMs;
    log(
      "warning",
      `The command of --exec ${this.#lastEnd} after ${(ranMs / 1000).toFixed(1)} s; ${this.#again()}. Packets until then are counted as lost.`,
    );
  }

  figures(): SinkFigures {
    const notes: string[] = [];
    if (this.#starts > 0 || this.#lastEnd !== "") {
      const times = this.#starts === 1 ? "once" : `${this.#starts} times`;
      const last = this.#lastEnd === "" ? "it is running" : `the last time it ${this.#lastEnd}`;
      notes.push(`The command was started ${times}; ${last}.`);
    }
    return {
      packets: this.#packets,
      bytes: this.#bytes,
      lost: this.#lost,
      unwanted: this.#unwanted,
      files: [],
      notes,
    };
  }

  /** Ends the stream for the command and waits for it, at last with SIGTERM and SIGKILL. */
  async close(): Promise<void> {
    if (this.#running !== null) await this.#end(this.#running, this.#options.endMs ?? END_MS);
  }

  #chosen({ probe, stream }: TrackFacts): boolean {
    const id = `${probe}/${stream}`;
    this.#stream ??= id;
    if (this.#stream === id) return true;
    if (!this.#toldOthers) {
      this.#toldOthers = true;
      this.#options.log(
        "warning",
        `Stream ${stream} does not go to the command of --exec, which takes one. Choose with --stream (STREAM).`,
        { stream },
      );
    }
    return false;
  }

  #start({ probe, stream }: TrackFacts): void {
    this.#broken = false;
    this.#stalledMs = Number.NaN;
    this.#toldStall = false;
    this.#lastEnd = "";
    let pipe: ExecPipe | null = null;
    try {
      pipe = new ExecPipe();
      const process = Bun.spawn(["/bin/sh", "-c", this.#options.command], {
        stdin: pipe.readEnd,
        // Standard output may be taken by the packets or the summary of this process.
        stdout: 2,
        stderr: "inherit",
        env: { ...Bun.env, RSCAP_PROBE: probe, RSCAP_STREAM: stream },
        // A group of its own: it ends when its input ends, not with the Ctrl-C that is meant for us.
        detached: true,
      });
      pipe.handedOver();
      this.#starts++;
      this.#running = { process, pipe, sinceMs: performance.now() };
      this.#options.log("info", `Started the command of --exec (process ${process.pid}).`, {
        pid: process.pid,
      });
    } catch (error) {
      pipe?.close();
      this.#lastEnd = "could not be started";
      const why = error instanceof Error ? error.message : String(error);
      this.#options.log(
        "warning",
        `The command of --exec can't be started: ${why}; ${this.#again()}. Packets until then are counted as lost.`,
      );
    }
  }

  /** Sets when the command is started again; what is to be said of that. */
  #again(): string {
    const { restartMs } = this.#options;
    const backoffMs = this.#backoffMs;
    this.#nextMs = restartMs === 0 ? Number.POSITIVE_INFINITY : performance.now() + backoffMs;
    this.#backoffMs = Math.min(backoffMs * 2, BACKOFF_MAX_MS);
    return restartMs === 0 ? "it is not started again" : `it is started again in ${backoffMs} ms`;
  }

  /** Octets of the record that went into the pipe, whole packets unless the reader has gone. */
  #write({ pipe }: Running, record: SinkRecord): number {
    if (this.#base === 0) this.#base = addressOf(record.buf);
    const address = this.#base + record.off;
    let done = 0;
    while (done < record.len) {
      const written = pipe.write(address + done, record.len - done);
      if (written > 0) {
        done += written;
        this.#stalledMs = Number.NaN;
        this.#toldStall = false;
        continue;
      }
      this.#broken = written < 0 || this.#givesUp();
      if (this.#broken) break;
    }
    return done;
  }

  /** The reader stands still: true when the run is to end and has waited long enough for it. */
  #givesUp(): boolean {
    const now = performance.now();
    if (Number.isNaN(this.#stalledMs)) this.#stalledMs = now;
    const stalledMs = now - this.#stalledMs;
    if (this.#options.stopped()) return stalledMs >= (this.#options.termMs ?? TERM_MS);
    if (stalledMs >= STALL_MS && !this.#toldStall) {
      this.#toldStall = true;
      this.#options.log(
        "warning",
        "The command of --exec takes no packets; its queue fills, and then they are lost.",
      );
    }
    return false;
  }

  async #end({ process, pipe }: Running, patienceMs: number): Promise<void> {
    this.#running = null;
    pipe.close();
    if (!(await endsWithin(process, patienceMs))) {
      signal(process.pid, "SIGTERM");
      if (!(await endsWithin(process, this.#options.termMs ?? TERM_MS))) {
        signal(process.pid, "SIGKILL");
        await process.exited;
      }
    }
    this.#lastEnd =
      process.signalCode === null
        ? `ended with exit status ${process.exitCode}`
        : `was ended by ${process.signalCode}`;
  }
}

function hasEnded(process: Bun.Subprocess): boolean {
  return process.exitCode !== null || process.signalCode !== null;
}

function endsWithin(process: Bun.Subprocess, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    void process.exited.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

/** To the whole group: the shell may have started others. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {
    // Ended by itself in the meantime.
  }
}
