import type { Setting } from "../setting.ts";

/** Where a client sends packets to beside its output file. */
export const SINK_SETTINGS = {
  exec: {
    type: "string",
    value: "command",
    flag: "exec",
    env: ["EXEC"],
    commands: ["client"],
    group: "Output",
    help: "give the TS packets of one stream to this shell command on its standard input",
    default: "",
    defaultText: "none",
  },
  execRestart: {
    type: "duration",
    unit: "ms",
    flag: "exec-restart",
    env: ["EXEC_RESTART"],
    commands: ["client"],
    group: "Output",
    help: "wait before a command that has ended is started again, doubled each time up to a minute; 0 for never",
    default: 1000,
    min: 0,
    max: 60_000,
  },
  sinkQueue: {
    type: "size",
    flag: "sink-queue",
    env: ["SINK_QUEUE"],
    commands: ["client"],
    group: "Output",
    help: "room in the queue of each sink where there are several; what a full one has no room for is dropped and counted",
    default: 64 * 1024 * 1024,
    min: 4 * 1024 * 1024,
    max: 1024 * 1024 * 1024,
  },
} as const satisfies Record<string, Setting>;
