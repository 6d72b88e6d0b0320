import type { QueueCounts } from "./push-queue.ts";

/** Where a publisher makes its messages. */
export interface MessageQueue {
  readonly counts: QueueCounts;
  /** Messages that wait. */
  readonly count: number;
  /** Most messages, of those in memory. */
  readonly limit: number;
  /** True when a message of `bytes` payload octets has no place now. */
  full(bytes: number): boolean;
  /** Where to put the octets of part `part` of the next message; 0 when it has to be given up. */
  begin(part: number, bytes: number): number;
  /** Gives up the next message, of which `parts` parts were begun. */
  abandon(parts: number): void;
  /** Takes the message whose `parts` parts were begun and filled. */
  push(parts: number, bytes: number, datagrams: number, sequence: number): void;
}

/** Messages on disk, and how often messages were sent again. */
export interface SpoolState {
  readonly messages: number;
  readonly bytes: number;
  readonly limitBytes: number;
  readonly resent: number;
  readonly damaged: number;
}

/** What a publisher sends through. */
export interface MessageSender {
  readonly queue: MessageQueue;
  /** Total time that callers stood still for a full queue, in ms. */
  readonly heldBackMs: number;
  readonly endpoint: string;
  /** Peers connected, as of the last `poll`. */
  readonly peers: number;
  /** Connections that were refused or failed in their handshake, as of the last `poll`. */
  readonly failedConnections: number;
  /** Null without a spool. */
  readonly spooled: SpoolState | null;
  /** Waits until a message of `bytes` payload octets has a place; false when it has to be dropped. */
  makeRoom(bytes: number): boolean;
  /** Sends what waits, as far as there is room. */
  flush(): void;
  /** As `flush`, and looks after the connections; never waits. */
  poll(): void;
  /** Sends what waits, for at most `lingerMs`; true when nothing waits any more. */
  drain(lingerMs: number): boolean;
  /** As `drain`, then closes; messages that were dropped. */
  close(lingerMs: number): number;
}
