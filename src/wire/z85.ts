/** Z85 (ZeroMQ RFC 32): 5 characters for 4 octets, the way CURVE keys are written. */

const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
const BASE = ALPHABET.length;
const VALUE = new Map([...ALPHABET].map((character, value) => [character, value]));

/** Octets of a CURVE key. */
export const KEY_BYTES = 32;
/** Characters of a CURVE key in Z85. */
export const KEY_CHARACTERS = 40;

/** `octets` as Z85; their number must be a multiple of 4. */
export function encodeZ85(octets: Uint8Array): string {
  let text = "";
  for (let off = 0; off + 4 <= octets.length; off += 4) {
    let word = 0;
    for (let i = 0; i < 4; i++) word = word * 256 + (octets[off + i] as number);
    let group = "";
    for (let i = 0; i < 5; i++) {
      group = ALPHABET.charAt(word % BASE) + group;
      word = Math.floor(word / BASE);
    }
    text += group;
  }
  return text;
}

/** The octets that `text` stands for; null when it is no Z85: another character, a wrong length, a group too large. */
export function decodeZ85(text: string): Uint8Array | null {
  if (text.length % 5 !== 0) return null;
  const octets = new Uint8Array((text.length / 5) * 4);
  for (let group = 0; group * 5 < text.length; group++) {
    let word = 0;
    for (let i = 0; i < 5; i++) {
      const value = VALUE.get(text.charAt(group * 5 + i));
      if (value === undefined) return null;
      word = word * BASE + value;
    }
    if (word >= 2 ** 32) return null;
    for (let i = 3; i >= 0; i--) {
      octets[group * 4 + i] = word % 256;
      word = Math.floor(word / 256);
    }
  }
  return octets;
}

/** True for 40 characters of Z85, which 32 octets make. */
export function isKey(text: string): boolean {
  return text.length === KEY_CHARACTERS && decodeZ85(text) !== null;
}
