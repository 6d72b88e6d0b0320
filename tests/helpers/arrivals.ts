/** When the packets of a sender arrive that now and then stands still. */

/** A pseudo-random number generator with a seed, from 0 up to but not including 1. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Arrival times in nanoseconds of `count` packets that are due every `stepNs`: about 25 times a second the sender
 * stands still for up to `mostPauseNs`, then sends at once what was due meanwhile.
 */
export function withPauses(
  count: number,
  stepNs: number,
  mostPauseNs: number,
  random: () => number,
): number[] {
  let blockedUntilNs = 0;
  return Array.from({ length: count }, (_, i) => {
    const dueNs = i * stepNs;
    if (dueNs > blockedUntilNs && random() < stepNs / 40e6) blockedUntilNs = dueNs + random() * mostPauseNs;
    return Math.max(dueNs, blockedUntilNs);
  });
}
