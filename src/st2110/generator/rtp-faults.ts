/** X bit: a header extension follows the fixed header (RFC 3550 5.3.1). */
const EXTENSION = 0x10;
/** P bit: padding octets at the end, the last of which counts them (RFC 3550 5.1). */
const PADDING = 0x20;
/** Length of the extension, in words. */
const EXTENSION_LENGTH_AT = 14;

/** Makes the RTP header of a packet of 16 octets or more longer than the packet: an extension that never ends. */
export function breakHeader(octets: Uint8Array): void {
  octets[0] = (octets[0] as number) | EXTENSION;
  octets.fill(0xff, EXTENSION_LENGTH_AT, EXTENSION_LENGTH_AT + 2);
}

/** Says that a packet has padding, of no octet: not even the count itself. */
export function breakPadding(octets: Uint8Array): void {
  octets[0] = (octets[0] as number) | PADDING;
  octets[octets.length - 1] = 0;
}
