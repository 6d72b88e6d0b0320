import type { IgnoredName } from "./setting.ts";

/** Found in each frame, not set by hand. */
const FOUND = "rscap finds this out from the packets themselves";
const NO_IMAGES = "this version does not make images";

/**
 * Names that stand in `.env` files of the earlier rscap and have no effect here. Nothing is ignored in
 * silence: each that is set to more than empty, 0 or false is named at the start, with the reason.
 */
export const IGNORED_NAMES: readonly IgnoredName[] = [
  { name: "PACKET_SIZE", reason: FOUND },
  { name: "PAYLOAD_OFFSET", reason: FOUND },
  { name: "SMPTE2110", reason: FOUND },
  { name: "SMPT2110", reason: FOUND },
  { name: "READ_TIME_OUT", reason: "the capture wakes up by itself; see BLOCK_TIMEOUT" },
  { name: "PCAP_STATS", reason: "the kernel's counters are in every report" },
  { name: "SHOW_TR101290", reason: "the findings are in every report" },
  { name: "SEND_RAW_STREAM", reason: "the packets are always published; see NO_ZMQ" },
  { name: "WATCH_FILE", reason: "this version does not watch files" },
  { name: "EXTRACT_IMAGES", reason: NO_IMAGES },
  { name: "SAVE_IMAGES", reason: NO_IMAGES },
  { name: "IMAGE_HEIGHT", reason: NO_IMAGES },
  { name: "FILMSTRIP_LENGTH", reason: NO_IMAGES },
  { name: "JPEG_QUALITY", reason: NO_IMAGES },
  { name: "IMAGE_FRAMERATE", reason: NO_IMAGES },
  { name: "IMAGE_SAMPLE_RATE_NS", reason: NO_IMAGES },
  { name: "CLEAR_STREAM_TIMEOUT", reason: "a PID stays in the report until the end" },
];
