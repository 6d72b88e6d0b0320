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

  constructor(version: number, last: number) {
    this.version = version;
    this.last = last;
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
 * at once when it is complete, so that nothing seems to vanish while its sections come in. A version whose
 * first section comes again is taken as it is: what is missing will not come.
 */
export class SectionSet<T> {
  #current: Version<T> | null = null;
  #next: Version<T> | null = null;

  /** Whether a section with this CRC_32 is in force already. `version` may hold more than version_number. */
  knows(version: number, last: number, number: number, crc: number): boolean {
    return this.#current?.is(version, last) === true && this.#current.parts[number]?.crc === crc;
  }

  /** Octets of the sections that are held, those of a version to come included. */
  get octets(): number {
    return (this.#current?.octets ?? 0) + (this.#next?.octets ?? 0);
  }

  /** Takes a section of so many octets. Returns what changes in what is in force, null for nothing. */
  put(
    version: number,
    last: number,
    number: number,
    crc: number,
    value: T,
    octets: number,
  ): SectionChange<T> | null {
    const part = { crc, value, octets };
    this.#current ??= new Version(version, last);
    if (this.#current.is(version, last)) {
      this.#next = null;
      const old = this.#current.parts[number];
      this.#current.put(number, part);
      return { added: [value], removed: old === undefined ? [] : [old.value] };
    }
    if (this.#next?.is(version, last) !== true) this.#next = new Version(version, last);
    const again = this.#next.parts[number] !== undefined;
    this.#next.put(number, part);
    if (this.#next.count <= last && !again) return null;
    const removed = this.values();
    this.#current = this.#next;
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
