import type { InterfaceReport } from "../report/system-schema.ts";
import { ProcFile } from "./proc-file.ts";

/** Columns of /proc/net/dev behind the name (net/core/net-procfs.c); "drop" counts missed frames, too. */
const COLUMNS = 16;
const RECEIVED_BYTES = 0;
const RECEIVED_PACKETS = 1;
const RECEIVE_ERRORS = 2;
const RECEIVE_DROPPED = 3;
const RECEIVE_FIFO = 4;
const SENT_BYTES = 8;
const SENT_PACKETS = 9;
const SEND_ERRORS = 10;
const SEND_DROPPED = 11;

const BITS_PER_MEGABIT = 1_000_000;

/** The counters of each device by its name; empty where `text` is no /proc/net/dev. */
export function parseNetDev(text: string | null): Map<string, readonly number[]> {
  const devices = new Map<string, readonly number[]>();
  for (const line of (text ?? "").split("\n")) {
    const match = /^\s*(\S+):\s*([\d ]+)$/.exec(line);
    const figures = match?.[2]?.trim().split(/ +/).map(Number) ?? [];
    if (match?.[1] !== undefined && figures.length >= COLUMNS) devices.set(match[1], figures);
  }
  return devices;
}

/** What only /sys tells of a device. */
interface SysFiles {
  readonly operstate: ProcFile;
  readonly carrier: ProcFile;
  readonly carrierLosses: ProcFile;
  readonly speed: ProcFile;
  readonly missed: ProcFile;
}

/** The name that captures from all devices at once. */
const ALL = "any";

/** Devices that are told of, where all are captured from. */
const MOST_DEVICES = 32;

/** Counters and link of the devices that are captured from. */
export class InterfaceMeter {
  readonly #netDev: ProcFile;
  readonly #names: readonly string[];
  readonly #root: string;
  readonly #sys = new Map<string, SysFiles>();

  /** `names` of devices, `any` for all; `root` is where /proc and /sys stand, `/` but in tests. */
  constructor(names: readonly string[], root = "/") {
    this.#names = [...new Set(names)];
    this.#root = root;
    this.#netDev = new ProcFile(`${root}proc/net/dev`);
  }

  /** The figures of each device that is there now. */
  read(): InterfaceReport[] {
    const counters = parseNetDev(this.#netDev.read());
    const names = this.#names.includes(ALL) ? [...counters.keys()].slice(0, MOST_DEVICES) : this.#names;
    this.#forgetBut(names);
    return names.flatMap((name) => {
      const figures = counters.get(name);
      return figures === undefined ? [] : [interfaceReport(name, figures, this.#sysOf(name))];
    });
  }

  /** Gives the descriptors back. */
  close(): void {
    this.#netDev.close();
    this.#forgetBut([]);
  }

  #sysOf(name: string): SysFiles {
    const known = this.#sys.get(name);
    if (known !== undefined) return known;
    const made = sysFiles(`${this.#root}sys/class/net/${name}`);
    this.#sys.set(name, made);
    return made;
  }

  #forgetBut(names: readonly string[]): void {
    for (const [name, files] of this.#sys) {
      if (names.includes(name)) continue;
      for (const file of [files.operstate, files.carrier, files.carrierLosses, files.speed, files.missed]) {
        file.close();
      }
      this.#sys.delete(name);
    }
  }
}

function sysFiles(folder: string): SysFiles {
  return {
    operstate: new ProcFile(`${folder}/operstate`),
    carrier: new ProcFile(`${folder}/carrier`),
    carrierLosses: new ProcFile(`${folder}/carrier_down_count`),
    speed: new ProcFile(`${folder}/speed`),
    missed: new ProcFile(`${folder}/statistics/rx_missed_errors`),
  };
}

function interfaceReport(name: string, figures: readonly number[], sys: SysFiles): InterfaceReport {
  const figure = (column: number): number => figures[column] ?? 0;
  const receiveMissed = sys.missed.readNumber();
  const speed = sys.speed.readNumber();
  const carrier = sys.carrier.readNumber();
  return {
    name,
    state: sys.operstate.read()?.trim() || null,
    carrier: carrier === null ? null : carrier === 1,
    carrierLosses: sys.carrierLosses.readNumber(),
    // -1 where the driver does not know.
    speedBps: speed === null || speed <= 0 ? null : speed * BITS_PER_MEGABIT,
    receivedPackets: figure(RECEIVED_PACKETS),
    receivedBytes: figure(RECEIVED_BYTES),
    receiveErrors: figure(RECEIVE_ERRORS),
    receiveDropped: Math.max(0, figure(RECEIVE_DROPPED) - (receiveMissed ?? 0)),
    receiveMissed,
    receiveFifo: figure(RECEIVE_FIFO),
    sentPackets: figure(SENT_PACKETS),
    sentBytes: figure(SENT_BYTES),
    sendErrors: figure(SEND_ERRORS),
    sendDropped: figure(SEND_DROPPED),
  };
}
