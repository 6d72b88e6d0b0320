import type { PipelineJob } from "../../src/cli/pipeline-job.ts";
import { runPipelineWorker } from "../../src/cli/pipeline-worker.ts";
import type { Report } from "../../src/report/schema.ts";
import { fileJob } from "./file-job.ts";

/**
 * The final report of `rscap replay --generate …`, made in this process; frames cut to `snapLength` octets unless 0.
 * `changes` stand in for further flags.
 */
export async function generatedReport(
  specs: readonly string[],
  snapLength = 0,
  changes: Partial<PipelineJob> = {},
): Promise<Report> {
  let final: Report | null = null;
  const play = { speed: 0, loop: 1, aheadMs: 0, horizonMs: 1 };
  const input = { kind: "generator", specs, seconds: 1, now: false, snapLength, ...play } as const;
  await runPipelineWorker(fileJob("", { ...changes, inputs: [input] }), {
    stop: new Int32Array(new SharedArrayBuffer(8)),
    send: (data) => {
      if (data.type === "report" && data.final) final = data.report;
    },
    log: () => {},
  });
  if (final === null) throw new Error(`no report of ${specs.join(" ")}`);
  return final;
}
