import type { Decipheriv } from "node:crypto";
import type { OctetQueue } from "./octet-queue.ts";
import { HEAD_OCTETS, SegmentContent, segmentFormat } from "./segment-content.ts";

/** The octets of one segment on their way into the queue: decrypted, their format told, looked at after `onFirst`'s. */
export class Intake {
  readonly content = new SegmentContent();
  /** See `segmentFormat`; empty until enough has come. */
  format = "";
  readonly #queue: OctetQueue;
  readonly #cipher: Decipheriv | null;
  readonly #onFirst: (head: Uint8Array) => Uint8Array | null;
  #head: Uint8Array = new Uint8Array(0);

  constructor(
    queue: OctetQueue,
    cipher: Decipheriv | null,
    onFirst: (head: Uint8Array) => Uint8Array | null,
  ) {
    this.#queue = queue;
    this.#cipher = cipher;
    this.#onFirst = onFirst;
  }

  take(piece: Uint8Array): Promise<void> | void {
    return this.#plain(this.#cipher === null ? piece : this.#cipher.update(piece));
  }

  /** All octets have come; false where the end was not decrypted rightly. */
  async end(): Promise<boolean> {
    let right = true;
    try {
      const rest = this.#cipher?.final();
      if (rest !== undefined) await this.#plain(rest);
    } catch {
      right = false; // The padding is wrong: another key, or something is missing.
    }
    if (this.format === "") await this.#settle();
    return right;
  }

  #plain(octets: Uint8Array): Promise<void> | void {
    if (this.format === "transport stream") return this.#pass(octets);
    if (this.format !== "") return;
    const head = new Uint8Array(this.#head.length + octets.length);
    head.set(this.#head);
    head.set(octets, this.#head.length);
    this.#head = head;
    if (head.length >= HEAD_OCTETS) return this.#settle();
  }

  #settle(): Promise<void> | void {
    const head = this.#head;
    this.format = segmentFormat(head, head.length);
    this.#head = new Uint8Array(0);
    if (this.format !== "transport stream") return;
    const tables = this.#onFirst(head);
    if (tables !== null) this.content.push(tables);
    return this.#pass(head);
  }

  #pass(octets: Uint8Array): Promise<void> | void {
    this.content.push(octets);
    return this.#queue.put(octets);
  }
}
