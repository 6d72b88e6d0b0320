import { describe, expect, spyOn, test } from "bun:test";
import type { Device } from "../capture/devices.ts";
import { resolveConfig } from "../settings/config.ts";
import { devicesJson, devicesText, runDevices } from "./devices.ts";
import { terminal } from "./terminal.ts";

const ETHERNET: Device = {
  name: "eth1",
  index: 2,
  description: "Ethernet",
  addresses: ["10.0.0.7", "fe80::1"],
  up: true,
  running: true,
  loopback: false,
  wireless: false,
  mtu: 1500,
  speedMbps: 10_000,
  hardwareTimestamps: true,
  hardwareType: 1,
};
const DOWN: Device = {
  ...ETHERNET,
  name: "eth2",
  up: false,
  addresses: [],
  speedMbps: 100,
  hardwareTimestamps: false,
};
const UNPLUGGED: Device = { ...ETHERNET, name: "eth3", running: false, addresses: [] };

describe("the devices", () => {
  test("as a table, with the one that a probe would take", () => {
    expect(devicesText([ETHERNET, DOWN, UNPLUGGED], "eth1", 100).split("\n").slice(0, 4)).toEqual([
      "   device  state       speed   MTU  stamps    addresses",
      "*  eth1    up        10 Gb/s  1500  hardware  10.0.0.7 fe80::1",
      "   eth2    down     100 Mb/s  1500  kernel",
      "   eth3    no link   10 Gb/s  1500  hardware",
    ]);
    expect(devicesText([DOWN], null, 100)).toContain("A probe would take none of them");
  });

  test("no line is wider than the terminal", () => {
    for (const line of devicesText([ETHERNET], "eth1", 40).split("\n"))
      expect(line.length).toBeLessThanOrEqual(40);
  });

  test("as one JSON document", () => {
    expect(JSON.parse(devicesJson([ETHERNET], null))).toEqual({
      schema: "rscap.devices/1",
      chosen: null,
      devices: [ETHERNET],
    });
  });
});

describe("rscap devices", () => {
  test.each([["json"], ["text"], ["none"]])(
    "--report %s, with the devices of this machine",
    async (report) => {
      const written: string[] = [];
      const out = spyOn(terminal, "out").mockImplementation((text) => void written.push(text));
      const { config } = resolveConfig({
        command: "devices",
        flags: { report },
        env: {},
        folder: "/nonexistent",
        hostname: "studio",
      });
      expect(await runDevices(config)).toBe(0);
      out.mockRestore();
      const text = written.join("");
      if (report === "json") expect(JSON.parse(text)).toMatchObject({ schema: "rscap.devices/1" });
      else expect(text.includes(" lo ")).toBe(report === "text");
    },
  );
});
