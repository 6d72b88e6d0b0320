/** Registered data identifiers of ST 291-1: what they are called and which document defines them. */

/** A registered use of a DID, or of a DID and SDID. */
export interface AncName {
  readonly name: string;
  /** Document that defines the content; null where the register names none. */
  readonly standard: string | null;
}

function named(name: string, standard: string | null): AncName {
  return { name, standard };
}

/** Type 2: key is DID * 256 + SDID. */
const TYPE_2: ReadonlyMap<number, AncName> = new Map([
  [0x0808, named("MPEG recoding data, VANC", "ST 353")],
  [0x080c, named("MPEG recoding data, HANC", "ST 353")],
  [0x4001, named("SDTI", "ST 305")],
  [0x4002, named("HD-SDTI", "ST 348")],
  [0x4004, named("link encryption message 1", "ST 427")],
  [0x4005, named("link encryption message 2", "ST 427")],
  [0x4006, named("link encryption metadata", "ST 427")],
  [0x4101, named("payload identifier (VPID)", "ST 352")],
  [0x4105, named("AFD and bar data", "ST 2016-3")],
  [0x4106, named("pan-scan data", "ST 2016-4")],
  [0x4107, named("SCTE 104 messages", "ST 2010")],
  [0x4108, named("DVB/SCTE VBI data", "ST 2031")],
  [0x4109, named("MPEG TS packets", "ST 2056")],
  [0x410a, named("stereoscopic 3D packing", "ST 2068")],
  [0x410b, named("lip-sync data", "ST 2064")],
  [0x410c, named("HDR metadata", "ST 2108-1")],
  [0x410d, named("dynamic metadata", "ST 2108-2")],
  [0x4301, named("inter-station control data", "BT.1685")],
  [0x4302, named("subtitling distribution packet", "OP-47")],
  [0x4303, named("ANC multipacket", "OP-47")],
  [0x4304, named("monitoring data", "ARIB TR-B29")],
  [0x4305, named("acquisition metadata", "RDD 18")],
  [0x4404, named("KLV metadata, VANC", "RP 214")],
  [0x4414, named("KLV metadata, HANC", "RP 214")],
  [0x4444, named("UMID and programme identification", "RP 223")],
  [0x4601, named("two-frame marker", "ST 2051")],
  [0x5001, named("wide screen signalling", "RDD 8")],
  [0x5101, named("film codes", "RP 215")],
  [0x6060, named("time code (ATC)", "ST 12-2")],
  [0x6061, named("high frame rate time code (ATC)", "ST 12-3")],
  [0x6062, named("digital time code", "RP 201")],
  [0x6101, named("CEA-708 captions (CDP)", "ST 334-1")],
  [0x6102, named("CEA-608 captions", "ST 334-1")],
  [0x6201, named("programme description", "RP 207")],
  [0x6202, named("data broadcast", "RP 207")],
  [0x6203, named("VBI data", "RP 208")],
  [0x6464, named("LTC in HANC", "RP 196")],
  [0x647f, named("VITC in HANC", "RP 196")],
]);

/** Type 1: one DID, the second word counts blocks. */
const TYPE_1: ReadonlyMap<number, AncName> = new Map([
  [0x80, named("marked for deletion", "ST 291-1")],
  [0x84, named("end marker", "ST 291-1")],
  [0x88, named("start marker", "ST 291-1")],
  [0xf4, named("error detection (EDH)", "RP 165")],
]);

/** Sound type of Dolby metadata by SDID (ST 2020-1): no association, or the channel pair it belongs to. */
function dolby(sdid: number): AncName | null {
  if (sdid < 1 || sdid > 9) return null;
  const pair = sdid === 1 ? "" : `, channels ${sdid * 2 - 3}/${sdid * 2 - 2}`;
  return named(`audio metadata (Dolby)${pair}`, "ST 2020-1");
}

/** Embedded audio: control packets at E0-E3 (HD), EC-EF (SD); data at E4-E7 (HD), F8-FF (SD). */
function audio(did: number): AncName | null {
  if (did >= 0xa0 && did <= 0xa7) {
    const group = 8 - (did & 3);
    return named(`audio ${did < 0xa4 ? "control" : "data"}, group ${group}`, "ST 299-2");
  }
  if (did >= 0xe0 && did <= 0xe7) {
    const group = 4 - (did & 3);
    return named(`audio ${did < 0xe4 ? "control" : "data"}, group ${group}`, "ST 299-1");
  }
  if (did >= 0xec && did <= 0xef) return named(`audio control, group ${4 - (did & 3)}`, "ST 272");
  if (did < 0xf8) return null;
  return named(
    `audio ${(did & 1) === 1 ? "data" : "extended data"}, group ${4 - ((did >>> 1) & 3)}`,
    "ST 272",
  );
}

/** True when `did` (8 bits) is of type 1: the second word is a data block number, not an SDID. */
export function isType1(did: number): boolean {
  return did >= 0x80;
}

/**
 * True where user words may use more than 8 bits, so that b8 and b9 are no parity: audio data of ST 272, EDH, and what
 * users define for themselves use all 10; audio control packets of ST 299-1, 299-2 and ST 272 have frame numbers and
 * delays of 9, with b9 the inverse of b8. What is marked for deletion (DID 80) may have been any of them.
 */
export function hasWideWords(did: number): boolean {
  if (did >= 0xf8 || did === 0xf4 || did === 0x80) return true;
  if ((did >= 0xa0 && did <= 0xa3) || (did >= 0xe0 && did <= 0xe3) || (did >= 0xec && did <= 0xef))
    return true;
  return (did >= 0xc0 && did <= 0xcf) || (did >= 0x50 && did <= 0x5e);
}

/** The name of what `did` and, for type 2, `sdid` identify. */
export function ancName(did: number, sdid: number): AncName {
  if (isType1(did)) {
    const type1 = audio(did) ?? TYPE_1.get(did);
    if (type1) return type1;
    return named(did >= 0xc0 && did <= 0xcf ? "user application" : "unknown", null);
  }
  const type2 = TYPE_2.get(did * 256 + sdid) ?? (did === 0x45 ? dolby(sdid) : null);
  if (type2) return type2;
  if (did === 0x00) return named("undefined data", "ST 291-1");
  if (did < 0x04) return named("reserved DID", "ST 291-1");
  if (did === 0x5f) return named("ARIB captions", "ARIB STD-B37");
  return named(did >= 0x50 && did <= 0x5f ? "user application" : "unknown", null);
}
