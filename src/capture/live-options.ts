import { environmentError, type RscapError } from "../report/error.ts";
import type { FilterSource } from "./filter.ts";

/** How to capture live; the same for both backends. */
export interface LiveOptions {
  /** Device name, or `any` for all of them. */
  readonly device: string;
  /** A filter in pcap-filter(7) language; empty for the filter that `sources` make. */
  readonly filter: string;
  /** What is wanted when `filter` is empty; without any, every frame is. */
  readonly sources: readonly FilterSource[];
  /** Octets kept of each frame. */
  readonly snaplen: number;
  /** Octets of the kernel's ring (ring backend) or of libpcap's buffer. */
  readonly ringBytes: number;
  /** Octets of one block of the ring; rounded up to a power of two that holds a frame. */
  readonly blockBytes: number;
  /** A block that is not full is handed over after this time, milliseconds. */
  readonly blockTimeoutMs: number;
  /** See frames for other stations too; has no effect on `any`. */
  readonly promiscuous: boolean;
  /** Ask for the device's own clock; the kernel's where it has none (see `timestampSource`). */
  readonly hardwareTimestamps: boolean;
}

/** Values that suit a few streams of up to 1 Gb/s. */
export const LIVE_DEFAULTS: Omit<LiveOptions, "device"> = {
  filter: "",
  sources: [],
  snaplen: 262_144,
  ringBytes: 64 << 20,
  blockBytes: 1 << 20,
  blockTimeoutMs: 10,
  promiscuous: false,
  hardwareTimestamps: false,
};

/** The error for a capture without permission. */
export function notPermitted(device: string, cause?: string): RscapError {
  const message = `Capturing on "${device}" needs the capability CAP_NET_RAW, which this process does not have`;
  const ways =
    "Run it with sudo, or as a systemd service with AmbientCapabilities=CAP_NET_RAW, or, in a container, with --cap-add NET_RAW.";
  return environmentError(
    "capture.permission",
    `${message}${cause === undefined ? "" : ` (${cause})`}. ${ways}`,
  );
}

/** The error for a device that has gone while it was captured on. */
export function deviceGone(device: string): RscapError {
  return environmentError(
    "device.gone",
    `The network device "${device}" was removed while it was captured on. Start again when it is back, or name another (--source-device, SOURCE_DEVICE).`,
  );
}
