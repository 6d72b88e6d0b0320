import { Random } from "../../fixtures/lib/random.ts";
import { parseDescriptors } from "../../src/mpegts/psi/descriptors/descriptor.ts";
import { PES, PES_START_BYTES, pesStart, readPesStart } from "../../src/mpegts/timing/pes.ts";

/** Octets of JSON that one octet of a loop may come to: a descriptor of two octets has a name of 40. */
const MOST_JSON_PER_OCTET = 150;
/** What stands around the octets that are read; must not show in what is read. */
const FILLS = [0x00, 0xff, 0x48] as const;
/** Each so many are read again among other octets. */
const CHECK_EVERY = 16;
const AROUND = 300;

const TABLES = [0x01, 0x02, 0x40, 0x42, 0x4a, 0x4e, 0x50, 0x73, 0x74, 0xc8, 0xcb, 0xcc, 0xfc] as const;
const FORMATS = [0, 0x47413934, 0x43554549, 0x48445056, 0x41432d33] as const;

/** What a run over descriptor loops came to. */
export interface DescriptorFuzzCounts {
  iterations: number;
  descriptors: number;
  malformed: number;
  /** Different tags that were read. */
  tags: number;
}

/** A loop of descriptors: of real ones, of any content under any tag, with lengths that mostly fit. */
function loop(corpus: readonly Uint8Array[], random: Random): Uint8Array {
  const octets: number[] = [];
  for (let left = 1 + random.below(5); left > 0; left -= 1) {
    const length = random.chance(0.1) ? random.below(256) : random.below(40);
    const from = corpus[random.below(corpus.length)] as Uint8Array;
    const start = random.below(from.length);
    const content = random.chance(0.4) ? random.bytes(length) : from.subarray(start, start + length);
    const said = random.chance(0.9) ? content.length : random.below(256);
    octets.push(random.below(256), said, ...content);
  }
  return Uint8Array.from(octets.slice(0, random.chance(0.9) ? octets.length : random.below(octets.length)));
}

/** `octets` with AROUND octets of `fill` before and after them. */
function among(octets: Uint8Array, fill: number): Uint8Array {
  const out = new Uint8Array(octets.length + 2 * AROUND).fill(fill);
  out.set(octets, AROUND);
  return out;
}

/** Reads `iterations` loops of descriptors. Throws where the parser does, or reads outside, or makes too much of one. */
export function fuzzDescriptors(
  corpus: readonly Uint8Array[],
  iterations: number,
  seed: number,
): DescriptorFuzzCounts {
  const random = new Random(seed);
  const tags = new Set<number>();
  const counts = { iterations, descriptors: 0, malformed: 0, tags: 0 };
  for (let i = 0; i < iterations; i += 1) {
    const octets = loop(corpus, random);
    const context = {
      tableId: TABLES[random.below(TABLES.length)] as number,
      programFormat: FORMATS[random.below(FORMATS.length)] as number,
      streamType: random.below(256),
      atsc: random.chance(0.3),
    };
    const read = parseDescriptors(octets, 0, octets.length, context);
    counts.descriptors += read.length;
    for (const { tag, malformed } of read) {
      tags.add(tag);
      if (malformed !== undefined) counts.malformed += 1;
    }
    if (i % CHECK_EVERY !== 0) continue;
    const json = JSON.stringify(read);
    const hex = Buffer.from(octets).toString("hex");
    if (json.length > MOST_JSON_PER_OCTET * Math.max(20, octets.length)) {
      throw new Error(`seed ${seed}: ${json.length} octets of JSON from ${hex}`);
    }
    for (const fill of FILLS) {
      if (JSON.stringify(parseDescriptors(among(octets, fill), AROUND, octets.length, context)) !== json) {
        throw new Error(`seed ${seed}: reads outside of ${hex}`);
      }
    }
  }
  counts.tags = tags.size;
  return counts;
}

/** How often each result came: the names of PES. */
export type PesFuzzCounts = Record<keyof typeof PES, number>;

/** Reads the starts of `iterations` PES packets, whole and cut. Throws where the parser does, or reads outside. */
export function fuzzPes(iterations: number, seed: number): PesFuzzCounts {
  const random = new Random(seed);
  const counts: PesFuzzCounts = { header: 0, short: 0, none: 0, bare: 0, broken: 0 };
  const names = Object.keys(PES) as (keyof typeof PES)[];
  const out = pesStart();
  for (let i = 0; i < iterations; i += 1) {
    const octets = Uint8Array.from([
      ...[0, 0, 1, random.chance(0.8) ? 0xe0 : random.below(256), random.below(256), random.below(256)],
      ...[0x80 | random.below(64), random.below(4) << 6, random.below(20)],
      ...[0x21 | (random.below(2) << 4), random.below(256), 1, random.below(256), 1],
      ...[0x11, random.below(256), 1, random.below(256), 1],
    ]);
    for (let left = random.below(3); left > 0; left -= 1)
      octets[random.below(octets.length)] = random.below(256);
    const len = random.chance(0.7) ? octets.length : random.below(octets.length + 1);
    const cut = octets.subarray(0, len);
    const result = readPesStart(cut.slice(), 0, len, out);
    const name = names.find((one) => PES[one] === result);
    if (name === undefined || len > PES_START_BYTES) throw new Error(`result ${result}`);
    counts[name] += 1;
    const first = JSON.stringify(out);
    const fill = FILLS[i % FILLS.length] as number;
    if (readPesStart(among(cut, fill), AROUND, len, out) !== result || JSON.stringify(out) !== first) {
      throw new Error(`seed ${seed}: reads outside of ${Buffer.from(cut).toString("hex")}`);
    }
  }
  return counts;
}
