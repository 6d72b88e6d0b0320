/** Video headers and parameter sets for the tests of this room. */

/** Bits of fields, `[value, bits]`, as octets; the last one filled with zeros. */
export function octetsOf(...fields: readonly (readonly [value: number, bits: number])[]): number[] {
  const text = fields.map(([value, bits]) => value.toString(2).padStart(bits, "0")).join("");
  const octets: number[] = [];
  for (let at = 0; at < text.length; at += 8)
    octets.push(Number.parseInt(text.slice(at, at + 8).padEnd(8, "0"), 2));
  return octets;
}

/** ue(v), ITU-T H.264 9.1, as a field. */
export function ueField(value: number): readonly [number, number] {
  const bits = Math.floor(Math.log2(value + 1)) * 2 + 1;
  return [value + 1, bits];
}

/** sequence_header of MPEG-2 video, with its sequence_extension unless `profileLevel` is null. */
export function sequenceHeader(
  profileLevel: number | null,
  bitRate400: number,
  vbv16k: number,
  lowDelay = 0,
  constrained = 0,
): number[] {
  const header = octetsOf(
    [720, 12],
    [576, 12],
    [2, 4],
    [3, 4],
    [bitRate400 & 0x3ffff, 18],
    [1, 1],
    [vbv16k & 0x3ff, 10],
    [constrained, 1],
    [0, 2],
  );
  const extension = octetsOf(
    [1, 4],
    [profileLevel ?? 0, 8],
    [0, 1],
    [1, 2],
    [0, 4],
    [bitRate400 >> 18, 12],
    [1, 1],
    [vbv16k >> 10, 8],
    [lowDelay, 1],
    [0, 7],
  );
  const start = [0, 0, 1, 0xb3, ...header];
  return profileLevel === null ? start : [...start, 0, 0, 1, 0xb5, ...extension];
}

/** A picture_header with filling after it, `octets` in all. */
export function picture(octets: number): number[] {
  return [0, 0, 1, 0x00, ...new Array<number>(octets - 4).fill(0x55)];
}
