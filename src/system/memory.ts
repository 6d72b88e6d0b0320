import type { SystemReport } from "../report/system-schema.ts";

const KIB = 1024;

/** Octets of the line `name: N kB` of /proc/meminfo or /proc/self/status; null where there is none. */
export function kibLine(text: string | null, name: string): number | null {
  const value = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text ?? "")?.[1];
  return value === undefined ? null : Number(value) * KIB;
}

/** The machine's memory by /proc/meminfo; null where it does not tell. */
export function parseMemory(text: string | null): SystemReport["memory"] {
  const totalBytes = kibLine(text, "MemTotal");
  // Before Linux 3.14 there is no better word than what is free.
  const availableBytes = kibLine(text, "MemAvailable") ?? kibLine(text, "MemFree");
  if (totalBytes === null || availableBytes === null) return null;
  const swapTotalBytes = kibLine(text, "SwapTotal") ?? 0;
  const swapFree = kibLine(text, "SwapFree") ?? swapTotalBytes;
  return {
    totalBytes,
    usedBytes: Math.max(0, totalBytes - availableBytes),
    availableBytes,
    swapTotalBytes,
    swapUsedBytes: Math.max(0, swapTotalBytes - swapFree),
  };
}

/** /proc/loadavg; null where it does not tell. */
export function parseLoad(text: string | null): SystemReport["load"] {
  const match = /^(\d+\.\d+) (\d+\.\d+) (\d+\.\d+) /.exec(text ?? "");
  if (match === null) return null;
  return { one: Number(match[1]), five: Number(match[2]), fifteen: Number(match[3]) };
}
