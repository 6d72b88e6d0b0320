import { describe, expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import { allFixtures } from "../fixtures/fixtures.ts";
import type { PipelineData, PipelineJob } from "../src/cli/pipeline-job.ts";
import { runPipelineWorker } from "../src/cli/pipeline-worker.ts";
import { profileLimits } from "../src/mpegts/tr101290/limits.ts";
import { differences } from "./helpers/match.ts";

const FOLDER = fileURLToPath(new URL("../fixtures/", import.meta.url).href);

/** What the replay command makes of these flags. */
function jobOf(file: string, args: readonly string[]): PipelineJob {
  const filterAt = args.indexOf("--filter");
  const filter = filterAt < 0 ? "" : (args[filterAt + 1] ?? "");
  return {
    inputs: [{ kind: "file", path: FOLDER + file, filter, speed: 0, loop: 1, aheadMs: 0, horizonMs: 1 }],
    version: "test",
    monitor: { limits: profileLimits("dvb"), decoderModel: true, tables: true, series: true },
    wanted: [],
    reorderPackets: 64,
    reorderMs: 50,
    passIllegal: args.includes("--pass-illegal"),
    dropNull: args.includes("--drop-null"),
    maxFlows: 256,
    reportIntervalMs: 1000,
    streams: [],
    packetCount: 0,
    durationMs: 0,
    publish: null,
    outputFile: null,
    send: null,
  };
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
