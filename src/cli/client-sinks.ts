import type { Config } from "../settings/table.ts";
import type { SegmentSettings } from "../sinks/segments-sink.ts";
import type { WriteFormat } from "../sinks/write-format.ts";
import type { NamedSink } from "./output-sinks.ts";

/** File that is written where the settings name neither one nor another sink of packets. */
const DEFAULT_FILE = "capture.ts";

/** The sinks of packets beside the output file. */
function packetSinks(config: Config): NamedSink[] {
  const sinks: NamedSink[] = [];
  const { segments, exec, execRestart } = config;
  if (segments !== "") {
    sinks.push({ name: `--segments ${segments}`, spec: { type: "segments", ...segmentSettings(config) } });
  }
  if (exec !== "") {
    const spec = { type: "exec", command: exec, restartMs: execRestart } as const;
    sinks.push({ name: `--exec '${exec}'`, spec });
  }
  for (const url of config.udp) {
    sinks.push({ name: `--udp ${url}`, spec: { type: "udp", url, delayMs: config.udpDelay } });
  }
  return sinks;
}

function segmentSettings(config: Config): SegmentSettings {
  return {
    folder: config.segments,
    limits: {
      seconds: config.segmentDuration / 1000,
      bytes: config.segmentSize,
      boundary: config.segmentBoundary,
    },
    name: config.segmentName,
    playlist: config.playlist,
    playlistSize: config.playlistSize,
    retention: {
      maxAgeMs: config.segmentMaxAge,
      maxBytes: config.segmentMaxSize,
      minFreeBytes: config.segmentMinFree,
    },
  };
}

/** The output file; empty where none is named and the packets have somewhere else to go. */
export function outputFileOf(config: Config): string {
  if (config.outputFile !== "") return config.outputFile;
  return packetSinks(config).length > 0 ? "" : DEFAULT_FILE;
}

/**
 * The sinks that run in threads of their own: those of packets, among them the output file where it is not alone, and
 * those of documents: JSON lines and the database.
 */
export function threadedSinks(config: Config, outputFile: string, format: WriteFormat): NamedSink[] {
  const sinks = packetSinks(config);
  if (sinks.length > 0 && outputFile !== "") {
    const spec = { type: "file", path: outputFile, format, flushMs: config.flushTime } as const;
    sinks.unshift({ name: `--output-file ${outputFile}`, spec });
  }
  const { jsonl } = config;
  if (jsonl !== "") sinks.push({ name: `--jsonl ${jsonl}`, spec: { type: "jsonl", path: jsonl } });
  const { sqlite } = config;
  if (sqlite !== "") {
    const keep = { maxAgeMs: config.sqliteMaxAge, maxBytes: config.sqliteMaxSize };
    const spec = { type: "sqlite", path: sqlite, reportMs: config.sqliteReports, ...keep } as const;
    sinks.push({ name: `--sqlite ${sqlite}`, spec });
  }
  return sinks;
}
