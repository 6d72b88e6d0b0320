import { checkVariant } from "../check.ts";
import type { Setting } from "../setting.ts";

/** How HLS playlists are loaded, where one is the input. */
export const HLS_SETTINGS = {
  hlsVariant: {
    type: "string",
    value: "which",
    flag: "hls-variant",
    env: ["HLS_VARIANT"],
    commands: ["probe", "replay"],
    group: "HLS input",
    help: "variant of a master playlist: highest, lowest, a number from 1, WIDTHxHEIGHT, or the highest of at most a bit rate such as 3000k",
    default: "highest",
    check: checkVariant,
  },
  hlsTimeout: {
    type: "duration",
    flag: "hls-timeout",
    env: ["HLS_TIMEOUT"],
    commands: ["probe", "replay"],
    group: "HLS input",
    help: "longest silence of the server before a request is given up",
    unit: "s",
    default: 10_000,
    min: 100,
    max: 600_000,
  },
  hlsRetries: {
    type: "number",
    flag: "hls-retries",
    env: ["HLS_RETRIES"],
    commands: ["probe", "replay"],
    group: "HLS input",
    help: "further tries for a playlist or segment that did not come (silence, lost connection, status 5xx, 408, 425, 429)",
    default: 2,
    min: 0,
    max: 20,
  },
  hlsCa: {
    type: "string",
    value: "file",
    flag: "hls-ca",
    env: ["HLS_CA"],
    commands: ["probe", "replay"],
    group: "HLS input",
    help: "certificates in PEM of the authorities to trust for https, in place of the system's",
    default: "",
  },
} as const satisfies Record<string, Setting>;
