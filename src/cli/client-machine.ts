import { dirname } from "node:path";
import type { SystemReport } from "../report/system-schema.ts";
import type { Config } from "../settings/table.ts";
import { SystemSampler } from "../system/sampler.ts";

/** Figures are not older than this when they are shown. */
const FRESH_MS = 900;

/** The machine of a client, measured when it is shown. */
export class ClientMachine {
  readonly #sampler: SystemSampler;
  #atMs = Number.NEGATIVE_INFINITY;
  #report: SystemReport;

  /** Measures from now on; what is written stands below `paths`. */
  constructor(paths: readonly string[]) {
    this.#sampler = new SystemSampler({ interfaces: [], paths });
    this.#report = this.#sampler.sample();
    void this.#sampler.refreshDisks();
  }

  /** The figures at `nowMs` (of `performance.now()`), rates since they were asked for before. */
  at(nowMs: number): SystemReport {
    if (nowMs - this.#atMs < FRESH_MS) return this.#report;
    this.#atMs = nowMs;
    void this.#sampler.refreshDisks();
    this.#report = this.#sampler.sample(nowMs);
    return this.#report;
  }

  /** No more measuring. */
  close(): void {
    this.#sampler.close();
  }
}

/** Measures the machine where `--show-os-stats` asks for it, else null. */
export function clientMachine(
  config: Pick<Config, "showOsStats" | "segments" | "sqlite" | "jsonl">,
  outputFile: string,
): ClientMachine | null {
  if (!config.showOsStats) return null;
  const files = [outputFile, config.sqlite, config.jsonl].filter((path) => path !== "" && path !== "-");
  return new ClientMachine([
    ...files.map((path) => dirname(path)),
    ...(config.segments === "" ? [] : [config.segments]),
  ]);
}
