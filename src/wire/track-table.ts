import { ProbeTrack } from "./probe-track.ts";
import { StreamTrack } from "./stream-track.ts";
import { parseTopic } from "./topic.ts";

/** Topics that are followed at once; more, and a hostile sender could fill the memory. */
export const TRACKS_MAX = 1024;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

interface Entry {
  readonly octets: Uint8Array;
  readonly track: StreamTrack;
}

/** Finds the track of a topic by its octets, without making a string for each message. */
export class TrackTable {
  readonly #byHash = new Map<number, Entry[]>();
  readonly #tracks: StreamTrack[] = [];
  readonly #probes = new Map<string, ProbeTrack>();
  readonly #shared: boolean;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });

  /** `shared`: other workers take messages of the same streams. */
  constructor(shared = false) {
    this.#shared = shared;
  }

  /** The probes that sent or said hello, in the order of their first message. */
  get probes(): readonly ProbeTrack[] {
    return [...this.#probes.values()];
  }

  /** The probe of that name; null when there are as many as can be followed. */
  probe(name: string): ProbeTrack | null {
    const known = this.#probes.get(name);
    if (known !== undefined) return known;
    if (this.#probes.size >= TRACKS_MAX) return null;
    const probe = new ProbeTrack(name);
    this.#probes.set(name, probe);
    return probe;
  }

  /** All tracks, in the order of their first message. */
  get tracks(): readonly StreamTrack[] {
    return this.#tracks;
  }

  /** The track of the topic in `buf[0, bytes)`; null when it is no topic of ours, undefined when full. */
  find(buf: Uint8Array, bytes: number): StreamTrack | null | undefined {
    const hash = hashOf(buf, bytes);
    const entries = this.#byHash.get(hash);
    if (entries !== undefined) {
      for (const entry of entries) if (equal(entry.octets, buf, bytes)) return entry.track;
    }
    const topic = this.#parse(buf, bytes);
    if (topic === null) return null;
    const probe = this.probe(topic.probe);
    if (probe === null || this.#tracks.length >= TRACKS_MAX) return undefined;
    const entry = { octets: buf.slice(0, bytes), track: new StreamTrack(topic, probe, this.#shared) };
    if (entries === undefined) this.#byHash.set(hash, [entry]);
    else entries.push(entry);
    this.#tracks.push(entry.track);
    return entry.track;
  }

  #parse(buf: Uint8Array, bytes: number): ReturnType<typeof parseTopic> {
    try {
      return parseTopic(this.#decoder.decode(buf.subarray(0, bytes)));
    } catch {
      return null;
    }
  }
}

/** FNV-1a, 32 bits. */
function hashOf(buf: Uint8Array, bytes: number): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < bytes; i++) hash = Math.imul(hash ^ (buf[i] as number), FNV_PRIME);
  return hash;
}

function equal(octets: Uint8Array, buf: Uint8Array, bytes: number): boolean {
  if (octets.length !== bytes) return false;
  for (let i = 0; i < bytes; i++) if (octets[i] !== buf[i]) return false;
  return true;
}
