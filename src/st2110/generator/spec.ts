import { type StreamMaker, streamMaker } from "./plan.ts";
import { SpecError, SpecText } from "./spec-text.ts";

/** One stream of `--generate`: what it is, and where it goes. */
export interface GeneratedSpec extends StreamMaker {
  /** IPv4 address and port that it is sent to; the port null for the usual one of its place in the list. */
  readonly to: { readonly address: readonly number[]; readonly port: number } | null;
  /** Length in seconds; null where it is not said. */
  readonly seconds: number | null;
}

const MOST_SECONDS = 86_400;

function destination(spec: SpecText): GeneratedSpec["to"] {
  const text = spec.text("to", "");
  if (text === "") return null;
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3}):(\d{1,5})$/.exec(text);
  const numbers = match?.slice(1).map(Number) ?? [];
  const address = numbers.slice(0, 4);
  const port = numbers[4] ?? 0;
  if (match === null || address.some((octet) => octet > 255) || port < 1 || port > 65_535) {
    spec.fail(`expected to= an IPv4 address and port such as 239.20.0.1:5004, got "${text}"`);
  }
  return { address, port };
}

/** Reads one item of `--generate`. Throws a SpecError that says what was expected. */
export function parseGenerated(text: string): GeneratedSpec {
  const spec = new SpecText(text);
  const to = destination(spec);
  const seconds = spec.text("seconds", "") === "" ? null : spec.number("seconds", 0.01, MOST_SECONDS, 1);
  const { make } = streamMaker(spec);
  const unknown = spec.unknown();
  if (unknown.length > 0) throw new SpecError(`${spec.kind} has no ${unknown.join(", ")}`);
  return { make, to, seconds };
}

/** What is wrong with one item of `--generate`, in words; null when nothing is. */
export function generatedError(text: string): string | null {
  try {
    parseGenerated(text);
    return null;
  } catch (error) {
    if (error instanceof SpecError) return error.message;
    throw error;
  }
}
