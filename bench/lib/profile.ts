/** What a CPU profile has that is of use here (the format of Chrome's developer tools; `bun --cpu-prof`). */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  /** Node of each sample, and microseconds since the sample before. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** What may be spent where: the files whose path starts with one of `paths`, or what is no file of ours. */
export interface Budget {
  readonly name: string;
  readonly paths: readonly string[];
  readonly nsPerPacket: number;
}

/** Time outside of any file: reading from disk, native functions, compiler, garbage collection. */
export const NATIVE = "(native)";

/** Microseconds that each file under `root` took itself, what it calls left out; NATIVE for all that is none. */
export function selfTimes(profile: CpuProfile, root: string): Map<string, number> {
  const fileOf = new Map(
    profile.nodes.map(({ id, callFrame: { url } }) => {
      const at = url.indexOf(root);
      return [id, at < 0 ? NATIVE : url.slice(at + root.length)];
    }),
  );
  const times = new Map<string, number>();
  profile.samples.forEach((id, i) => {
    const file = fileOf.get(id) ?? NATIVE;
    times.set(file, (times.get(file) ?? 0) + Math.max(0, profile.timeDeltas[i] ?? 0));
  });
  return times;
}

/** Sums `times` by budget: each file counts for the one with the longest path that its own starts with. */
export function byBudget(
  times: ReadonlyMap<string, number>,
  budgets: readonly Budget[],
): Map<string, number> {
  const sums = new Map(budgets.map(({ name }) => [name, 0]));
  for (const [file, time] of times) {
    let longest = -1;
    let owner = "not budgeted";
    for (const { name, paths } of budgets) {
      for (const path of paths) {
        if (!file.startsWith(path) || path.length <= longest) continue;
        longest = path.length;
        owner = name;
      }
    }
    sums.set(owner, (sums.get(owner) ?? 0) + time);
  }
  return sums;
}
