/** Names of the T-STD's buffers, as in a report. */
export type BufferName = "TB" | "MB" | "EB" | "B" | "TBsys" | "Bsys";
/** What a buffer may do wrong. */
export type BufferFault = "overflow" | "underflow";

/**
 * Told of what the T-STD finds. `timeNs` is the capture time of the packet at which it was found, NaN where
 * packets have no times; `pid` is null for the system buffers, which a program's tables share.
 */
export interface TStdEvents {
  /** TR 101 290 3.3. Once for each time that a buffer runs over, and for each access unit that comes too late. */
  bufferError(pid: number | null, buffer: BufferName, kind: BufferFault, timeNs: number): void;
  /** TR 101 290 3.9: not empty for a second; again after each further second. */
  emptyBuffer(pid: number | null, buffer: BufferName, timeNs: number): void;
  /** TR 101 290 3.10: an access unit whose first octet is in the T-STD for longer than it may, in ns. */
  dataDelay(pid: number, delayNs: number, timeNs: number): void;
}
