/** When a datagram left: between these moments, in milliseconds. */
export type Moment = readonly [before: number, after: number];

/** What a timer must have counted, as far as the moments are known. */
export interface Pauses {
  /** Pauses that were certainly, and that may have been, longer than the limit. */
  readonly least: number;
  readonly most: number;
  /** Where both are the same number above 0: when the first and the last of them became too long. */
  readonly first: Moment | null;
  readonly last: Moment | null;
}

/** Pauses of more than `limitMs` between the moments at which something came, the last of them lasting until `endMs`. */
export function pauses(moments: readonly Moment[], limitMs: number, endMs: number): Pauses {
  const ends: readonly Moment[] = [...moments.slice(1), [endMs, endMs]];
  let least = 0;
  const expired: Moment[] = [];
  for (const [i, [before, after]] of moments.entries()) {
    const [from, to] = ends[i] as Moment;
    if (from - after > limitMs) least += 1;
    if (to - before > limitMs) expired.push([before + limitMs, after + limitMs]);
  }
  const certain = least === expired.length;
  return {
    least,
    most: expired.length,
    first: certain ? (expired[0] ?? null) : null,
    last: certain ? (expired.at(-1) ?? null) : null,
  };
}
