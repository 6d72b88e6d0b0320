import { describe, expect, test } from "bun:test";
import { SectionDemux } from "./section-demux.ts";
import { MOST_STORE_BYTES, TableStore } from "./store.ts";
import { be16, longSection, packed, patSection, pmtSection, shortSection } from "./test-sections.ts";

/** Gives sections through packets, as the monitor does; returns whether each was told as changed. */
function give(store: TableStore, sections: readonly Uint8Array[], pid = 0x11, timeNs = 0): boolean[] {
  const told: boolean[] = [];
  const demux = new SectionDemux(
    {
      section: (pid, buf, off, len, timeNs, changed) => {
        store.section(pid, buf, off, len, timeNs, changed);
        told.push(changed);
      },
      crcError: () => told.push(false),
      malformed: () => told.push(false),
    },
    store,
  );
  for (const packet of packed(sections, pid)) demux.packet(packet, 0, pid, timeNs, false);
  return told;
}

const bat = (fill: number, fields = {}) =>
  longSection(0x4a, 7, [0xf0, 2, 0x80, 0, 0xf0, 0, fill, fill], fields);
const eit = (table: number, service: number, number: number, last: number, segmentLast: number) =>
  longSection(table, service, [...be16(1), ...be16(2), segmentLast, table], { number, last });

describe("EN 300 468 5.1.1 sub-tables and versions", () => {
  test("told of as changed once for each content of table, extension, number, and current or next", () => {
    const store = new TableStore();
    const [a, b] = [bat(1), bat(2, { version: 1 })];
    const next = bat(3, { version: 2, current: 0 });
    expect(give(store, [a, a, b, next, b, next, a, a])).toEqual([
      true,
      false,
      true,
      true,
      false,
      false,
      true,
      false,
    ]);
    store.reset();
    expect(store.counts).toMatchObject({ subTables: 0, bytes: 0 });
    expect(give(store, [a])).toEqual([true]);
  });

  test("the newest version is kept, with its counts and times", () => {
    const store = new TableStore();
    give(store, [bat(1), bat(1)], 0x11, 5);
    give(store, [bat(2, { version: 3 }), bat(9, { version: 3 })], 0x11, 8);
    expect(store.snapshot()).toEqual([
      {
        pid: 0x11,
        tableId: 0x4a,
        name: "BAT",
        extension: 7,
        version: 3,
        current: true,
        sections: 1,
        lastSectionNumber: 0,
        complete: true,
        bytes: 20,
        received: 4,
        versionChanges: 1,
        silentChanges: 1,
        firstNs: 5,
        lastNs: 8,
        content: expect.objectContaining({ table: "BAT", bouquetId: 7 }),
      },
    ]);
  });

  test("of several sections, the whole; another last_section_number starts it anew", () => {
    const store = new TableStore();
    give(store, [patSection([[1, 0x100]], { last: 1 })], 0);
    expect(store.snapshot()[0]).toMatchObject({ sections: 1, complete: false });
    give(store, [patSection([[2, 0x200]], { number: 1, last: 1 })], 0);
    const [pat] = store.snapshot();
    expect(pat).toMatchObject({ sections: 2, lastSectionNumber: 1, complete: true });
    expect(pat?.content).toMatchObject({ programs: [{ programNumber: 1 }, { programNumber: 2 }] });
    give(store, [patSection([[1, 0x100]])], 0);
    expect(store.snapshot()[0]).toMatchObject({ sections: 1, complete: true, silentChanges: 1 });
  });

  test("current and next stand side by side, until the next is in force", () => {
    const store = new TableStore();
    give(store, [bat(1), bat(2, { version: 1, current: 0 })]);
    expect(store.snapshot().map(({ version, current }) => [version, current])).toEqual([
      [0, true],
      [1, false],
    ]);
    give(store, [bat(2, { version: 1 })]);
    expect(store.snapshot().map(({ version, current }) => [version, current])).toEqual([[1, true]]);
    expect(store.counts.subTables).toBe(1);
  });

  test("SDT by original_network_id, EIT by transport stream too, A/65 ETT by ETM_id", () => {
    const store = new TableStore();
    const sdt = (network: number) => longSection(0x46, 1, [...be16(network), 0xff]);
    const other = (ts: number) => longSection(0x4f, 9, [...be16(ts), ...be16(1), 0, 0x4f]);
    const ett = (etm: number) => longSection(0xcc, 1, [0, 0, 0, 0, etm, 0]);
    const all = [sdt(1), sdt(2), other(1), other(2), ett(1), ett(2)];
    expect(give(store, [...all, ...all])).toEqual([...all.map(() => true), ...all.map(() => false)]);
    expect(store.counts.subTables).toBe(6);
  });

  test("EN 300 468 5.2.4: the schedule is complete although segments end early", () => {
    const store = new TableStore();
    give(store, [eit(0x50, 1, 0, 9, 1), eit(0x50, 1, 1, 9, 1), eit(0x50, 1, 8, 9, 9)]);
    expect(store.snapshot()[0]).toMatchObject({ sections: 3, complete: false });
    give(store, [eit(0x50, 1, 9, 9, 9)]);
    expect(store.snapshot()[0]).toMatchObject({ sections: 4, complete: true });
  });
});

test("the short form: the last section, without version", () => {
  const store = new TableStore();
  const tdt = (minute: number) => shortSection(0x70, [0xc0, 0x79, 0x12, minute, 0x00]);
  expect(give(store, [tdt(0x45), tdt(0x46), tdt(0x46)], 0x14)).toEqual([true, true, false]);
  expect(store.snapshot()).toMatchObject([
    {
      name: "TDT",
      extension: null,
      version: null,
      complete: true,
      silentChanges: 0,
      content: { utcTime: "1993-10-13T12:46:00Z" },
    },
  ]);
});

test("tables that are not decoded are kept in hex; private ones, carousels and stuffing are counted only", () => {
  const store = new TableStore();
  const int = longSection(0x4c, 1, [0xab, 0xcd]);
  const others = [0x80, 0x3b, 0x3e, 0xc0].map((table) => longSection(table, 1, [1]));
  give(store, [int, ...others, shortSection(0x72, [0])]);
  expect(store.counts).toMatchObject({ subTables: 1, ignoredSections: 5 });
  const hex = [Buffer.from(int).toString("hex")];
  expect(store.snapshot()).toMatchObject([{ name: "INT", content: null, hex }]);
});

test("a damaged section is never taken for the known one, whichever octet is damaged", () => {
  const store = new TableStore();
  for (const octets of [bat(1), longSection(0x4a, 8, new Uint8Array(100))]) {
    give(store, [octets]);
    for (let i = 8; i < octets.length; i += 1) {
      const damaged = octets.slice();
      damaged[i] = (damaged[i] as number) ^ 0x20;
      expect(store.same(0x11, damaged, 0, damaged.length)).toBe(false);
    }
    expect(store.same(0x11, octets, 0, octets.length)).toBe(true);
    expect(store.same(0x12, octets, 0, octets.length)).toBe(false);
  }
});

test("snapshot leaves out what is not wanted, and changes nothing", () => {
  const store = new TableStore();
  give(store, [patSection([[1, 0x100]])], 0);
  give(store, [pmtSection(1, 0x101, [[0x1b, 0x101]])], 0x100);
  expect(store.snapshot((pid) => pid !== 0).map(({ name }) => name)).toEqual(["PMT"]);
  expect(JSON.stringify(store.snapshot())).toBe(JSON.stringify(store.snapshot()));
});

describe("memory", () => {
  test("bounded: the sub-tables seen longest ago go, and are counted", () => {
    const store = new TableStore(100_000);
    const pat = patSection([[1, 0x100]]);
    for (let service = 0; service < 2000; service += 1) {
      give(store, [eit(0x50, service, 0, 0, 0)], 0x12);
      give(store, [pat], 0);
      expect(store.counts.bytes).toBeLessThanOrEqual(100_000);
    }
    const { subTables, evictedSections } = store.counts;
    expect(subTables + evictedSections).toBe(2001);
    const tables = store.snapshot();
    expect(tables[0]?.name).toBe("PAT");
    expect(tables.at(-1)?.extension).toBe(1999);
  });

  test("16 MiB, whatever comes: the longest sections of as many sub-tables as there are", () => {
    const store = new TableStore();
    const content = new Uint8Array(4084);
    for (let i = 0; i < 6000; i += 1) {
      const octets = longSection(0x60 + (i & 0x0f), i, content);
      store.section(i & 0x1fff, octets, 0, octets.length, 0, true);
    }
    expect(store.counts.bytes).toBeLessThanOrEqual(MOST_STORE_BYTES);
    expect(store.counts.bytes).toBeGreaterThan(MOST_STORE_BYTES / 2);
    expect(store.counts.evictedSections).toBeGreaterThan(1000);
  });
});
