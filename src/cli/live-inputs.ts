import { ANY_DEVICE, chooseDevice, findDevice } from "../capture/devices.ts";
import { ANY_UDP, type FilterSource } from "../capture/filter.ts";
import type { LiveOptions } from "../capture/live-options.ts";
import type { MembershipOptions } from "../capture/membership.ts";
import type { WantedStream } from "../flow/wanted.ts";
import { parseSourceUrl, type SourceUrl } from "../net/source-url.ts";
import type { Config } from "../settings/table.ts";
import { readSdp } from "../st2110/sdp/description.ts";
import { loadSdp } from "./load-sdp.ts";
import type { LiveInput } from "./pipeline-job.ts";

/** Snap length that keeps whole frames. */
const WHOLE_FRAMES = 262_144;

/** Block timeout of `--immediate`. */
const IMMEDIATE_MS = 1;

/** What a probe is to capture: one input a device, and the streams that were asked for. */
export interface LivePlan {
  readonly inputs: readonly LiveInput[];
  /** Empty with `--filter` or `--discover`: everything that comes. */
  readonly wanted: readonly WantedStream[];
}

/**
 * From the settings to the devices: each source is captured on the device that its URL names, else on
 * `--source-device`, else on the one that routes to it. Groups are joined there; unicast needs no joining.
 * `--filter` and `--discover` take whatever comes; groups of sources given beside them are joined too.
 */
export function planLive(config: Config): LivePlan {
  const everything = config.filter !== "" || config.discover;
  const sources = sourcesOf(config, everything);
  const byDevice = new Map<string, SourceUrl[]>();
  for (const source of sources) {
    const device = source.iface || config.sourceDevice || routeDevice(source.group, config);
    byDevice.set(device, [...(byDevice.get(device) ?? []), source]);
  }
  if (byDevice.size === 0) byDevice.set(config.sourceDevice || routeDevice("", config), []);
  const inputs = [...byDevice].map(([device, list]) => liveInput(config, device, list));
  const wanted = everything
    ? []
    : sources.map(({ group, port, source }) => ({ destination: group, port, source }));
  return { inputs, wanted };
}

function sourcesOf(config: Config, everything: boolean): SourceUrl[] {
  const sources = [...config.source.map((text) => parseSourceUrl(text)), ...describedSources(config)];
  if (sources.length > 0) return distinct(sources);
  if (everything) return [];
  const host = config.sourceIp.includes(":") ? `[${config.sourceIp}]` : config.sourceIp;
  return [
    parseSourceUrl(
      `udp://${host}:${config.sourcePort}`,
      "--source-ip (SOURCE_IP) and --source-port (SOURCE_PORT)",
    ),
  ];
}

/** The streams that the session descriptions describe. */
function describedSources(config: Config): SourceUrl[] {
  return loadSdp(config.sdp).flatMap(({ name, text }) =>
    readSdp(text).streams.flatMap(({ destinationAddress, destinationPort, sourceAddresses }) => {
      if (destinationAddress === null || destinationPort === null) return [];
      const senders = sourceAddresses.length === 0 ? [""] : sourceAddresses;
      const host = bracketed(destinationAddress);
      return senders.map((sender) =>
        parseSourceUrl(
          `udp://${sender === "" ? "" : `${bracketed(sender)}@`}${host}:${destinationPort}`,
          `--sdp (SDP), ${name}`,
        ),
      );
    }),
  );
}

function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

/** Each once: a stream may be described and asked for. */
function distinct(sources: readonly SourceUrl[]): SourceUrl[] {
  const seen = new Map<string, SourceUrl>();
  for (const source of sources) {
    const key = `${source.source}@${source.group}:${source.port}`;
    if (!seen.has(key)) seen.set(key, source);
  }
  return [...seen.values()];
}

function routeDevice(destination: string, config: Config): string {
  const { useWireless } = config;
  return chooseDevice(destination === "" ? { useWireless } : { destination, useWireless }).name;
}

function liveInput(config: Config, device: string, sources: readonly SourceUrl[]): LiveInput {
  const interfaceIndex = device === ANY_DEVICE ? 0 : findDevice(device).index;
  const memberships: MembershipOptions[] = sources
    .filter((source) => source.multicast)
    .map(({ group, source }) => ({ group, interfaceIndex, ...(source === "" ? {} : { source }) }));
  const filtered: FilterSource[] = sources.map(({ group, port, source }) => ({
    destination: group,
    port,
    ...(source === "" ? {} : { source }),
  }));
  const options: LiveOptions = {
    device,
    filter: config.filter,
    sources: config.discover ? [ANY_UDP] : filtered,
    snaplen: config.snaplen === 0 ? WHOLE_FRAMES : config.snaplen,
    ringBytes: config.captureBackend === "ring" ? config.ringSize : config.bufferSize,
    blockBytes: config.blockSize,
    blockTimeoutMs: config.immediate
      ? IMMEDIATE_MS
      : Math.min(config.blockTimeout, Math.max(1, config.batchTime)),
    promiscuous: config.promiscuous,
    hardwareTimestamps: config.hardwareTimestamps,
  };
  return { kind: "live", backend: config.captureBackend, options, memberships };
}
