/** Turns of about a second after which the heap is collected: 2 to 8 ms each time. */
const TURNS_A_COLLECTION = 10;

/**
 * Collects a thread's heap now and then. Little garbage is made here, and the collector lets it pile up to several times
 * what it takes the thread to need; it counts the memory of shared queues as that, so a thread with a few of them would
 * grow by half a gigabyte first.
 */
export class TidyHeap {
  #turns = 0;

  /** About a second has gone by. */
  turn(): void {
    this.#turns += 1;
    if (this.#turns % TURNS_A_COLLECTION === 0) Bun.gc(true);
  }
}
