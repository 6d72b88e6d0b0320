import { PID_COUNT, payloadOffset, payloadUnitStartIndicator, TS_PACKET_BYTES } from "../packet.ts";
import { type KnownSections, SectionAssembler, type SectionHandler } from "./section.ts";

/**
 * The sections of all PIDs that carry some: one `SectionAssembler` for each, made with its first packet. Holds
 * at most one unfinished section a PID: 8192 times 4096 octets (32 MiB), if ever each PID carried the longest.
 */
export class SectionDemux {
  readonly #handler: SectionHandler;
  readonly #known: KnownSections | null;
  readonly #assemblers: (SectionAssembler | undefined)[] = new Array(PID_COUNT);
  /** 1 for PIDs on which PES packets were found. */
  readonly #pes = new Uint8Array(PID_COUNT);

  constructor(handler: SectionHandler, known: KnownSections | null = null) {
    this.#handler = handler;
    this.#known = known;
  }

  /** Takes a packet of `pid` (0 to 8191), as `SectionAssembler.packet` does. */
  packet(buf: Uint8Array, at: number, pid: number, timeNs: number, lost: boolean): void {
    let assembler = this.#assemblers[pid];
    if (assembler === undefined) {
      assembler = new SectionAssembler(pid, this.#handler, this.#known);
      this.#assemblers[pid] = assembler;
    }
    assembler.packet(buf, at, lost, timeNs);
  }

  /**
   * Whether the packet at `buf[at]` of a PID that is no PSI's belongs to PES packets, though sections are expected there:
   * stream types and the PIDs of SI may be used otherwise. By how the last payload began in which something starts:
   * 00 00 01 would be a section of table_id 0x00, which only the PAT's PID carries.
   */
  carriesPes(buf: Uint8Array, at: number, pid: number): boolean {
    const from = at + payloadOffset(buf, at);
    // Of fewer octets it can't be told.
    if (payloadUnitStartIndicator(buf, at) === 1 && from + 3 <= at + TS_PACKET_BYTES) {
      const pes = buf[from] === 0 && buf[from + 1] === 0 && buf[from + 2] === 1;
      if (pes && this.#pes[pid] === 0) this.release(pid);
      this.#pes[pid] = pes ? 1 : 0;
    }
    return this.#pes[pid] === 1;
  }

  /** The PID carries no sections from now on: its memory is given back. */
  release(pid: number): void {
    this.#assemblers[pid] = undefined;
  }

  /** Packets of `pid` are missing, or can't be read: its unfinished section is not gone on with. */
  lost(pid: number): void {
    this.#assemblers[pid]?.reset();
  }

  /** Packets are missing on all PIDs: no unfinished section is gone on with. */
  reset(): void {
    for (const assembler of this.#assemblers) assembler?.reset();
  }

  /** Octets held for unfinished sections. */
  get heldBytes(): number {
    return this.#assemblers.reduce((sum, assembler) => sum + (assembler?.heldBytes ?? 0), 0);
  }
}
