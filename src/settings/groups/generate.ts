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
      "make a stream in place of a file, such as st2110-20:1920x1080p59.94,depth=12 or st2110-22:1920x1080p50, " +
      "st2110-30:L24/48000/8, st2110-31:AM824/48000/4, st2110-40:1920x1080i29.97, st2110-41:1920x1080p50, st2110-43:en; " +
      "keys: sampling, depth, pm, type (-20), mbps, mode=slice (-22), ptime (-30, -31), interval (-43), and for all " +
      "to=address:port, seconds, fault=rule (a wrong one lists all), redundant=address:port for a second leg of ST 2022-7 " +
      "with skew=microseconds and loss=N or N/N, one packet in so many lost on each leg; repeat it for several",
    default: [],
    defaultText: "none",
    separator: SEPARATOR,
    check: checkGenerate,
  },
} as const satisfies Record<string, Setting>;
