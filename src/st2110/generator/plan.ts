import { rational, times, toNumber } from "../timing21/rational.ts";
import { BLOCK_UNIT_OCTETS } from "../video/format-learner.ts";
import { AncillaryStream } from "./ancillary.ts";
import { type AudioPlan, AudioStream, SAMPLE_OCTETS } from "./audio.ts";
import { FAULTS } from "./faults.ts";
import { JpegXsStream } from "./jpegxs.ts";
import { MetadataStream } from "./metadata.ts";
import { parseRaster, type Raster } from "./raster.ts";
import { layoutOf, SAMPLINGS, type SampleLayout } from "./samples.ts";
import type { SpecText } from "./spec-text.ts";
import type { GeneratedStream, GeneratorStart } from "./stream.ts";
import { TtmlStream } from "./ttml.ts";
import { VideoStream } from "./video.ts";
import { BLOCK_OCTETS, packetsPerFrame, type StreamPlan } from "./video-plan.ts";

/** A stream that was asked for, ready to begin. */
export interface StreamMaker {
  /** Null where it does not matter: the stream is no fast one. */
  readonly packetsPerSecond: number | null;
  make(start: GeneratorStart): GeneratedStream;
}

/** Octets of samples in a packet where the packing leaves the choice; what the standard's examples use. */
const GENERAL_OCTETS = 1200;
/** General packing should not have less (ST 2110-20 6.3.2). */
const LEAST_OCTETS = 970;
/** Packets that a generated wide sender sends at once: over CMAX of the narrow types at 1080, within the wide one. */
const WIDE_BURST = 12;
const MOST_AUDIO_OCTETS = 1440;
const AUDIO_RATES = [44_100, 48_000, 96_000] as const;
const PACKET_TIMES = ["1", "0.125", "0.25", "0.333", "4"] as const;

/** The stream that the settings of a kind ask for. Throws a SpecError that says what is wrong. */
export function streamMaker(spec: SpecText): StreamMaker {
  switch (spec.kind) {
    case "st2110-20":
      return videoMaker(spec);
    case "st2110-22":
      return jpegXsMaker(spec);
    case "st2110-30":
    case "st2110-31":
      return audioMaker(spec);
    case "st2110-40":
      return ancillaryMaker(spec);
    case "st2110-41":
      return metadataMaker(spec);
    case "st2110-43":
      return ttmlMaker(spec);
    default:
      return spec.fail("expected st2110-20, -22, -30, -31, -40, -41 or -43 before the colon");
  }
}

function rasterOf(spec: SpecText): Raster {
  const raster = parseRaster(spec.format);
  return (
    raster ?? spec.fail(`expected a format such as 1920x1080p59.94 or 1920x1080i29.97, got "${spec.format}"`)
  );
}

/** How many octets of samples a packet has, and whether packets go over the ends of rows. */
function packing(
  rowOctets: number,
  octets: number,
  block: boolean,
): { packetOctets: number; block: boolean } {
  if (block) {
    // A pgroup is never split (ST 2110-20 6.2): of 8 octets, the longest whole blocks are shorter than usual.
    let packetOctets = BLOCK_OCTETS;
    while (packetOctets % octets !== 0) packetOctets -= BLOCK_UNIT_OCTETS;
    return { packetOctets, block: true };
  }
  const perRow = Math.ceil(rowOctets / GENERAL_OCTETS);
  const packetOctets = Math.ceil(rowOctets / perRow / octets) * octets;
  if (packetOctets >= LEAST_OCTETS) return { packetOctets, block: false };
  return { packetOctets: Math.floor(GENERAL_OCTETS / octets) * octets, block: true };
}

function videoMaker(spec: SpecText): StreamMaker {
  const raster = rasterOf(spec);
  const sampling = spec.choice("sampling", SAMPLINGS, "4:2:2");
  const depth = Number(spec.choice("depth", ["8", "10", "12", "16"], "10"));
  const mode = spec.choice("pm", ["GPM", "BPM"], "GPM");
  const type = spec.choice("type", ["N", "NL", "W"], "N");
  const layout: SampleLayout =
    layoutOf(sampling, depth) ?? spec.fail(`${sampling} has no pgroup of ${depth} bits (ST 2110-20 6.2)`);
  const { octets, pixels, rowStep } = layout;
  if (raster.width % pixels !== 0) spec.fail(`the width is no multiple of the pgroup's ${pixels} pixels`);
  if (rowStep === 2 && (raster.scan !== "progressive" || raster.height % 2 !== 0)) {
    spec.fail("4:2:0 is progressive only and takes an even height (ST 2110-20 6.2.4)");
  }
  const rowOctets = (raster.width * octets) / pixels;
  const plan: StreamPlan = {
    ...raster,
    pgroup: [octets, pixels],
    rowStep,
    ...packing(rowOctets, octets, mode === "BPM"),
    linear: type !== "N",
    burst: type === "W" ? WIDE_BURST : 1,
  };
  const fault = spec.fault(FAULTS.video, plan);
  const packetsPerSecond = packetsPerFrame(plan) * toNumber(raster.rate);
  return { packetsPerSecond, make: (start) => new VideoStream(plan, sampling, depth, fault, start) };
}

function audioMaker(spec: SpecText): StreamMaker {
  const match = /^(L16|L24|AM824)\/(\d+)\/(\d+)$/.exec(spec.format);
  const rateHz = Number(match?.[2]);
  const channels = Number(match?.[3]);
  const encoding = match?.[1] as AudioPlan["encoding"];
  const isAes3 = spec.kind === "st2110-31";
  if (!AUDIO_RATES.some((known) => known === rateHz) || channels < 1 || (encoding === "AM824") !== isAes3) {
    const example = isAes3 ? "AM824/48000/4" : "L24/48000/8";
    spec.fail(`expected encoding/rate/channels such as ${example}, got "${spec.format}"`);
  }
  if (isAes3 && channels % 2 !== 0) spec.fail("AES3 signals come in pairs: the number of channels is even");
  const ptime = spec.choice("ptime", PACKET_TIMES, "1");
  const samples = Math.round((Number(ptime) * rateHz) / 1000);
  const plan = { encoding, rateHz, channels, samples };
  const octets = samples * channels * SAMPLE_OCTETS[encoding];
  if (octets > MOST_AUDIO_OCTETS) {
    spec.fail(`${octets} octets a packet are more than ${MOST_AUDIO_OCTETS}: fewer channels, or ptime=0.125`);
  }
  const fault = spec.fault(FAULTS.audio, plan);
  return { packetsPerSecond: null, make: (start) => new AudioStream(plan, fault, start) };
}

function ancillaryMaker(spec: SpecText): StreamMaker {
  const plan = rasterOf(spec);
  const fault = spec.fault(FAULTS.ancillary, plan);
  return { packetsPerSecond: null, make: (start) => new AncillaryStream(plan, fault, start) };
}

function jpegXsMaker(spec: SpecText): StreamMaker {
  const raster = rasterOf(spec);
  const mbps = spec.number("mbps", 1, 10_000, 125);
  const pictures = raster.scan === "progressive" ? raster.rate : times(raster.rate, 2);
  const pictureOctets = Math.max(
    4000,
    Math.floor((mbps * 1e6) / 8 / toNumber(rational(pictures.num, pictures.den))),
  );
  const slices = spec.choice("mode", ["codestream", "slice"], "codestream") === "slice";
  const plan = { ...raster, pictureOctets, slices };
  const fault = spec.fault(FAULTS.jpegxs, plan);
  return { packetsPerSecond: null, make: (start) => new JpegXsStream(plan, fault, start) };
}

function metadataMaker(spec: SpecText): StreamMaker {
  const plan = rasterOf(spec);
  if (toNumber(plan.rate) <= 2)
    spec.fail("packets of fast metadata come at least twice a second (ST 2110-41)");
  const fault = spec.fault(FAULTS.metadata, plan);
  return { packetsPerSecond: null, make: (start) => new MetadataStream(plan, fault, start) };
}

function ttmlMaker(spec: SpecText): StreamMaker {
  const language = spec.format;
  if (!/^[a-z]{2,8}(-[a-z0-9]{1,8})*$/i.test(language))
    spec.fail(`expected a language such as en or pt-BR, got "${language}"`);
  const plan = { language, intervalMs: spec.number("interval", 20, 60_000, 100) };
  const fault = spec.fault(FAULTS.ttml, plan);
  return { packetsPerSecond: null, make: (start) => new TtmlStream(plan, fault, start) };
}
