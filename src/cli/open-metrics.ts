import { readFileSync } from "node:fs";
import { at, number } from "../metrics/read.ts";
import { environmentError } from "../report/error.ts";
import type { Report } from "../report/schema.ts";
import { parseListen } from "../settings/listen.ts";
import type { CommandName } from "../settings/setting.ts";
import type { Config } from "../settings/table.ts";
import { type DocumentSink, SunkDocument } from "../sinks/document-sink.ts";
import { type Health, MetricsEndpoint } from "../sinks/metrics-endpoint.ts";
import { ProcessMeter } from "../system/threads.ts";
import { VERSION } from "../version.ts";
import type { WireLog } from "../wire/log.ts";
import { RunHealth } from "./run-health.ts";

/** The settings of the endpoint. */
export type MetricsSettings = Pick<Config, "metrics" | "httpToken" | "httpCert" | "httpKey">;

/** Opens what `--metrics` asks for; null where it asks for nothing. Throws an environment error where it can't. */
function openMetrics(
  settings: MetricsSettings,
  command: CommandName,
  health: Health,
  log: WireLog,
): MetricsEndpoint | null {
  const listen = settings.metrics === "" ? null : parseListen(settings.metrics);
  if (listen === null) return null;
  const meter = new ProcessMeter();
  const startSeconds = Date.now() / 1000 - process.uptime();
  const endpoint = new MetricsEndpoint({
    ...listen,
    tls: readTls(settings),
    token: settings.httpToken,
    setting: "--metrics (METRICS)",
    version: VERSION,
    command,
    health,
    own() {
      const { cpuSeconds, residentBytes } = meter.read(null);
      return { cpuSeconds, residentBytes, startSeconds };
    },
    now: () => performance.now(),
  });
  log("info", `Metrics at ${endpoint.url}/metrics.`);
  return endpoint;
}

function readTls({ httpCert, httpKey }: MetricsSettings): { cert: string; key: string } | null {
  if (httpCert === "") return null;
  return {
    cert: readPem("--http-cert (HTTP_CERT)", httpCert),
    key: readPem("--http-key (HTTP_KEY)", httpKey),
  };
}

function readPem(setting: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw environmentError(
      "file-unreadable",
      `${setting}: expected a file in PEM that can be read, but reading ${path} failed: ${(error as Error).message}.`,
      error,
    );
  }
}

/** Time between two states of the client's thread. */
const STATE_MS = 1000;

/** Opens the endpoint of a client: it is ready while a probe is connected. */
export async function openClientMetrics(
  settings: MetricsSettings,
  log: WireLog,
): Promise<DocumentSink | null> {
  const health = new RunHealth(STATE_MS);
  const endpoint = openMetrics(settings, "client", health, log);
  if (endpoint === null) return null;
  return {
    take: (document) => endpoint.take(document),
    look(state) {
      health.sign(number(at(state, ["peers"])) > 0 ? null : "no probe is connected");
      endpoint.look(state);
    },
    counts: () => endpoint.counts(),
    close: () => endpoint.close(),
  };
}

/** Opens the endpoint of a probe, and gives what takes its reports: it is ready once the capture is open. */
export function openProbeMetrics(
  settings: MetricsSettings & Pick<Config, "probeId" | "reportInterval">,
  log: WireLog,
): { report: (report: Report) => void; close: () => Promise<void> } | null {
  const health = new RunHealth(settings.reportInterval);
  const endpoint = openMetrics(settings, "probe", health, log);
  if (endpoint === null) return null;
  return {
    report(report) {
      health.sign(null);
      const origin = {
        probe: settings.probeId,
        stream: "-",
        kind: "report",
        receivedMs: Date.now(),
      } as const;
      endpoint.take(new SunkDocument(origin, report));
    },
    close: () => endpoint.close(),
  };
}
