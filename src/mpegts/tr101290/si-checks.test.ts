import { describe, expect, test } from "bun:test";
import { REFERENCE } from "./context.ts";
import { type Limits, profileLimits } from "./limits.ts";
import { errors, FakeContext, row, S, section } from "./test-stream.ts";
import { Tr101290 } from "./tr101290.ts";

const PSI = { pat: 0x00, nit: 0x10, sdt: 0x11, eit: 0x12, tdt: 0x14, psip: 0x1ffb };
const { programMap, component, pcr, audioVideo, other } = REFERENCE;

/**
 * A PAT, and a packet of PIDs 0x10 to 0x14, each 0.1 s; `named` is what a PMT says of them from `atSeconds` on. On PID
 * 0x10 the PMT comes where it is named so.
 */
function played(
  seconds: number,
  named: Readonly<Record<number, number>>,
  limits: Partial<Limits> = {},
  atSeconds = 0.3,
): Tr101290 {
  const context = new FakeContext();
  const tr = new Tr101290({ ...profileLimits("dvb"), ...limits }, context);
  for (let tenth = 0; tenth < seconds * 10; tenth += 1) {
    const timeNs = (tenth * S) / 10;
    if (tenth === atSeconds * 10)
      for (const [pid, what] of Object.entries(named)) context.set(Number(pid), what);
    section(tr, timeNs, PSI.pat, 0x00, 1);
    for (const pid of [PSI.nit, PSI.sdt, PSI.eit, PSI.tdt]) tr.packet(pid, timeNs, false);
    if ((context.referenceOf(PSI.nit) & programMap) !== 0) section(tr, timeNs, PSI.nit, 0x02, 1);
    for (const [pid, what] of Object.entries(named)) {
      if ((what & pcr) !== 0) tr.pcr(Number(pid), (tenth * 27e6) / 10, timeNs, false);
      if ((what & audioVideo) !== 0) tr.pts(Number(pid), timeNs);
    }
  }
  return tr;
}

/** As A/53 numbered program 1: PMT, video with PCR, another stream, audio. */
const PROGRAM = {
  [PSI.nit]: programMap | other,
  [PSI.sdt]: component | audioVideo | pcr | other,
  [PSI.eit]: component | other,
  [PSI.tdt]: component | audioVideo | other,
};

describe("ISO/IEC 13818-1 Table 2-3: PIDs 0x10 to 0x1F may be anyone's", () => {
  test("no table of SI is expected on a PID that a PMT names", () => {
    expect(errors(played(35, PROGRAM), 35)).toEqual({});
    const tr = played(35, PROGRAM);
    for (const number of ["3.1", "3.5", "3.6", "3.8"]) expect(row(tr, number, 35)?.state).toBe("not present");
    // The same where no PMT does.
    expect(Object.keys(errors(played(35, {}), 35))).toEqual(
      expect.arrayContaining(["3.1", "3.1.a", "3.5", "3.5.a", "3.6", "3.6.a", "3.8"]),
    );
  });

  test("a PID that has PCRs only, too", () => {
    expect(errors(played(5, { [PSI.sdt]: pcr | other, [PSI.eit]: component }), 5)).toEqual({});
  });

  test("unless the user says that they have to come", () => {
    const found = Object.keys(errors(played(35, PROGRAM, { requireSi: true }), 35));
    expect(found).toEqual(expect.arrayContaining(["3.1", "3.5", "3.6", "3.8"]));
  });

  test("sections of a component are not judged as SI", () => {
    const tr = played(1, PROGRAM);
    for (const pid of [PSI.sdt, PSI.eit, PSI.tdt]) {
      for (const tableId of [0x80, 0x42, 0x42]) section(tr, S, pid, tableId);
    }
    expect(errors(tr, 1)).toEqual({});
  });

  test("nor is another table before the PAT has said whose the PID is", () => {
    const tr = new Tr101290(profileLimits("dvb"), new FakeContext());
    section(tr, 0, PSI.nit, 0x02);
    expect(errors(tr, 0)).toEqual({});
    section(tr, S / 10, PSI.pat, 0x00);
    section(tr, S / 5, PSI.nit, 0x02);
    expect(errors(tr, 0.2)).toEqual({ "3.1": 1, "3.1.a": 1 });
  });

  test("what comes there again once no PMT names it is expected again", () => {
    const context = new FakeContext().set(PSI.sdt, component);
    const tr = new Tr101290(profileLimits("dvb"), context);
    section(tr, 0, PSI.pat, 0x00);
    tr.packet(PSI.sdt, 0, false);
    context.set(PSI.sdt, other);
    for (let tenth = 1; tenth < 40; tenth += 1) section(tr, (tenth * S) / 10, PSI.pat, 0x00);
    expect(errors(tr, 4)).toEqual({});
    section(tr, 4 * S, PSI.sdt, 0x42);
    for (let tenth = 40; tenth < 80; tenth += 1) section(tr, (tenth * S) / 10, PSI.pat, 0x00);
    expect(errors(tr, 8)).toEqual({ "3.2": 1, "3.5": 1, "3.5.a": 1 });
  });
});

describe("A/65: the profile atsc", () => {
  test("expects no tables of DVB, and lets their PIDs carry what they like", () => {
    const tr = played(35, {}, profileLimits("atsc"));
    section(tr, 35 * S, PSI.sdt, 0x80);
    const found = Object.keys(errors(tr, 35));
    expect(found.filter((number) => /^3.[1568]/.test(number))).toEqual([]);
  });

  test("misses an SDT that was there", () => {
    const tr = new Tr101290(profileLimits("atsc"), new FakeContext());
    section(tr, 0, PSI.sdt, 0x42);
    for (let tenth = 0; tenth < 40; tenth += 1) section(tr, (tenth * S) / 10, PSI.pat, 0x00);
    expect(errors(tr, 4)["3.5"]).toBe(1);
  });

  test("its base_PID is another's where a PMT says so", () => {
    const context = new FakeContext().set(PSI.psip, component);
    const tr = new Tr101290(profileLimits("atsc"), context);
    section(tr, 0, PSI.pat, 0x00);
    for (const at of [0, 1, 2]) section(tr, at * S, PSI.psip, 0xc7);
    expect(errors(tr, 0)).toEqual({});
  });
});
