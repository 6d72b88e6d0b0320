/** service_type, EN 300 468 table 87. */
const DVB = new Map<number, string>([
  [0x01, "digital television"],
  [0x02, "digital radio sound"],
  [0x03, "teletext"],
  [0x04, "NVOD reference"],
  [0x05, "NVOD time-shifted"],
  [0x06, "mosaic"],
  [0x07, "FM radio"],
  [0x08, "DVB SRM"],
  [0x0a, "advanced codec digital radio sound"],
  [0x0b, "advanced codec mosaic"],
  [0x0c, "data broadcast"],
  [0x0d, "common interface"],
  [0x0e, "RCS Map"],
  [0x0f, "RCS FLS"],
  [0x10, "DVB MHP"],
  [0x11, "MPEG-2 HD digital television"],
  [0x16, "advanced codec SD digital television"],
  [0x17, "advanced codec SD NVOD time-shifted"],
  [0x18, "advanced codec SD NVOD reference"],
  [0x19, "advanced codec HD digital television"],
  [0x1a, "advanced codec HD NVOD time-shifted"],
  [0x1b, "advanced codec HD NVOD reference"],
  [0x1c, "advanced codec frame compatible stereoscopic HD digital television"],
  [0x1d, "advanced codec frame compatible stereoscopic HD NVOD time-shifted"],
  [0x1e, "advanced codec frame compatible stereoscopic HD NVOD reference"],
  [0x1f, "HEVC digital television"],
  [0x20, "HEVC UHD digital television"],
  [0x21, "VVC digital television"],
  [0x22, "AVS3 digital television"],
]);

/** service_type of the virtual channel table, A/53 part 1 table 6.13. */
const ATSC = new Map<number, string>([
  [0x01, "analog television"],
  [0x02, "ATSC digital television"],
  [0x03, "ATSC audio"],
  [0x04, "ATSC data only"],
  [0x05, "ATSC software download"],
  [0x06, "ATSC unassociated or small screen"],
  [0x07, "ATSC parameterized"],
  [0x08, "ATSC non-real-time"],
  [0x09, "ATSC extended parameterized"],
]);

/** service_type of the service_descriptor in words. */
export function dvbServiceType(type: number): string {
  return DVB.get(type) ?? `${type >= 0x80 && type <= 0xfe ? "user defined" : "reserved"} ${hexOctet(type)}`;
}

/** service_type of a virtual channel in words. */
export function atscServiceType(type: number): string {
  return ATSC.get(type) ?? `reserved ${hexOctet(type)}`;
}

function hexOctet(value: number): string {
  return `0x${value.toString(16).toUpperCase().padStart(2, "0")}`;
}
