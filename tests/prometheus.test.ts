import { afterAll, describe, expect } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FAULTY_REPORT, FAULTY_STREAM } from "../src/report/fixture.ts";
import { MONITOR_REPORT } from "../src/report/fixture-monitor.ts";
import { SYSTEM } from "../src/report/fixture-system.ts";
import { SunkDocument } from "../src/sinks/document-sink.ts";
import { MetricsEndpoint } from "../src/sinks/metrics-endpoint.ts";
import { start, until } from "./helpers/run.ts";
import { needsProgram, testWith } from "./helpers/skip.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";

const folder = mkdtempSync(join(tmpdir(), "rscap-prometheus-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A TCP port of loopback that nobody uses now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

/** What a Prometheus server answers to a query, by labels; null while it does not answer. */
async function ask(port: number, query: string): Promise<Map<string, number> | null> {
  try {
    const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
    const { data } = (await (await fetch(url)).json()) as {
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    return new Map(
      data.result.map(({ metric, value }) => [metric.stream ?? metric.instance ?? "", Number(value[1])]),
    );
  } catch {
    return null;
  }
}

describe("a real Prometheus server", () => {
  testWith(
    needsProgram("prometheus"),
    "scrapes the endpoint with its token, as OpenMetrics, and has the figures",
    async () => {
      const endpoint = new MetricsEndpoint({
        host: "127.0.0.1",
        port: 0,
        loopback: true,
        tls: null,
        token: TOKEN,
        setting: "--metrics (METRICS)",
        version: "1.2.3",
        command: "client",
        own: () => ({ cpuSeconds: 1, residentBytes: 1, startSeconds: 1 }),
        health: { ready: () => null, alive: () => null },
        now: () => performance.now(),
      });
      const take = (probe: string, report: object): void =>
        endpoint.take(
          new SunkDocument({ probe, stream: "-", kind: "report", receivedMs: Date.now() }, report),
        );
      take("p", { ...FAULTY_REPORT, system: SYSTEM });
      take("q", MONITOR_REPORT);
      const port = await freePort();
      const target = new URL(endpoint.url).host;
      const config = {
        global: { scrape_interval: "1s" },
        scrape_configs: [
          {
            job_name: "rscap",
            authorization: { credentials: TOKEN },
            static_configs: [{ targets: [target] }],
          },
        ],
      };
      writeFileSync(join(folder, "prometheus.yml"), JSON.stringify(config));
      const server = start([
        "prometheus",
        `--config.file=${join(folder, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ]);
      try {
        await until(
          async () => (await ask(port, "up"))?.get(target) === 1,
          "the endpoint is scraped",
          30_000,
        );
        const packets = await ask(port, 'rscap_stream_packets_total{probe="p"}');
        expect(packets?.get(FAULTY_STREAM.id)).toBe(FAULTY_STREAM.packets);
        expect((await ask(port, "count(rscap_tr101290_errors_total)"))?.get("")).toBeGreaterThan(20);
        const details = (await (
          await fetch(`http://127.0.0.1:${port}/api/v1/targets/metadata?metric=rscap_stream_bytes_per_second`)
        ).json()) as { data: { type: string; unit: string }[] };
        // Only OpenMetrics has units.
        expect(details.data).toMatchObject([{ type: "gauge", unit: "bytes_per_second" }]);
      } finally {
        await server.stop("SIGTERM");
        await endpoint.close();
      }
    },
    60_000,
  );
});
