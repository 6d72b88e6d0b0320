/** What stands for a part of the time in the name of a segment, as in strftime(3), in UTC; %i is a running number. */
const FIELDS: Readonly<Record<string, (at: Date, number: number) => string>> = {
  Y: (at) => String(at.getUTCFullYear()),
  y: (at) => two(at.getUTCFullYear() % 100),
  m: (at) => two(at.getUTCMonth() + 1),
  d: (at) => two(at.getUTCDate()),
  H: (at) => two(at.getUTCHours()),
  M: (at) => two(at.getUTCMinutes()),
  S: (at) => two(at.getUTCSeconds()),
  j: (at) => String(dayOfYear(at)).padStart(3, "0"),
  F: (at) => at.toISOString().slice(0, 10),
  s: (at) => String(Math.floor(at.getTime() / 1000)),
  L: (at) => String(at.getUTCMilliseconds()).padStart(3, "0"),
  i: (_at, number) => String(number).padStart(6, "0"),
  "%": () => "%",
};

const DAY_MS = 86_400_000;

/** The name that `pattern` gives a segment which starts at `at` and is number `number` of its stream. */
export function segmentName(pattern: string, at: Date, number: number): string {
  return pattern.replace(/%(.)/g, (whole, letter: string) => FIELDS[letter]?.(at, number) ?? whole);
}

/** True when `name` stays in its folder and names a file. */
export function isInside(name: string): boolean {
  return (
    name !== "" &&
    !name.startsWith("/") &&
    !name.endsWith("/") &&
    !name.includes("\0") &&
    !name.split("/").some((part) => part === "" || part === "." || part === "..")
  );
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function dayOfYear(at: Date): number {
  return Math.floor((at.getTime() - Date.UTC(at.getUTCFullYear(), 0, 1)) / DAY_MS) + 1;
}
