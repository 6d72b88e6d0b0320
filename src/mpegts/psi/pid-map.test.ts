import { describe, expect, test } from "bun:test";
import { MOST_PMT_OCTETS, PidMap } from "./pid-map.ts";
import { PID_ROLE, SECTION_ROLES } from "./pid-roles.ts";
import { ascii, be16, descriptor, longSection, patSection, pmtSection } from "./test-sections.ts";

function give(map: PidMap, pid: number, ...sections: readonly Uint8Array[]): void {
  for (const octets of sections) map.section(pid, octets, 0, octets.length);
}

const ca = (pid: number) => descriptor(9, 0x01, 0x00, ...be16(0xe000 | pid));
const fra = descriptor(0x0a, ...ascii("fra"), 0);

/** Program 1: PMT 0x100, PCR and AVC on 0x101, MPEG audio on 0x102, ECM on 0x1f0. */
function oneProgram(): PidMap {
  const map = new PidMap();
  give(map, 0, patSection([[1, 0x100]], { transportStreamId: 9 }));
  const streams = [
    [0x1b, 0x101],
    [0x03, 0x102, fra],
  ] as const;
  give(
    map,
    0x100,
    pmtSection(
      1,
      0x101,
      streams.map(([t, p, d]) => [t, p, d ? [...d] : []]),
      { descriptors: ca(0x1f0) },
    ),
  );
  return map;
}

describe("roles", () => {
  test("before any table: the PIDs of ISO/IEC 13818-1 table 2-3 and EN 300 468 table 1", () => {
    const map = new PidMap();
    expect(map.roleOf(0)).toBe(PID_ROLE.pat | PID_ROLE.sections);
    expect(map.roleOf(1)).toBe(PID_ROLE.cat | PID_ROLE.sections);
    expect(map.roleOf(2)).toBe(PID_ROLE.tsdt | PID_ROLE.sections);
    expect(map.roleOf(0x10)).toBe(PID_ROLE.nit | PID_ROLE.si | PID_ROLE.sections);
    expect(map.roleOf(0x12)).toBe(PID_ROLE.si | PID_ROLE.sections);
    expect(map.roleOf(0x15)).toBe(PID_ROLE.si);
    expect(map.roleOf(0x1ffb)).toBe(PID_ROLE.si | PID_ROLE.sections);
    expect(map.roleOf(0x1fff)).toBe(PID_ROLE.null);
    expect(map.roleOf(0x100)).toBe(0);
    expect([0, 0x11, 0x100, 0x1fff].map((pid) => map.typeOf(pid))).toEqual(["si", "si", "other", "null"]);
    expect(map.services()).toEqual([]);
    expect(map.transportStreamId).toBeNull();
  });

  test("PIDs that carry sections no longer, not those whose table is replaced", () => {
    const map = oneProgram();
    const ait = (version: number) => pmtSection(1, 0x101, [[0x05, 0x103, descriptor(0x6f)]], { version });
    give(map, 0x100, ait(1));
    expect((map.roleOf(0x103) & SECTION_ROLES) !== 0).toBe(true);
    give(map, 0x100, ait(2));
    expect([...map.sectionsEnded]).toEqual([]);
    give(map, 0, patSection([[1, 0x200]], { version: 1, transportStreamId: 9 }));
    expect([...map.sectionsEnded].sort()).toEqual([0x100, 0x103]);
    give(map, 0, patSection([[1, 0x100]], { version: 2, transportStreamId: 9 }));
    expect([...map.sectionsEnded].sort()).toEqual([0x103, 0x200]);
  });

  test("program_numbers of the PAT: the same array until the PAT changes", () => {
    const map = oneProgram();
    const before = map.programNumbers;
    expect(before).toEqual([1]);
    give(map, 0x100, pmtSection(1, 0x101, [[0x1b, 0x101]], { version: 1 }));
    expect(map.programNumbers).toBe(before);
    const pat = patSection(
      [
        [0, 0x10],
        [2, 0x200],
      ],
      { version: 1, transportStreamId: 9 },
    );
    give(map, 0, pat);
    expect(map.programNumbers).toEqual([2]);
  });

  test("a program: PMT, PCR, streams, ECM", () => {
    const map = oneProgram();
    expect(map.transportStreamId).toBe(9);
    expect(map.roleOf(0x100)).toBe(PID_ROLE.pmt);
    expect(map.roleOf(0x101)).toBe(PID_ROLE.es | PID_ROLE.pcr);
    expect(map.roleOf(0x102)).toBe(PID_ROLE.es);
    expect(map.roleOf(0x1f0)).toBe(PID_ROLE.ecm);
    expect([0x100, 0x101, 0x102, 0x1f0].map((pid) => map.typeOf(pid))).toEqual([
      "si",
      "video",
      "audio",
      "data",
    ]);
    expect(map.componentsOf(0x102)).toMatchObject([
      { program: 1, streamType: 3, codec: { name: "MPEG-1 audio" }, languages: ["fra"] },
    ]);
    expect(map.componentsOf(0x100)).toEqual([]);
    expect(map.programsOf(0x1f0)).toEqual([1]);
    expect(map.programsOf(0x200)).toEqual([]);
  });

  test("network_PID of the PAT, EMM of the CAT, and both taken back", () => {
    const map = new PidMap();
    give(map, 0, patSection([[0, 0x1e0]]));
    give(map, 1, longSection(1, 0xffff, [...ca(0x300), ...ca(0x301)]));
    expect(map.roleOf(0x1e0)).toBe(PID_ROLE.nit);
    expect(map.roleOf(0x1e0) & SECTION_ROLES).not.toBe(0);
    expect([0x300, 0x301].map((pid) => map.roleOf(pid))).toEqual([PID_ROLE.emm, PID_ROLE.emm]);
    expect(map.typeOf(0x300)).toBe("data");
    give(map, 1, longSection(1, 0xffff, ca(0x301), { version: 1 }));
    give(map, 0, patSection([[0, 0x10]], { version: 1 }));
    expect([0x300, 0x301, 0x1e0].map((pid) => map.roleOf(pid))).toEqual([0, PID_ROLE.emm, 0]);
    expect(map.roleOf(0x10) & PID_ROLE.nit).not.toBe(0);
    give(map, 0, patSection([], { version: 2 }));
    expect(map.roleOf(0x10) & PID_ROLE.nit).not.toBe(0);
  });

  test("sections are put together of AIT and splice information, not of carousels", () => {
    const map = new PidMap();
    give(map, 0, patSection([[1, 0x100]]));
    const ait = descriptor(0x6f, 0, 0x10, 0);
    give(
      map,
      0x100,
      pmtSection(1, 0x1fff, [
        [0x05, 0x101, ait],
        [0x86, 0x102],
        [0x0b, 0x103],
      ]),
    );
    const wanted = [0x100, 0x101, 0x102, 0x103].map((pid) => (map.roleOf(pid) & SECTION_ROLES) !== 0);
    expect(wanted).toEqual([true, true, true, false]);
    expect(map.services()[0]).toMatchObject({ pcrPid: null });
  });

  test("A/65: PIDs that the MGT names", () => {
    const map = new PidMap();
    const entry = (type: number, pid: number) => [
      ...be16(type),
      ...be16(0xe000 | pid),
      0xe0,
      0,
      0,
      0,
      0,
      0xf0,
      0,
    ];
    give(map, 0x1ffb, longSection(0xc7, 0, [0, 0, 2, ...entry(0, 0x1ffb), ...entry(0x100, 0x1d00), 0xf0, 0]));
    expect(map.roleOf(0x1d00)).toBe(PID_ROLE.si | PID_ROLE.sections);
    give(map, 0x1ffb, longSection(0xc7, 0, [0, 0, 0, 0xf0, 0], { version: 1 }));
    expect(map.roleOf(0x1d00)).toBe(0);
    expect(map.roleOf(0x1ffb)).toBe(PID_ROLE.si | PID_ROLE.sections);
  });
});

describe("changes", () => {
  test("generation goes up with each, and not with repeated sections", () => {
    const map = oneProgram();
    const before = map.generation;
    give(map, 0, patSection([[1, 0x100]], { transportStreamId: 9 }));
    expect(map.generation).toBe(before);
    give(map, 0x100, pmtSection(1, 0x101, [[0x1b, 0x101]], { version: 1 }));
    expect(map.generation).toBe(before + 1);
    expect([0x102, 0x1f0].map((pid) => map.roleOf(pid))).toEqual([0, 0]);
  });

  test("TR 101 290 1.3.a: a PAT section that comes often does not end the programs of one that comes seldom", () => {
    const map = new PidMap();
    const part = (number: number, version: number) =>
      patSection([[number + 1, 0x100 * (number + 1)]], { number, last: 1, version });
    const at = (timeNs: number, octets: Uint8Array) => map.section(0, octets, 0, octets.length, timeNs);
    at(0, part(0, 0));
    at(4e8, part(1, 0));
    for (const timeNs of [1e9, 1.1e9, 1.2e9, 1.3e9]) at(timeNs, part(0, 1));
    expect([0x100, 0x200].map((pid) => map.roleOf(pid))).toEqual([PID_ROLE.pmt, PID_ROLE.pmt]);
    // Without its other section for twice the 0.5 s, the PAT says what has come of it.
    at(2.1e9, part(0, 1));
    expect([0x100, 0x200].map((pid) => map.roleOf(pid))).toEqual([PID_ROLE.pmt, 0]);
  });

  test("a program that leaves the PAT takes its PIDs along; a shared PID stays", () => {
    const map = new PidMap();
    give(
      map,
      0,
      patSection([
        [1, 0x100],
        [2, 0x200],
      ]),
    );
    give(map, 0x100, pmtSection(1, 0x101, [[0x1b, 0x101]]));
    give(map, 0x200, pmtSection(2, 0x101, [[0x1b, 0x101]]));
    expect(map.programsOf(0x101)).toEqual([1, 2]);
    give(map, 0, patSection([[2, 0x200]], { version: 1 }));
    expect(map.roleOf(0x100)).toBe(0);
    expect(map.roleOf(0x101)).toBe(PID_ROLE.es | PID_ROLE.pcr);
    expect(map.componentsOf(0x101)).toHaveLength(1);
    give(map, 0, patSection([], { version: 2 }));
    expect(map.roleOf(0x101)).toBe(0);
  });

  test("a PMT is heard only on the PID that the PAT names for its program, and when it is in force", () => {
    const map = new PidMap();
    const pmt = pmtSection(1, 0x101, [[0x1b, 0x101]]);
    give(map, 0x100, pmt);
    expect(map.roleOf(0x101)).toBe(0);
    give(map, 0, patSection([[1, 0x100]]));
    give(map, 0x200, pmt);
    give(map, 0x100, pmtSection(2, 0x101, [[0x1b, 0x101]]));
    give(map, 0x100, pmtSection(1, 0x101, [[0x1b, 0x101]], { current: 0 }));
    expect(map.roleOf(0x101)).toBe(0);
    expect(map.services()[0]).toMatchObject({ pmtSeen: false, pmtPid: 0x100 });
    give(map, 0x100, pmt);
    expect(map.roleOf(0x101)).not.toBe(0);
    // A PMT that moves to another PID is read anew there.
    give(map, 0, patSection([[1, 0x110]], { version: 1 }));
    expect(map.roleOf(0x101)).toBe(0);
    give(map, 0x110, pmt);
    expect(map.roleOf(0x101)).not.toBe(0);
  });

  test("PAT and CAT are heard on PIDs 0 and 1 alone", () => {
    const map = new PidMap();
    give(map, 5, patSection([[1, 0x100]]), longSection(1, 0xffff, ca(0x300)));
    give(map, 5, longSection(0xc7, 0, [0, 0, 0, 0xf0, 0]));
    expect(map.generation).toBe(0);
  });

  test("after a reset nothing is known", () => {
    const map = oneProgram();
    give(map, 1, longSection(1, 0xffff, ca(0x300)));
    map.reset();
    const fresh = new PidMap();
    expect([...map.roles]).toEqual([...fresh.roles]);
    expect(map.services()).toEqual([]);
    give(map, 0, patSection([[1, 0x100]], { transportStreamId: 9 }));
    expect(map.roleOf(0x100)).toBe(PID_ROLE.pmt);
  });
});

describe("services", () => {
  test("PIDs of the service, and whether there is conditional access", () => {
    expect(oneProgram().services()).toMatchObject([
      {
        program: 1,
        pmtPid: 0x100,
        pcrPid: 0x101,
        pmtSeen: true,
        conditionalAccess: true,
        pids: [0x100, 0x101, 0x102, 0x1f0],
      },
    ]);
  });

  test("EN 300 468 5.2.3: names of the SDT actual", () => {
    const map = oneProgram();
    const name = descriptor(0x48, 0x19, 3, ...ascii("Prv"), 4, ...ascii("Name"));
    const sdt = (table: number, version: number) =>
      longSection(table, 9, [...be16(2), 0xff, ...be16(1), 0xfc, 0x80, name.length, ...name], { version });
    give(map, 0x11, sdt(0x46, 0));
    give(map, 0x12, sdt(0x42, 0));
    expect(map.services()[0]).toMatchObject({ name: null, provider: null, type: null });
    give(map, 0x11, sdt(0x42, 0));
    expect(map.services()[0]).toMatchObject({
      name: "Name",
      provider: "Prv",
      type: "advanced codec HD digital television",
      originalNetworkId: 2,
    });
  });

  test("A/65 6.3: names of virtual channels on this transport stream", () => {
    const map = oneProgram();
    const channel = (tsid: number, name: string) => [
      ...Array.from({ length: 7 }, (_, i) => be16(name.charCodeAt(i) || 0)).flat(),
      ...[0xf0, 0x1c, 0x01, 0x04, 0, 0, 0, 0],
      ...be16(tsid),
      ...be16(1),
      ...[0x0d, 0xc2, 0, 1, 0xfc, 0],
    ];
    const tvct = (tsid: number, name: string, version: number) =>
      longSection(0xc8, 9, [0, 1, ...channel(tsid, name), 0xfc, 0], { version });
    give(map, 0x1ffb, tvct(8, "OTHER", 0));
    expect(map.services()[0]?.name).toBeNull();
    give(map, 0x1ffb, tvct(9, "WXYZ-DT", 1));
    expect(map.services()[0]).toMatchObject({ name: "WXYZ-DT", type: "ATSC digital television" });
    give(map, 0x1ffb, tvct(9, "", 2));
    expect(map.services()[0]?.name).toBe("7.1");
  });

  test("still pictures, component_tag and the languages of each descriptor that has some", () => {
    const map = new PidMap();
    give(map, 0, patSection([[1, 0x100]]));
    give(
      map,
      0x100,
      pmtSection(1, 0x1fff, [
        [0x02, 0x101, [...descriptor(0x02, 0x01), ...descriptor(0x52, 7)]],
        [0x1b, 0x102, descriptor(0x28, 100, 0, 40, 0x80)],
        [0x06, 0x103, descriptor(0x59, ...ascii("deu"), 0x10, 0, 1, 0, 1, ...ascii("eng"), 0x20, 0, 1, 0, 1)],
        [0x06, 0x104, [...descriptor(0x7f, 0x06, 0x01, ...ascii("qad")), ...descriptor(0x56, 1, 2, 3, 0, 0)]],
      ]),
    );
    expect(
      map
        .services()[0]
        ?.components.map(({ stillPicture, componentTag, languages }) => [
          stillPicture,
          componentTag,
          languages,
        ]),
    ).toEqual([
      [true, 7, []],
      [true, null, []],
      [false, null, ["deu", "eng"]],
      [false, null, ["qad"]],
    ]);
  });
});

describe("hostile tables", () => {
  test("a program map of 1000 streams over several sections", () => {
    const map = new PidMap();
    give(map, 0, patSection([[1, 0x20]]));
    for (let number = 0; number < 5; number += 1) {
      const streams = Array.from(
        { length: 200 },
        (_, i) => [0x1b, 0x100 + number * 200 + i] as [number, number],
      );
      give(map, 0x20, pmtSection(1, 0x100, streams, { number, last: 4 }));
    }
    expect(map.services()[0]?.components).toHaveLength(1000);
    expect(map.roleOf(0x100 + 999)).toBe(PID_ROLE.es);
    expect(map.notKept).toBe(0);
  });

  test("64,768 programs in 256 sections: 8192 are followed, the others counted", () => {
    const map = new PidMap();
    for (let number = 0; number < 256; number += 1) {
      const programs = Array.from({ length: 253 }, (_, i) => {
        const program = number * 253 + i + 1;
        return [program, program & 0x1fff] as const;
      });
      give(map, 0, patSection(programs, { number, last: 255 }));
    }
    expect(map.services()).toHaveLength(8192);
    expect(map.notKept).toBeGreaterThan(0);
  });

  test("program maps of 256 sections for many programs, in force and to come: 2 MiB, then counted", () => {
    const map = new PidMap();
    const programs = Array.from({ length: 20 }, (_, i) => [i + 1, 0x20 + i] as const);
    give(map, 0, patSection(programs));
    const descriptors = Array.from({ length: 120 }, () => ca(0x1f0)).flat();
    let sections = 0;
    for (const version of [0, 1]) {
      for (const [program, pid] of programs) {
        // The last one stays away, so that version 1 never comes into force.
        for (let number = 0; number < 255; number += 1) {
          const octets = pmtSection(program, 0x1fff, [], { descriptors, version, number, last: 255 });
          give(map, pid, octets);
          sections += octets.length;
        }
      }
    }
    expect(sections).toBeGreaterThan(2 * MOST_PMT_OCTETS);
    const followed = map.services().reduce((sum, service) => sum + service.ca.length * 6, 0);
    expect(followed).toBeLessThan(MOST_PMT_OCTETS);
    expect(map.notKept).toBeGreaterThan(5000);
    give(map, 0, patSection([], { version: 1 }));
    give(map, 0, patSection([[1, 0x20]], { version: 2 }));
    give(map, 0x20, pmtSection(1, 0x100, [[0x1b, 0x100]]));
    expect(map.roleOf(0x100)).not.toBe(0);
    expect(map.roleOf(0x1f0)).toBe(0);
  });

  test("a program that two sections of the PAT name stays until both have gone", () => {
    const map = new PidMap();
    give(map, 0, patSection([[1, 0x100]], { last: 1 }), patSection([[1, 0x100]], { number: 1, last: 1 }));
    give(map, 0, patSection([[2, 0x200]], { last: 1 }));
    expect(map.services().map(({ program }) => program)).toEqual([1, 2]);
    give(map, 0, patSection([[1, 0x110]], { number: 1, last: 1 }));
    expect(map.services().map(({ program, pmtPid }) => [program, pmtPid])).toEqual([
      [1, 0x110],
      [2, 0x200],
    ]);
    expect(map.roleOf(0x100)).toBe(0);
    give(map, 0, patSection([], { number: 1, last: 1 }));
    expect(map.services().map(({ program }) => program)).toEqual([2]);
  });

  test("streams of all programs together are bounded, and come back when there is room", () => {
    const map = new PidMap();
    const programs = Array.from({ length: 200 }, (_, i) => [i + 1, 0x20 + i] as const);
    give(map, 0, patSection(programs));
    const streams = Array.from({ length: 202 }, (_, i) => [0x1b, 0x200 + i] as [number, number]);
    for (const [program, pid] of programs) give(map, pid, pmtSection(program, 0x200, streams));
    const count = () => map.services().reduce((sum, { components }) => sum + components.length, 0);
    expect(count()).toBe(32_768);
    expect(map.notKept).toBe(200 * 202 - 32_768);
    give(map, 0, patSection(programs.slice(0, 10), { version: 1 }));
    expect(count()).toBe(10 * 202);
    expect(map.roleOf(0x200)).toBe(PID_ROLE.es | PID_ROLE.pcr);
  });
});
