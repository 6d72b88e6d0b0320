import type { Rule } from "../../report/finding.ts";

function error(code: string, clause: string, text: string): Rule {
  return { code: `st2110-20-${code}`, clause, severity: "error", text };
}

const HEADER = "ST 2110-20 6.1.4";
const PGROUP = "ST 2110-20 6.2";
const PACKING = "ST 2110-20 6.3";
const RTP = "RFC 4175 4";

/** Everything that can be wrong with the packets of an uncompressed video stream. */
export const VIDEO_RULES = {
  rtpHeader: error(
    "rtp-header",
    "RFC 3550 5.1",
    "{count} packets end within their RTP header, or their padding is longer than they are.",
  ),
  headerShort: error("header-short", HEADER, "{count} packets end within their payload header."),
  headerCount: error("header-count", HEADER, "{count} packets have more than three sample row data headers."),
  lengthZero: error(
    "length-zero",
    HEADER,
    "{count} sample row data headers of several in a packet have a Length of 0.",
  ),
  lengthSum: error(
    "length-sum",
    HEADER,
    "{count} packets do not hold as many octets as their Lengths add up to.",
  ),
  lengthPgroup: error(
    "length-pgroup",
    PGROUP,
    "{count} Lengths are not a multiple of the pgroup's octets: a pgroup is split.",
  ),
  offsetPgroup: error("offset-pgroup", PGROUP, "{count} Offsets are not a multiple of the pgroup's pixels."),
  rowOrder: error(
    "row-order",
    HEADER,
    "{count} {time|times} the row number went back within a frame or field.",
  ),
  offsetOrder: error(
    "offset-order",
    HEADER,
    "{count} {time|times} the Offset did not increase within a row.",
  ),
  samples: error(
    "missing-samples",
    HEADER,
    "{count} {time|times} samples were left out or sent twice within a row, with no packet lost.",
  ),
  rowEnd: error("row-end", HEADER, "{count} segments reach past the width of the row."),
  missingLines: error("missing-lines", HEADER, "{count} lines were not sent, with no packet lost."),
  extraLines: error(
    "extra-lines",
    HEADER,
    "{count} segments are of lines beyond the height of the frame or field.",
  ),
  fieldMix: error("field-mix", HEADER, "{count} packets hold samples of two fields or segments."),
  fieldOrder: error(
    "field-order",
    HEADER,
    "{count} {time|times} a field or segment was missing or came twice: F did not alternate.",
  ),
  markerMissing: error("marker-missing", RTP, "{count} frames or fields ended without the marker bit."),
  markerEarly: error(
    "marker-early",
    RTP,
    "{count} {time|times} the marker bit was set before the last packet of a frame or field.",
  ),
  timestampWithin: error(
    "timestamp-within",
    RTP,
    "{count} packets have another RTP timestamp than the rest of their frame or field.",
  ),
  timestampStep: error(
    "timestamp-step",
    "ST 2110-10",
    "{count} {time|times} the RTP timestamp did not step by the period of a frame or field.",
  ),
  extendedSequence: error(
    "extended-sequence",
    RTP,
    "{count} packets have an extended sequence number that does not go on from the one before.",
  ),
  blockLength: error(
    "block-length",
    PACKING,
    "{count} packets of a block packing mode stream do not hold a multiple of 180 octets.",
  ),
  blockSize: error(
    "block-size",
    PACKING,
    "{count} packets of a block packing mode stream are longer than the standard UDP size limit.",
  ),
  udpSize: error(
    "udp-size",
    "ST 2110-10",
    "{count} datagrams are longer than the UDP size limit that holds: 1460 octets, or 8960 with MAXUDP.",
  ),
  packetCount: error(
    "packets-per-frame",
    "ST 2110-21",
    "{count} whole frames have another number of packets than the others; NP is constant.",
  ),
  smallPacket: {
    code: "st2110-20-small-packet",
    clause: PACKING,
    severity: "info",
    text: "{count} datagrams other than the last of a frame have less than 1000 octets, which general packing mode should avoid.",
  },
  formatChange: {
    code: "st2110-20-format-change",
    clause: "ST 2110-20 7",
    severity: "warning",
    text: "{count} {time|times} the raster, the rate or the packing changed while the stream ran.",
  },
} as const satisfies Record<string, Rule>;

/** Name of a rule of VIDEO_RULES. */
export type VideoRule = keyof typeof VIDEO_RULES;
