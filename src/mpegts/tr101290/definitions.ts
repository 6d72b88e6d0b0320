import type { IndicatorReport } from "../../report/mpegts-schema.ts";

/** A row of the tables of TR 101 290 5.2.1 to 5.2.3. */
export interface IndicatorDefinition {
  readonly number: string;
  readonly name: string;
  readonly priority: 1 | 2 | 3;
  readonly scope: IndicatorReport["scope"];
  /** What the indicator means, in a sentence. */
  readonly text: string;
  /** True where another row counts the same faults: left out of a sum over the table. */
  readonly overlaps?: boolean;
}

/** Every row of TR 101 290 V1.4.1, in its order. Old forms stand beside the new ones that replace them. */
export const INDICATORS = [
  {
    number: "1.1",
    name: "TS_sync_loss",
    priority: 1,
    scope: "ts",
    text: "Synchronisation was lost: two or more sync bytes in a row were wrong.",
  },
  {
    number: "1.2",
    name: "Sync_byte_error",
    priority: 1,
    scope: "ts",
    text: "A sync byte is not 0x47.",
  },
  {
    number: "1.3",
    name: "PAT_error",
    priority: 1,
    scope: "ts",
    text: "PID 0 did not come for 0.5 s, carries another table than the PAT, or is scrambled.",
    overlaps: true,
  },
  {
    number: "1.3.a",
    name: "PAT_error_2",
    priority: 1,
    scope: "ts",
    text: "No PAT section came for 0.5 s, or PID 0 carries another table or is scrambled.",
  },
  {
    number: "1.4",
    name: "Continuity_count_error",
    priority: 1,
    scope: "pid",
    text: "Packets are lost, out of order, or sent more than twice.",
  },
  {
    number: "1.5",
    name: "PMT_error",
    priority: 1,
    scope: "service",
    text: "No PMT section came for 0.5 s on a PID that the PAT names, or it is scrambled.",
    overlaps: true,
  },
  {
    number: "1.5.a",
    name: "PMT_error_2",
    priority: 1,
    scope: "service",
    text: "No PMT section came for 0.5 s on a program_map_PID, or it is scrambled.",
  },
  {
    number: "1.6",
    name: "PID_error",
    priority: 1,
    scope: "pid",
    text: "A PID that a PMT names did not come for the user's period.",
  },
  {
    number: "2.1",
    name: "Transport_error",
    priority: 2,
    scope: "pid",
    text: "A packet has transport_error_indicator set: it was damaged on its way here.",
  },
  {
    number: "2.2",
    name: "CRC_error",
    priority: 2,
    scope: "pid",
    text: "The CRC_32 of a PAT, CAT, PMT, NIT, EIT, BAT, SDT or TOT section is wrong.",
  },
  {
    number: "2.3",
    name: "PCR_error",
    priority: 2,
    scope: "pid",
    text: "PCRs come more than 100 ms apart, or jump without being signalled.",
    overlaps: true,
  },
  {
    number: "2.3.a",
    name: "PCR_repetition_error",
    priority: 2,
    scope: "pid",
    text: "More than 100 ms went by between two PCRs of a PID.",
  },
  {
    number: "2.3.b",
    name: "PCR_discontinuity_indicator_error",
    priority: 2,
    scope: "pid",
    text: "A PCR is not 0 to 100 ms above the one before, and no discontinuity_indicator says so.",
  },
  {
    number: "2.4",
    name: "PCR_accuracy_error",
    priority: 2,
    scope: "pid",
    text: "A PCR is off by more than 500 ns.",
  },
  {
    number: "2.5",
    name: "PTS_error",
    priority: 2,
    scope: "pid",
    text: "More than 700 ms went by between two PTS of a video or audio stream.",
  },
  {
    number: "2.6",
    name: "CAT_error",
    priority: 2,
    scope: "ts",
    text: "There are scrambled packets but no CAT, or PID 1 carries another table.",
  },
  {
    number: "3.1",
    name: "NIT_error",
    priority: 3,
    scope: "ts",
    text: "PID 0x10 carries another table than NIT or ST, or no NIT came for 10 s.",
    overlaps: true,
  },
  {
    number: "3.1.a",
    name: "NIT_actual_error",
    priority: 3,
    scope: "ts",
    text: "PID 0x10 carries another table than NIT or ST, or NIT_actual sections come more than 10 s or less than 25 ms apart.",
  },
  {
    number: "3.1.b",
    name: "NIT_other_error",
    priority: 3,
    scope: "ts",
    text: "A section of a NIT_other came again after more than 10 s only.",
  },
  {
    number: "3.2",
    name: "SI_repetition_error",
    priority: 3,
    scope: "ts",
    text: "A section of service information is repeated too seldom or too soon.",
    overlaps: true,
  },
  {
    number: "3.3",
    name: "Buffer_error",
    priority: 3,
    scope: "pid",
    text: "A buffer of the reference decoder (T-STD) would overflow or run empty.",
  },
  {
    number: "3.4",
    name: "Unreferenced_PID",
    priority: 3,
    scope: "pid",
    text: "No table names a PID within 0.5 s of its first packet.",
    overlaps: true,
  },
  {
    number: "3.4.a",
    name: "Unreferenced_PID",
    priority: 3,
    scope: "pid",
    text: "Neither a PMT nor the CAT names a PID above 0x1F within 0.5 s of its first packet.",
  },
  {
    number: "3.5",
    name: "SDT_error",
    priority: 3,
    scope: "ts",
    text: "No SDT_actual came for 2 s, or PID 0x11 carries another table than SDT, BAT or ST.",
    overlaps: true,
  },
  {
    number: "3.5.a",
    name: "SDT_actual_error",
    priority: 3,
    scope: "ts",
    text: "SDT_actual sections come more than 2 s or less than 25 ms apart, or PID 0x11 carries another table than SDT, BAT or ST.",
  },
  {
    number: "3.5.b",
    name: "SDT_other_error",
    priority: 3,
    scope: "ts",
    text: "A section of an SDT_other came again after more than 10 s only.",
  },
  {
    number: "3.6",
    name: "EIT_error",
    priority: 3,
    scope: "ts",
    text: "No EIT present/following actual came for 2 s, or PID 0x12 carries another table than EIT or ST.",
    overlaps: true,
  },
  {
    number: "3.6.a",
    name: "EIT_actual_error",
    priority: 3,
    scope: "ts",
    text: "Section 0 or 1 of EIT present/following actual did not come for 2 s or came twice within 25 ms, or PID 0x12 carries another table than EIT or ST.",
  },
  {
    number: "3.6.b",
    name: "EIT_other_error",
    priority: 3,
    scope: "ts",
    text: "Section 0 or 1 of an EIT present/following other came again after more than 10 s only.",
  },
  {
    number: "3.6.c",
    name: "EIT_PF_error",
    priority: 3,
    scope: "service",
    text: "An EIT present/following has only one of its sections 0 and 1.",
  },
  {
    number: "3.7",
    name: "RST_error",
    priority: 3,
    scope: "ts",
    text: "PID 0x13 carries another table than RST or ST, or RST sections come less than 25 ms apart.",
  },
  {
    number: "3.8",
    name: "TDT_error",
    priority: 3,
    scope: "ts",
    text: "No TDT came for 30 s or two came within 25 ms, or PID 0x14 carries another table than TDT, TOT or ST.",
  },
  {
    number: "3.9",
    name: "Empty_buffer_error",
    priority: 3,
    scope: "pid",
    text: "A transport or multiplexing buffer of the reference decoder (T-STD) is not empty once a second.",
  },
  {
    number: "3.10",
    name: "Data_delay_error",
    priority: 3,
    scope: "pid",
    text: "Data stay longer than 1 s (still pictures: 60 s) in the reference decoder (T-STD).",
  },
] as const satisfies readonly IndicatorDefinition[];

/** Number of a row, e.g. `1.3.a`. */
export type IndicatorNumber = (typeof INDICATORS)[number]["number"];
