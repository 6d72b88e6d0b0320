import { counter, gauge, info, MetricGroup } from "./group.ts";
import { figure } from "./read.ts";

/** Figures of this process that are asked for at each scrape. */
export interface OwnFigures {
  readonly cpuSeconds: number;
  readonly residentBytes: number | null;
  /** Unix time of the start. */
  readonly startSeconds: number;
}

/** What the process that is scraped says of itself, under the names that all of them use, and of the page. */
export class OwnMetrics {
  readonly #build = new MetricGroup("build", ["version", "command"], 1, [
    info("rscap_build", "Version of the program that answers"),
  ]);
  readonly #process = new MetricGroup("process", [], 1, [
    counter("process_cpu_seconds", "CPU time of the process", figure("cpuSeconds")),
    gauge("process_resident_memory_bytes", "Memory of the process", figure("residentBytes")),
    gauge("process_start_time_seconds", "Unix time at which the process started", figure("startSeconds")),
  ]);
  readonly #answers = new MetricGroup("answers", ["code"], 32, [
    counter("rscap_http_answers", "Answers of the HTTP server, by status", figure("count")),
  ]);
  readonly #leftOut = new MetricGroup("left_out", ["group"], 64, [
    counter(
      "rscap_metrics_left_out",
      "Times that a set of labels found no room: what is more than is kept is not on this page",
      figure("count"),
    ),
  ]);

  /** All groups, in the order of the page. */
  get groups(): readonly MetricGroup[] {
    return [this.#build, this.#process, this.#answers, this.#leftOut];
  }

  /** Brings all of it up to date; `others` are the groups beside it on the page. */
  refresh(
    build: { readonly version: string; readonly command: string },
    figures: OwnFigures,
    answers: ReadonlyMap<number, number>,
    others: readonly MetricGroup[],
  ): void {
    this.#build.write([build.version, build.command], {}, 0);
    this.#process.write([], figures, 0);
    for (const [code, count] of answers) this.#answers.write([String(code)], { count }, 0);
    for (const { name, leftOut } of others) {
      if (leftOut > 0) this.#leftOut.write([name], { count: leftOut }, 0);
    }
  }
}
