/**
 * Says how two runs of octets differ, in one line: null when they are the same. A test that prints 100,000
 * octets tells nobody anything.
 */
export function octetDifference(actual: Uint8Array | undefined, expected: Uint8Array): string | null {
  if (actual === undefined) return `nothing there; expected ${expected.length} octets`;
  if (Buffer.compare(actual, expected) === 0) return null;
  const shorter = Math.min(actual.length, expected.length);
  let at = 0;
  while (at < shorter && actual[at] === expected[at]) at++;
  const packet = Math.floor(at / 188);
  return `${actual.length} octets, expected ${expected.length}; first difference at ${at} (TS packet ${packet})`;
}

/** Octets cut into TS packets; a partial one at the end is kept, and so is seen. */
export function tsPackets(octets: Uint8Array): Uint8Array[] {
  const count = Math.ceil(octets.length / 188);
  return Array.from({ length: count }, (_, i) => octets.subarray(i * 188, (i + 1) * 188));
}
