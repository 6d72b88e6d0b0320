import type { InterfaceReport, SystemReport } from "../report/system-schema.ts";
import { printable, type TextStyle } from "./layout.ts";
import { nsText } from "./range.ts";
import { labelled } from "./text-input.ts";
import { formatBitrate, formatCount, formatNumber, formatOctets, formatReportTime } from "./units.ts";

const NOT_MEASURED = "not measured";

function percentText(value: number): string {
  return `${Number(value.toFixed(1))} %`;
}

function cpuText({ cpu, host }: SystemReport): string {
  if (cpu === null) return NOT_MEASURED;
  const parts = [
    `${percentText(cpu.busyPercent)} of ${formatNumber(host.cores, "core")}`,
    `interrupts ${percentText(cpu.interruptPercent)}`,
  ];
  if (cpu.stealPercent > 0) parts.push(`stolen by the host ${percentText(cpu.stealPercent)}`);
  return parts.join(", ");
}

function processText({ process }: SystemReport): string {
  const parts = [
    process.cpuPercent === null ? "CPU not measured" : `${percentText(process.cpuPercent)} of one core`,
    process.residentBytes === null ? "memory not measured" : formatOctets(process.residentBytes),
  ];
  // Those that do the work; the runtime has a dozen that sleep.
  for (const { name, count, cpuPercent } of process.threads) {
    if (cpuPercent === null || cpuPercent < 1) continue;
    parts.push(`${printable(name)}${count > 1 ? ` (${count})` : ""} ${percentText(cpuPercent)}`);
  }
  return parts.join(", ");
}

function memoryText({ memory }: SystemReport): string {
  if (memory === null) return NOT_MEASURED;
  const used = `${formatOctets(memory.usedBytes)} of ${formatOctets(memory.totalBytes)} used`;
  return memory.swapTotalBytes === 0
    ? `${used}, no swap`
    : `${used}, swap ${formatOctets(memory.swapUsedBytes)} of ${formatOctets(memory.swapTotalBytes)}`;
}

function linkText({ carrier, state, speedBps }: InterfaceReport): string {
  const link = carrier === null ? (state ?? "state unknown") : carrier ? "link" : "no link";
  return speedBps === null ? link : `${link} ${formatBitrate(speedBps)}`;
}

function interfaceText(device: InterfaceReport): string {
  const { receiveErrors, receiveDropped, receiveMissed, receiveFifo, carrierLosses } = device;
  const parts = [
    linkText(device),
    `received ${formatNumber(device.receivedPackets, "packet")}`,
    formatNumber(receiveErrors, "error"),
    `${formatCount(receiveDropped)} dropped`,
    `${formatCount((receiveMissed ?? 0) + receiveFifo)} missed`,
  ];
  if (carrierLosses !== null && carrierLosses > 0)
    parts.push(`link lost ${formatNumber(carrierLosses, "time")}`);
  return parts.join(", ");
}

function clockText({ clock }: SystemReport): string {
  if (clock === null) return NOT_MEASURED;
  if (!clock.synchronised) return "not synchronised";
  const tai = clock.taiOffsetSeconds === 0 ? "" : `, TAI - UTC ${clock.taiOffsetSeconds} s`;
  return `synchronised, error at most ${nsText(clock.maxErrorNs)}, offset ${nsText(clock.offsetNs)}${tai}`;
}

/** Labels and values of the section on the machine, for text and HTML. */
export function systemFacts(system: SystemReport): (readonly [string, string])[] {
  const { host, load, disks, interfaces } = system;
  const os = [host.os ?? "", `kernel ${host.kernel}`, host.machine].filter((part) => part !== "").join(", ");
  return [
    ["OS", os],
    ...(host.bootTime === null ? [] : [["Started", formatReportTime(host.bootTime)] as const]),
    ["CPU", cpuText(system)],
    ["Load", load === null ? NOT_MEASURED : `${load.one}, ${load.five}, ${load.fifteen}`],
    ["Memory", memoryText(system)],
    ["rscap", processText(system)],
    ["Clock", clockText(system)],
    ...interfaces.map((device) => [device.name, interfaceText(device)] as const),
    ...disks.map(
      ({ path, totalBytes, freeBytes }) =>
        ["Disk", `${formatOctets(freeBytes)} free of ${formatOctets(totalBytes)} at ${path}`] as const,
    ),
  ];
}

/** The section on the machine, its counters since it started. */
export function systemLines(system: SystemReport, columns: number, style: TextStyle): string[] {
  return [
    style.bold(`System ${printable(system.host.name)}`),
    ...systemFacts(system).flatMap(([label, value]) =>
      labelled(printable(label), printable(value), columns, 2),
    ),
  ];
}

/** The machine on one line: for the live view and the log. */
export function systemLine(system: SystemReport): string {
  const { cpu, memory, process, load, interfaces, disks, clock } = system;
  const parts = [
    `CPU ${cpu === null ? NOT_MEASURED : percentText(cpu.busyPercent)}`,
    `rscap ${process.cpuPercent === null ? "-" : percentText(process.cpuPercent)}` +
      `${process.residentBytes === null ? "" : ` ${formatOctets(process.residentBytes)}`}`,
  ];
  if (memory !== null) parts.push(`memory ${percentText((memory.usedBytes / memory.totalBytes) * 100)}`);
  if (load !== null) parts.push(`load ${load.one}`);
  for (const device of interfaces) {
    const { receiveErrors, receiveDropped, receiveMissed, receiveFifo } = device;
    const lost = receiveErrors + receiveDropped + (receiveMissed ?? 0) + receiveFifo;
    parts.push(`${printable(device.name)} ${linkText(device)}, errors and drops ${formatCount(lost)}`);
  }
  for (const { path, freeBytes } of disks) parts.push(`${printable(path)} ${formatOctets(freeBytes)} free`);
  if (clock !== null) parts.push(clock.synchronised ? "clock synchronised" : "clock not synchronised");
  return parts.join("  ");
}
