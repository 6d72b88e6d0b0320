import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { interfaceIndex } from "../../ffi/libc/libc.ts";
import { parseAddress } from "../net/addresses.ts";
import { groupRequest, joinGroup, type Membership } from "./membership.ts";

const LOOPBACK = interfaceIndex("lo");

/** How often the kernel says that the IPv4 group is joined (/proc/net/igmp, octets reversed). */
function joinedIpv4(group: string): boolean {
  const octets = parseAddress(group) as Uint8Array;
  const hex = [...octets].reverse().map((octet) => octet.toString(16).padStart(2, "0"));
  return readFileSync("/proc/net/igmp", "utf8").includes(hex.join("").toUpperCase());
}

function joinedIpv6(group: string): boolean {
  const hex = Buffer.from(parseAddress(group) as Uint8Array).toString("hex");
  return readFileSync("/proc/net/igmp6", "utf8").includes(hex);
}

describe("joinGroup", () => {
  test("holds an IPv4 group until it is closed, and closes twice without harm", () => {
    const membership = joinGroup({ group: "239.77.1.1", interfaceIndex: LOOPBACK });
    expect(membership.joined).toBe(true);
    expect(joinedIpv4("239.77.1.1")).toBe(true);
    membership.close();
    membership.close();
    expect(joinedIpv4("239.77.1.1")).toBe(false);
  });

  test("holds an IPv6 group", () => {
    const membership = joinGroup({ group: "ff3e::77:1", interfaceIndex: LOOPBACK });
    expect(joinedIpv6("ff3e::77:1")).toBe(true);
    membership.close();
    expect(joinedIpv6("ff3e::77:1")).toBe(false);
  });

  test("RFC 3678 source-specific: the kernel filters by sender, IPv4 and IPv6", () => {
    const ipv4 = joinGroup({ group: "232.77.1.1", source: "127.0.0.9", interfaceIndex: LOOPBACK });
    const ipv6 = joinGroup({ group: "ff3e::77:2", source: "fd00::77", interfaceIndex: LOOPBACK });
    expect(readFileSync("/proc/net/mcfilter", "utf8").toLowerCase()).toContain("0xe84d0101 0x7f000009");
    expect(readFileSync("/proc/net/mcfilter6", "utf8")).toContain("fd000000000000000000000000000077");
    ipv4.close();
    ipv6.close();
    expect(joinedIpv4("232.77.1.1")).toBe(false);
  });

  test("more groups than one socket can hold (igmp_max_memberships is 20)", () => {
    const memberships: Membership[] = [];
    for (let i = 0; i < 60; i++) {
      memberships.push(joinGroup({ group: `239.77.2.${i}`, interfaceIndex: LOOPBACK }));
    }
    expect(joinedIpv4("239.77.2.59")).toBe(true);
    for (const membership of memberships) membership.close();
    expect(joinedIpv4("239.77.2.59")).toBe(false);
  });

  test("unicast and broadcast need none", () => {
    for (const group of ["10.1.2.3", "255.255.255.255", "fd00::1"]) {
      const membership = joinGroup({ group, interfaceIndex: LOOPBACK });
      expect(membership.joined).toBe(false);
      membership.close();
    }
  });

  test("misuse and refusals say what to do", () => {
    expect(() => joinGroup({ group: "239.1.1", interfaceIndex: 0 })).toThrow('"239.1.1" is no IPv4 or IPv6');
    expect(() => joinGroup({ group: "239.1.1.1", source: "fd00::1", interfaceIndex: 0 })).toThrow(
      "different IP versions",
    );
    expect(() => joinGroup({ group: "239.1.1.1", interfaceIndex: 999_999 })).toThrow(
      /can't be joined.*--source-device/,
    );
    expect(() => joinGroup({ group: "232.1.1.1", source: "10.0.0.1", interfaceIndex: 999_999 })).toThrow(
      "from sender 10.0.0.1",
    );
  });

  test("the request has the kernel's layout", () => {
    const request = groupRequest(0x01020304, new Uint8Array([239, 1, 1, 1]), new Uint8Array([10, 0, 0, 1]));
    expect(request.length).toBe(264);
    expect([...request.subarray(0, 4)]).toEqual([4, 3, 2, 1]);
    expect([...request.subarray(8, 16)]).toEqual([2, 0, 0, 0, 239, 1, 1, 1]);
    expect([...request.subarray(136, 144)]).toEqual([2, 0, 0, 0, 10, 0, 0, 1]);
  });
});
