/**
 * Name of a stream in reports, topics and file names: destination address and port, the VLAN where there
 * is one, e.g. `239.1.1.1-5000` or `239.1.1.1-5000-v123`. A second sender on the same destination adds its
 * own address and port. Colons of IPv6 become underscores: they are trouble in file names.
 */
export function streamId(
  destination: { address: string; port: number },
  source: { address: string; port: number },
  vlan: readonly number[],
  taken: (id: string) => boolean,
): string {
  const base = [`${safe(destination.address)}-${destination.port}`, ...vlan.map((id) => `v${id}`)].join("-");
  if (!taken(base)) return base;
  const full = `${base}-from-${safe(source.address)}-${source.port}`;
  let id = full;
  for (let turn = 2; taken(id); turn++) id = `${full}-${turn}`;
  return id;
}

/** Name of a file's only stream: its file name without folder and ending, in characters safe for a topic. */
export function fileStreamId(fileName: string): string {
  if (fileName === "-") return "stdin";
  const path = /^https?:/i.test(fileName) ? fileName.replace(/[?#].*$/s, "") : fileName;
  const name = path.split("/").pop() ?? "";
  const stem = name.replace(/(\.(gz|zst|ts|m2ts|mts|trp|mpg|tp|m3u8?))+$/i, "");
  return stem.replace(/[^A-Za-z0-9._-]/g, "_") || "file";
}

function safe(address: string): string {
  return address.replaceAll(":", "_").replace("%", "-");
}
