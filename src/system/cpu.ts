import type { SystemReport } from "../report/system-schema.ts";

type CpuReport = NonNullable<SystemReport["cpu"]>;

/** Columns of the first line of /proc/stat (proc(5)); guest time is within user. */
const USER = 0;
const NICE = 1;
const SYSTEM = 2;
const IDLE = 3;
const IO_WAIT = 4;
const HARD_INTERRUPT = 5;
const SOFT_INTERRUPT = 6;
const STEAL = 7;

/** Times of all cores together since boot, in ticks; null where `text` is no /proc/stat. */
export function parseCpuTicks(text: string | null): number[] | null {
  const line = /^cpu +([\d ]+)$/m.exec(text ?? "")?.[1];
  if (line === undefined) return null;
  const ticks = line
    .trim()
    .split(/ +/)
    .slice(0, STEAL + 1)
    .map(Number);
  return ticks.length > IDLE ? ticks : null;
}

/** Number of cores that are switched on, and seconds of Unix time at boot; null where they do not stand in `text`. */
export function parseStatFacts(text: string | null): { cores: number | null; bootSeconds: number | null } {
  const cores = (text ?? "").match(/^cpu\d+ /gm)?.length ?? null;
  const boot = /^btime (\d+)$/m.exec(text ?? "")?.[1];
  return { cores, bootSeconds: boot === undefined ? null : Number(boot) };
}

/** What the cores did between two readings; null where one is missing or no time has passed. */
export function cpuBetween(
  before: readonly number[] | null,
  now: readonly number[] | null,
): CpuReport | null {
  if (before === null || now === null) return null;
  // A core that is switched off takes its ticks along: no counter goes back by more than that.
  const spent = now.map((ticks, i) => Math.max(0, ticks - (before[i] ?? 0)));
  const total = spent.reduce((sum, ticks) => sum + ticks, 0);
  if (total === 0) return null;
  const share = (...columns: readonly number[]): number => {
    const part = columns.reduce((sum, column) => sum + (spent[column] ?? 0), 0);
    return Math.round((part / total) * 10_000) / 100;
  };
  return {
    busyPercent: share(USER, NICE, SYSTEM, HARD_INTERRUPT, SOFT_INTERRUPT, STEAL),
    userPercent: share(USER, NICE),
    systemPercent: share(SYSTEM),
    interruptPercent: share(HARD_INTERRUPT, SOFT_INTERRUPT),
    ioWaitPercent: share(IO_WAIT),
    stealPercent: share(STEAL),
  };
}
