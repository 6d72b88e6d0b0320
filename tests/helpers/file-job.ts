import type { PipelineJob } from "../../src/cli/pipeline-job.ts";
import { profileLimits } from "../../src/mpegts/tr101290/limits.ts";

/** What `rscap replay path` gives the pipeline worker, with every check on; `changes` stand in for flags. */
export function fileJob(path: string, changes: Partial<PipelineJob> = {}, filter = ""): PipelineJob {
  return {
    inputs: [{ kind: "file", path, filter, speed: 0, loop: 1, aheadMs: 0, horizonMs: 1 }],
    version: "test",
    monitor: { limits: profileLimits("dvb"), decoderModel: true, tables: true, series: true },
    wanted: [],
    reorderPackets: 64,
    reorderMs: 50,
    passIllegal: false,
    dropNull: false,
    maxFlows: 256,
    reportIntervalMs: 1000,
    sdp: [],
    listTiming: false,
    redundancy: "merge",
    redundancyClass: null,
    streams: [],
    packetCount: 0,
    durationMs: 0,
    publish: null,
    outputFile: null,
    send: null,
    ...changes,
  };
}
