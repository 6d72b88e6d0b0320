import { dirname } from "node:path";
import { reportTargets } from "../settings/report-target.ts";
import type { Config } from "../settings/table.ts";
import { boardMemory, SystemBoard } from "../system/board.ts";
import { SystemSampler } from "../system/sampler.ts";
import type { LiveInput, PipelineJob } from "./pipeline-job.ts";

/** Figures of the machine on their way to the pipeline's thread, which puts them in its reports. */
export interface SystemFeed {
  readonly memory: SharedArrayBuffer;
  /** Ends the measuring. */
  stop(): void;
}

/** The machine is not measured more often than this. */
const SHORTEST_MS = 100;

/** Measures the machine each `--system-stats-interval`, from now on; null where that is 0. */
export function startSystemFeed(
  config: Pick<Config, "systemStatsInterval" | "report">,
  inputs: readonly LiveInput[],
): SystemFeed | null {
  if (config.systemStatsInterval === 0) return null;
  const memory = boardMemory();
  const board = new SystemBoard(memory);
  const sampler = new SystemSampler({
    interfaces: inputs.map(({ options }) => options.device),
    paths: writtenFolders(config),
  });
  const sample = (): void => {
    void sampler.refreshDisks();
    board.write(sampler.sample());
  };
  sample();
  const timer = setInterval(sample, Math.max(SHORTEST_MS, config.systemStatsInterval));
  return {
    memory,
    stop() {
      clearInterval(timer);
      sampler.close();
    },
  };
}

/** Where the run's report files go. */
function writtenFolders(config: Pick<Config, "report">): string[] {
  return reportTargets(config.report).flatMap(({ path }) => (path === null ? [] : [dirname(path)]));
}

/** The part of a job that `feed` is. */
export function systemJob(feed: SystemFeed | null): Pick<PipelineJob, "system"> {
  return feed === null ? {} : { system: feed.memory };
}
