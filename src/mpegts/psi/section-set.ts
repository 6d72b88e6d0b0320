interface Part<T> {
  readonly crc: number;
  readonly value: T;
  readonly octets: number;
}

/** The sections of one version of a table. */
class Version<T> {
  readonly version: number;
  readonly last: number;
  readonly parts: (Part<T> | undefined)[] = [];
  count = 0;
  octets = 0;
  /** Time of its first section; NaN for none. */
  fromNs: number;

  constructor(version: number, last: number, fromNs: number) {
    this.version = version;
    this.last = last;
    this.fromNs = fromNs;
  }

  is(version: number, last: number): boolean {
    return this.version === version && this.last === last;
  }

  put(number: number, part: Part<T>): void {
    const old = this.parts[number];
    if (old === undefined) this.count += 1;
    this.octets += part.octets - (old?.octets ?? 0);
    this.parts[number] = part;
  }
}

/** What a section has changed of what is in force: not more than it replaces or completes. */
export interface SectionChange<T> {
  readonly added: readonly T[];
  readonly removed: readonly T[];
}

/**
 * What the sections of a table say, in force: the first version part by part as its sections come, a later one
 * at once when it is complete, so that nothing seems to vanish while its sections come in. Each section is
 * repeated at a rate of its own (ISO/IEC 13818-1 2.4.4), so one may come many times before another comes once.
 * A version that is still incomplete after a while is taken as it is when one of its sections comes again: what
 * is missing will not come.
 */
export class SectionSet<T> {
  /** How long the sections of a version may take to come. */
  readonly #mostNs: number;
  #current: Version<T> | null = null;
  #next: Version<T> | null = null;

  /** `intervalMs` is within what each section has to come again; one of them may be lost. */
  constructor(intervalMs: number) {
    this.#mostNs = 2 * intervalMs * 1e6;
  }

  /** Whether a section with this CRC_32 is in force already. `version` may hold more than version_number. */
  knows(version: number, last: number, number: number, crc: number): boolean {
    return this.#current?.is(version, last) === true && this.#current.parts[number]?.crc === crc;
  }

  /** Octets of the sections that are held, those of a version to come included. */
  get octets(): number {
    return (this.#current?.octets ?? 0) + (this.#next?.octets ?? 0);
  }

  /**
   * Takes a section of so many octets that came at `timeNs`; without times (NaN) no section is waited for longer
   * than until another comes again. Returns what changes in what is in force, null for nothing.
   */
  put(
    version: number,
    last: number,
    number: number,
    crc: number,
    value: T,
    octets: number,
    timeNs: number,
  ): SectionChange<T> | null {
    const part = { crc, value, octets };
    this.#current ??= new Version(version, last, timeNs);
    if (this.#current.is(version, last)) {
      this.#next = null;
      const old = this.#current.parts[number];
      this.#current.put(number, part);
      return { added: [value], removed: old === undefined ? [] : [old.value] };
    }
    if (this.#next?.is(version, last) !== true) this.#next = new Version(version, last, timeNs);
    const next = this.#next;
    const again = next.parts[number] !== undefined;
    next.put(number, part);
    // Time that went back is another time.
    if (timeNs < next.fromNs) next.fromNs = timeNs;
    const waits = !again || timeNs - next.fromNs <= this.#mostNs;
    if (next.count <= last && waits) return null;
    const removed = this.values();
    this.#current = next;
    this.#next = null;
    return { added: this.values(), removed };
  }

  /** Forgets all. */
  clear(): void {
    this.#current = null;
    this.#next = null;
  }

  /** What is in force, by section_number. */
  values(): T[] {
    const values: T[] = [];
    for (const part of this.#current?.parts ?? []) if (part !== undefined) values.push(part.value);
    return values;
  }
}
