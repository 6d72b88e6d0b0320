import { extname } from "node:path";
import type { Kind2110 } from "../st2110/detector.ts";

/** Ways to write a stream; `ts` is packets of MPEG-TS, all others are of RTP without TS. */
export const WRITE_FORMATS = ["ts", "pcap", "wav", "jsonl", "jxs", "y4m", "raw"] as const;

/** One of the ways to write a stream. */
export type WriteFormat = (typeof WRITE_FORMATS)[number];

/** What each way can hold; null for every RTP flow. */
export const WRITTEN_KIND: Record<Exclude<WriteFormat, "ts">, Kind2110 | null> = {
  pcap: null,
  wav: "audio",
  jsonl: "anc",
  jxs: "jpegxs",
  y4m: "video20",
  raw: "video20",
};

const ENDINGS: Readonly<Record<string, WriteFormat>> = {
  ".pcap": "pcap",
  ".wav": "wav",
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
  ".jxs": "jxs",
  ".jxc": "jxs",
  ".y4m": "y4m",
  ".yuv": "raw",
  ".raw": "raw",
};

/** How `path` is to be written: as `setting` says, and with `auto` by the path's ending; else TS. */
export function writeFormat(path: string, setting: string): WriteFormat {
  return WRITE_FORMATS.find((format) => format === setting) ?? ENDINGS[extname(path).toLowerCase()] ?? "ts";
}
