/**
 * Runs the whole pipeline over a file, in this thread, `times` times: `bun bench/lib/budget-run.ts file times`. Says
 * how many nanoseconds each run took and how many TS packets it counted, as JSON. A process of its own, so that it
 * can be run under the profiler.
 */
import { runPipelineWorker } from "../../src/cli/pipeline-worker.ts";
import { fileJob } from "../../tests/helpers/file-job.ts";

/** What a run tells. */
export interface BudgetRun {
  readonly ns: number;
  readonly packets: number;
}

/** One run of the pipeline over `path`, everything on that a report can hold. */
export async function budgetRun(path: string): Promise<BudgetRun> {
  let packets = 0;
  const stop = new Int32Array(new SharedArrayBuffer(8));
  const startNs = Bun.nanoseconds();
  await runPipelineWorker(fileJob(path, { version: "bench" }), {
    stop,
    send: (data) => {
      if (data.type === "report" && data.final) packets = data.report.streams[0]?.mpegts?.packets ?? 0;
    },
    log: () => {},
  });
  return { ns: Bun.nanoseconds() - startNs, packets };
}

if (import.meta.main) {
  const [path = "", times = "1"] = process.argv.slice(2);
  const runs: BudgetRun[] = [];
  for (let i = 0; i < Number(times); i++) runs.push(await budgetRun(path));
  process.stdout.write(JSON.stringify(runs));
}
