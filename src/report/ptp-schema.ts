import { z } from "zod";
import { histogramSchema } from "./histogram-schema.ts";

const count = z.int().nonnegative();
const identity = z.string().describe("clockIdentity, e.g. 39-A7-94-FF-FE-07-CB-D0");
const logInterval = z
  .int()
  .nullable()
  .describe("base 2 logarithm of seconds, as the messages say; null before the first");

/** What a master announces of its grandmaster (IEEE 1588-2008 13.5). */
export const grandmasterSchema = z.strictObject({
  identity,
  priority1: z.int(),
  clockClass: z
    .int()
    .describe("6 is locked to a primary reference, 7 in holdover, 248 the default of a free clock"),
  clockAccuracy: z.int().describe("table 6; 0x21 is 100 ns, 0xFE unknown"),
  offsetScaledLogVariance: z.int(),
  priority2: z.int(),
  stepsRemoved: z.int().describe("boundary clocks between it and here"),
  timeSource: z.int().describe("table 7; 0x20 is GPS, 0xA0 an internal oscillator"),
  ptpTimescale: z.boolean().describe("true for TAI, false for an arbitrary time"),
  timeTraceable: z.boolean(),
  utcOffsetSeconds: z.int().nullable().describe("TAI - UTC; null when not said to be valid"),
});

/** One port that sends Announce or Sync. */
export const ptpMasterSchema = z.strictObject({
  identity,
  port: z.int(),
  grandmaster: grandmasterSchema.nullable().describe("by its last Announce; null before the first"),
  announces: count,
  announcesLost: count,
  announceLogInterval: logInterval,
  announceIntervalMs: histogramSchema,
  announceTimeouts: count,
  syncs: count,
  syncsLost: count,
  syncLogInterval: logInterval,
  syncIntervalMs: histogramSchema,
  twoStep: z.boolean(),
  followUpsMissing: count,
  arrivalOffsetNs: z
    .number()
    .nullable()
    .describe(
      "capture time minus the master's time of the last Sync, path included; null without a wall clock",
    ),
  arrivalVariationNs: histogramSchema.describe(
    "the same against the first Sync: path jitter and the capture clock's drift",
  ),
});

/** One clock that asks for its path delay. */
export const ptpRequesterSchema = z.strictObject({
  identity,
  port: z.int(),
  requests: count,
  responses: count,
  offsetNs: z
    .number()
    .nullable()
    .describe("((t2-t1)-(t4-t3))/2 with t2 and t3 as captured: the capture clock against the master"),
  pathDelayNs: z
    .number()
    .nullable()
    .describe(
      "((t2-t1)+(t4-t3))/2 as captured; may be below zero where the capture is nearer to the clock that asks",
    ),
});

/** One PTP domain. */
export const ptpDomainSchema = z.strictObject({
  domain: z.int(),
  network: z
    .string()
    .optional()
    .describe(
      "where it was heard, e.g. VLAN 10 or eth1, VLAN 10; only where PTP was heard on more than one network",
    ),
  messages: z.record(z.string(), count).describe("by name of the messageType"),
  grandmaster: identity.nullable().describe("the best of those announced; null before the first"),
  grandmasterChanges: z.array(
    z.strictObject({ time: z.string(), from: identity, to: identity }).describe("the last sixteen"),
  ),
  masters: z.array(ptpMasterSchema),
  requesters: z
    .array(ptpRequesterSchema)
    .describe("empty where delay requests go by unicast or are not captured"),
  delayMechanism: z.enum(["end to end", "peer to peer", "both", "unknown"]),
  offsetNs: z
    .number()
    .nullable()
    .describe("last offset of the capture clock, by a request where there is one, else by Sync"),
  timescale: z
    .enum(["capture in UTC, PTP in TAI", "capture in PTP time", "unrelated", "unknown"])
    .describe("what the offset says of the capture's clock"),
  remainderNs: z
    .number()
    .nullable()
    .describe(
      "the offset without the whole seconds between UTC and TAI; null where they are unrelated or unknown",
    ),
  synchronizationMetadata: z
    .strictObject({
      messages: count,
      frameRate: z.string().nullable().describe("defaultSystemFrameRate, e.g. 30000/1001"),
      masterLockingStatus: z.int().nullable(),
      dropFrame: z.boolean().nullable(),
    })
    .describe("ST 2059-2 synchronization metadata TLV"),
});

/** PTP as seen by a listener that takes no part in it. */
export const ptpSchema = z.strictObject({
  messages: count,
  timestampSource: z.string().describe("where the capture times come from; offsets are worth no more"),
  timestampResolutionNs: z.number(),
  domains: z.array(ptpDomainSchema),
});

/** See `ptpSchema`. */
export type PtpReport = z.infer<typeof ptpSchema>;
/** See `ptpDomainSchema`. */
export type PtpDomainReport = z.infer<typeof ptpDomainSchema>;
/** See `ptpMasterSchema`. */
export type PtpMasterReport = z.infer<typeof ptpMasterSchema>;
/** See `ptpRequesterSchema`. */
export type PtpRequesterReport = z.infer<typeof ptpRequesterSchema>;
/** See `grandmasterSchema`. */
export type GrandmasterReport = z.infer<typeof grandmasterSchema>;
