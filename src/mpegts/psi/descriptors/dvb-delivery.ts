import type { DescriptorEntry, FieldReader, Fields } from "./field-reader.ts";

const POLARIZATIONS = ["linear horizontal", "linear vertical", "circular left", "circular right"] as const;
const ROLL_OFFS = ["0.35", "0.25", "0.20", "reserved"] as const;
const SATELLITE_MODULATIONS = ["auto", "QPSK", "8PSK", "16-QAM"] as const;
const CABLE_MODULATIONS = ["not defined", "16-QAM", "32-QAM", "64-QAM", "128-QAM", "256-QAM"];
/** FEC_inner, table 35. */
const INNER_FECS = ["not defined", "1/2", "2/3", "3/4", "5/6", "7/8", "8/9", "3/5", "4/5", "9/10"];
const OUTER_FECS = ["not defined", "none", "RS(204/188)"];
const BANDWIDTHS_MHZ = [8, 7, 6, 5];
const CODE_RATES = ["1/2", "2/3", "3/4", "5/6", "7/8"];
const CONSTELLATIONS = ["QPSK", "16-QAM", "64-QAM"];
const HIERARCHIES = [
  "none, native interleaver",
  "alpha 1, native interleaver",
  "alpha 2, native interleaver",
  "alpha 4, native interleaver",
  "none, in-depth interleaver",
  "alpha 1, in-depth interleaver",
  "alpha 2, in-depth interleaver",
  "alpha 4, in-depth interleaver",
] as const;
const GUARD_INTERVALS = ["1/32", "1/16", "1/8", "1/4"] as const;
const TRANSMISSION_MODES = ["2k", "8k", "4k"];
const T2_BANDWIDTHS_MHZ = [8, 7, 6, 5, 10, 1.712];
const T2_GUARD_INTERVALS = ["1/32", "1/16", "1/8", "1/4", "1/128", "19/128", "19/256"];
const T2_TRANSMISSION_MODES = ["2k", "8k", "4k", "1k", "16k", "32k"];

/** A value's name; what the table does not have is reserved. */
const of = (names: readonly string[], value: number): string => names[value] ?? "reserved";

/** Decimal digits of `unit` each; null where they are none. */
const bcd = (r: FieldReader, digits: number, unit: number): number | null => {
  const value = r.bcd(digits);
  return value === null ? null : value * unit;
};

/** Satellites: BCD with its point after the third digit of GHz (6.2.13.2). */
const SATELLITE_UNIT_HZ = 10_000;
/** Cable: BCD with its point after the fourth digit of MHz (6.2.13.1). */
const CABLE_UNIT_HZ = 100;
/** Symbol rates: BCD with its point after the third digit of Msymbol/s. */
const SYMBOL_RATE_UNIT_BAUD = 100;
/** Terrestrial frequencies count 10 Hz. */
const TERRESTRIAL_UNIT_HZ = 10;

const satellite = (r: FieldReader): Fields => {
  const frequencyHz = bcd(r, 8, SATELLITE_UNIT_HZ);
  const position = r.bcd(4);
  const east = r.flag();
  const polarization = r.bits(2);
  const rollOff = r.bits(2);
  const s2 = r.flag();
  return {
    frequencyHz,
    orbitalPositionDegrees: position === null ? null : position / 10,
    orbitalDirection: east ? "east" : "west",
    polarization: of(POLARIZATIONS, polarization),
    modulationSystem: s2 ? "DVB-S2" : "DVB-S",
    ...(s2 ? { rollOff: of(ROLL_OFFS, rollOff) } : {}),
    modulationType: of(SATELLITE_MODULATIONS, r.bits(2)),
    symbolRateBaud: bcd(r, 7, SYMBOL_RATE_UNIT_BAUD),
    fecInner: innerFec(r.bits(4)),
  };
};

function innerFec(value: number): string {
  return value === 0x0f ? "none" : of(INNER_FECS, value);
}

const cable = (r: FieldReader): Fields => {
  const frequencyHz = bcd(r, 8, CABLE_UNIT_HZ);
  r.skipBits(12);
  return {
    frequencyHz,
    fecOuter: of(OUTER_FECS, r.bits(4)),
    modulation: of(CABLE_MODULATIONS, r.u8()),
    symbolRateBaud: bcd(r, 7, SYMBOL_RATE_UNIT_BAUD),
    fecInner: innerFec(r.bits(4)),
  };
};

const terrestrial = (r: FieldReader): Fields => {
  const centreFrequencyHz = r.u32() * TERRESTRIAL_UNIT_HZ;
  const bandwidthMhz = BANDWIDTHS_MHZ[r.bits(3)] ?? null;
  const highPriority = r.flag();
  // 6.2.13.4: both are active low.
  const timeSlicing = !r.flag();
  const mpeFec = !r.flag();
  r.skipBits(2);
  const fields = {
    centreFrequencyHz,
    bandwidthMhz,
    highPriority,
    timeSlicing,
    mpeFec,
    constellation: of(CONSTELLATIONS, r.bits(2)),
    hierarchyInformation: of(HIERARCHIES, r.bits(3)),
    codeRateHp: of(CODE_RATES, r.bits(3)),
    codeRateLp: of(CODE_RATES, r.bits(3)),
    guardInterval: of(GUARD_INTERVALS, r.bits(2)),
    transmissionMode: of(TRANSMISSION_MODES, r.bits(2)),
    otherFrequency: r.flag(),
  };
  r.skipBits(32);
  return fields;
};

const s2Satellite = (r: FieldReader): Fields => {
  const scramblingSequenceSelector = r.flag();
  const multipleInputStream = r.flag();
  r.skipBits(1);
  const notTimeslice = r.flag();
  r.skipBits(2);
  const tsGsMode = r.bits(2);
  let scrambling: Fields = {};
  if (scramblingSequenceSelector) {
    r.skipBits(6);
    scrambling = { scramblingSequenceIndex: r.bits(18) };
  }
  return {
    ...scrambling,
    multipleInputStream,
    tsGsMode,
    ...(multipleInputStream ? { inputStreamIdentifier: r.u8() } : {}),
    ...(notTimeslice ? {} : { timesliceNumber: r.u8() }),
  };
};

/** Cells with their frequencies and transposers, as T2 and cell_frequency_link have them. */
const transposers = (r: FieldReader): Fields[] => {
  const list = r.sub(r.u8());
  const items = list.loop(5, () => ({
    cellIdExtension: list.u8(),
    transposerFrequencyHz: list.u32() * TERRESTRIAL_UNIT_HZ,
  }));
  r.noteShort(list);
  return items;
};

/** T2_delivery_system_descriptor, 6.4.6.3: content after descriptor_tag_extension. */
export const t2DeliverySystem = (r: FieldReader): Fields => {
  const head = { plpId: r.u8(), t2SystemId: r.u16() };
  if (r.left === 0) return head;
  const sisoMiso = of(["SISO", "MISO"], r.bits(2));
  const bandwidthMhz = T2_BANDWIDTHS_MHZ[r.bits(4)] ?? null;
  r.skipBits(2);
  const guardInterval = of(T2_GUARD_INTERVALS, r.bits(3));
  const transmissionMode = of(T2_TRANSMISSION_MODES, r.bits(3));
  const otherFrequency = r.flag();
  const tfs = r.flag();
  const cells = r.loop(3, () => ({
    cellId: r.u16(),
    centreFrequenciesHz: tfs ? frequencies(r) : [r.u32() * TERRESTRIAL_UNIT_HZ],
    transposers: transposers(r),
  }));
  return { ...head, sisoMiso, bandwidthMhz, guardInterval, transmissionMode, otherFrequency, tfs, cells };
};

function frequencies(r: FieldReader): number[] {
  const list = r.sub(r.u8());
  const items = list.loop(4, () => list.u32() * TERRESTRIAL_UNIT_HZ);
  r.noteShort(list);
  return items;
}

/** C2_delivery_system_descriptor, 6.4.6.1: content after descriptor_tag_extension. */
export const c2DeliverySystem = (r: FieldReader): Fields => ({
  plpId: r.u8(),
  dataSliceId: r.u8(),
  c2SystemTuningFrequencyHz: r.u32(),
  c2SystemTuningFrequencyType: r.bits(2),
  activeOfdmSymbolDuration: r.bits(3),
  guardInterval: of(["1/128", "1/64"], r.bits(3)),
});

/** The frequency of a frequency list by coding_type (table 53); null where it is none. */
const listed = (r: FieldReader, codingType: number): number | null => {
  if (codingType === 1) return bcd(r, 8, SATELLITE_UNIT_HZ);
  if (codingType === 2) return bcd(r, 8, CABLE_UNIT_HZ);
  return r.u32() * TERRESTRIAL_UNIT_HZ;
};

const frequencyList = (r: FieldReader): Fields => {
  r.skipBits(6);
  const codingType = r.bits(2);
  if (codingType === 0) return { codingType, frequencies: r.restHex() };
  return { codingType, frequenciesHz: r.loop(4, () => listed(r, codingType)) };
};

/** Latitude or longitude in 16 bits of two's complement: the full scale is `degrees` (6.2.6). */
const coordinate = (r: FieldReader, bits: number, degrees: number): number => {
  const raw = r.bits(bits);
  const value = bits === 16 && raw >= 0x8000 ? raw - 0x10000 : raw;
  return (value * degrees) / 2 ** 15;
};

const area = (r: FieldReader): Fields => ({
  latitudeDegrees: coordinate(r, 16, 90),
  longitudeDegrees: coordinate(r, 16, 180),
  extentOfLatitudeDegrees: coordinate(r, 12, 90),
  extentOfLongitudeDegrees: coordinate(r, 12, 180),
});

const cellList = (r: FieldReader): Fields => ({
  cells: r.loop(10, () => {
    const cellId = r.u16();
    const cell = area(r);
    const list = r.sub(r.u8());
    const subcells = list.loop(8, () => ({ cellIdExtension: list.u8(), ...area(list) }));
    r.noteShort(list);
    return { cellId, ...cell, subcells };
  }),
});

const cellFrequencyLink = (r: FieldReader): Fields => ({
  cells: r.loop(7, () => ({
    cellId: r.u16(),
    frequencyHz: r.u32() * TERRESTRIAL_UNIT_HZ,
    transposers: transposers(r),
  })),
});

/** Descriptors of delivery systems, EN 300 468 clause 6.2. */
export const DVB_DELIVERY_DESCRIPTORS: readonly DescriptorEntry[] = [
  [0x43, "satellite_delivery_system_descriptor", satellite],
  [0x44, "cable_delivery_system_descriptor", cable],
  [0x5a, "terrestrial_delivery_system_descriptor", terrestrial],
  [0x62, "frequency_list_descriptor", frequencyList],
  [0x6c, "cell_list_descriptor", cellList],
  [0x6d, "cell_frequency_link_descriptor", cellFrequencyLink],
  [0x77, "time_slice_fec_identifier_descriptor"],
  [0x79, "S2_satellite_delivery_system_descriptor", s2Satellite],
];
