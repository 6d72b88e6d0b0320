/**
 * What a network driver says of itself, by ioctl (linux/ethtool.h, linux/net_tstamp.h). Every function here
 * gives null or false where the device or the kernel has no answer.
 */
import { addressOf, alloc } from "../memory.ts";
import { AF_INET, SOCK_CLOEXEC, SOCK_DGRAM } from "./constants.ts";
import { libc } from "./libc.ts";

const SIOCETHTOOL = 0x8946;
const SIOCSHWTSTAMP = 0x89b0;
const SIOCGHWTSTAMP = 0x89b1;
const SIOCGIWNAME = 0x8b01;

const ETHTOOL_GDRVINFO = 0x03;
const ETHTOOL_GET_TS_INFO = 0x41;
const ETHTOOL_GLINKSETTINGS = 0x4c;

const IFREQ_BYTES = 40;
const IFNAMSIZ = 16;
const DRVINFO_BYTES = 196;
const TS_INFO_BYTES = 44;
/** Fixed part of struct ethtool_link_settings, and room for three masks of the most words there can be. */
const LINK_SETTINGS_BYTES = 48 + 3 * 4 * 127;

const SOF_TIMESTAMPING_RX_HARDWARE = 4;
const SOF_TIMESTAMPING_RAW_HARDWARE = 64;
const HWTSTAMP_FILTER_ALL = 1;

/** Runs `request` on the device with `argument` behind the ifreq's pointer; false when it is refused. */
function deviceIoctl(device: string, request: number, argument: Uint8Array): boolean {
  const name = new TextEncoder().encode(device);
  if (name.length >= IFNAMSIZ) return false;
  const ifreq = alloc(IFREQ_BYTES);
  ifreq.set(name);
  new DataView(ifreq.buffer).setBigUint64(IFNAMSIZ, BigInt(addressOf(argument)), true);
  const fd = libc().socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const status = libc().ioctl(fd, request, addressOf(ifreq));
  libc().close(fd);
  // Read here, so that `argument` is referenced until the kernel is done with it.
  return status >= 0 && argument.length > 0;
}

/** Name of the driver, e.g. `ixgbe`, `veth`. */
export function driverName(device: string): string | null {
  const info = alloc(DRVINFO_BYTES);
  new DataView(info.buffer).setUint32(0, ETHTOOL_GDRVINFO, true);
  if (!deviceIoctl(device, SIOCETHTOOL, info)) return null;
  const end = info.indexOf(0, 4);
  return new TextDecoder().decode(info.subarray(4, Math.min(end < 0 ? 36 : end, 36))) || null;
}

/** Link speed in Mb/s. */
export function linkSpeedMbps(device: string): number | null {
  const settings = alloc(LINK_SETTINGS_BYTES);
  const view = new DataView(settings.buffer);
  view.setUint32(0, ETHTOOL_GLINKSETTINGS, true);
  if (!deviceIoctl(device, SIOCETHTOOL, settings)) return null;
  // The first call tells, as a negative number, how many words the masks have; the second one answers.
  const words = view.getInt8(15);
  if (words >= 0) return null;
  settings.fill(0);
  view.setUint32(0, ETHTOOL_GLINKSETTINGS, true);
  view.setInt8(15, -words);
  if (!deviceIoctl(device, SIOCETHTOOL, settings)) return null;
  const speed = view.getUint32(4, true);
  return speed === 0 || speed === 0xffffffff ? null : speed;
}

/** True when the device can stamp every received packet with its own clock. */
export function hasHardwareTimestamps(device: string): boolean {
  const info = alloc(TS_INFO_BYTES);
  new DataView(info.buffer).setUint32(0, ETHTOOL_GET_TS_INFO, true);
  return deviceIoctl(device, SIOCETHTOOL, info) && stampsEveryPacket(info);
}

/** Reads a struct ethtool_ts_info: u32 cmd, so_timestamping, phc_index, tx_types, pad[3], rx_filters. */
export function stampsEveryPacket(info: Uint8Array): boolean {
  const view = new DataView(info.buffer, info.byteOffset, info.length);
  const wanted = SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE;
  const filters = view.getUint32(28, true);
  return (view.getUint32(4, true) & wanted) === wanted && (filters & (1 << HWTSTAMP_FILTER_ALL)) !== 0;
}

/** Turns on stamping of every received packet, the transmit side left as it is; false when refused. */
export function enableHardwareTimestamps(device: string): boolean {
  // struct hwtstamp_config: int flags, tx_type, rx_filter.
  const config = alloc(12);
  const view = new DataView(config.buffer);
  if (deviceIoctl(device, SIOCGHWTSTAMP, config) && view.getInt32(8, true) === HWTSTAMP_FILTER_ALL)
    return true;
  view.setInt32(0, 0, true);
  view.setInt32(8, HWTSTAMP_FILTER_ALL, true);
  return deviceIoctl(device, SIOCSHWTSTAMP, config);
}

/** True for a wireless device (wireless extensions, which cfg80211 answers too). */
export function isWireless(device: string): boolean {
  return deviceIoctl(device, SIOCGIWNAME, alloc(16));
}
