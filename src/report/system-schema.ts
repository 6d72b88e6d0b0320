import { z } from "zod";

const count = z.int().nonnegative();
const percent = z.number().nonnegative();
const octets = z.number().nonnegative();

/** The machine. */
export const hostSchema = z.strictObject({
  name: z.string(),
  os: z.string().nullable().describe("as the distribution names itself"),
  kernel: z.string(),
  machine: z.string().describe("e.g. x86_64"),
  cores: count,
  bootTime: z.string().nullable().describe("RFC 3339"),
});

/** What the processors did since the figures before. */
export const cpuSchema = z.strictObject({
  busyPercent: percent.describe("of all cores together: 100 is every core busy"),
  userPercent: percent.describe("programs, low priority ones too"),
  systemPercent: percent.describe("kernel, without interrupts"),
  interruptPercent: percent.describe("hard and soft interrupts: receiving from the network is here"),
  ioWaitPercent: percent.describe("idle with a disk access outstanding"),
  stealPercent: percent.describe("taken by the host of this virtual machine"),
});

/** Memory of the machine, octets. */
export const memorySchema = z.strictObject({
  totalBytes: octets,
  usedBytes: octets.describe("total without what is available"),
  availableBytes: octets.describe("can be had without swapping"),
  swapTotalBytes: octets,
  swapUsedBytes: octets,
});

/** Threads of rscap of one name, together. */
export const threadSchema = z.strictObject({
  name: z.string().describe("as the system has it: rscap or bun the main thread, Worker the pipeline"),
  count: count,
  cpuPercent: percent.nullable().describe("of one core, since the figures before"),
  cpuSeconds: z.number().nonnegative(),
});

/** This process. */
export const processSchema = z.strictObject({
  pid: count,
  cpuPercent: percent.nullable().describe("of one core, since the figures before"),
  cpuSeconds: z.number().nonnegative(),
  residentBytes: octets.nullable(),
  peakResidentBytes: octets.nullable(),
  threads: z.array(threadSchema),
});

/** A file system that is written to. */
export const diskSchema = z.strictObject({
  path: z.string().describe("what is written there"),
  totalBytes: octets,
  freeBytes: octets.describe("free for this user"),
});

/** A device that is captured from. Counters are the kernel's, since the device is there. */
export const interfaceSchema = z.strictObject({
  name: z.string(),
  state: z.string().nullable().describe("operstate of RFC 2863: up, down, unknown, …"),
  carrier: z.boolean().nullable().describe("the link is there"),
  carrierLosses: count.nullable().describe("times the link went away"),
  speedBps: z.number().positive().nullable().describe("bits per second"),
  receivedPackets: count,
  receivedBytes: octets,
  receiveErrors: count.describe("damaged frames: CRC, length, alignment, and others"),
  receiveDropped: count.describe("dropped without damage; frames of unknown protocols count here too"),
  receiveMissed: count.nullable().describe("dropped because the device had no buffer left"),
  receiveFifo: count.describe("overruns of the device"),
  sentPackets: count,
  sentBytes: octets,
  sendErrors: count,
  sendDropped: count,
});

/** How the system's clock is kept, by adjtimex. */
export const clockSchema = z.strictObject({
  synchronised: z.boolean().describe("a time service (NTP, PTP) keeps it"),
  offsetNs: z.number().describe("still to be corrected"),
  maxErrorNs: z.number(),
  estimatedErrorNs: z.number(),
  frequencyPpm: z.number(),
  taiOffsetSeconds: z.int().describe("TAI - UTC; 0 where nobody told the kernel"),
  status: z.array(z.string()).describe("bits of sys/timex.h that are set, without STA_"),
});

/** The machine that the probe runs on. What it does not tell is null: not measured. */
export const systemSchema = z.strictObject({
  time: z.string().describe("RFC 3339: when the figures were taken"),
  intervalMs: z.number().positive().nullable().describe("since the figures before; null at the first"),
  host: hostSchema,
  cpu: cpuSchema.nullable(),
  load: z
    .strictObject({
      one: z.number().nonnegative(),
      five: z.number().nonnegative(),
      fifteen: z.number().nonnegative(),
    })
    .nullable()
    .describe("mean number of processes that run or want to, over 1, 5 and 15 minutes"),
  memory: memorySchema.nullable(),
  process: processSchema,
  disks: z.array(diskSchema).describe("file systems that are written to"),
  interfaces: z.array(interfaceSchema).describe("devices that are captured from"),
  clock: clockSchema.nullable(),
});

/** See `systemSchema`. */
export type SystemReport = z.infer<typeof systemSchema>;
/** See `interfaceSchema`. */
export type InterfaceReport = z.infer<typeof interfaceSchema>;
/** See `processSchema`. */
export type ProcessReport = z.infer<typeof processSchema>;
