import { usageError } from "../report/error.ts";
import type { CommandName } from "./setting.ts";
import type { Config } from "./table.ts";

/** Rules between settings; each is a usage error that says which flag to change. */
export function checkRules(command: CommandName, config: Config): void {
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
  if (config.realtime && config.speed > 0 && config.speed !== 1) {
    throw usageError(
      "bad-setting",
      "--speed (REPLAY_SPEED): expected it without --realtime (REPLAY_REALTIME), which is the same as " +
        `--speed 1; got --speed ${config.speed}. Leave one of them out.`,
    );
  }
}
