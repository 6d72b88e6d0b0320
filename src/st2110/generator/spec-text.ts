import type { Fault } from "./stream.ts";

/** What is wrong with the text of a generated stream, in words. */
export class SpecError extends Error {}

/** `kind:format,key=value,…` taken apart: what asks for one generated stream. Every key is to be read once. */
export class SpecText {
  readonly kind: string;
  readonly format: string;
  readonly #values = new Map<string, string>();
  readonly #read = new Set<string>();

  /** Throws a SpecError where the text has not that form. */
  constructor(text: string) {
    const [head = "", ...rest] = text.trim().split(",");
    const colon = head.indexOf(":");
    if (colon < 1) throw new SpecError("expected kind:format, such as st2110-20:1920x1080p59.94");
    this.kind = head.slice(0, colon).toLowerCase();
    this.format = head.slice(colon + 1);
    for (const part of rest) {
      const equals = part.indexOf("=");
      if (equals < 1) throw new SpecError(`expected key=value, got "${part}"`);
      this.#values.set(part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim());
    }
  }

  /** Says what is wrong. */
  fail(what: string): never {
    throw new SpecError(what);
  }

  /** The text of a key, or `without`. */
  text(key: string, without: string): string {
    this.#read.add(key);
    return this.#values.get(key) ?? without;
  }

  /** A key that is one of a few words. */
  choice<T extends string>(key: string, choices: readonly T[], without: T): T {
    const text = this.text(key, without);
    const found = choices.find((choice) => choice.toLowerCase() === text.toLowerCase());
    return found ?? this.fail(`expected ${key}= one of ${choices.join(", ")}, got "${text}"`);
  }

  /** A decimal number within bounds. */
  number(key: string, min: number, max: number, without: number): number {
    const text = this.text(key, String(without));
    const value = /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max
      ? value
      : this.fail(`expected ${key}= a number of ${min} to ${max}, got "${text}"`);
  }

  /** The fault `name` (what is asked for, unless told), of which `plan` must be capable; null for none. */
  fault<P, F extends Fault<P>>(
    faults: ReadonlyMap<string, F>,
    plan: P,
    name = this.text("fault", ""),
  ): F | null {
    if (name === "") return null;
    const fault = faults.get(name);
    if (fault === undefined)
      return this.fail(`expected fault= one of ${[...faults.keys()].join(", ")}, got "${name}"`);
    const lacks = fault.lacks?.(plan) ?? null;
    return lacks === null ? fault : this.fail(`the fault ${name} needs ${lacks}`);
  }

  /** The key has been taken care of: for all that read on, it is not there. */
  settled(key: string): void {
    this.#values.delete(key);
  }

  /** Keys that nobody has read. */
  unknown(): string[] {
    return [...this.#values.keys()].filter((key) => !this.#read.has(key));
  }
}
