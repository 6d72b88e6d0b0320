import type { WireLog } from "../wire/log.ts";
import type { ProbeTrack } from "../wire/probe-track.ts";

/** One probe as a client sees it. */
export interface ClientProbe {
  readonly probe: string;
  readonly messages: number;
  /** RFC 3339 in UTC: its last message, when it has been silent for too long; null while it is heard. */
  readonly silentSince: string | null;
  /** Silences so far, the one that lasts included. */
  readonly silences: number;
  /** Time of all silences, the one that lasts included. */
  readonly silentMs: number;
}

interface Heard {
  messages: number;
  /** Of `performance.now()`. */
  lastMs: number;
  /** The wall clock's time of the last message; NaN while it is heard. */
  silentSince: number;
  silences: number;
  /** Of the silences that are over. */
  silentMs: number;
}

/**
 * Tells when a probe falls silent and when it comes back. A probe sends a report each second, whether it sees
 * packets or not: one that says nothing has stopped, stands still, or can't be reached.
 */
export class ProbeWatch {
  readonly #timeoutMs: number;
  readonly #log: WireLog;
  readonly #heard = new Map<ProbeTrack, Heard>();

  /** `timeoutMs` of silence are too much; 0 for never. */
  constructor(timeoutMs: number, log: WireLog) {
    this.#timeoutMs = timeoutMs;
    this.#log = log;
  }

  /** Looks at what has come; `nowMs` is of `performance.now()`, `wallMs` of `Date.now()`. */
  look(probes: readonly ProbeTrack[], nowMs: number, wallMs: number): void {
    for (const track of probes) {
      const heard = this.#heard.get(track);
      if (heard === undefined) {
        const { messages } = track;
        this.#heard.set(track, {
          messages,
          lastMs: nowMs,
          silentSince: Number.NaN,
          silences: 0,
          silentMs: 0,
        });
      } else if (track.messages !== heard.messages) this.#isHeard(track, heard, nowMs);
      else this.#isSilent(track, heard, nowMs, wallMs);
    }
  }

  /** Where each probe stands. */
  state(nowMs: number): ClientProbe[] {
    return [...this.#heard].map(([{ probe, messages }, heard]) => {
      const silent = !Number.isNaN(heard.silentSince);
      return {
        probe,
        messages,
        silentSince: silent ? new Date(heard.silentSince).toISOString() : null,
        silences: heard.silences,
        silentMs: Math.round(heard.silentMs + (silent ? nowMs - heard.lastMs : 0)),
      };
    });
  }

  #isHeard({ probe, messages }: ProbeTrack, heard: Heard, nowMs: number): void {
    if (!Number.isNaN(heard.silentSince)) {
      const silentMs = nowMs - heard.lastMs;
      heard.silentMs += silentMs;
      heard.silentSince = Number.NaN;
      this.#log("info", `Probe ${probe} is back after ${seconds(silentMs)} s of silence.`, {
        probe,
        silentMs: Math.round(silentMs),
      });
    }
    heard.messages = messages;
    heard.lastMs = nowMs;
  }

  #isSilent({ probe }: ProbeTrack, heard: Heard, nowMs: number, wallMs: number): void {
    const silentMs = nowMs - heard.lastMs;
    if (this.#timeoutMs === 0 || silentMs < this.#timeoutMs || !Number.isNaN(heard.silentSince)) return;
    heard.silentSince = wallMs - silentMs;
    heard.silences++;
    const since = new Date(heard.silentSince).toISOString();
    this.#log("warning", `Probe ${probe} silent since ${since}, for ${seconds(silentMs)} s.`, {
      probe,
      since,
    });
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(ms < 10_000 ? 1 : 0);
}
