/** Link types (LINKTYPE_ values of the savefile formats) that the net layer can walk. */
export const LINKTYPE = {
  null: 0,
  ethernet: 1,
  /** Raw IP as some systems write it (DLT_RAW). */
  rawDlt12: 12,
  rawDlt14: 14,
  raw: 101,
  loop: 108,
  linuxSll: 113,
  ipv4: 228,
  ipv6: 229,
  linuxSll2: 276,
} as const;

/**
 * Not a LINKTYPE_ value: the frame is a run of transport stream octets out of a .ts, .m2ts or 204-octet
 * file, with no network headers.
 */
export const LINKTYPE_TS = 0xffff;
