import type { Continuity } from "./continuity.ts";
import type { PacketObserver } from "./observer.ts";

/**
 * Shows a stream to an observer without its times, where they are not those of one way through the network: what is measured
 * by time is then not measured, and everything else is.
 */
export class UntimedObserver implements PacketObserver {
  readonly #observer: PacketObserver;

  constructor(observer: PacketObserver) {
    this.#observer = observer;
  }

  packet(
    buf: Uint8Array,
    at: number,
    pid: number,
    slot: number,
    index: number,
    _timeNs: number,
    verdict: Continuity,
    sound: boolean,
  ): void {
    this.#observer.packet(buf, at, pid, slot, index, Number.NaN, verdict, sound);
  }

  syncByte(count: number, _timeNs: number): void {
    this.#observer.syncByte(count, Number.NaN);
  }

  syncLoss(_timeNs: number): void {
    this.#observer.syncLoss(Number.NaN);
  }

  transportError(_timeNs: number): void {
    this.#observer.transportError(Number.NaN);
  }

  gap(): void {
    this.#observer.gap();
  }
}
