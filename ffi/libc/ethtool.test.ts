import { describe, expect, test } from "bun:test";
import {
  driverName,
  enableHardwareTimestamps,
  hasHardwareTimestamps,
  isWireless,
  linkSpeedMbps,
  stampsEveryPacket,
} from "./ethtool.ts";

describe("ethtool", () => {
  test("loopback and a missing device have no driver, speed, clock or radio", () => {
    for (const device of ["lo", "no-such-device", "a-name-longer-than-the-kernel-takes"]) {
      expect(driverName(device)).toBeNull();
      expect(linkSpeedMbps(device)).toBeNull();
      expect(hasHardwareTimestamps(device)).toBe(false);
      expect(enableHardwareTimestamps(device)).toBe(false);
      expect(isWireless(device)).toBe(false);
    }
  });

  test("hardware times need the receive clock, its raw value, and a filter for every packet", () => {
    const info = (flags: number, filters: number): Uint8Array => {
      const octets = new Uint8Array(44);
      const view = new DataView(octets.buffer);
      view.setUint32(4, flags, true);
      view.setUint32(28, filters, true);
      return octets;
    };
    expect(stampsEveryPacket(info(4 | 64, 1 << 1))).toBe(true);
    expect(stampsEveryPacket(info(4, 1 << 1))).toBe(false);
    expect(stampsEveryPacket(info(64, 1 << 1))).toBe(false);
    // PTP packets only (HWTSTAMP_FILTER_PTP_V2_EVENT is 12).
    expect(stampsEveryPacket(info(4 | 64, 1 << 12))).toBe(false);
  });
});
