/** Audio: ST 2110-30 (L16, L24) and ST 2110-31 (AM824). */
import type { Tell } from "./check-session.ts";
import { attribute, hasParameter, parameter, quoted, type SdpMedia } from "./parse.ts";

const SAMPLE_RATES = [44100, 48000, 96000];
/** Packet times of the levels in ms as they are written: 1 and 0.125, rounded either way, and those of 44.1 kHz. */
const PACKET_TIMES = ["1", "1.0", "1.00", "0.12", "0.125", "0.13", "1.09", "0.136", "0.14"];
const MAX_CHANNELS = 64;
/** Channels of each group of channel-order (ST 2110-30 table 1). */
const GROUPS: Record<string, number> = { M: 1, DM: 2, ST: 2, LtRt: 2, "51": 6, "71": 8, "222": 24, SGRP: 4 };

/** Rules of audio; `am824` for ST 2110-31. */
export function checkAudio(media: SdpMedia, am824: boolean, tell: Tell): void {
  if (media.clockRate !== null && !SAMPLE_RATES.includes(media.clockRate)) {
    tell("sampleRate", media.line, String(media.clockRate));
  }
  const channels = media.channels ?? 1;
  const order = parameter(media, "channel-order");
  const named = order === null ? 0 : channelOrderChannels(order);
  if (hasParameter(media, "channel-order") && (order === null || named === null)) {
    tell("channelOrder", media.parametersLine, quoted(order ?? ""));
  }
  const odd = am824 && channels % 2 === 1;
  if (channels < 1 || channels > MAX_CHANNELS || odd || (named ?? 0) > channels) {
    tell("channels", media.line, `${channels} channels${named ? `, ${named} named` : ""}`);
  }
  checkPacketTime(media, tell);
}

function checkPacketTime(media: SdpMedia, tell: Tell): void {
  const ptime = attribute(media, "ptime");
  const most = attribute(media, "maxptime");
  if (ptime === null) tell("packetTime", media.line, "no a=ptime");
  else if (!PACKET_TIMES.includes(ptime.value)) tell("packetTime", ptime.line, quoted(ptime.value));
  else if (most !== null && !(Number(ptime.value) <= Number(most.value))) {
    tell("packetTime", most.line, `ptime ${ptime.value}, maxptime ${quoted(most.value)}`);
  }
}

/** Channels that a channel-order names, `SMPTE2110.(51,ST)` is 8; null when it is not one. */
export function channelOrderChannels(text: string): number | null {
  const list = /^SMPTE2110\.\(([^()]+)\)$/.exec(text)?.[1];
  if (list === undefined) return null;
  let channels = 0;
  for (const group of list.split(",")) {
    const undefinedGroup = /^U(\d\d)$/.exec(group);
    const count = undefinedGroup
      ? Number(undefinedGroup[1])
      : Object.hasOwn(GROUPS, group)
        ? GROUPS[group]
        : 0;
    if (count === undefined || count < 1 || count > MAX_CHANNELS) return null;
    channels += count;
  }
  return channels;
}
