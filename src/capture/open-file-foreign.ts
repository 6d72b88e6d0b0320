/** First octets of formats that people try, and what to do with them. */
const FOREIGN: readonly { readonly magic: string; readonly at: number; readonly advice: string }[] = [
  { magic: "fd377a585a00", at: 0, advice: "this is an xz file: decompress it first (xz -d)." },
  { magic: "425a68", at: 0, advice: "this is a bzip2 file: decompress it first (bzip2 -d)." },
  { magic: "04224d18", at: 0, advice: "this is an lz4 file: decompress it first (lz4 -d)." },
  { magic: "1f8b", at: 0, advice: "this content is compressed twice: decompress it once first (gzip -d)." },
  {
    magic: "28b52ffd",
    at: 0,
    advice: "this content is compressed twice: decompress it once first (zstd -d).",
  },
  { magic: "504b0304", at: 0, advice: "this is a zip archive: take the capture out of it first (unzip)." },
  {
    magic: "7573746172",
    at: 257,
    advice: "this is a tar archive: take the capture out of it first (tar x).",
  },
  { magic: "66747970", at: 4, advice: "this is an MP4 file, not a capture or a transport stream." },
  { magic: "1a45dfa3", at: 0, advice: "this is a Matroska file, not a capture or a transport stream." },
  { magic: "000001ba", at: 0, advice: "this is an MPEG program stream, not a transport stream." },
  {
    magic: "234558544d3355",
    at: 0,
    advice:
      "this is an HLS playlist: give the address that a server has it at (http://… or https://…), or a segment's file.",
  },
  {
    magic: "736e6f6f70",
    at: 0,
    advice: "this is a snoop capture: convert it first (editcap -F pcap IN OUT).",
  },
];

/**
 * Why the content `buf[off, end)` is not what we read: what was expected, what was found, what to do.
 */
export function foreignFormat(buf: Uint8Array, off: number, end: number): string {
  for (const { magic, at, advice } of FOREIGN) {
    const from = off + at;
    if (from + magic.length / 2 <= end && hex(buf, from, from + magic.length / 2) === magic) return advice;
  }
  const first = hex(buf, off, Math.min(end, off + 8));
  return (
    "expected pcap, pcapng or a transport stream (also compressed by gzip or zstd), " +
    `found a file that begins with ${first.replaceAll(/(..)(?=.)/g, "$1 ")}.`
  );
}

function hex(buf: Uint8Array, off: number, end: number): string {
  return Buffer.from(buf.subarray(off, end)).toString("hex");
}
