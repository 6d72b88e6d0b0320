import { chooseFrom, type Device, listDevices } from "../capture/devices.ts";
import { printable, wrap } from "../render/layout.ts";
import { type Column, table } from "../render/table.ts";
import { EXIT, type ExitCode, RscapError } from "../report/error.ts";
import { reportTargets } from "../settings/report-target.ts";
import type { Config } from "../settings/table.ts";
import { terminal } from "./terminal.ts";
import { FILE_COLUMNS, writeReport } from "./write-report.ts";

/** Schema name of the JSON document. */
const DEVICES_SCHEMA = "rscap.devices/1";

const COLUMNS: readonly Column[] = [
  { title: "", align: "left" },
  { title: "device", align: "left" },
  { title: "state", align: "left" },
  { title: "speed", align: "right" },
  { title: "MTU", align: "right" },
  { title: "stamps", align: "left" },
  { title: "addresses", align: "left" },
];

function stateText(device: Device): string {
  if (!device.up) return "down";
  return device.running ? "up" : "no link";
}

function speedText(device: Device): string {
  if (device.speedMbps === undefined) return "-";
  return device.speedMbps >= 1000 ? `${device.speedMbps / 1000} Gb/s` : `${device.speedMbps} Mb/s`;
}

/** The devices as a table; `*` stands before `chosen`. */
export function devicesText(devices: readonly Device[], chosen: string | null, columns: number): string {
  const rows = devices.map((device) => [
    device.name === chosen ? "*" : "",
    printable(device.name),
    stateText(device),
    speedText(device),
    String(device.mtu),
    device.hardwareTimestamps ? "hardware" : "kernel",
    device.addresses.join(" "),
  ]);
  const explained =
    chosen === null
      ? "A probe would take none of them without --source-device or --use-wireless."
      : "* is what a probe takes when no --source-device and no route says otherwise.";
  return `${[...table(COLUMNS, rows, columns), "", ...wrap(explained, columns)].join("\n")}\n`;
}

/** The devices as one JSON document. */
export function devicesJson(devices: readonly Device[], chosen: string | null): string {
  return `${JSON.stringify({ schema: DEVICES_SCHEMA, chosen, devices }, null, 2)}\n`;
}

/** `rscap devices`: what there is to capture on, and what a probe would take. */
export async function runDevices(config: Config): Promise<ExitCode> {
  const devices = listDevices();
  let chosen: string | null = null;
  try {
    chosen = chooseFrom(devices, { useWireless: config.useWireless }, () => 0).name;
  } catch (error) {
    // That none would be chosen is an answer here, not a fault.
    if (!(error instanceof RscapError)) throw error;
  }
  for (const target of reportTargets(config.report)) {
    if (target.format === "json") writeReport(target, devicesJson(devices, chosen), terminal.out);
    if (target.format === "text") {
      const columns = target.path === null ? terminal.outColumns() : FILE_COLUMNS;
      writeReport(target, devicesText(devices, chosen, columns), terminal.out);
    }
  }
  return EXIT.ok;
}
