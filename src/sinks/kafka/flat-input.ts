import { z } from "zod";

/**
 * The part of a report that flat messages are made from. Other keys, and those of later versions, are let through;
 * what is missing or not as expected makes the default.
 */
const amount = z.number().nonnegative().max(Number.MAX_SAFE_INTEGER);
const figure = amount.nullish().catch(null);
const count = amount.catch(0);
const words = z.string().nullish().catch(null);

const rate = z
  .object({ current: figure, mean: figure, min: figure, max: figure })
  .optional()
  .catch(undefined);

const pid = z.object({
  pid: z.int().min(0).max(8191),
  packets: count,
  bitrate: figure,
  continuityErrors: count,
  kind: words,
  codec: words,
  services: z.array(z.number()).nullish().catch(null),
  rate,
});

const service = z.object({
  program: z.number(),
  pmtPid: z.number(),
  components: z.array(z.object({ pid: z.number(), streamType: z.number() })).catch([]),
});

const stream = z.object({
  id: z.string(),
  destination: words,
  recentBitrate: figure,
  bitrate: figure,
  firstTime: words,
  lastTime: words,
  network: z
    .object({ interArrivalUs: z.object({ mean: figure, min: figure, max: figure }).optional() })
    .optional()
    .catch(undefined),
  rtp: z.object({ payloadType: z.number() }).optional().catch(undefined),
  mpegts: z
    .object({
      continuity: z.object({ errors: count }).catch({ errors: 0 }),
      pids: z.array(pid),
      services: z.array(service).nullish().catch(null),
      rates: z.object({ total: rate }).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});

const system = z.object({
  host: z
    .object({
      name: z.string().catch(""),
      os: words,
      kernel: z.string().catch(""),
      cores: count,
      bootTime: words,
    })
    .optional()
    .catch(undefined),
  cpu: z.object({ busyPercent: count }).nullish().catch(null),
  memory: z
    .object({ totalBytes: count, usedBytes: count, swapTotalBytes: count, swapUsedBytes: count })
    .nullish()
    .catch(null),
  load: z.object({ one: count, five: count, fifteen: count }).nullish().catch(null),
});

/** See above. */
export const flatReportSchema = z.object({
  time: words,
  system: system.optional().catch(undefined),
  streams: z.array(stream),
});

/** See `flatReportSchema`. */
export type FlatReport = z.infer<typeof flatReportSchema>;
/** The machine of the probe. */
export type FlatSystem = NonNullable<FlatReport["system"]>;
/** A stream of it. */
export type FlatStream = FlatReport["streams"][number];
/** What is known of a transport stream. */
export type FlatTransport = NonNullable<FlatStream["mpegts"]>;
/** A PID of it. */
export type FlatPid = FlatTransport["pids"][number];
