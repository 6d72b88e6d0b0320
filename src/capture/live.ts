/** Live capture by either backend. */
import type { FrameSource } from "./batch.ts";
import { openLibpcap } from "./libpcap.ts";
import type { LiveOptions } from "./live-options.ts";
import { openRing } from "./ring.ts";

export { LIVE_DEFAULTS, type LiveOptions } from "./live-options.ts";

/** How frames are taken from the network: our own ring, or libpcap. */
export type CaptureBackend = "ring" | "libpcap";

/** Starts capturing; the backends give the same frames. Throws as they do. */
export function openLive(backend: CaptureBackend, options: LiveOptions): FrameSource {
  return backend === "ring" ? openRing(options) : openLibpcap(options);
}
