/** Ancillary data: ST 2110-40 and RFC 8331 3. */
import type { Tell } from "./check-session.ts";
import { checkTiming } from "./check-video.ts";
import { quoted, type SdpMedia, wholeNumber } from "./parse.ts";

/** Rules of `smpte291`. */
export function checkAncillary(media: SdpMedia, tell: Tell): void {
  const line = media.parametersLine || media.line;
  if (media.clockRate !== null && media.clockRate !== 90000)
    tell("clockRate", media.line, String(media.clockRate));
  for (const { name, value } of media.parameters) {
    const code = wholeNumber(value);
    const wrong =
      (name === "DID_SDID" && parseDid(value ?? "") === null) ||
      (name === "VPID_Code" && (code === null || code < 1 || code > 255));
    if (wrong) tell("did", line, quoted(`${name}=${value ?? ""}`));
    if (name === "SSN" && !/^ST2110-40:20\d\d$/.test(value ?? ""))
      tell("value", line, quoted(`SSN=${value ?? ""}`));
  }
  checkTiming(media, line, tell);
}

/** `{0x61,0x02}` as DID * 256 + SDID; null when it is not one. */
export function parseDid(text: string): number | null {
  const match = /^\{ *0x([0-9a-f]{1,2}) *, *0x([0-9a-f]{1,2}) *\}$/i.exec(text);
  return match === null
    ? null
    : Number.parseInt(match[1] as string, 16) * 256 + Number.parseInt(match[2] as string, 16);
}
