import { FAULTS } from "./faults.ts";
import { type StreamMaker, streamMaker } from "./plan.ts";
import { type LegIndex, LegStream, legSkewNs, type PairOptions } from "./redundant.ts";
import { SpecError, SpecText } from "./spec-text.ts";
import type { GeneratedStream, GeneratorStart } from "./stream.ts";

/** IPv4 address and port that a stream is sent to. */
export interface GeneratedDestination {
  readonly address: readonly number[];
  readonly port: number;
}

/** One flow: a stream, or a leg of a pair. */
export interface GeneratedLeg {
  /** Null for the usual one of its place in the list. */
  readonly to: GeneratedDestination | null;
  /** How much later than the stream it is, nanoseconds. */
  readonly skewNs: number;
  make(start: GeneratorStart): GeneratedStream;
}

/** One stream of `--generate`: what it is, and where it goes. */
export interface GeneratedSpec {
  /** One, or the two of a pair of ST 2022-7. */
  readonly legs: readonly GeneratedLeg[];
  /** Length in seconds; null where it is not said. */
  readonly seconds: number | null;
}

const MOST_SECONDS = 86_400;
/** Usual skew of the second leg: a narrow sender of any format is still in time with it (ST 2110-21). */
const SKEW_US = 1;
const MOST_SKEW_US = 1_000_000;

function destination(spec: SpecText, key: "to" | "redundant"): GeneratedDestination | null {
  const text = spec.text(key, "");
  if (text === "") return null;
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3}):(\d{1,5})$/.exec(text);
  const numbers = match?.slice(1).map(Number) ?? [];
  const address = numbers.slice(0, 4);
  const port = numbers[4] ?? 0;
  if (match === null || address.some((octet) => octet > 255) || port < 1 || port > 65_535) {
    spec.fail(`expected ${key}= an IPv4 address and port such as 239.20.0.1:5004, got "${text}"`);
  }
  return { address, port };
}

/** `250` or `250/400`: one packet in so many is lost on both legs, or on each. */
function lossOf(spec: SpecText): PairOptions["loss"] {
  const text = spec.text("loss", "0");
  const match = /^(\d{1,7})(?:\/(\d{1,7}))?$/.exec(text);
  const loss = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])] as const;
  const right = match !== null && loss.every((each) => each === 0 || each >= 10);
  return right
    ? loss
    : spec.fail(
        `expected loss= one packet in how many is lost, 10 or more, such as 250 or 250/0, got "${text}"`,
      );
}

/** What the settings say of a second leg; null where there is none. */
function pairOf(
  spec: SpecText,
  kind: string,
): { to: GeneratedDestination; options: (maker: StreamMaker) => PairOptions } | null {
  const to = destination(spec, "redundant");
  const name = spec.text("fault", "");
  const isOfPair = FAULTS.pair.has(name);
  if (to === null) {
    if (isOfPair) spec.fail(`the fault ${name} needs a second leg: redundant=239.21.0.1:5004`);
    return null;
  }
  const skewNs = spec.number("skew", 0, MOST_SKEW_US, SKEW_US) * 1000;
  const loss = lossOf(spec);
  if (!isOfPair) return { to, options: () => ({ skewNs, loss, fault: null }) };
  const options = ({ packetsPerSecond }: StreamMaker): PairOptions => {
    const fault = spec.fault(FAULTS.pair, { kind, packetsPerSecond }, name);
    return { skewNs, loss, fault };
  };
  spec.settled("fault");
  return { to, options };
}

/** Reads one item of `--generate`. Throws a SpecError that says what was expected. */
export function parseGenerated(text: string): GeneratedSpec {
  const spec = new SpecText(text);
  const to = destination(spec, "to");
  const seconds = spec.text("seconds", "") === "" ? null : spec.number("seconds", 0.01, MOST_SECONDS, 1);
  const pair = pairOf(spec, spec.kind);
  const maker = streamMaker(spec);
  const options = pair?.options(maker);
  const unknown = spec.unknown();
  if (unknown.length > 0) throw new SpecError(`${spec.kind} has no ${unknown.join(", ")}`);
  if (pair === null || options === undefined) {
    return { legs: [{ to, skewNs: 0, make: (start) => maker.make(start) }], seconds };
  }
  if (to !== null && samePlace(to, pair.to)) {
    throw new SpecError(
      "the legs of a pair go to different addresses or ports: to= and redundant= are the same",
    );
  }
  const leg = (index: LegIndex, place: GeneratedDestination | null): GeneratedLeg => ({
    to: place,
    skewNs: legSkewNs(index, options),
    make: (start) => new LegStream((from) => maker.make(from), index, options, start),
  });
  return { legs: [leg(0, to), leg(1, pair.to)], seconds };
}

function samePlace(a: GeneratedDestination, b: GeneratedDestination): boolean {
  return a.port === b.port && a.address.join(".") === b.address.join(".");
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
