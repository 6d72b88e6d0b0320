/** A compiled filter: not 0 when the packet at `buf[off, off + capturedLength)` matches. */
export type FilterPredicate = (
  buf: Uint8Array,
  off: number,
  capturedLength: number,
  wireLength: number,
) => number;

/**
 * Compiles the filter for one link type, or null where the filter has no meaning for it: such packets are
 * then counted as unreadable.
 */
export type MakeFilter = (linkType: number) => FilterPredicate | null;

/** The filter of a file, compiled once for each link type that occurs in it. */
export class FilterTable {
  readonly #make: MakeFilter | undefined;
  readonly #made = new Map<number, FilterPredicate | null>();

  constructor(make: MakeFilter | undefined) {
    this.#make = make;
  }

  /** The predicate for `linkType`; undefined when everything passes, null when nothing of it can be judged. */
  get(linkType: number): FilterPredicate | null | undefined {
    if (this.#make === undefined) return undefined;
    let predicate = this.#made.get(linkType);
    if (predicate === undefined) {
      predicate = this.#make(linkType);
      this.#made.set(linkType, predicate);
    }
    return predicate;
  }
}
