/** The filter of a live capture: which text, compiled for which kind of socket. */
import * as P from "../../ffi/libpcap/constants.ts";
import { compileForFiles, createLive } from "../../ffi/libpcap/libpcap.ts";
import { LINKTYPE } from "../net/linktype.ts";
import { environmentError, type RscapError, usageError } from "../report/error.ts";
import { acceptAll, forCookedSocket, withSnaplen } from "./bpf-kernel.ts";
import { findDevice } from "./devices.ts";
import { filterError, filterForSources } from "./filter.ts";
import { type LiveOptions, notPermitted } from "./live-options.ts";
import { SLL_BYTES } from "./ring-layout.ts";

/** The text of the filter: the given one, else that of the sources; empty takes everything. */
export function filterText(options: LiveOptions, linkType: number): string {
  return options.filter.trim() === "" ? filterForSources(options.sources, linkType) : options.filter;
}

/** Instructions for a socket that sees whole Ethernet frames of `options.device`. */
export function compileForEthernet(options: LiveOptions): Uint8Array {
  const text = filterText(options, LINKTYPE.ethernet);
  if (text === "") return acceptAll(options.snaplen);
  const { handle, text: problem } = createLive(options.device);
  if (handle === null) throw activateError(options.device, P.PCAP_ERROR, problem);
  try {
    // Only a started handle knows that the kernel takes VLAN tags out of frames; it needs no room of its own.
    const started = handle.activate({
      snaplen: 96,
      promiscuous: false,
      bufferBytes: 1 << 16,
      timeoutMs: 1000,
      hardwareTimestamps: false,
    });
    if (started.status < 0) throw activateError(options.device, started.status, started.text);
    const compiled = handle.compile(text);
    if (!compiled.ok) throw filterError(text, compiled);
    return withSnaplen(compiled.program, options.snaplen);
  } finally {
    handle.close();
  }
}

/** Instructions for a cooked socket, which sees each packet from its network header on. */
export function compileForCooked(options: LiveOptions): Uint8Array {
  const snaplen = Math.max(1, options.snaplen - SLL_BYTES);
  const text = filterText(options, LINKTYPE.linuxSll);
  if (text === "") return acceptAll(snaplen);
  const compiled = compileForFiles(text, LINKTYPE.linuxSll, options.snaplen);
  if (!compiled.ok) throw filterError(text, compiled);
  const program = forCookedSocket(compiled.program);
  if (program !== null) return withSnaplen(program, snaplen);
  throw usageError(
    "filter.cooked",
    `The filter "${text}" looks at link addresses, which "${options.device}" does not have. Filter by IP address (--filter, FILTER), or name one Ethernet device (--source-device, SOURCE_DEVICE).`,
  );
}

/** The error for a libpcap handle that did not start. */
export function activateError(device: string, status: number, text: string): RscapError {
  if (status === P.PCAP_ERROR_PERM_DENIED || status === P.PCAP_ERROR_PROMISC_PERM_DENIED) {
    return notPermitted(device, text);
  }
  if (status === P.PCAP_ERROR_IFACE_NOT_UP) return deviceDown(device);
  // Names those that exist, when it is the name that is wrong.
  if (status === P.PCAP_ERROR_NO_SUCH_DEVICE && device !== "any") findDevice(device);
  return environmentError(
    "capture.start",
    `Capturing on "${device}" can't be started: ${text || "libpcap does not say why"}. Check the device with \`ip link\`.`,
  );
}

/** The error for a device that is switched off. */
export function deviceDown(device: string): RscapError {
  return environmentError(
    "device.down",
    `The network device "${device}" is down. Switch it on: \`ip link set ${device} up\`.`,
  );
}
