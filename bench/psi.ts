/**
 * What tables cost: `bun bench/psi.ts`. Nanoseconds a TS packet, best of the runs: sections through assembler,
 * table store and PID map, as the monitor drives them.
 */
import { bench, do_not_optimize, group, run } from "mitata";
import { PidMap } from "../src/mpegts/psi/pid-map.ts";
import { SectionDemux } from "../src/mpegts/psi/section-demux.ts";
import { TableStore } from "../src/mpegts/psi/store.ts";
import { be16, longSection, packed, patSection, pmtSection } from "../src/mpegts/psi/test-sections.ts";

interface Case {
  readonly name: string;
  readonly pid: number;
  readonly packets: Uint8Array[];
}

const pat = patSection(Array.from({ length: 10 }, (_, i) => [i + 1, 0x100 + i] as const));
const streams = Array.from({ length: 6 }, (_, i) => [0x1b, 0x200 + i] as [number, number]);
const eit = (fill: number) => {
  const content = new Uint8Array(3000).fill(fill);
  content.set([...be16(1), ...be16(2), 0, 0x50]);
  return longSection(0x50, 1, content);
};
const flooded = (version: number) =>
  Array.from({ length: 40 }, (_, number) => {
    const programs = Array.from(
      { length: 200 },
      (_, i) => [number * 200 + i + 1, 0x20 + i + version] as const,
    );
    return patSection(programs, { version, number, last: 39 });
  });

const cases: Case[] = [
  { name: "PAT, unchanged", pid: 0, packets: packed([pat], 0) },
  { name: "PMT, unchanged", pid: 0x100, packets: packed([pmtSection(1, 0x200, streams)], 0x100) },
  { name: "EIT of 3 kB, unchanged", pid: 0x12, packets: packed([eit(1)], 0x12) },
  { name: "EIT of 3 kB, changing each time", pid: 0x12, packets: packed([eit(1), eit(2)], 0x12) },
  {
    name: "PAT of 8000 programs, changing each time",
    pid: 0,
    packets: packed([...flooded(0), ...flooded(1)], 0),
  },
];

const packetsOf = new Map<string, number>();
group("sections", () => {
  for (const { name, pid, packets } of cases) {
    const store = new TableStore();
    const map = new PidMap();
    const demux = new SectionDemux(
      {
        section: (pid, buf, off, len, timeNs, changed) => {
          store.section(pid, buf, off, len, timeNs, changed);
          map.section(pid, buf, off, len, timeNs);
        },
        crcError: () => {},
        malformed: () => {},
      },
      store,
    );
    for (const packet of packed([pat], 0)) demux.packet(packet, 0, 0, 0, false);
    packetsOf.set(name, packets.length);
    bench(name, () => {
      for (const packet of packets) demux.packet(packet, 0, pid, 0, false);
      do_not_optimize(store.counts.bytes);
    });
  }
});

const { benchmarks } = await run();
console.table(
  Object.fromEntries(
    benchmarks.map(({ alias, runs }) => [
      alias,
      { "ns a packet": Math.round((runs[0]?.stats?.min ?? Number.NaN) / (packetsOf.get(alias) ?? 1)) },
    ]),
  ),
);
