import type { PidMap } from "../psi/pid-map.ts";
import { PID_ROLE } from "../psi/pid-roles.ts";
import { type PidContext, REFERENCE } from "./context.ts";

/** What the tables of a stream say of its PIDs, in the terms of TR 101 290. */
export class TablesContext implements PidContext {
  readonly #map: PidMap;
  readonly #atsc: boolean;

  /** With `atsc` user private stream types are taken for what they are in ATSC streams. */
  constructor(map: PidMap, atsc: boolean) {
    this.#map = map;
    this.#atsc = atsc;
  }

  get generation(): number {
    return this.#map.generation;
  }

  get programs(): readonly number[] {
    return this.#map.programNumbers;
  }

  get terrestrial(): boolean {
    return this.#map.terrestrial;
  }

  announces(tableId: number, key: number): boolean {
    return this.#map.announces(tableId, key);
  }

  referenceOf(pid: number): number {
    const role = this.#map.roleOf(pid);
    let references = 0;
    if ((role & PID_ROLE.pmt) !== 0) references |= REFERENCE.programMap;
    if ((role & PID_ROLE.pcr) !== 0) references |= REFERENCE.pcr;
    if ((role & PID_ROLE.emm) !== 0) references |= REFERENCE.cat;
    if ((role & (PID_ROLE.ecm | PID_ROLE.nit | PID_ROLE.si)) !== 0) references |= REFERENCE.other;
    if ((role & PID_ROLE.es) === 0) return references;
    references |= REFERENCE.component;
    for (const { codec, assumed, stillPicture } of this.#map.componentsOf(pid)) {
      const audioVideo = codec.kind === "video" || codec.kind === "audio";
      if (audioVideo && (this.#atsc || !assumed)) references |= REFERENCE.audioVideo;
      if (stillPicture) references |= REFERENCE.stillPictures;
    }
    return references;
  }
}
