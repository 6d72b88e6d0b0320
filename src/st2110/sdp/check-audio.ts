/** Audio: ST 2110-30 (L16, L24) and ST 2110-31 (AM824). */
import type { Tell } from "./check-session.ts";
import { attribute, hasParameter, parameter, quoted, type SdpMedia } from "./parse.ts";

const SAMPLE_RATES = [44100, 48000, 96000];
/** Packet times of the levels in ms: 48 and 6 samples at 48 and at 44.1 kHz (ST 2110-30 table 2). */
const PACKET_TIMES_MS = [1, 0.125, 48 / 44.1, 6 / 44.1];
/** Those of AM824, whose level D has 4 samples besides (ST 2110-31 table 3). */
const AM824_PACKET_TIMES_MS = [...PACKET_TIMES_MS, 4 / 48, 4 / 44.1];
/** Share by which a packet time may be off: 0.125 ms is written as 0.12 or 0.13. */
const ROUNDING = 0.05;
const MAX_CHANNELS = 64;
const AM824_MAX_CHANNELS = 80;
/** Channels of each group of channel-order (ST 2110-30 table 1). */
const GROUPS: Record<string, number> = { M: 1, DM: 2, ST: 2, LtRt: 2, "51": 6, "71": 8, "222": 24, SGRP: 4 };
/** With AM824 also a pair of AES3 that may be no PCM (ST 2110-31 6.2). */
const AM824_GROUPS: Record<string, number> = { ...GROUPS, AES3: 2 };

/** Rules of audio; `am824` for ST 2110-31. */
export function checkAudio(media: SdpMedia, am824: boolean, tell: Tell): void {
  if (media.clockRate !== null && !SAMPLE_RATES.includes(media.clockRate)) {
    tell("sampleRate", media.line, String(media.clockRate));
  }
  const channels = media.channels ?? 1;
  const named = checkChannelOrder(media, am824, tell);
  const odd = am824 && channels % 2 === 1;
  const most = am824 ? AM824_MAX_CHANNELS : MAX_CHANNELS;
  if (channels < 1 || channels > most || odd || named > channels) {
    tell("channels", media.line, `${channels} channels${named > 0 ? `, ${named} named` : ""}`);
  }
  checkPacketTime(media, am824 ? AM824_PACKET_TIMES_MS : PACKET_TIMES_MS, tell);
}

/** How many channels the channel-order names; 0 where it names none that can be counted. */
function checkChannelOrder(media: SdpMedia, am824: boolean, tell: Tell): number {
  if (!hasParameter(media, "channel-order")) return 0;
  const order = parameter(media, "channel-order") ?? "";
  // RFC 3190 6: `<convention>.<order>`, and ST 2110-30 6.2.2 says only that the convention should be its own.
  if (/^(?!SMPTE2110\b)[^.\s]+\.\S+$/i.test(order)) {
    tell("channelConvention", media.parametersLine, quoted(order));
    return 0;
  }
  const named = channelOrderChannels(order, am824);
  if (named === null) tell("channelOrder", media.parametersLine, quoted(order));
  return named ?? 0;
}

function checkPacketTime(media: SdpMedia, times: readonly number[], tell: Tell): void {
  const ptime = attribute(media, "ptime");
  const most = attribute(media, "maxptime");
  if (ptime === null) {
    tell("packetTime", media.line, "no a=ptime");
    return;
  }
  const meant = nearest(ptime.value, times);
  if (meant === null || !times.includes(meant)) tell("packetTime", ptime.line, quoted(ptime.value));
  else if (most !== null && !(meant <= (nearest(most.value, times) ?? 0))) {
    tell("packetTime", most.line, `ptime ${ptime.value}, maxptime ${quoted(most.value)}`);
  }
}

/** The one of `times` that `text` is when rounded, else its own number; null when it is none (RFC 8866 6.4). */
function nearest(text: string, times: readonly number[]): number | null {
  if (!/^(\d+\.?\d*|\.\d+)$/.test(text)) return null;
  const written = Number(text);
  const off = (time: number) => Math.abs(written / time - 1);
  const best = times.reduce((a, b) => (off(b) < off(a) ? b : a));
  return off(best) <= ROUNDING ? best : written;
}

/** Channels that a channel-order names, `SMPTE2110.(51,ST)` is 8; null when it is not one. */
export function channelOrderChannels(text: string, am824 = false): number | null {
  const list = /^SMPTE2110\.\(([^()]+)\)$/.exec(text)?.[1];
  if (list === undefined) return null;
  const groups = am824 ? AM824_GROUPS : GROUPS;
  let channels = 0;
  for (const group of list.split(",")) {
    const undefinedGroup = /^U(\d\d)$/.exec(group);
    const count = undefinedGroup
      ? Number(undefinedGroup[1])
      : Object.hasOwn(groups, group)
        ? groups[group]
        : 0;
    if (count === undefined || count < 1 || count > MAX_CHANNELS) return null;
    channels += count;
  }
  return channels;
}
