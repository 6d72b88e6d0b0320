import type { TimestampSource } from "../capture/batch.ts";

const KIND_TEXT: Record<TimestampSource["kind"], string> = {
  hardware: "network device",
  kernel: "kernel software clock",
  libpcap: "libpcap",
  savefile: "capture file",
  m2ts: "arrival time stamps of the file",
  generator: "the generator's schedule",
  pcr: "the stream's own PCR",
  none: "none",
};

/** A source of times in words, with its resolution, e.g. `capture file, 1 us`. */
export function timestampText(source: TimestampSource): string {
  const text = KIND_TEXT[source.kind];
  return source.kind === "none" ? text : `${text}, ${resolutionText(source.resolutionNs)}`;
}

function resolutionText(ns: number): string {
  if (ns >= 1e9) return `${ns / 1e9} s`;
  if (ns >= 1e6) return `${ns / 1e6} ms`;
  if (ns >= 1e3) return `${ns / 1e3} us`;
  return `${Number(ns.toPrecision(3))} ns`;
}
