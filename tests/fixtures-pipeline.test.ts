import { describe, expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import { allFixtures } from "../fixtures/fixtures.ts";
import type { PipelineData, PipelineJob } from "../src/cli/pipeline-job.ts";
import { runPipelineWorker } from "../src/cli/pipeline-worker.ts";
import { fileJob } from "./helpers/file-job.ts";
import { differences } from "./helpers/match.ts";

const FOLDER = fileURLToPath(new URL("../fixtures/", import.meta.url).href);

/** What the replay command makes of these flags. */
function jobOf(file: string, args: readonly string[]): PipelineJob {
  const filterAt = args.indexOf("--filter");
  const filter = filterAt < 0 ? "" : (args[filterAt + 1] ?? "");
  const passIllegal = args.includes("--pass-illegal");
  return fileJob(FOLDER + file, { passIllegal, dropNull: args.includes("--drop-null") }, filter);
}

/** Runs the pipeline thread's body in this thread. */
async function pipeline(job: PipelineJob): Promise<PipelineData[]> {
  const sent: PipelineData[] = [];
  const stop = new Int32Array(new SharedArrayBuffer(8));
  await runPipelineWorker(job, { stop, send: (data) => sent.push(data), log: () => {} });
  return sent;
}

describe("the pipeline over every fixture, in this process", () => {
  for (const { file, about, runs } of allFixtures()) {
    test(`${file}: ${about}`, async () => {
      for (const { args, report, error } of runs) {
        const sent = await pipeline(jobOf(file, args));
        const reports = sent.flatMap((data) => (data.type === "report" && data.final ? [data.report] : []));
        const damages = sent.flatMap((data) => (data.type === "damaged" ? [data.message] : []));
        if (report !== null) {
          expect(reports).toHaveLength(1);
          expect(differences(reports[0], report)).toEqual([]);
        }
        expect(damages).toHaveLength(error === undefined ? 0 : 1);
        if (error !== undefined) expect(damages[0]).toContain(error);
      }
    });
  }
});
