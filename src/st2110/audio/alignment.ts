import type { Epoch } from "../../report/time.ts";
import { TAI_UTC_SECONDS } from "../analyser.ts";

/**
 * What an RTP timestamp is aligned to (ST 2110-10 7.4: floor of TAI times the clock rate):
 * `tai` - to TAI, and the capture's clock runs in TAI too; `utc` - to TAI, the capture's clock runs in UTC;
 * `free-running` - to neither; `unknown` - the input has no wall clock or no times, or the rate is not known.
 */
export type Alignment = "tai" | "utc" | "free-running" | "unknown";

/** How a stream's RTP clock stands to the capture's clock. */
export interface RtpAlignment {
  readonly alignment: Alignment;
  /** Arrival less RTP time in ns by the clock that `alignment` names: latency. Null unless it is `tai` or `utc`. */
  readonly deltaNs: number | null;
  /** Capture clock less RTP time in ns, the capture taken as it is, nearest to 0 in the timestamp's cycle of 2^32. */
  readonly offsetNs: number | null;
}

/** Arrival this far from RTP time is latency or a leading timestamp; further away the clock has another origin. */
const PLAUSIBLE_DELTA_NS = 1e9;

const NS = 1_000_000_000n;
const NOTHING: RtpAlignment = { alignment: "unknown", deltaNs: null, offsetNs: null };

/**
 * Compares a packet's time of arrival, `timeNs` after `epoch`, with its RTP `timestamp` of `rateHz`. Exact: the
 * difference is made in integers of 1/rate ns before it becomes a number. Not for the hot path.
 */
export function alignRtp(
  epoch: Epoch,
  timeNs: number,
  timestamp: number,
  rateHz: number | null,
): RtpAlignment {
  if (!epoch.wallClock || !Number.isFinite(timeNs) || rateHz === null) return NOTHING;
  const rate = BigInt(rateHz);
  const arrivalNs = BigInt(epoch.seconds) * NS + BigInt(epoch.nanoseconds) + BigInt(Math.round(timeNs));
  const scaled = arrivalNs * rate - BigInt(timestamp) * NS;
  const offsetNs = nearest(scaled, rate);
  if (Math.abs(offsetNs) <= PLAUSIBLE_DELTA_NS) return { alignment: "tai", deltaNs: offsetNs, offsetNs };
  const taiNs = nearest(scaled + BigInt(TAI_UTC_SECONDS) * NS * rate, rate);
  if (Math.abs(taiNs) <= PLAUSIBLE_DELTA_NS) return { alignment: "utc", deltaNs: taiNs, offsetNs };
  return { alignment: "free-running", deltaNs: null, offsetNs };
}

/** `scaled` (in 1/rate ns) modulo the 2^32 ticks of the timestamp, in the half cycle on either side of 0, as ns. */
function nearest(scaled: bigint, rate: bigint): number {
  const cycle = (1n << 32n) * NS;
  let rest = scaled % cycle;
  if (rest < 0n) rest += cycle;
  if (rest * 2n >= cycle) rest -= cycle;
  const whole = rest / rate;
  return Number(whole) + Number(rest - whole * rate) / Number(rate);
}
