import { readFileSync } from "node:fs";
import { transportErrorIndicator, tsPid } from "../../src/mpegts/packet.ts";
import { PidMap } from "../../src/mpegts/psi/pid-map.ts";
import { SECTION_ROLES } from "../../src/mpegts/psi/pid-roles.ts";
import { SectionDemux } from "../../src/mpegts/psi/section-demux.ts";
import { TableStore } from "../../src/mpegts/psi/store.ts";

/** The tables of a transport stream of 188 octets a packet, and what they say of its PIDs. */
export interface PsiRun {
  readonly store: TableStore;
  readonly map: PidMap;
  /** Packets by PID. */
  readonly packets: Map<number, number>;
  crcErrors: number;
  malformed: number;
}

/** Reads the tables of a file as the monitor does. The time of a section is the number of its last packet. */
export function runPsi(path: string): PsiRun {
  const octets = readFileSync(path);
  const run: PsiRun = {
    store: new TableStore(),
    map: new PidMap(),
    packets: new Map(),
    crcErrors: 0,
    malformed: 0,
  };
  const demux = new SectionDemux(
    {
      section: (pid, buf, off, len, timeNs, changed) => {
        run.store.section(pid, buf, off, len, timeNs, changed);
        run.map.section(pid, buf, off, len);
      },
      crcError: () => {
        run.crcErrors += 1;
      },
      malformed: () => {
        run.malformed += 1;
      },
    },
    run.store,
  );
  for (let at = 0; at + 188 <= octets.length; at += 188) {
    if (octets[at] !== 0x47 || transportErrorIndicator(octets, at) === 1) continue;
    const pid = tsPid(octets, at);
    run.packets.set(pid, (run.packets.get(pid) ?? 0) + 1);
    if ((run.map.roleOf(pid) & SECTION_ROLES) !== 0) demux.packet(octets, at, pid, at / 188, false);
  }
  return run;
}
