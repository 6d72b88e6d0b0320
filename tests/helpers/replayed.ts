import { runPipelineWorker } from "../../src/cli/pipeline-worker.ts";
import { profileLimits } from "../../src/mpegts/tr101290/limits.ts";
import type { Report } from "../../src/report/schema.ts";

/** The final report of `rscap replay path`, made in this process: capture, flow, analyser, report. */
export async function replayed(path: string): Promise<Report> {
  let final: Report | null = null;
  await runPipelineWorker(
    {
      inputs: [{ kind: "file", path, filter: "", speed: 0, loop: 1, aheadMs: 0, horizonMs: 1 }],
      version: "test",
      monitor: { tables: true, series: true, limits: profileLimits("dvb"), decoderModel: true },
      wanted: [],
      reorderPackets: 64,
      reorderMs: 50,
      passIllegal: false,
      dropNull: false,
      maxFlows: 256,
      reportIntervalMs: 1000,
      streams: [],
      packetCount: 0,
      durationMs: 0,
      publish: null,
      outputFile: null,
      send: null,
    },
    {
      stop: new Int32Array(new SharedArrayBuffer(8)),
      send: (data) => {
        if (data.type === "damaged") throw new Error(data.message);
        if (data.type === "report" && data.final) final = data.report;
      },
      log: () => {},
    },
  );
  if (final === null) throw new Error(`no report of ${path}`);
  return final;
}
