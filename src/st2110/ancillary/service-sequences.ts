/** Services of one kind that are told apart in one sub-stream. */
export const MAX_SERVICES = 8;
/** Places that are remembered: each service may have a line in each field. */
const MAX_PLACES = 32;
const ANY = -1;

/**
 * Sequence numbers of 16 bits of services that share DID, SDID and stream number. RFC 8331 2.1 lets one flow carry
 * several, on lines or channels of their own; yet one service may use another line in each field, and number through.
 * So a packet is of the service whose number it goes on with, else of the one that was at its place.
 */
export class ServiceSequences {
  /** The last packet's number did not go on. */
  broken = false;
  /** The next number of each service; ANY where nothing is known of it. */
  readonly #next = new Int32Array(MAX_SERVICES).fill(ANY);
  #services = 0;
  /** The service that was last seen at each place. */
  readonly #places = new Map<number, number>();

  /** The service of a packet with `sequence` at `place`; -1 where there are too many to tell. */
  take(sequence: number, place: number): number {
    this.broken = false;
    const here = this.#places.get(place) ?? -1;
    let service = here >= 0 && this.#next[here] === sequence ? here : this.#next.indexOf(sequence);
    if (service < 0 && here >= 0) {
      service = here;
      this.broken = this.#next[here] !== ANY;
    } else if (service < 0) {
      if (this.#services === MAX_SERVICES) return -1;
      service = this.#services;
      this.#services += 1;
    }
    this.#next[service] = (sequence + 1) & 0xffff;
    if (here >= 0 || this.#places.size < MAX_PLACES) this.#places.set(place, service);
    return service;
  }

  /** Packets are missing: numbers are not compared across. */
  gap(): void {
    this.#next.fill(ANY);
  }
}
