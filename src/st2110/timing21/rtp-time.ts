import { type Epoch, NS_PER_SECOND } from "../../report/time.ts";
import { TAI_UTC_SECONDS } from "../analyser.ts";
import { epochNs } from "./epoch-time.ts";
import { floor, type Rational, rational } from "./rational.ts";

/** What stands between an arrival and its RTP timestamp, beyond which the two are of different clocks. */
const MOST_LATENCY_NS = NS_PER_SECOND;
const TICKS_WRAP = 2n ** 32n;
const NS = 1_000_000_000n;

/**
 * Nanoseconds from the moment that the RTP timestamp names to the moment `baseNs` after `epoch` (with
 * `offsetSeconds` added), the nearest of all its wraps: ST 2110-10, timestamp = floor(t * rate) mod 2^32 since 1970 TAI.
 */
export function sinceRtpNs(
  epoch: Epoch,
  offsetSeconds: number,
  baseNs: number,
  rtpTimestamp: number,
  clockHz: number,
): number {
  const now = epochNs(epoch, offsetSeconds, baseNs);
  const rate = BigInt(clockHz);
  const scaled = now * rate;
  const ticks = scaled / NS;
  const late = signed(ticks - BigInt(rtpTimestamp));
  return Number(late * NS + (scaled - ticks * NS)) / clockHz;
}

/** RTP timestamp less the tick that the frame's `k * period` since the epoch falls in, as a signed 32-bit number. */
export function rtpOffsetTicks(k: bigint, period: Rational, rtpTimestamp: number, clockHz: number): number {
  const tick = floor(rational(k * period.num * BigInt(clockHz), period.den * NS));
  return Number(signed(BigInt(rtpTimestamp) - tick));
}

/**
 * Seconds to add to the capture's times to get the clock that the RTP timestamps are of: 0 (the capture itself is in
 * TAI) or 37 (it is in UTC); null when neither fits: the sender runs free, or the input has no wall clock.
 */
export function taiOffsetSeconds(
  epoch: Epoch,
  timeNs: number,
  rtpTimestamp: number,
  clockHz: number,
): number | null {
  if (!epoch.wallClock || Number.isNaN(timeNs)) return null;
  const baseNs = Math.floor(timeNs);
  const fits = (offset: number): boolean =>
    Math.abs(sinceRtpNs(epoch, offset, baseNs, rtpTimestamp, clockHz)) < MOST_LATENCY_NS;
  return [0, TAI_UTC_SECONDS].find(fits) ?? null;
}

/** `ticks` modulo 2^32, as a number of -2^31 to 2^31 - 1. */
function signed(ticks: bigint): bigint {
  const low = ((ticks % TICKS_WRAP) + TICKS_WRAP) % TICKS_WRAP;
  return low >= TICKS_WRAP / 2n ? low - TICKS_WRAP : low;
}
