import { NULL_PID } from "../packet.ts";
import type { PmtCheck } from "./1-5-pmt.ts";
import type { PidCheck } from "./1-6-pid.ts";
import type { PcrCheck } from "./2-3-pcr.ts";
import type { PtsCheck } from "./2-5-pts.ts";
import type { UnreferencedCheck } from "./3-4-unreferenced.ts";
import { type PidContext, PMT_REFERENCE, REFERENCE } from "./context.ts";
import { LOOK, type PidTimes } from "./pid-times.ts";
import type { SiChecks } from "./si-checks.ts";

/** PIDs from here on may be named by tables; PID 0 is the PAT's own. */
const FIRST_PID = 1;
/** The tables are read again at most once in so many packets on average, whatever a stream does to them. */
const PACKETS_A_READING = 64;
const MOST_READINGS_AT_ONCE = 32;

/** Takes over what the tables say of the PIDs, when it changes, and tells the rules that it concerns. */
export class References {
  readonly #context: PidContext;
  readonly #times: PidTimes;
  readonly #pmt: PmtCheck;
  readonly #pid: PidCheck;
  readonly #pcr: PcrCheck;
  readonly #pts: PtsCheck;
  readonly #unreferenced: UnreferencedCheck;
  readonly #si: SiChecks;
  #generation = -1;
  #readings = MOST_READINGS_AT_ONCE;
  #readAtPacket = 0;

  constructor(
    context: PidContext,
    times: PidTimes,
    pmt: PmtCheck,
    pid: PidCheck,
    pcr: PcrCheck,
    pts: PtsCheck,
    unreferenced: UnreferencedCheck,
    si: SiChecks,
  ) {
    this.#context = context;
    this.#times = times;
    this.#pmt = pmt;
    this.#pid = pid;
    this.#pcr = pcr;
    this.#pts = pts;
    this.#unreferenced = unreferenced;
    this.#si = si;
  }

  /** Reads the tables as of packet number `packet` at `timeNs`, where they have changed: true where it did. */
  read(packet: number, timeNs: number): boolean {
    if (this.#context.generation === this.#generation) return false;
    const earned = (packet - this.#readAtPacket) / PACKETS_A_READING;
    this.#readings = Math.min(this.#readings + earned, MOST_READINGS_AT_ONCE);
    this.#readAtPacket = packet;
    if (this.#readings < 1) return false;
    this.#readings -= 1;
    this.#generation = this.#context.generation;
    const programMaps: number[] = [];
    const components: number[] = [];
    // A PCR_PID of 0x1FFF says that there is none (ISO/IEC 13818-1 2.4.4.9).
    for (let pid = FIRST_PID; pid < NULL_PID; pid += 1) {
      const references = this.#context.referenceOf(pid);
      if (references !== this.#times.references[pid]) this.#referenced(pid, references, timeNs);
      if ((references & REFERENCE.programMap) !== 0) programMaps.push(pid);
      if ((references & PMT_REFERENCE) !== 0) components.push(pid);
    }
    this.#pmt.named(programMaps, timeNs);
    this.#pid.named(components);
    return true;
  }

  #referenced(pid: number, references: number, timeNs: number): void {
    const times = this.#times;
    const before = times.references[pid] as number;
    times.references[pid] = references;
    // A rule holds while the tables say that it concerns the PID: what came before then is no matter of it.
    if (this.#pid.limitOf(before) !== this.#pid.limitOf(references)) {
      if ((before & PMT_REFERENCE) !== 0) this.#pid.dismissed(pid, timeNs);
      times.seenNs[pid] = timeNs;
    }
    const changed = before ^ references;
    if ((changed & REFERENCE.pcr) !== 0) {
      this.#pcr.forget(pid);
      if ((references & REFERENCE.pcr) !== 0) this.#pcr.expectFrom(pid, timeNs);
    }
    if ((changed & (REFERENCE.audioVideo | REFERENCE.stillPictures)) !== 0) this.#pts.forget(pid);
    this.#si.referenced(pid);
    if (references !== 0) {
      this.#unreferenced.named(pid, timeNs);
      times.limitNs[pid] = this.#pid.limitOf(references);
    } else {
      times.limitNs[pid] = this.#unreferenced.concerns(pid) ? LOOK : Number.POSITIVE_INFINITY;
    }
  }
}
