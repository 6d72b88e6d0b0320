import { readFileSync } from "node:fs";
import { availableParallelism, hostname, machine, release } from "node:os";
import type { SystemReport } from "../report/system-schema.ts";
import { formatTime } from "../report/time.ts";
import { parseStatFacts } from "./cpu.ts";

/** How the distribution names itself in os-release(5); null where it does not. */
export function parseOsName(text: string | null): string | null {
  const value = /^PRETTY_NAME=(.*)$/m.exec(text ?? "")?.[1]?.trim() ?? "";
  return value.replace(/^(["'])(.*)\1$/, "$2").replaceAll(/\\(.)/g, "$1") || null;
}

/** What stays as it is while the machine runs. `root` is where its files stand, `/` but in tests. */
export function readHost(root = "/"): SystemReport["host"] {
  const facts = parseStatFacts(textOf(`${root}proc/stat`));
  return {
    name: hostname(),
    os: parseOsName(textOf(`${root}etc/os-release`)),
    kernel: release(),
    machine: machine(),
    cores: facts.cores ?? availableParallelism(),
    bootTime: facts.bootSeconds === null ? null : wallTime(facts.bootSeconds * 1000),
  };
}

/** Milliseconds of Unix time as the report has all times. */
export function wallTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return formatTime({ seconds, nanoseconds: (ms - seconds * 1000) * 1e6, wallClock: true }, 0);
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
