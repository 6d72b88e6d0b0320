import { isFetched, resolveAddress } from "./address.ts";
import { type FetchFailure, failure, reason, tooLarge } from "./fetch-failure.ts";
import { Patience, pause } from "./patience.ts";
import type { ByteRange } from "./playlist.ts";

/** Redirections that are followed for one resource. */
const MAX_REDIRECTIONS = 5;
/** Wait before the first retry; it doubles with each. */
const FIRST_WAIT_MS = 250;
const MAX_WAIT_MS = 4000;
/** What is wanted whole must be there within so many times the longest silence: not an octet now and then for ever. */
const WHOLE_TIMEOUTS = 6;
/** Answers of a server that may be others the next time: request timeout, too early, too many requests. */
const PASSING_STATUS = new Set([408, 425, 429]);

/** How resources are fetched. */
export interface HttpOptions {
  /** Longest silence of a server. */
  readonly timeoutMs: number;
  /** Further tries after the first, for what may go better. */
  readonly retries: number;
  /** Certificates of authorities (PEM) that are trusted in place of the system's; empty for those. */
  readonly authorities: string;
  readonly userAgent: string;
  /** Ends all fetching. */
  readonly stop: AbortSignal;
}

/** A resource that was read whole. */
export interface FetchedText {
  readonly ok: true;
  readonly octets: Uint8Array;
  readonly contentType: string;
  /** After redirections. */
  readonly address: URL;
}

/** A resource that was handed on piece by piece. */
export interface FetchedPieces {
  readonly ok: true;
  readonly octets: number;
  /** Time that the server took, without our own waits and without that in which our thread was busy. */
  readonly durationMs: number;
}

/** Takes a piece; its promise, if it gives one, is waited for before the next. */
export type TakePiece = (piece: Uint8Array) => Promise<void> | void;

/** An answer whose body is still to come. */
interface Answer {
  readonly ok: true;
  readonly response: Response;
  readonly address: URL;
}

/** What one try is to do. */
interface Try {
  readonly address: URL;
  readonly headers: Record<string, string>;
  readonly take: TakePiece;
  /** Octets at most. */
  readonly limit: number;
  /** Time that the server may take at most, without our own waits. */
  readonly mostMs: number;
  /** Refuses an answer, or null. */
  readonly onAnswer: (answer: Answer) => FetchFailure | null;
  /** Nothing more is wanted. */
  readonly enough: () => boolean;
}

/** Fetches by HTTP within limits: of time, of size, of redirections, of what addresses may name. */
export class HttpClient {
  readonly #options: HttpOptions;
  /** Tries that came after a failed one. */
  retries = 0;
  redirections = 0;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  /** All fetching was ended: what fails then is no fault of the server. */
  get stopped(): boolean {
    return this.#options.stop.aborted;
  }

  /** The whole resource at `address`, at most `limit` octets. */
  async whole(address: URL, limit: number): Promise<FetchedText | FetchFailure> {
    let read: FetchedText | FetchFailure = failure("it was not asked for");
    for (let attempt = 0; await this.#tryAgain(attempt, read); attempt++) {
      const parts: Uint8Array[] = [];
      let contentType = "";
      let from = address;
      const end = await this.#once({
        address,
        headers: {},
        take: (piece) => void parts.push(piece),
        limit,
        mostMs: this.#options.timeoutMs * WHOLE_TIMEOUTS,
        onAnswer(answer) {
          contentType = answer.response.headers.get("content-type") ?? "";
          from = answer.address;
          return null;
        },
        enough: () => false,
      });
      read = end.ok ? { ok: true, octets: joined(parts), contentType, address: from } : end;
    }
    return read;
  }

  /**
   * Hands the resource at `address`, or the `range` of it, to `take` piece by piece, at most `limit` octets, each
   * try for `mostMs` at most. A try that broke off goes on where it stood, so that no octet is handed on twice.
   */
  async pieces(
    address: URL,
    range: ByteRange | null,
    limit: number,
    take: TakePiece,
    mostMs = Number.POSITIVE_INFINITY,
  ): Promise<FetchedPieces | FetchFailure> {
    const start = range?.offset ?? 0;
    const most = range === null ? limit : Math.min(range.length, limit);
    let got = 0;
    let durationMs = 0;
    let end: FetchedPieces | FetchFailure = failure("it was not asked for");
    for (let attempt = 0; await this.#tryAgain(attempt, end); attempt++) {
      const from = start + got;
      const ranged = range !== null || from > 0;
      const last = range === null ? "" : String(start + range.length - 1);
      const headers = {
        "accept-encoding": "identity",
        ...(ranged ? { range: `bytes=${from}-${last}` } : {}),
      };
      let skip = 0;
      const onAnswer = ({ response }: Answer): FetchFailure | null => {
        // A server may give the whole of it all the same (RFC 9110, 14.2).
        skip = ranged && response.status !== 206 ? from : 0;
        const told = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1];
        const other = response.status === 206 && told !== undefined && Number(told) !== from;
        return other
          ? failure("the server sent another part than was asked for", response.status, false)
          : null;
      };
      const onPiece = (piece: Uint8Array): Promise<void> | void => {
        const passed = Math.min(skip, piece.length);
        skip -= passed;
        const part = piece.subarray(passed, passed + Math.max(0, most - got));
        got += part.length;
        if (part.length > 0) return take(part);
      };
      const once = await this.#once({
        address,
        headers,
        take: onPiece,
        limit: Number.POSITIVE_INFINITY,
        mostMs,
        onAnswer,
        enough: () => got >= most,
      });
      durationMs += once.ok ? once.durationMs : 0;
      end = once;
      if (!once.ok) continue;
      if (range !== null && got < range.length)
        end = failure("the server sent less than the range asked for");
      else if (range === null && got >= limit) end = tooLarge(limit);
      else end = { ok: true, octets: got, durationMs };
    }
    return end;
  }

  /** Whether there is to be a try after this outcome, once the wait before it is over. */
  async #tryAgain(attempt: number, before: { ok: true } | FetchFailure): Promise<boolean> {
    const { stop, retries } = this.#options;
    if (stop.aborted || before.ok) return false;
    if (attempt === 0) return true;
    if (attempt > retries || !before.passing) return false;
    await pause(Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), MAX_WAIT_MS), stop);
    if (stop.aborted) return false;
    this.retries++;
    return true;
  }

  /** One try: the answer, then its body piece by piece until it ends or `enough` says so. */
  async #once({
    address,
    headers,
    take,
    limit,
    mostMs,
    onAnswer,
    enough,
  }: Try): Promise<FetchedPieces | FetchFailure> {
    const control = new AbortController();
    const abort = (): void => control.abort();
    const { stop, timeoutMs } = this.#options;
    stop.addEventListener("abort", abort);
    let silent = false;
    const patience = new Patience(timeoutMs, () => {
      silent = true;
      control.abort();
    });
    const startedMs = performance.now();
    let waitedMs = 0;
    try {
      const answer = await this.#answer(address, headers, control.signal, patience);
      if (!answer.ok) return answer;
      const refused = onAnswer(answer);
      if (refused !== null) return refused;
      const { response } = answer;
      let octets = 0;
      const reader = response.body?.getReader();
      while (reader !== undefined && !enough()) {
        const { done, value } = await reader.read();
        if (done) break;
        octets += value.length;
        if (octets > limit) return tooLarge(limit);
        const tookMs = performance.now() - startedMs - waitedMs;
        if (tookMs > mostMs)
          return failure(`it came too slowly, and was not whole after ${Math.round(tookMs / 1000)} s`);
        patience.heard();
        const taken = take(value);
        if (taken === undefined) continue;
        const beforeMs = performance.now();
        patience.pause();
        await taken;
        patience.resume();
        waitedMs += performance.now() - beforeMs;
      }
      const short = !enough() && octets < lengthOf(response);
      if (short) return failure("the connection broke off before the end");
      const tookMs = performance.now() - startedMs - waitedMs;
      return { ok: true, octets, durationMs: Math.min(tookMs, patience.listenedMs) };
    } catch (error) {
      return failure(silent ? `the server was silent for ${timeoutMs / 1000} s` : reason(error));
    } finally {
      patience.end();
      stop.removeEventListener("abort", abort);
      // Whatever was not read is not wanted.
      control.abort();
    }
  }

  /** The answer after redirections. */
  async #answer(
    first: URL,
    headers: Record<string, string>,
    signal: AbortSignal,
    patience: Patience,
  ): Promise<Answer | FetchFailure> {
    const { authorities, userAgent } = this.#options;
    let address = first;
    for (let redirections = 0; ; redirections++) {
      const bare = new URL(address.href);
      bare.username = "";
      bare.password = "";
      const response = await fetch(bare, {
        headers: { "user-agent": userAgent, ...login(address), ...headers },
        redirect: "manual",
        signal,
        ...(authorities === "" ? {} : { tls: { ca: authorities } }),
      });
      patience.heard();
      const { status } = response;
      if (status >= 200 && status < 300) return { ok: true, response, address };
      void response.body?.cancel();
      const location = response.headers.get("location");
      if (![301, 302, 303, 307, 308].includes(status) || location === null) {
        const passing = status >= 500 || PASSING_STATUS.has(status);
        return failure(`the server answered ${status} ${response.statusText}`.trim(), status, passing);
      }
      if (redirections === MAX_REDIRECTIONS) {
        return failure(`it was redirected more than ${MAX_REDIRECTIONS} times`, status, false);
      }
      const next = resolveAddress(location, address);
      if (next === null || !isFetched(next))
        return failure("it was redirected to what is no HTTP address", status, false);
      if (address.protocol === "https:" && next.protocol === "http:") {
        return failure("it was redirected from https to http, which is not followed", status, false);
      }
      this.redirections++;
      address = next;
    }
  }
}

/** Octets that the answer says it has; 0 where it does not, or they are packed on the way. */
function lengthOf(response: Response): number {
  if ((response.headers.get("content-encoding") ?? "identity") !== "identity") return 0;
  const length = Number(response.headers.get("content-length") ?? 0);
  return Number.isSafeInteger(length) ? length : 0;
}

function login({ username, password }: URL): { authorization?: string } {
  if (username === "" && password === "") return {};
  const pair = `${decoded(username)}:${decoded(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // A percent sign that stands for itself.
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
