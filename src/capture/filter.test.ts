import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { offlineFilter } from "../../ffi/libpcap/libpcap.ts";
import { needsShared, testWith } from "../../tests/helpers/skip.ts";
import { sharedData } from "../../tests/shared-data.ts";
import { u32le } from "../bits/read.ts";
import { LINKTYPE } from "../net/linktype.ts";
import { makeFilter } from "./bpf.ts";
import { ANY_UDP, compileFilter, type FilterSource, filterForSources, MAX_SNAPLEN } from "./filter.ts";

const MACS = [1, 0, 0x5e, 1, 1, 1, 2, 0, 0, 0, 0, 1];
const VLAN_123 = [0x81, 0x00, 0, 123];
const OUTER_7 = [0x88, 0xa8, 0, 7];

function ipv4(
  port: number,
  options: { fragment?: number; source?: number[]; group?: number[] } = {},
): number[] {
  const { fragment = 0, source = [10, 0, 0, 1], group = [239, 1, 1, 1] } = options;
  const header = [0x45, 0, 0, 40, 0, 1, fragment >> 8, fragment & 0xff, 8, 17, 0, 0, ...source, ...group];
  return [
    0x08,
    0x00,
    ...header,
    0x10,
    0,
    port >> 8,
    port & 0xff,
    0,
    20,
    0,
    0,
    ...new Array<number>(12).fill(0x47),
  ];
}

function ipv6(port: number, extension: boolean): number[] {
  const address = (head: number[]): number[] => [...head, ...new Array<number>(15 - head.length).fill(0), 1];
  const udp = [0x10, 0, port >> 8, port & 0xff, 0, 20, 0, 0, ...new Array<number>(12).fill(0x47)];
  const hopByHop = [17, 0, 1, 4, 0, 0, 0, 0];
  const payload = extension ? [...hopByHop, ...udp] : udp;
  const header = [0x60, 0, 0, 0, 0, payload.length, extension ? 0 : 17, 8];
  return [0x86, 0xdd, ...header, ...address([0xfd]), ...address([0xff, 0x3e]), ...payload];
}

const ethernet = (...parts: number[][]): Uint8Array => new Uint8Array([...MACS, ...parts.flat()]);

function accepts(sources: readonly FilterSource[], frame: Uint8Array): boolean {
  const filter = makeFilter(compileFilter(filterForSources(sources), { linkType: LINKTYPE.ethernet }));
  return filter(frame, 0, frame.length, frame.length) > 0;
}

describe("filterForSources", () => {
  const group: FilterSource = { destination: "239.1.1.1", port: 5000 };

  test("takes the group and port untagged, in a VLAN and in QinQ", () => {
    for (const tags of [[], [VLAN_123], [OUTER_7, VLAN_123], [VLAN_123, VLAN_123]]) {
      expect(accepts([group], ethernet(...tags, ipv4(5000)))).toBe(true);
      expect(accepts([group], ethernet(...tags, ipv4(5001)))).toBe(false);
      expect(accepts([group], ethernet(...tags, ipv4(5000, { group: [239, 1, 1, 2] })))).toBe(false);
    }
    expect(accepts([group], ethernet(VLAN_123, VLAN_123, VLAN_123, ipv4(5000)))).toBe(false);
  });

  test("port 0 is any port", () => {
    expect(accepts([{ destination: "239.1.1.1", port: 0 }], ethernet(ipv4(1)))).toBe(true);
    expect(accepts([{ destination: "ff3e::1", port: 0 }], ethernet(ipv6(1, false)))).toBe(true);
  });

  test("source-specific takes that sender only", () => {
    const specific = { ...group, source: "10.0.0.1" };
    expect(accepts([specific], ethernet(ipv4(5000)))).toBe(true);
    expect(accepts([specific], ethernet(ipv4(5000, { source: [10, 0, 0, 2] })))).toBe(false);
    expect(
      accepts([{ destination: "ff3e::1", port: 5000, source: "fd00::1" }], ethernet(ipv6(5000, false))),
    ).toBe(true);
    expect(
      accepts([{ destination: "ff3e::1", port: 5000, source: "fd00::2" }], ethernet(ipv6(5000, false))),
    ).toBe(false);
  });

  test("later IP fragments come too, so that they can be counted", () => {
    expect(accepts([group], ethernet(ipv4(0x4747, { fragment: 100 })))).toBe(true);
    expect(accepts([group], ethernet(VLAN_123, ipv4(0x4747, { fragment: 100 })))).toBe(true);
    expect(accepts([group], ethernet(ipv4(0x4747, { fragment: 100, group: [239, 1, 1, 2] })))).toBe(false);
  });

  test("IPv6 with extension headers is left to the flow table", () => {
    const source = { destination: "ff3e::1", port: 5000 };
    expect(accepts([source], ethernet(ipv6(5000, false)))).toBe(true);
    expect(accepts([source], ethernet(ipv6(5001, false)))).toBe(false);
    expect(accepts([source], ethernet(ipv6(5000, true)))).toBe(true);
    expect(accepts([source], ethernet(VLAN_123, ipv6(5000, true)))).toBe(true);
  });

  test("several sources are or'ed, both IP versions at once", () => {
    const sources = [group, { destination: "ff3e::1", port: 6000 }, { destination: "10.0.0.9", port: 7000 }];
    expect(accepts(sources, ethernet(ipv4(5000)))).toBe(true);
    expect(accepts(sources, ethernet(VLAN_123, ipv6(6000, false)))).toBe(true);
    expect(accepts(sources, ethernet(ipv4(7000, { group: [10, 0, 0, 9] })))).toBe(true);
    expect(accepts(sources, ethernet(ipv4(7000)))).toBe(false);
  });

  test("any UDP: both IP versions, tags, fragments and extension headers, but nothing else", () => {
    const frames = [ipv4(1), ipv4(2, { fragment: 100 }), ipv6(3, false), ipv6(4, true)];
    for (const tags of [[], [VLAN_123], [OUTER_7, VLAN_123]]) {
      for (const frame of frames) expect(accepts([ANY_UDP], ethernet(...tags, frame))).toBe(true);
      const tcp = ipv4(5);
      tcp[2 + 9] = 6;
      expect(accepts([ANY_UDP], ethernet(...tags, tcp))).toBe(false);
      expect(accepts([ANY_UDP], ethernet(...tags, [0x08, 0x06, ...new Array<number>(46).fill(0)]))).toBe(
        false,
      );
    }
  });

  test("compiles on every link type, and 500 sources stay a small program", () => {
    for (const linkType of Object.values(LINKTYPE)) {
      const text = filterForSources([group, ANY_UDP], linkType);
      const { instructions } = compileFilter(text, { linkType });
      expect(instructions.length).toBeGreaterThan(0);
    }
    const many = Array.from({ length: 500 }, (_, i) => ({
      destination: `239.1.${i >> 8}.${i & 255}`,
      port: 5000 + i,
    }));
    const program = compileFilter(filterForSources(many), { linkType: LINKTYPE.ethernet });
    expect(program.instructions.length / 8).toBeLessThan(2000);
    const frame = ethernet(VLAN_123, ipv4(5199, { group: [239, 1, 1, 199] }));
    expect(makeFilter(program)(frame, 0, frame.length, frame.length)).toBe(MAX_SNAPLEN);
  });

  test("no sources: no filter, and that takes everything", () => {
    expect(filterForSources([])).toBe("");
    const frame = new Uint8Array(14);
    expect(makeFilter(compileFilter("", { linkType: 1 }))(frame, 0, 14, 14)).toBeGreaterThan(0);
  });
});

describe("compileFilter", () => {
  test("what can't occur on a link type rejects every frame of it", () => {
    const filter = makeFilter(compileFilter("ip", { linkType: LINKTYPE.ipv6 }));
    expect(filter(new Uint8Array(40).fill(0x60), 0, 40, 40)).toBe(0);
  });

  test("what does not compile is a usage error with the filter and libpcap's words", () => {
    expect(() => compileFilter("udp prot 5", { linkType: 1 })).toThrow(
      /^The filter "udp prot 5" does not compile: libpcap says: can't parse filter expression: syntax error\..*--filter/,
    );
  });

  testWith(needsShared("pcap/tsduck-162.pcap"), "agrees with libpcap on real captures", () => {
    for (const name of [
      "pcap/tsduck-162.pcap",
      "st2110/list-ptp-clock.pcap",
      "st2110/zoo-anc-ancillary.pcap",
    ]) {
      const path = sharedData(name);
      if (path === null) continue;
      const file = new Uint8Array(readFileSync(path));
      const linkType = u32le(file, 20);
      const texts = [
        "udp",
        "vlan",
        "vlan 123 and udp",
        "ip multicast",
        "udp portrange 5000-50000",
        "less 500",
      ];
      for (const text of [...texts, "ip[8] > 10", "not ip", "ether[12:2] & 1 = 0", "udp[4:2] >= 1000"]) {
        const program = compileFilter(text, { linkType });
        const filter = makeFilter(program);
        for (let at = 24, n = 0; at + 16 <= file.length && n < 300; n++) {
          const length = u32le(file, at + 8);
          const wireLength = u32le(file, at + 12);
          const frame = file.slice(at + 16, at + 16 + length);
          const expected = offlineFilter(program.instructions, frame, wireLength);
          expect(filter(file, at + 16, length, wireLength)).toBe(expected);
          at += 16 + length;
        }
      }
    }
  });
});
