import type { Setting } from "../setting.ts";

/** Commas and blanks before the next stream: the items hold commas themselves. */
const SEPARATOR = /[\s,]+(?=st2110-\d\d:)/i;

/** Accepts what has the form of a generated stream; `replay` says what is wrong with the rest of it. */
function checkGenerate(text: string): string | null {
  return /^st2110-\d\d:[^,\s]+(,[a-z]+=[^,\s]+)*$/i.test(text)
    ? null
    : "kind:format[,key=value…] such as st2110-20:1920x1080p59.94,depth=10,type=N or st2110-30:L24/48000/8";
}

/** Streams that are made instead of read. */
export const GENERATE_SETTINGS = {
  generate: {
    type: "list",
    value: "stream",
    flag: "generate",
    env: ["REPLAY_GENERATE"],
    commands: ["replay"],
    group: "Replay",
    help:
      "make a stream in place of a file: st2110-20:1920x1080p59.94[,sampling=4:2:2,depth=10,pm=GPM,type=N], " +
      "st2110-22:1920x1080p50[,mbps=125], st2110-30:L24/48000/8[,ptime=1], st2110-31:AM824/48000/4, " +
      "st2110-40:1920x1080i29.97; for each also to=address:port, seconds=1, fault=rule; repeat it for several",
    default: [],
    defaultText: "none",
    separator: SEPARATOR,
    check: checkGenerate,
  },
} as const satisfies Record<string, Setting>;
