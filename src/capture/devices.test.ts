import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { interfaceIndex } from "../../ffi/libc/libc.ts";
import { netlinkAttribute, RTM_NEWADDR, RTM_NEWLINK, RTM_NEWROUTE } from "../../ffi/libc/netlink.ts";
import {
  addressesByIndex,
  chooseDevice,
  chooseFrom,
  type Device,
  findDevice,
  listDevices,
  parseLink,
  receiveDropsOf,
} from "./devices.ts";
import { outgoingInterface, routeTo } from "./route.ts";

const device = (index: number, name: string, more: Partial<Device> = {}): Device => ({
  name,
  index,
  description: "",
  addresses: [],
  up: true,
  running: true,
  loopback: false,
  wireless: false,
  mtu: 1500,
  hardwareTimestamps: false,
  hardwareType: 1,
  ...more,
});

const LO = device(1, "lo", { loopback: true, addresses: ["127.0.0.1", "::1"] });
const DOWN = device(2, "eth0", { up: false });
const NO_LINK = device(3, "eth1", { running: false });
const WLAN = device(4, "wlan0", { wireless: true });
const ETH2 = device(5, "eth2", { addresses: ["192.0.2.9", "fd00::9"] });
const ETH3 = device(6, "eth3");
const ALL = [LO, DOWN, NO_LINK, WLAN, ETH2, ETH3];
const noRoute = (): number => 0;

describe("chooseDevice", () => {
  test("takes the device that routes to the group", () => {
    const options = { destination: "239.1.1.1", useWireless: false };
    expect(chooseFrom(ALL, options, () => 6).name).toBe("eth3");
    // Loopback only when the route says so.
    expect(chooseFrom(ALL, options, () => 1).name).toBe("lo");
  });

  test("takes the first that is up, running and not loopback where no route helps", () => {
    for (const route of [noRoute, () => 2, () => 3, () => 4, () => 99]) {
      expect(chooseFrom(ALL, { destination: "239.1.1.1", useWireless: false }, route).name).toBe("eth2");
    }
    expect(chooseFrom(ALL, { useWireless: false }, () => 6).name).toBe("eth2");
  });

  test("takes a wireless device only when allowed", () => {
    expect(chooseFrom(ALL, { useWireless: true }, noRoute).name).toBe("wlan0");
    expect(chooseFrom(ALL, { destination: "239.1.1.1", useWireless: true }, () => 4).name).toBe("wlan0");
    expect(() => chooseFrom([LO, WLAN], { useWireless: false }, noRoute)).toThrow("--use-wireless");
  });

  test("an address of our own is captured on the device that has it, however it is written", () => {
    for (const destination of ["192.0.2.9", "FD00:0::9"]) {
      expect(chooseFrom([LO, ETH3, ETH2], { destination, useWireless: false }, () => 1).name).toBe("eth2");
    }
    expect(chooseFrom(ALL, { destination: "127.0.0.1", useWireless: false }, noRoute).name).toBe("lo");
  });

  test("says what there is when nothing fits", () => {
    expect(() => chooseFrom([LO, DOWN, NO_LINK], { useWireless: false }, noRoute)).toThrow(
      "Found: lo (loopback), eth0 (down), eth1 (no link). Name a device (--source-device, SOURCE_DEVICE).",
    );
    expect(() => chooseFrom([], { useWireless: false }, noRoute)).toThrow("Found: none.");
  });

  test("on this machine: loopback for its own address", () => {
    expect(chooseDevice({ destination: "127.0.0.1", useWireless: false }).name).toBe("lo");
  });
});

describe("listDevices", () => {
  test("has loopback with its address", () => {
    const lo = listDevices().find(({ name }) => name === "lo");
    expect(lo?.index).toBe(interfaceIndex("lo"));
    expect(lo?.loopback).toBe(true);
    expect(lo?.up).toBe(true);
    expect(lo?.addresses).toContain("127.0.0.1");
    expect(lo?.hardwareType).toBe(772);
    expect(lo?.mtu).toBeGreaterThan(1000);
    expect(lo?.description).toBe("loopback");
    expect(findDevice("lo").index).toBe(lo?.index as number);
  });

  test("a device that is not there: those that exist are named", () => {
    expect(() => findDevice("eth77")).toThrow(
      /no network device "eth77"\. Those that exist: .*\blo\b.*any\./,
    );
  });

  test("drops of a device are a count, those of all devices or a missing one are none", () => {
    expect(receiveDropsOf(interfaceIndex("lo"))).toBeGreaterThanOrEqual(0);
    expect(receiveDropsOf(0)).toBe(0);
    expect(receiveDropsOf(999_999)).toBe(0);
  });
});

describe("netlink messages", () => {
  const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(parts.flatMap((part) => [...part]));

  test("RTM_NEWLINK: name, index, flags, MTU and drops", () => {
    const header = new Uint8Array(16);
    const view = new DataView(header.buffer);
    view.setUint16(2, 1, true);
    view.setInt32(4, 7, true);
    view.setUint32(8, 0x41, true);
    const stats = new Uint8Array(200);
    new DataView(stats.buffer).setBigUint64(48, 3n, true);
    new DataView(stats.buffer).setBigUint64(120, 4n, true);
    const name = netlinkAttribute(3, new TextEncoder().encode("eth7\0"));
    const body = join(
      header,
      name,
      netlinkAttribute(4, new Uint8Array([0xdc, 5, 0, 0])),
      netlinkAttribute(23, stats),
    );
    expect(parseLink({ type: RTM_NEWLINK, body })).toEqual({
      name: "eth7",
      index: 7,
      hardwareType: 1,
      flags: 0x41,
      mtu: 1500,
      receiveDrops: 7,
    });
  });

  test("RTM_NEWADDR: the local address of a point-to-point link, not the peer's", () => {
    const header = new Uint8Array(8);
    header[4] = 7;
    const body = join(
      header,
      netlinkAttribute(1, new Uint8Array([10, 0, 0, 2])),
      netlinkAttribute(2, new Uint8Array([10, 0, 0, 1])),
    );
    expect(addressesByIndex([{ type: RTM_NEWADDR, body }]).get(7)).toEqual(["10.0.0.1"]);
  });

  test("any octets: no exception", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (body) => {
        parseLink({ type: RTM_NEWLINK, body });
        addressesByIndex([{ type: RTM_NEWADDR, body }]);
        expect(outgoingInterface({ type: RTM_NEWROUTE, body })).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("routeTo", () => {
  test("loopback addresses route to loopback; text that is no address nowhere", () => {
    expect(routeTo("127.1.2.3")).toBe(interfaceIndex("lo"));
    expect(routeTo("::1")).toBe(interfaceIndex("lo"));
    expect(routeTo("239.1.1")).toBe(0);
  });
});
