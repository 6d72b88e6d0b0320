import { z } from "zod";

const count = z.int().nonnegative();

/** Distribution of a measured value. */
export const histogramSchema = z.strictObject({
  unit: z.string().describe("unit of all values, e.g. us, ms, ns"),
  count: count,
  min: z.number().nullable(),
  mean: z.number().nullable(),
  max: z.number().nullable(),
  p50: z.number().nullable(),
  p90: z.number().nullable(),
  p99: z.number().nullable(),
  p999: z.number().nullable(),
  bins: z
    .array(z.strictObject({ from: z.number(), to: z.number(), count }))
    .describe("bins that are not empty, ascending"),
});

/** See `histogramSchema`. */
export type HistogramReport = z.infer<typeof histogramSchema>;
