import { readFileSync } from "node:fs";
import { Random } from "../../fixtures/lib/random.ts";
import { tsPid } from "../../src/mpegts/packet.ts";
import { PidMap } from "../../src/mpegts/psi/pid-map.ts";
import { SECTION_ROLES } from "../../src/mpegts/psi/pid-roles.ts";
import { SectionDemux } from "../../src/mpegts/psi/section-demux.ts";
import { TableStore } from "../../src/mpegts/psi/store.ts";
import { parseTable } from "../../src/mpegts/psi/tables/parse.ts";
import {
  ascii,
  be16,
  descriptor,
  longSection,
  loop12,
  packed,
  patSection,
  pmtSection,
  shortSection,
  withCrc,
} from "../../src/mpegts/psi/test-sections.ts";
import { sharedData } from "../shared-data.ts";

/** What a run came to. */
export interface FuzzCounts {
  iterations: number;
  /** Sections that a parser took for its table. */
  decoded: number;
  /** Those that said which of their fields does not fit. */
  malformedTables: number;
  sections: number;
  unchanged: number;
  crcErrors: number;
  malformedSections: number;
  evicted: number;
  /** Most octets of JSON for one octet of section, where it has 20 or more. */
  mostJsonPerOctet: number;
}

/** Real streams with PSI and SI of many kinds; those that are there are used. */
const STREAMS = ["008", "009", "012", "025", "026", "030", "035", "072", "103", "108", "137", "139", "143"];
/** Of one stream; its EIT alone has hundreds. */
const MOST_OF_ONE_STREAM = 200;
const STORE_BYTES = 256 * 1024;
/** Octets of JSON that one octet of a section may come to: a descriptor of two octets has a name of 40. */
const MOST_JSON_PER_OCTET = 150;
const CHECK_EVERY = 5000;
const RESET_EVERY = 20_000;

const utc = [0xc0, 0x79, 0x12, 0x45, 0x00];

/** One section of each table, of which the shared streams have not all. */
export function ownSections(): Uint8Array[] {
  const text = [
    ...descriptor(0x48, 1, 2, 0x05, 0x41, 3, ...ascii("abc")),
    ...descriptor(0x0a, ...ascii("fra"), 0),
  ];
  const ca = descriptor(9, 1, 0, 0xe1, 0x90);
  const network = [
    ...loop12(...text),
    ...loop12(...be16(1), ...be16(2), ...loop12(...descriptor(0x41, 0, 1, 1))),
  ];
  const event = [...be16(1), ...utc, 1, 0x45, 0x30, 0x80, text.length, ...text];
  const mgt = [0, 0, 1, ...be16(0x100), 0xfd, 0x00, 0xe0, 0, 0, 0, 9, ...loop12(), ...loop12()];
  const channel = [...Array<number>(14).fill(0x41), ...Array<number>(16).fill(0x11), 0xfc, 0];
  return [
    patSection([
      [0, 0x10],
      [1, 0x100],
      [2, 0x101],
    ]),
    pmtSection(
      1,
      0x200,
      [
        [0x1b, 0x200],
        [6, 0x201, text],
      ],
      { descriptors: ca },
    ),
    pmtSection(2, 0x210, [
      [0x86, 0x210],
      [5, 0x211, descriptor(0x6f, 0, 0x10, 0)],
    ]),
    longSection(0x01, 0xffff, [...ca, ...ca]),
    longSection(0x03, 0xffff, descriptor(0x67, 1)),
    longSection(0x40, 1, network),
    longSection(0x4a, 1, network),
    longSection(0x42, 1, [...be16(1), 0xff, ...be16(1), 0xff, 0x80, text.length, ...text]),
    longSection(0x4e, 1, [...be16(1), ...be16(2), 1, 0x4e, ...event], { last: 1 }),
    longSection(0x50, 1, [...be16(1), ...be16(2), 1, 0x50, ...event], { last: 9 }),
    shortSection(0x70, utc),
    shortSection(0x71, [0, 1, 0, 2, 0, 3, 0, 4, 4]),
    withCrc(shortSection(0x73, [...utc, ...loop12(...descriptor(0x58)), 0, 0, 0, 0])),
    longSection(0x74, 0x10, [...loop12(...text), ...loop12(0, 0, 0, 1, 0, 2, 1, ...loop12(...text))]),
    shortSection(0x7e, [0x80]),
    longSection(0x7f, 0xffff, [...loop12(...text), ...be16(1), ...loop12(...text)]),
    longSection(0xc7, 0, mgt),
    longSection(0xc8, 1, [0, 1, ...channel, 0xfc, 0]),
    longSection(0xcb, 1, [0, 1, 0xc0, 1, 0, 0, 0, 9, 0xc0, 0, 10, 0, ...loop12()]),
    longSection(0xcc, 1, [0, 0, 0, 0, 1, 0]),
    withCrc(shortSection(0xfc, [...Array<number>(15).fill(0), 0, 0, 0, 0])),
  ];
}

/** Sections of the shared streams, each once. */
export function sharedSections(): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (const stream of STREAMS) {
    const path = sharedData(`ts/tsduck-${stream}.ts`);
    if (path === null) continue;
    const octets = readFileSync(path);
    const store = new TableStore();
    const map = new PidMap();
    const before = found.length;
    const demux = new SectionDemux(
      {
        section: (pid, buf, off, len, timeNs, changed) => {
          store.section(pid, buf, off, len, timeNs, changed);
          map.section(pid, buf, off, len);
          if (changed && found.length < before + MOST_OF_ONE_STREAM) found.push(buf.slice(off, off + len));
        },
        crcError: () => {},
        malformed: () => {},
      },
      store,
    );
    for (let at = 0; at + 188 <= octets.length; at += 188) {
      const pid = tsPid(octets, at);
      if ((map.roleOf(pid) & SECTION_ROLES) !== 0) demux.packet(octets, at, pid, 0, false);
    }
  }
  return found;
}

/** A section with a few octets, lengths or parts changed; mostly with its section_length and CRC_32 put right. */
export function mutated(corpus: readonly Uint8Array[], random: Random): Uint8Array {
  const pick = () => corpus[random.below(corpus.length)] as Uint8Array;
  let octets = pick().slice();
  for (let left = 1 + random.below(4); left > 0; left -= 1) {
    const at = random.below(octets.length);
    switch (random.below(6)) {
      case 0:
        octets[at] = (octets[at] as number) ^ (1 << random.below(8));
        break;
      case 1:
        octets[at] = [0, 1, 0x7f, 0x80, 0xf0, 0xff][random.below(6)] as number;
        break;
      case 2:
        octets[at] = random.below(256);
        break;
      case 3:
        octets = octets.slice(0, Math.max(3, at));
        break;
      case 4: {
        const other = pick();
        const from = random.below(other.length);
        const more = other.subarray(from, from + random.below(64));
        octets = Uint8Array.from([...octets.subarray(0, at), ...more, ...octets.subarray(at)]).slice(0, 4096);
        break;
      }
      default:
        octets.copyWithin(at, random.below(octets.length));
    }
  }
  if (random.chance(0.85) && octets.length >= 12) {
    const length = octets.length - 3;
    octets[1] = ((octets[1] as number) & 0xf0) | (length >> 8);
    octets[2] = length & 0xff;
    withCrc(octets);
  }
  return octets;
}

/**
 * Gives `iterations` mutated sections to the parsers, and through packets to the assembler, the table store and
 * the PID map. Throws where one of them throws, where what stands around a section shows in what is read from
 * it, or where a bound of memory or size is passed.
 */
export function fuzzPsi(corpus: readonly Uint8Array[], iterations: number, seed: number): FuzzCounts {
  const random = new Random(seed);
  const counts: FuzzCounts = {
    iterations,
    decoded: 0,
    malformedTables: 0,
    sections: 0,
    unchanged: 0,
    crcErrors: 0,
    malformedSections: 0,
    evicted: 0,
    mostJsonPerOctet: 0,
  };
  const store = new TableStore(STORE_BYTES);
  const map = new PidMap();
  const fresh = JSON.stringify([...map.roles]);
  const demux = new SectionDemux(
    {
      section: (pid, buf, off, len, timeNs, changed) => {
        counts.sections += 1;
        if (!changed) counts.unchanged += 1;
        store.section(pid, buf, off, len, timeNs, changed);
        map.section(pid, buf, off, len);
      },
      crcError: () => {
        counts.crcErrors += 1;
      },
      malformed: () => {
        counts.malformedSections += 1;
      },
    },
    store,
  );
  const pids = [0, 1, 0x10, 0x11, 0x12, 0x100, 0x101, 0x1ffb];
  let octets = mutated(corpus, random);
  for (let i = 0; i < iterations; i += 1) {
    // Now and then the same again, as a stream repeats its tables.
    if (!random.chance(0.1)) octets = mutated(corpus, random);
    const content = parseTable(octets, 0, octets.length);
    if (content !== null) {
      counts.decoded += 1;
      if ("malformed" in content) counts.malformedTables += 1;
      if ((i & 15) === 0) checkReads(octets, content, counts);
    }
    const pid = random.chance(0.02) ? random.below(8192) : (pids[random.below(pids.length)] as number);
    for (const packet of packed([octets], pid)) {
      if (random.chance(0.02)) continue;
      if (random.chance(0.02)) packet[random.below(188)] = random.below(256);
      demux.packet(packet, 0, pid, i, random.chance(0.01));
    }
    if (store.counts.bytes > STORE_BYTES) throw new Error(`iteration ${i}: the store holds too much`);
    if (i % CHECK_EVERY === 0) {
      JSON.stringify(store.snapshot());
      JSON.stringify(map.services());
    }
    if (i % RESET_EVERY === 0) {
      map.reset();
      if (JSON.stringify([...map.roles]) !== fresh)
        throw new Error(`iteration ${i}: a role was not taken back`);
    }
  }
  counts.evicted = store.counts.evictedSections;
  return counts;
}

/** The same section among other octets must read the same; what is read is bounded by what is there. */
function checkReads(octets: Uint8Array, content: object, counts: FuzzCounts): void {
  const json = JSON.stringify(content);
  for (const fill of [0x00, 0xff, 0x48]) {
    const around = new Uint8Array(octets.length + 300).fill(fill);
    around.set(octets, 40);
    if (JSON.stringify(parseTable(around, 40, octets.length)) !== json) {
      throw new Error(`reads outside of ${Buffer.from(octets).toString("hex")}`);
    }
  }
  const perOctet = json.length / Math.max(20, octets.length);
  counts.mostJsonPerOctet = Math.max(counts.mostJsonPerOctet, Math.round(perOctet));
  if (perOctet > MOST_JSON_PER_OCTET) {
    throw new Error(`${json.length} octets of JSON from ${Buffer.from(octets).toString("hex")}`);
  }
}
