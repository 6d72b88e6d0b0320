import type { Decipheriv } from "node:crypto";
import { TS_PACKET_BYTES } from "../mpegts/packet.ts";
import { resolveAddress } from "./address.ts";
import type { HttpClient } from "./http-client.ts";
import type { InitSection } from "./playlist.ts";
import { SegmentContent, segmentFormat } from "./segment-content.ts";

/** PAT and PMT take two packets, what MP4 has there some kilobytes. */
const MAX_OCTETS = 1024 * 1024;
/** Ones that are remembered: a playlist goes from one to the next. */
const MAX_KNOWN = 16;
const TS_FORMAT = "transport stream";

/** A media initialization section that was loaded (RFC 8216, 3). */
export interface LoadedInit {
  readonly octets: Uint8Array;
  /** See `segmentFormat`. */
  readonly format: string;
}

/** Why it could not be loaded, a clause. */
export interface InitFailure {
  readonly why: string;
}

/** How to decrypt what `key` encrypts: null where it can't be known. */
export type InitCipher = (key: NonNullable<InitSection["key"]>) => Promise<Decipheriv | null>;

/** Loads what EXT-X-MAP names, each once. */
export class InitSections {
  readonly #client: HttpClient;
  readonly #known = new Map<string, LoadedInit>();

  constructor(client: HttpClient) {
    this.#client = client;
  }

  /** The section that `map` names, by an address relative to `base`. */
  async load(map: InitSection, base: URL, cipherOf: InitCipher): Promise<LoadedInit | InitFailure> {
    const address = resolveAddress(map.uri, base);
    if (map.uri === "" || address === null)
      return { why: "the address of EXT-X-MAP is none that can be fetched" };
    const { range, key } = map;
    const name = [address.href, range?.offset, range?.length, key?.uri, key?.iv].join(" ");
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const parts: Uint8Array[] = [];
    const end = await this.#client.pieces(address, range, MAX_OCTETS, (piece) => void parts.push(piece));
    if (!end.ok) return { why: `what EXT-X-MAP names: ${end.why}` };
    let octets: Uint8Array = Buffer.concat(parts);
    if (key !== null && key.method === "AES-128") {
      const cipher = await cipherOf(key);
      if (cipher === null) return { why: "what EXT-X-MAP names can't be decrypted" };
      try {
        octets = Buffer.concat([cipher.update(octets), cipher.final()]);
      } catch {
        return { why: "what EXT-X-MAP names was encrypted with another key" };
      }
    }
    const loaded = { octets, format: isTables(octets) ? TS_FORMAT : segmentFormat(octets, octets.length) };
    const [oldest] = this.#known.keys();
    if (this.#known.size === MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(name, loaded);
    return loaded;
  }
}

/** Whether it is one of a transport stream: a PAT and a PMT (3.2), too few packets to be told by their sync bytes. */
function isTables(octets: Uint8Array): boolean {
  if (octets.length === 0 || octets.length % TS_PACKET_BYTES !== 0) return false;
  const content = new SegmentContent();
  content.push(octets);
  return content.packets * TS_PACKET_BYTES === octets.length && content.streams !== null;
}

/** Which of the tables that a segment needs stand in its first octets, `head`. */
export function tablesIn(head: Uint8Array): { readonly any: boolean; readonly first: boolean } {
  const content = new SegmentContent();
  content.push(head);
  return { any: content.programs > 0, first: content.streams !== null && !content.late };
}
