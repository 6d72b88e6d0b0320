import { floor, plus, type Rational, rational, times, toNumber } from "./rational.ts";

/** How the lines of a frame are sent: progressive; two fields; one frame as two segments. */
export type Scan = "progressive" | "interlaced" | "psf";

/** What ST 2110-21 needs to know of a format. */
export interface TimingFormat {
  /** Lines of the frame, both fields together. */
  readonly height: number;
  readonly scan: Scan;
  /** Frames (not fields) a second, exact. */
  readonly rate: Rational;
  /** NP: packets of a frame. */
  readonly packets: number;
  /** TROFFSET in nanoseconds where it is signalled; without it the default holds. */
  readonly offset?: Rational;
  /** Most octets of an IP packet that is signalled (MAXUDP); 1500 without. */
  readonly maxUdpOctets?: number;
}

/** Bounds of a sender type; `vrxFull` and `cinstMax` in packets. */
export interface TypeLimits {
  readonly cinstMax: number;
  readonly vrxFull: number;
}

/** The figures of a format, ST 2110-21 6 and 7; times in exact nanoseconds. */
export interface Schedule {
  readonly format: TimingFormat;
  /** T: the frame period. */
  readonly period: Rational;
  /** TROFFSET, signalled or default. */
  readonly offset: Rational;
  /** TRS of the gapped schedule (type N). */
  readonly gappedStep: Rational;
  /** Start of the second field's packets after TVD in the gapped schedule; null for progressive. */
  readonly secondField: Rational | null;
  /** TRS of the linear schedule (types NL and W). */
  readonly linearStep: Rational;
  /** TDRAIN. */
  readonly drain: Rational;
  readonly narrow: TypeLimits;
  readonly narrowLinear: TypeLimits;
  readonly wide: TypeLimits;
  /** False from 900,000 packets a second on: type W is not for these. */
  readonly wideAllowed: boolean;
}

/** Packets a second from which on type W is not allowed. */
const WIDE_BELOW_PACKETS_PER_SECOND = 900_000;
/** beta of the drain: the network may send at 1.1 times the stream's own rate. */
const BETA_NUM = 11;
const BETA_DEN = 10;
/** MAXUDP of the standard UDP size limit. */
const STANDARD_MAX_UDP = 1500;
const NS = 1_000_000_000n;

/** Lines of the whole raster, and which of them TROFFSET spans, by scan and height. */
function raster({ height, scan }: TimingFormat): { total: number; active: number; offsetLines: number } {
  if (scan === "progressive") {
    return height >= 1080
      ? { total: 1125, active: 1080, offsetLines: 43 }
      : { total: 750, active: 720, offsetLines: 28 };
  }
  if (height <= 487) return { total: 525, active: 487, offsetLines: 20 };
  if (height <= 576) return { total: 625, active: 576, offsetLines: 26 };
  return { total: 1125, active: 1080, offsetLines: 22 };
}

/** Read schedule and limits of a format; NP and rate are above 0. */
export function scheduleOf(format: TimingFormat): Schedule {
  const { rate, scan, packets } = format;
  const period = rational(NS * rate.den, rate.num);
  const { total, active, offsetLines } = raster(format);
  const progressive = scan === "progressive";
  // Progressive is active for 1080/1125 of the frame at any height; interlaced as its raster is.
  const gapped = progressive ? times(period, 1080, 1125) : times(period, active, total);
  const activeShare = progressive ? rational(1080, 1125) : rational(active, total);
  const drain = times(period, BETA_DEN, packets * BETA_NUM);
  const maxUdp = format.maxUdpOctets ?? STANDARD_MAX_UDP;
  // Packets in so many 1/n seconds' worth of a frame: floor(NP / (n * T)), T in seconds.
  const share = (n: number): number =>
    Number(floor(rational(BigInt(packets) * NS * period.den, period.num * BigInt(n))));
  const shareOfActive = (n: number): number =>
    Number(
      floor(
        rational(
          BigInt(packets) * NS * period.den * activeShare.den,
          period.num * activeShare.num * BigInt(n),
        ),
      ),
    );
  const narrowFull = Math.max(Math.floor((1500 * 8) / maxUdp), share(27_000));
  const packetsPerSecond = (packets * 1e9) / toNumber(period);
  return {
    format,
    period,
    offset: format.offset ?? times(period, offsetLines, total),
    gappedStep: times(gapped, 1, packets),
    secondField: progressive ? null : plus(times(period, 1, 2), times(period, 1, 2 * total)),
    linearStep: times(period, 1, packets),
    drain,
    narrow: { cinstMax: Math.max(4, shareOfActive(43_200)), vrxFull: narrowFull },
    narrowLinear: { cinstMax: Math.max(4, share(43_200)), vrxFull: narrowFull },
    wide: {
      cinstMax: Math.max(16, share(21_600)),
      vrxFull: Math.max(Math.floor((1500 * 720) / maxUdp), share(300)),
    },
    wideAllowed: packetsPerSecond < WIDE_BELOW_PACKETS_PER_SECOND,
  };
}
