import type { Finding, Rule } from "../report/finding.ts";
import type { PtpReport } from "../report/ptp-schema.ts";
import type { StreamReport } from "../report/schema.ts";
import type { St2110AncillaryReport } from "../report/st2110-ancillary-schema.ts";
import type { AudioReport } from "../report/st2110-audio-schema.ts";
import type { JpegXsReport } from "../report/st2110-jpegxs-schema.ts";
import type { St2110Report } from "../report/st2110-schema.ts";
import type { VideoReport } from "../report/st2110-video-schema.ts";
import { compareWithSdp, type PtpClock, type SdpStream, type SeenStream } from "../st2110/sdp/description.ts";
import type { SdpFormat } from "../st2110/sdp/format.ts";

/** Ancillary data that the description does not name. */
const UNANNOUNCED: Rule = {
  code: "sdp-did-unannounced",
  clause: "RFC 8331 3.1",
  severity: "warning",
  text: "The stream carries ancillary data whose DID_SDID its description does not name:",
};

/** Octets of the headers of UDP and IP, which b=AS counts. */
const UDP_IPV4_OCTETS = 28;
const UDP_IPV6_OCTETS = 48;
/** Share by which rates that are told apart in a moment differ, and by which a measured one may be off. */
const NEAR_CLOCK = 0.1;
const CLOCK_TOLERANCE = 0.02;
/** Encodings of audio that are told apart; their names are of either case (RFC 4855 3). */
const KNOWN_AUDIO = /^(L16|L24|AM824)$/i;
/** A shorter capture says little of a bit rate. */
const LEAST_RATE_SECONDS = 1;

/**
 * Where the report of a flow, seen for `seconds`, differs from what `said` says of it; `measuredHz` is the rate of its
 * RTP clock over all that time, null where that is too short.
 */
export function checkAgainstSdp(
  said: SdpStream,
  stream: StreamReport,
  ptp: PtpReport | undefined,
  seconds: number,
  measuredHz: number | null,
): Finding[] {
  const findings: Finding[] = [];
  const mismatch = compareWithSdp(said, seenStream(said, stream, ptp, seconds, measuredHz), stream.id);
  if (mismatch) findings.push(mismatch);
  const strange = unannounced(said, stream.st2110?.ancillary);
  if (strange.length > 0) {
    const { code, clause, severity, text } = UNANNOUNCED;
    findings.push({
      code,
      clause,
      severity,
      stream: stream.id,
      count: strange.length,
      first: null,
      last: null,
      text: `${text} ${strange.join(", ")}.`,
    });
  }
  return findings;
}

function seenStream(
  said: SdpStream,
  stream: StreamReport,
  ptp: PtpReport | undefined,
  seconds: number,
  measuredHz: number | null,
): SeenStream {
  const media = stream.st2110;
  return {
    format: formatOf(stream),
    payloadType: stream.rtp?.payloadType ?? null,
    clockRate: seenClock(said, media?.clockRateHz ?? media?.audio?.format?.sampleRateHz ?? null, measuredHz),
    // Of compressed video its analyser knows the rate of a whole frame, and judges that.
    bandwidthKbps: media?.jpegxs || seconds < LEAST_RATE_SECONDS ? null : bandwidthKbps(stream),
    ...(media?.video ? seenVideo(said, media.video) : {}),
    ...(media?.jpegxs ? seenJpegXs(media.jpegxs) : {}),
    ...(media?.audio ? seenAudio(said, media.audio) : {}),
    grandmasters: grandmasters(ptp),
  };
}

/** A clock near to what was described, as 44.1 kHz is to 48, is another only if more than a moment says so. */
function seenClock(said: SdpStream, detected: number | null, measuredHz: number | null): number | null {
  const { clockRate } = said;
  if (clockRate === null || detected === null) return detected;
  if (Math.abs(detected / clockRate - 1) > NEAR_CLOCK) return detected;
  return measuredHz === null || Math.abs(measuredHz / clockRate - 1) <= CLOCK_TOLERANCE
    ? clockRate
    : detected;
}

function formatOf(stream: StreamReport): SdpFormat | null {
  if (stream.mpegts) return "mpegts";
  const media = stream.st2110;
  return media ? kindFormat(media) : null;
}

function kindFormat({ kind, audio }: St2110Report): SdpFormat | null {
  if (kind === "video20") return "st2110-20";
  if (kind === "jpegxs") return "st2110-22";
  if (kind === "anc") return "st2110-40";
  if (kind === "metadata") return "st2110-41";
  if (kind === "st2022-6") return "st2022-6";
  if (kind !== "audio") return null;
  const standard = audio?.format?.standard ?? null;
  return standard === null ? null : standard === "ST 2110-31" ? "st2110-31" : "st2110-30";
}

function seenVideo(said: SdpStream, { format }: VideoReport): SeenStream {
  const { width, height, scan, rate, candidates, packing } = format;
  const saidDepth = said.depth === null ? null : Number.parseInt(said.depth, 10);
  // Of several samplings that the packets may be of, the one that was described is as good as seen.
  const fits = candidates.some(
    ({ sampling, depth }) => ratioFits(said.sampling, sampling) && (saidDepth ?? depth) === depth,
  );
  const texts = (of: (candidate: (typeof candidates)[number]) => string): string | null =>
    candidates.length === 0 ? null : [...new Set(candidates.map(of))].join(" or ");
  return {
    width,
    height,
    interlaced: scan === null ? null : scan !== "progressive",
    segmented: scan === null ? null : scan === "psf",
    framesPerSecond: rateNumber(rate),
    sampling: fits ? null : texts(({ sampling }) => sampling),
    depth: fits ? null : texts(({ depth }) => String(depth)),
    // Blocks are allowed in general packing too; the reverse is not.
    packing: said.packing === "BPM" && packing === "GPM" ? "GPM" : null,
  };
}

/** Whether packets whose samples are packed as `ratio` may be of `sampling`; RGB and XYZ are packed as 4:4:4 is. */
function ratioFits(sampling: string | null, ratio: string): boolean {
  if (sampling === null) return true;
  if (sampling === "RGB" || sampling === "XYZ") return ratio === "4:4:4";
  return sampling === ratio || sampling.endsWith(`-${ratio}`);
}

function seenJpegXs({ picture, scan, pictureRate }: JpegXsReport): SeenStream {
  const fields = scan === "interlaced" ? 2 : 1;
  const rate = rateNumber(pictureRate);
  return {
    width: picture?.width ?? null,
    height: picture ? picture.height * fields : null,
    interlaced: scan === null ? null : scan === "interlaced",
    framesPerSecond: rate === null ? null : rate / fields,
  };
}

function seenAudio(said: SdpStream, { format }: AudioReport): SeenStream {
  if (format === null || format.encoding === null) return {};
  const { channels, packetTimeUs, encoding, encodingBasis } = format;
  const guessed = encodingBasis === "content" || encodingBasis === "default";
  const other = encoding !== said.encoding?.toUpperCase() && KNOWN_AUDIO.test(said.encoding ?? "");
  return {
    channels,
    packetTimeMs: packetTimeUs === null ? null : packetTimeUs / 1000,
    encoding: other && !guessed ? encoding : null,
  };
}

function grandmasters(ptp: PtpReport | undefined): PtpClock[] {
  return (ptp?.domains ?? []).flatMap(({ domain, grandmaster }) =>
    grandmaster === null ? [] : [{ clock: grandmaster, domain }],
  );
}

function bandwidthKbps({ bitrate, bytes, packets, destination }: StreamReport): number | null {
  if (bitrate === null || bytes === 0) return null;
  const headers = destination?.startsWith("[") ? UDP_IPV6_OCTETS : UDP_IPV4_OCTETS;
  return Math.round((bitrate * (1 + (packets * headers) / bytes)) / 1000);
}

/** `30000/1001` as a number. */
function rateNumber(text: string | null): number | null {
  if (text === null) return null;
  const [numerator = Number.NaN, denominator = 1] = text.split("/").map(Number);
  return numerator / denominator;
}

function unannounced(said: SdpStream, ancillary: St2110AncillaryReport | undefined): string[] {
  if (said.dids.length === 0 || ancillary === undefined) return [];
  const hex = (octet: number): string => `0x${octet.toString(16).padStart(2, "0")}`;
  const strange = ancillary.subStreams.filter(
    ({ did, sdid }) => !said.dids.includes(did * 256 + (sdid ?? 0)),
  );
  return [...new Set(strange.map(({ did, sdid }) => `{${hex(did)},${hex(sdid ?? 0)}}`))];
}
