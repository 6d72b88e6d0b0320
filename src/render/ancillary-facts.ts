import type { AncDecoded, AncSubStreamReport, Scte104Message } from "../report/st2110-ancillary-schema.ts";
import { formatNumber } from "./units.ts";

/** DID and SDID as the tables of ST 291 write them: `0x60/0x60`. */
export function didText({ did, sdid }: Pick<AncSubStreamReport, "did" | "sdid">): string {
  const hex = (octet: number): string => `0x${octet.toString(16).toUpperCase().padStart(2, "0")}`;
  return sdid === null ? hex(did) : `${hex(did)}/${hex(sdid)}`;
}

/** The least that tells what a sub-stream says, for the live view. */
export function shortDecoded(sub: AncSubStreamReport): string {
  const { decoded } = sub;
  if (decoded?.kind === "timecode") return decoded.timecodes[0]?.last ?? sub.name;
  if (decoded?.kind === "afd") return `AFD ${decoded.code}`;
  return sub.name;
}

/** Where the packets of a sub-stream stand: `lines 9, 572`. */
export function locationsText(sub: AncSubStreamReport): string {
  const places = sub.locations.map(({ line, lineMeaning }) => lineMeaning ?? String(line));
  return [...new Set(places)].join(", ");
}

function scteText(message: Scte104Message): string {
  return message.operations.map(({ name }) => name).join(" + ") || "no operation";
}

/** What a sub-stream said, one text for each thing. */
export function decodedTexts(decoded: AncDecoded): string[] {
  switch (decoded.kind) {
    case "timecode":
      return decoded.timecodes.map(({ type, last, dropFrame, jumps, valid }) =>
        [
          `${type} ${last}`,
          ...(dropFrame ? ["drop-frame"] : []),
          formatNumber(jumps, "jump"),
          ...(valid ? [] : ["marked as not valid"]),
        ].join(", "),
      );
    case "afd":
      return [
        `AFD ${decoded.code}, ${decoded.format}, coded frame ${decoded.codedFrame}, ${formatNumber(decoded.changes, "change")}`,
      ];
    case "vpid":
      return [
        [
          `${decoded.value}: ${decoded.interface}`,
          `${decoded.picture} picture`,
          ...(decoded.pictureRate === null ? [] : [`${decoded.pictureRate}/s`]),
          ...(decoded.sampling === null ? [] : [decoded.sampling]),
          ...(decoded.depthBits === null ? [] : [`${decoded.depthBits} bits`]),
          formatNumber(decoded.changes, "change"),
        ].join(", "),
      ];
    case "cdp": {
      const spoken = decoded.languages.map(
        ({ service, language }) => `${service === 0 ? "CEA-608" : service} ${language}`,
      );
      const services = decoded.cea708.services.map(({ service }) => service);
      return [
        [
          `${formatNumber(decoded.packets, "CDP")} at ${decoded.frameRate ?? "an unknown number of"} frames/s`,
          formatNumber(decoded.sequenceErrors, "sequence error"),
          decoded.captionServiceActive ? "captions active" : "captions not active",
        ].join(", "),
        cea608Text(decoded.cea608),
        `CEA-708: ${formatNumber(decoded.cea708.packets, "packet")}, ${formatNumber(decoded.cea708.errors, "error")}${services.length === 0 ? "" : `, service ${services.join(", ")}`}`,
        ...(spoken.length === 0 ? [] : [`languages ${spoken.join(", ")}`]),
      ];
    }
    case "cea608":
      return [cea608Text(decoded.cea608)];
    case "scte104": {
      const last = decoded.last.at(-1);
      return [
        `${formatNumber(decoded.messages, "message")}, ${formatNumber(decoded.duplicates, "repetition")}${last === undefined ? "" : `, last ${scteText(last)}`}`,
      ];
    }
    case "op47": {
      const pages = decoded.pages.map(({ page }) => page).join(", ");
      return [
        `${formatNumber(decoded.teletextPackets, "teletext packet")}, ${formatNumber(decoded.sequenceErrors, "sequence error")}${pages === "" ? "" : `, page ${pages}`}`,
      ];
    }
  }
}

function cea608Text(cea: Extract<AncDecoded, { kind: "cea608" }>["cea608"]): string {
  const channels = cea.channels.length === 0 ? "" : `, ${cea.channels.join(", ")}`;
  return `CEA-608: ${cea.pairs.join(" + ")} byte pairs in fields 1 and 2, ${formatNumber(cea.parityErrors, "parity error")}${channels}`;
}

/** RTP clock of ancillary data against the capture's. */
export const ANC_CLOCK = {
  tai: "RTP in TAI, the capture in UTC, 37 s behind",
  same: "RTP and capture in the same time",
  "free-running": "RTP clock not aligned to TAI or UTC: no latency can be told",
  unknown: "alignment of the RTP clock unknown",
} as const;
