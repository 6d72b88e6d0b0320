import { u16 } from "../../bits/read.ts";
import { type Codec, codecOf, isAssumed } from "./codec.ts";
import { forbidsLeak } from "./leak-method.ts";
import { descriptorAt } from "./raw-descriptors.ts";
import { hasStillPictures } from "./still-pictures.ts";

const CA = 0x09;
const ISO_639_LANGUAGE = 0x0a;
const TELETEXT = 0x56;
const VBI_TELETEXT = 0x46;
const SUBTITLING = 0x59;
const STREAM_IDENTIFIER = 0x52;
const EXTENSION = 0x7f;
const SUPPLEMENTARY_AUDIO = 0x06;

/** Tags whose content is a loop of entries that start with a language, by the octets of an entry. */
const LANGUAGE_LOOPS = new Map<number, number>([
  [ISO_639_LANGUAGE, 4],
  [TELETEXT, 5],
  [VBI_TELETEXT, 5],
  [SUBTITLING, 8],
]);

/** One elementary stream of a program, as its PMT describes it. */
export interface Component {
  readonly pid: number;
  readonly program: number;
  readonly streamType: number;
  readonly codec: Codec;
  /** The codec is only what its user private stream_type usually stands for: nothing confirms it. */
  readonly assumed: boolean;
  /** ISO 639-2 codes, each once, in the order of the descriptors. */
  readonly languages: readonly string[];
  /** component_tag of the stream_identifier_descriptor, or null. */
  readonly componentTag: number | null;
  /** There may be still pictures, by the video's descriptor: PTS may be far apart. */
  readonly stillPicture: boolean;
  /** Data of it go through the T-STD by the leak method (ISO/IEC 13818-1 2.4.2.3). */
  readonly leak: boolean;
}

/** A CA_descriptor: where the ECM or EMM of a system are. */
export interface CaReference {
  readonly caSystemId: number;
  readonly caPid: number;
}

/** Three octets as a language code; null where they are no ASCII letters or digits. */
function language(buf: Uint8Array, at: number): string | null {
  let code = "";
  for (let i = at; i < at + 3; i += 1) {
    const octet = buf[i] as number;
    const letter = octet | 0x20;
    if ((letter < 0x61 || letter > 0x7a) && (octet < 0x30 || octet > 0x39)) return null;
    code += String.fromCharCode(octet);
  }
  return code;
}

/** CA_descriptors in `buf[off, off + len)`, ISO/IEC 13818-1 2.6.16. */
export function caReferences(buf: Uint8Array, off: number, len: number): CaReference[] {
  const found: CaReference[] = [];
  const end = off + len;
  for (let at = descriptorAt(buf, off, end); at >= 0; ) {
    const length = buf[at + 1] as number;
    if (buf[at] === CA && length >= 4) {
      found.push({ caSystemId: u16(buf, at + 2), caPid: u16(buf, at + 4) & 0x1fff });
    }
    at = descriptorAt(buf, at + 2 + length, end);
  }
  return found;
}

/** The elementary stream of `pid` by its stream_type and descriptors `buf[off, off + len)`. */
export function readComponent(
  program: number,
  pid: number,
  streamType: number,
  buf: Uint8Array,
  off: number,
  len: number,
  format: number,
): Component {
  const languages = new Set<string>();
  let componentTag: number | null = null;
  let stillPicture = false;
  let leak = true;
  const codec = codecOf(streamType, buf, off, len, format);
  const end = off + len;
  for (let at = descriptorAt(buf, off, end); at >= 0; ) {
    const tag = buf[at] as number;
    const length = buf[at + 1] as number;
    const from = at + 2;
    const entry = LANGUAGE_LOOPS.get(tag);
    if (entry !== undefined) {
      for (let i = from; i + entry <= from + length; i += entry) {
        const code = language(buf, i);
        if (code !== null) languages.add(code);
      }
    } else if (tag === STREAM_IDENTIFIER && length >= 1) {
      componentTag = buf[from] as number;
    } else if (tag === EXTENSION && length >= 5 && buf[from] === SUPPLEMENTARY_AUDIO) {
      // language_code_present is the last bit of the octet after the extension's tag (EN 300 468 6.4.11).
      const code = ((buf[from + 1] as number) & 1) !== 0 ? language(buf, from + 2) : null;
      if (code !== null) languages.add(code);
    } else {
      stillPicture ||= hasStillPictures(buf, at);
    }
    if (forbidsLeak(codec.id, buf, at)) leak = false;
    at = descriptorAt(buf, from + length, end);
  }
  const assumed = isAssumed(codec, streamType, buf, off, len, format);
  return {
    pid,
    program,
    streamType,
    codec,
    assumed,
    languages: [...languages],
    componentTag,
    stillPicture,
    leak,
  };
}
