import { usageError } from "../report/error.ts";
import { checkHttpRules } from "./http-rules.ts";
import { reportTargets } from "./report-target.ts";
import type { CommandName } from "./setting.ts";
import type { Config } from "./table.ts";

/** Commands whose end can be told as text and JSON only. */
const PLAIN_REPORTS: readonly CommandName[] = ["client", "devices"];

/** Standard output and each file can hold one report. */
function checkReports(command: CommandName, config: Config, fromFlag: boolean): void {
  const targets = reportTargets(config.report);
  const name = "--report (REPORT)";
  // One `.env` serves all commands: what it asks of `replay` is no fault here.
  const foreign = targets.find(({ format }) => format === "junit" || format === "html");
  if (fromFlag && foreign !== undefined && PLAIN_REPORTS.includes(command)) {
    throw usageError(
      "bad-setting",
      `${name}: expected text, json or none for rscap ${command}, got "${foreign.format}". ` +
        "A probe and a replay make JUnit and HTML reports.",
    );
  }
  for (const [i, target] of targets.entries()) {
    const other = targets.slice(0, i).find(({ path }) => path === target.path);
    if (other === undefined) continue;
    const where = target.path === null ? "standard output" : `the file ${target.path}`;
    throw usageError(
      "bad-setting",
      `${name}: expected one report for ${where}, got ${other.format} and ${target.format}. ` +
        `Name a file for one of them, such as --report ${target.format}=report.${target.format}.`,
    );
  }
}

/** A spool needs a client that acknowledges. */
function checkSpool(config: Config): void {
  if (config.transport !== "push") {
    throw usageError(
      "bad-setting",
      "--spool (SPOOL): expected it with --transport push (TRANSPORT), where one client takes each message, " +
        `got --transport ${config.transport}. Leave --spool out, or change the transport on both ends.`,
    );
  }
  if (config.header === "none") {
    throw usageError(
      "bad-setting",
      "--spool (SPOOL): expected messages with a header, whose numbers are acknowledged, got --header none " +
        "(HEADER). Leave one of them out.",
    );
  }
}

/**
 * Rules between settings; each is a usage error that says which flag to change. `origin` is where each
 * setting came from.
 */
export function checkRules(
  command: CommandName,
  config: Config,
  origin: Readonly<Record<string, string>>,
): void {
  checkReports(command, config, origin.report?.startsWith("flag") === true);
  checkHttpRules(config);
  if ((config.blockSize & (config.blockSize - 1)) !== 0) {
    throw usageError(
      "bad-setting",
      `--block-size (BLOCK_SIZE): expected a power of two such as 256k or 1M, got ${config.blockSize}.`,
    );
  }
  if (config.ringSize < 2 * config.blockSize) {
    throw usageError(
      "bad-setting",
      `--ring-size (RING_SIZE): expected at least two blocks of --block-size (BLOCK_SIZE), ` +
        `got ${config.ringSize} octets for blocks of ${config.blockSize}.`,
    );
  }
  if (command !== "client" && config.endpoint.length > 1) {
    throw usageError(
      "bad-setting",
      `--endpoint (ENDPOINT): expected one endpoint, got ${config.endpoint.length}: ` +
        "only a client can use several at once.",
    );
  }
  if (command === "client" && config.transport === "push" && config.endpoint.length > 1) {
    throw usageError(
      "bad-setting",
      "--endpoint (ENDPOINT): expected one endpoint with --transport push, where the client is the one " +
        `that listens, got ${config.endpoint.length}.`,
    );
  }
  if (command === "probe" && config.spool !== "") checkSpool(config);
  if (command === "client" && config.jsonl === "-" && config.outputFile === "-") {
    throw usageError(
      "bad-setting",
      "--jsonl (JSONL): expected a file where --output-file (OUTPUT_FILE) is standard output, got - for both.",
    );
  }
  if (config.realtime && config.speed > 0 && config.speed !== 1) {
    throw usageError(
      "bad-setting",
      "--speed (REPLAY_SPEED): expected it without --realtime (REPLAY_REALTIME), which is the same as " +
        `--speed 1; got --speed ${config.speed}. Leave one of them out.`,
    );
  }
}
