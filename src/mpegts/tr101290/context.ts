/** What the tables say of a PID, as bits; see `PidContext.referenceOf`. */
export const REFERENCE = {
  /** A program_map_PID of the PAT (the network_PID is not one). */
  programMap: 1,
  /** A component of a PMT: an elementary_PID. */
  component: 2,
  /** The PCR_PID of a PMT. */
  pcr: 4,
  /** A component that carries video or audio. */
  audioVideo: 8,
  /** A video component of still pictures (still_picture_flag of its video_stream_descriptor, AVC_still_present, …). */
  stillPictures: 16,
  /** In a CA_descriptor of the CAT: EMMs. */
  cat: 32,
  /** In any other table: ECMs of a PMT, the network_PID, tables of the ATSC MGT. */
  other: 64,
} as const;

/** What the tables of a stream say of its PIDs, kept by whoever reads them. */
export interface PidContext {
  /** Grows whenever an answer of `referenceOf` may have become another. */
  readonly generation: number;
  /** The program_numbers to which the PAT gives a PMT; the same array until the PAT changes. */
  readonly programs: readonly number[];
  /** The network is a terrestrial one, for which TR 101 211 asks less often for schedules. */
  readonly terrestrial: boolean;
  /**
   * Whether the tables in force announce the sub-table with this key (`subTableKey`): then it has to come for as long as
   * they do; else it may end without a word.
   */
  announces(tableId: number, key: number): boolean;
  /** Bits of REFERENCE for a PID from 0 to 8191; 0 where no table names it. */
  referenceOf(pid: number): number;
}

/** Named by a PMT as something that must come. */
export const PMT_REFERENCE = REFERENCE.component | REFERENCE.pcr;
