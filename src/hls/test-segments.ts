/** Transport stream segments for the tests of this room. */
import { packed, patSection, pmtSection } from "../mpegts/psi/test-sections.ts";
import { joined, tsPacket } from "../mpegts/test-packets.ts";
import { pesHeader, pesPacket } from "../mpegts/timing/test-pes.ts";

const VIDEO_PID = 0x100;
const PMT_PID = 0x1000;
const HZ = 90_000;

/** What a segment holds; all optional. */
export interface SegmentFields {
  /** Time stamp of its first picture in seconds. */
  readonly start?: number;
  readonly pictures?: number;
  readonly picturesPerSecond?: number;
  readonly programs?: readonly (readonly [program: number, pid: number])[];
  readonly streams?: readonly (readonly [streamType: number, pid: number])[];
  /** In front of the packets; the default for `tables`. */
  readonly tables?: "first" | "late" | "none";
  /** How long after its decoding the first picture is shown, in seconds; 0.04 as all others. */
  readonly firstShownAfter?: number;
  /** A decoder can begin with the first picture. */
  readonly entryPoint?: boolean;
  /** Packets of each picture beside the one with its header. */
  readonly filling?: number;
}

/** A segment of pictures of one packet or more each, with PAT, PMT and a PCR in each picture. */
export function segmentOctets(fields: SegmentFields = {}): Uint8Array {
  const {
    start = 10,
    pictures = 50,
    picturesPerSecond = 25,
    filling = 1,
    tables = "first",
    entryPoint = true,
    firstShownAfter = 0.04,
  } = fields;
  const programs = fields.programs ?? [[1, PMT_PID] as const];
  const streams = fields.streams ?? [[0x1b, VIDEO_PID] as const];
  const psi = [...packed([patSection(programs)], 0), ...packed([pmtSection(1, VIDEO_PID, streams)], PMT_PID)];
  const media: Uint8Array[] = [];
  for (let i = 0; i < pictures; i++) {
    const seconds = start + i / picturesPerSecond;
    const stamp = Math.round(seconds * HZ) % 2 ** 33;
    const pcr = ((Math.round(seconds * HZ) - 9000 + 2 ** 33) % 2 ** 33) * 300;
    media.push(tsPacket({ pid: VIDEO_PID, control: 2, pcr, fill: 0xff }));
    const header = pesHeader({
      pts: stamp + Math.round((i === 0 ? firstShownAfter : 0.04) * HZ),
      dts: stamp,
    });
    // A sequence parameter set of AVC, by which a decoder can begin.
    media.push(pesPacket(i === 0 && entryPoint ? joined(header, Uint8Array.of(0, 0, 1, 0x67)) : header));
    for (let n = 0; n < filling; n++) media.push(tsPacket({ pid: VIDEO_PID }));
  }
  const [first = new Uint8Array(0), ...rest] = media;
  if (tables === "none") return joined(...media);
  return tables === "late"
    ? joined(first, ...rest.slice(0, 3), ...psi, ...rest.slice(3))
    : joined(...psi, ...media);
}

/** A playlist of `lines` after the tags that each has. */
export function playlistText(lines: readonly string[], { target = 2, sequence = 0 } = {}): string {
  const head = [
    "#EXTM3U",
    "#EXT-X-VERSION:3",
    `#EXT-X-TARGETDURATION:${target}`,
    `#EXT-X-MEDIA-SEQUENCE:${sequence}`,
  ];
  return `${[...head, ...lines].join("\n")}\n`;
}

/** EXTINF and address of each segment: those of `names`, of `seconds` each. */
export function segmentLines(names: readonly string[], seconds = 2): string[] {
  return names.flatMap((name) => [`#EXTINF:${seconds.toFixed(3)},`, name]);
}

/** Counts what is hit, by rule. */
export function counted(): {
  readonly hit: (rule: string, n?: number) => void;
  readonly hits: Record<string, number>;
} {
  const hits: Record<string, number> = {};
  return {
    hits,
    hit(rule, n = 1) {
      hits[rule] = (hits[rule] ?? 0) + n;
    },
  };
}
