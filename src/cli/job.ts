import { usageError } from "../report/error.ts";
import { endpointsOf } from "../settings/endpoint.ts";
import { reportTargets } from "../settings/report-target.ts";
import type { Config } from "../settings/table.ts";
import { VERSION } from "../version.ts";
import { loadCurve } from "./load-curve.ts";
import { loadLimits } from "./load-limits.ts";
import { loadSdp } from "./load-sdp.ts";
import type { PipelineJob, PublishJob } from "./pipeline-job.ts";

/** The part of a job that `probe` and `replay` share. */
export function commonJob(
  config: Config,
): Omit<PipelineJob, "inputs" | "wanted" | "publish" | "outputFile" | "send"> {
  const html = reportTargets(config.report).some(({ format }) => format === "html");
  return {
    version: VERSION,
    monitor:
      config.checks === "packets"
        ? null
        : {
            limits: loadLimits(config.limits),
            decoderModel: config.checks === "full",
            tables: html || config.tables !== "none",
            series: html,
          },
    reorderPackets: config.reorderPackets,
    reorderMs: config.reorderTime,
    passIllegal: config.passIllegal,
    dropNull: config.dropNull,
    maxFlows: config.maxFlows,
    reportIntervalMs: config.reportInterval,
    sdp: loadSdp(config.sdp),
    listTiming: config.timing === "list",
    redundancy: config.redundancy,
    redundancyClass: config.redundancyClass === "any" ? null : config.redundancyClass,
    streams: config.stream,
    packetCount: config.packetCount,
    durationMs: config.duration,
  };
}

/** Where and how to publish. */
export function publishJob(config: Config): PublishJob {
  const role = config.transport === "push" ? "connect" : "bind";
  const endpoints = endpointsOf(config, role);
  const [endpoint] = endpoints;
  if (endpoint === undefined || endpoints.length > 1) {
    throw usageError(
      "one-endpoint",
      `--endpoint (ENDPOINT): expected one endpoint to publish on, got ${endpoints.length}: ${endpoints.join(", ")}. Only a client takes several.`,
    );
  }
  return {
    endpoint,
    transport: config.transport,
    spool:
      config.spool === ""
        ? null
        : { folder: config.spool, maxBytes: config.spoolSize, ackEndpoint: config.ackEndpoint },
    heartbeatMs: config.heartbeat,
    header: config.header,
    probe: config.probeId,
    batchSize: config.batchSize,
    batchTimeMs: config.batchTime,
    highWaterMark: config.highWaterMark,
    curve: loadCurve(config, role, endpoints),
  };
}
