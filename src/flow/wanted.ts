import { type Finding, type Rule, ruleText } from "../report/finding.ts";

/** A stream that was asked for. */
export interface WantedStream {
  /** Group or host that it is sent to. */
  readonly destination: string;
  readonly port: number;
  /** Sender, empty for any. */
  readonly source: string;
}

/** A source that was asked for and sent nothing: worse than any fault within a stream. */
const SOURCE_SILENT: Rule = {
  code: "source-silent",
  clause: "rscap flow",
  severity: "error",
  text: "Nothing came from {count} of the sources asked for. Check the {sender|senders}, the device, the group and the port:",
};

/** `10.0.0.1@239.1.1.1:5000`, as in `--source`. */
export function wantedText({ destination, port, source }: WantedStream): string {
  const [to, from] = [destination, source].map((host) => (host.includes(":") ? `[${host}]` : host));
  return `${source === "" ? "" : `${from}@`}${to}:${port}`;
}

/** The streams that were asked for, and which of them came. */
export class WantedStreams {
  readonly #wanted: readonly WantedStream[];
  readonly #heard = new Set<WantedStream>();

  /** `wanted` is empty for all streams that come. */
  constructor(wanted: readonly WantedStream[]) {
    this.#wanted = wanted;
  }

  /** Whether a flow was asked for; if so, it has come. */
  accepts(source: string, destination: string, port: number): boolean {
    const meant = this.#wanted.filter(
      (stream) =>
        stream.destination === destination &&
        stream.port === port &&
        (stream.source === "" || stream.source === source),
    );
    for (const stream of meant) this.#heard.add(stream);
    return this.#wanted.length === 0 || meant.length > 0;
  }

  /** Those that have not come. */
  unheard(): WantedStream[] {
    return this.#wanted.filter((stream) => !this.#heard.has(stream));
  }
}

/** Those of `wanted` that no stream of a report is, by its source and destination as `address:port`. */
export function missingIn(
  streams: readonly { readonly source: string | null; readonly destination: string | null }[],
  wanted: readonly WantedStream[],
): WantedStream[] {
  const heard = new WantedStreams(wanted);
  for (const { source, destination } of streams) {
    const from = endOf(source);
    const to = endOf(destination);
    heard.accepts(from.host, to.host, to.port);
  }
  return heard.unheard();
}

/** `[2001:db8::1]:5000` taken apart. */
function endOf(text: string | null): { host: string; port: number } {
  const colon = text?.lastIndexOf(":") ?? -1;
  const host = (text ?? "").slice(0, Math.max(0, colon)).replace(/^\[|\]$/g, "");
  return { host, port: Number((text ?? "").slice(colon + 1)) };
}

/** One finding on the input that names all of `unheard`; null where there are none. */
export function silentSources(unheard: readonly WantedStream[]): Finding | null {
  const { length } = unheard;
  if (length === 0) return null;
  const { code, clause, severity } = SOURCE_SILENT;
  const text = `${ruleText(SOURCE_SILENT, length)} ${unheard.map(wantedText).join(", ")}.`;
  return { code, clause, severity, stream: "input", count: length, first: null, last: null, text };
}
