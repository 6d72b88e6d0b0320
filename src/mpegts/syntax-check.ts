import { type Finding, FindingCounter, type Rule } from "../report/finding.ts";
import type { Epoch } from "../report/time.ts";
import { tableId } from "./psi/fields.ts";
import type { SectionFault } from "./psi/section.ts";
import { isDecoded, parseTable } from "./psi/tables/parse.ts";

/** ISO/IEC 13818-1 2.4.4; EN 300 468 5.1. */
export const TS_SECTION_SYNTAX: Rule = {
  code: "ts-section-syntax",
  clause: "ISO/IEC 13818-1 2.4.4",
  severity: "warning",
  text: "{count} {section breaks|sections break} the syntax: pointer_field, section_length or section_number is wrong, or it ends too soon. Not read.",
};

/** ISO/IEC 13818-1 2.6; EN 300 468 6. */
export const TS_TABLE_SYNTAX: Rule = {
  code: "ts-table-syntax",
  clause: "ISO/IEC 13818-1 2.4.4, 2.6",
  severity: "warning",
  text: "{count} {section has|sections have} a length that does not fit what is around it: of a loop, of a descriptor, or of a field in one. Read as far as it fits.",
};

/** ISO/IEC 13818-1 2.4.3.6. */
export const TS_PES_SYNTAX: Rule = {
  code: "ts-pes-syntax",
  clause: "ISO/IEC 13818-1 2.4.3.6",
  severity: "warning",
  text: "{count} PES {packet has a header that breaks|packets have headers that break} the syntax: fixed bits, flags or lengths are wrong. Their time stamps are not read.",
};

/** Packets that must go by for one section to be decoded, in the long run. */
const PACKETS_A_TABLE = 50;
/** Sections decoded in a row, e.g. all of a schedule at the start. */
const MOST_TABLES_IN_A_ROW = 2000;

/** Unescaped quotes: stands in JSON only as the name of a field, whatever the strings in it are. */
const MALFORMED = '"malformed":';

/** A counter, and the PID of what it counted last. */
class Counter extends FindingCounter {
  lastPid = -1;

  found(pid: number, timeNs: number): void {
    this.lastPid = pid;
    this.hit(timeNs);
  }
}

/**
 * Counts what breaks the syntax above the TS packet: sections, tables, PES headers. Tables are decoded to see it, each
 * only where it has changed, and so many that a stream of new sections alone doesn't cost more than it should.
 */
export class SyntaxCheck {
  /** Sections that break the syntax, by what breaks it. */
  readonly sections: Record<SectionFault, number> = {
    pointer_field: 0,
    section_length: 0,
    cut: 0,
    section_number: 0,
  };
  /** Changed sections that were more than are decoded. */
  tablesNotChecked = 0;
  readonly #section = new Counter(TS_SECTION_SYNTAX);
  readonly #table = new Counter(TS_TABLE_SYNTAX);
  readonly #pes = new Counter(TS_PES_SYNTAX);
  #allowed = MOST_TABLES_IN_A_ROW;
  #index = 0;

  /** Sections whose lengths do not fit. */
  get tables(): number {
    return this.#table.count;
  }

  /** PES packets whose header breaks the syntax. */
  get pes(): number {
    return this.#pes.count;
  }

  /** A section of `pid` that breaks the syntax. */
  malformedSection(pid: number, reason: SectionFault, timeNs: number): void {
    this.sections[reason] += 1;
    this.#section.found(pid, timeNs);
  }

  /** A PES packet of `pid` whose header breaks the syntax. */
  malformedPes(pid: number, timeNs: number): void {
    this.#pes.found(pid, timeNs);
  }

  /** A whole section that was not the same before; `index` is the number of its last packet. */
  table(pid: number, buf: Uint8Array, off: number, len: number, index: number, timeNs: number): void {
    this.#allowed = Math.min(MOST_TABLES_IN_A_ROW, this.#allowed + (index - this.#index) / PACKETS_A_TABLE);
    this.#index = index;
    if (this.#allowed < 1) {
      this.tablesNotChecked += 1;
      return;
    }
    if (!isDecoded(tableId(buf, off))) return;
    this.#allowed -= 1;
    const content = parseTable(buf, off, len);
    if (content === null || JSON.stringify(content).includes(MALFORMED)) this.#table.found(pid, timeNs);
  }

  /** One finding for each rule broken. */
  findings(stream: string, epoch: Epoch): Finding[] {
    const found: Finding[] = [];
    for (const counter of [this.#section, this.#table, this.#pes]) {
      const finding = counter.toFinding(stream, epoch);
      if (finding !== null) found.push({ ...finding, lastPid: counter.lastPid });
    }
    return found;
  }
}
