import { PID_COUNT } from "../packet.ts";
import { type KnownSections, SectionAssembler, type SectionHandler } from "./section.ts";

/**
 * The sections of all PIDs that carry some: one `SectionAssembler` for each, made with its first packet. Holds
 * at most one unfinished section a PID: 8192 times 4096 octets (32 MiB), if ever each PID carried the longest.
 */
export class SectionDemux {
  readonly #handler: SectionHandler;
  readonly #known: KnownSections | null;
  readonly #assemblers: (SectionAssembler | undefined)[] = new Array(PID_COUNT);

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

  /** The PID carries no sections from now on: its memory is given back. */
  release(pid: number): void {
    this.#assemblers[pid] = undefined;
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
