import { isOff } from "./alias.ts";
import type { EnvFile } from "./env-file.ts";
import { IGNORED_NAMES } from "./ignored.ts";
import { ENVIRONMENT_PREFIX, environmentNames, SETTING_KEYS, settingOf } from "./table.ts";

const KNOWN = new Set<string>(SETTING_KEYS.flatMap((key) => environmentNames(settingOf(key))));
const IGNORED = new Map(IGNORED_NAMES.map((entry) => [entry.name, entry.reason]));

/** Number of single-letter edits between two words, or 3 when there are more than two. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      row.push(Math.min((row[j - 1] ?? 0) + 1, (previous[j] ?? 0) + 1, (previous[j - 1] ?? 0) + change));
    }
    previous = row;
  }
  return Math.min(3, previous[b.length] ?? 3);
}

function withoutPrefix(name: string): string {
  return name.startsWith(ENVIRONMENT_PREFIX) ? name.slice(ENVIRONMENT_PREFIX.length) : name;
}

function nearest(name: string): string | null {
  const word = withoutPrefix(name);
  let best: string | null = null;
  // Short names are near to everything; one edit in five letters is a slip of the hand.
  let limit = Math.min(2, Math.floor(word.length / 5));
  for (const known of KNOWN) {
    const edits = distance(word, known);
    if (edits <= limit && edits > 0) {
      best = known;
      limit = edits - 1;
    }
  }
  return best;
}

/** Names of the earlier rscap that are set, one sentence for those with the same reason. */
function ignoredNames(env: Readonly<Record<string, string | undefined>>, file: EnvFile | null): string[] {
  const places = [
    { values: file?.values ?? {}, where: `in ${file?.path}` },
    { values: env, where: "in the environment" },
  ];
  const said = new Set<string>();
  return places.flatMap(({ values, where }) => {
    const names = new Map<string, string[]>();
    for (const [name, reason] of IGNORED) {
      const value = values[name];
      if (value === undefined || isOff(value) || said.has(name)) continue;
      said.add(name);
      names.set(reason, [...(names.get(reason) ?? []), name]);
    }
    return [...names].map(
      ([reason, each]) =>
        `${each.join(", ")} ${where} ${each.length === 1 ? "has" : "have"} no effect: ${reason}.`,
    );
  });
}

/**
 * A sentence for the names that are set but have no effect: names of the earlier rscap that have no
 * meaning here, and names in the file that look like a misspelt setting.
 */
export function unusedNames(
  env: Readonly<Record<string, string | undefined>>,
  file: EnvFile | null,
): string[] {
  const notices = ignoredNames(env, file);
  for (const name of Object.keys(file?.values ?? {})) {
    if (KNOWN.has(name) || KNOWN.has(withoutPrefix(name)) || IGNORED.has(name)) continue;
    const near = nearest(name);
    if (near !== null) notices.push(`${name} in ${file?.path} is not a setting. Was ${near} meant?`);
    else if (name.startsWith(ENVIRONMENT_PREFIX)) notices.push(`${name} in ${file?.path} is not a setting.`);
  }
  return notices;
}
