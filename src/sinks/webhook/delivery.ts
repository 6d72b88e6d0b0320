import type { WireLog } from "../../wire/log.ts";
import type { SinkCounts } from "../document-sink.ts";

/** Messages that wait at most; each is some kilobytes. */
const MOST_QUEUED = 1000;
/** First wait after a failure, the longest one, and the longest that a server may ask for. */
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
const LONGEST_ASKED_MS = 300_000;
/** Failures are logged this often at most. */
const LOG_MS = 60_000;
/** Answers after which the same message may do better later; all of 500 and above too. */
const LATER_STATUS: readonly number[] = [408, 425, 429];

/** Where and how messages are sent. */
export interface DeliveryOptions {
  readonly url: URL;
  /** Goes into `Authorization: Bearer`; empty for none. */
  readonly token: string;
  readonly timeoutMs: number;
  readonly userAgent: string;
  readonly log: WireLog;
  /** The first wait after a failure; shorter in tests. */
  readonly firstWaitMs?: number;
}

/** What became of one try. */
type Outcome =
  | { readonly kind: "done" }
  | { readonly kind: "later"; readonly why: string; readonly askedMs: number }
  | { readonly kind: "refused"; readonly why: string };

/**
 * Posts JSON messages one after the other, in order. A server that is away or overloaded is tried again, with longer
 * and longer waits; what it refuses is dropped. Neither the path of the URL nor the token is ever logged: with most
 * receivers whoever knows them may post.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #name: string;
  readonly #queue: string[] = [];
  readonly #ended = new AbortController();
  #taken = 0;
  #done = 0;
  #dropped = 0;
  #running: Promise<void> | null = null;
  #loggedMs = Number.NEGATIVE_INFINITY;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#name = `webhook at ${options.url.host}`;
  }

  /** Queues one message; drops it, counted, when the queue is full. */
  send(body: string): void {
    this.#taken++;
    if (this.#queue.length >= MOST_QUEUED || this.#ended.signal.aborted) {
      this.#dropped++;
      this.#tell(`The queue for the ${this.#name} is full: messages are dropped.`);
      return;
    }
    this.#queue.push(body);
    this.#running ??= this.#run();
  }

  /** See SinkCounts; what is counted are messages. */
  counts(): SinkCounts {
    return {
      name: this.#name,
      taken: this.#taken,
      done: this.#done,
      dropped: this.#dropped,
      queued: this.#queue.length,
    };
  }

  /** Waits up to `lingerMs` for the queue to become empty; the rest is dropped. */
  async close(lingerMs: number): Promise<void> {
    const timer = setTimeout(() => this.#ended.abort(), lingerMs);
    await this.#running;
    clearTimeout(timer);
    this.#ended.abort();
    this.#dropped += this.#queue.splice(0).length;
  }

  async #run(): Promise<void> {
    const { firstWaitMs = FIRST_WAIT_MS } = this.#options;
    let waitMs = firstWaitMs;
    for (
      let body = this.#queue[0];
      body !== undefined && !this.#ended.signal.aborted;
      body = this.#queue[0]
    ) {
      const outcome = await this.#post(body);
      if (outcome.kind === "later") {
        const pauseMs = Math.max(waitMs * (0.8 + 0.4 * Math.random()), outcome.askedMs);
        waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
        this.#tell(
          `The ${this.#name} ${outcome.why}; trying again in ${Math.ceil(pauseMs / 1000)} s, ${this.#queue.length} waiting.`,
        );
        await this.#pause(pauseMs);
        continue;
      }
      this.#queue.shift();
      waitMs = firstWaitMs;
      if (outcome.kind === "done") this.#done++;
      else {
        this.#dropped++;
        this.#tell(`The ${this.#name} ${outcome.why}: the message is dropped.`);
      }
    }
    this.#running = null;
  }

  async #post(body: string): Promise<Outcome> {
    const { url, token, timeoutMs, userAgent } = this.#options;
    try {
      const response = await fetch(url, {
        method: "POST",
        body,
        // Elsewhere the token has no business.
        redirect: "manual",
        signal: AbortSignal.any([this.#ended.signal, AbortSignal.timeout(timeoutMs)]),
        headers: {
          "content-type": "application/json",
          "user-agent": userAgent,
          ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
        },
      });
      await response.body?.cancel();
      const { status } = response;
      if (status >= 200 && status < 300) return { kind: "done" };
      if (status < 500 && !LATER_STATUS.includes(status))
        return { kind: "refused", why: `answered ${status}` };
      const askedMs = Math.min(
        Number(response.headers.get("retry-after") ?? 0) * 1000 || 0,
        LONGEST_ASKED_MS,
      );
      return { kind: "later", why: `answered ${status}`, askedMs };
    } catch (error) {
      return { kind: "later", why: reasonOf(error), askedMs: 0 };
    }
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#ended;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", end);
    });
  }

  #tell(text: string): void {
    const now = performance.now();
    if (now - this.#loggedMs < LOG_MS) return;
    this.#loggedMs = now;
    this.#options.log("warning", text);
  }
}

/** Why a try failed, without the URL, which messages of the runtime may quote. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError") return "gave no answer in time";
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return code === "" ? "can't be reached" : `can't be reached (${code})`;
}
