/** audio_type, ISO/IEC 13818-1 table 2-60. */
const AUDIO_TYPES = ["undefined", "clean effects", "hearing impaired", "visual impaired commentary"];

/** Name of audio_type. */
export function audioTypeName(audioType: number): string {
  return AUDIO_TYPES[audioType] ?? (audioType < 0x80 ? "user private" : "reserved");
}

/** Four characters of a format_identifier; others than printable ASCII as `.`. */
export function fourCharacters(identifier: number): string {
  let text = "";
  for (let shift = 24; shift >= 0; shift -= 8) {
    const octet = (identifier >>> shift) & 0xff;
    text += octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : ".";
  }
  return text;
}
