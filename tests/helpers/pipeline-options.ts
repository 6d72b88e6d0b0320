import type { PipelineOptions } from "../../src/flow/pipeline.ts";
import type { Epoch } from "../../src/report/time.ts";

/** What times in tests of the pipeline count from. */
export const PIPELINE_EPOCH: Epoch = { seconds: 1_700_000_000, nanoseconds: 0, wallClock: true };

/** A pipeline as for a capture file, without outputs and monitors, but for what `change` says. */
export function pipelineOptions(change: Partial<PipelineOptions> = {}): PipelineOptions {
  return {
    output: null,
    passIllegal: false,
    dropNull: false,
    reorderPackets: 64,
    reorderNs: 50e6,
    maxFlows: 16,
    clock: "arrival",
    epoch: () => PIPELINE_EPOCH,
    timestamps: { kind: "savefile", resolutionNs: 1 },
    monitor: null,
    inputName: "test",
    wanted: () => true,
    version: "test",
    windowNs: 1e9,
    firstStream: 0,
    ...change,
  };
}
