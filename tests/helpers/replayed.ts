import type { PipelineJob } from "../../src/cli/pipeline-job.ts";
import { runPipelineWorker } from "../../src/cli/pipeline-worker.ts";
import type { Report } from "../../src/report/schema.ts";
import { fileJob } from "./file-job.ts";

/**
 * The final report of `rscap replay path`, made in this process: capture, flow, analyser, report; `changes` stand in
 * for flags.
 */
export async function replayed(path: string, changes: Partial<PipelineJob> = {}): Promise<Report> {
  let final: Report | null = null;
  await runPipelineWorker(fileJob(path, changes), {
    stop: new Int32Array(new SharedArrayBuffer(8)),
    send: (data) => {
      if (data.type === "damaged") throw new Error(data.message);
      if (data.type === "report" && data.final) final = data.report;
    },
    log: () => {},
  });
  if (final === null) throw new Error(`no report of ${path}`);
  return final;
}
