/**
 * The analyser on real streams, against what TSDuck wrote about them. Every figure is read from the reference
 * that stands beside the stream; where we differ on purpose, docs/differences.md says why.
 */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { TsAnalyser } from "../../src/mpegts/analyser.ts";
import type { ContinuityError } from "../../src/mpegts/continuity.ts";
import type { MpegtsReport } from "../../src/report/schema.ts";
import { needsShared, testWith } from "../helpers/skip.ts";
import { sharedData } from "../shared-data.ts";
import { number, type PidReference, READERS, type Reference } from "./tsduck.ts";

type Told = [packet: number, pid: number, kind: ContinuityError, missing: number];

const folder = sharedData("ts");
const golden = (name: string, run: () => void): void => testWith(needsShared("ts"), name, run);
const files = folder === null ? [] : readdirSync(folder).sort();

function octetsOf(name: string): Uint8Array {
  return readFileSync(`${sharedData(name)}`);
}

function textOf(name: string): string {
  return readFileSync(`${sharedData(name)}`, "utf8");
}

/** The file through the analyser: in chunks of 7 packets, or as datagrams of them. */
function analyse(octets: Uint8Array, as: "chunk" | "datagram" = "chunk", length = 188) {
  const errors: Told[] = [];
  const passed: Uint8Array[] = [];
  const ts = new TsAnalyser({
    stream: 0,
    output: {
      open() {},
      packets: (_stream, buf, off, len) => void passed.push(buf.slice(off, off + len)),
      bufferEnd() {},
      close() {},
    },
    passIllegal: false,
    dropNull: false,
    release() {},
    clock: "none",
    onContinuity: (...told) => errors.push(told),
  });
  for (let off = 0; off < octets.length; off += 7 * length) {
    const len = Math.min(7 * length, octets.length - off);
    if (as === "chunk") ts.chunk(octets, off, len, Number.NaN);
    else ts.datagram(octets, off, len, Number.NaN);
    if (off % (70 * length) === 0) ts.bufferEnd();
  }
  ts.end();
  return { report: ts.report(), errors, passed: Buffer.concat(passed) };
}

function expectLike(report: MpegtsReport, reference: Reference): void {
  expect(report.packets).toBe(reference.packets);
  expect(report.illegal.transportError).toBe(reference.transportErrors);
  // A reference lists PIDs that tables name, too; those without packets are no PIDs of ours.
  const seen = [...reference.pids].filter(([, pid]) => pid.packets > 0);
  expect(seen.length).toBeGreaterThan(0);
  expect(report.pids.map((pid) => pid.pid)).toEqual(seen.map(([pid]) => pid).sort((a, b) => a - b));
  let expected = 0;
  for (const pid of report.pids) {
    const theirs = reference.pids.get(pid.pid) as PidReference;
    const scrambled = typeof theirs.scrambled === "boolean" ? pid.scrambled > 0 : pid.scrambled;
    expect({ ...pid, scrambled }).toMatchObject({
      packets: theirs.packets,
      continuityErrors: theirs.discontinuities,
      duplicates: theirs.duplicates,
      pcrs: theirs.pcrs,
      scrambled: theirs.scrambled,
    });
    expected += theirs.expected ?? 0;
  }
  if ([...reference.pids.values()].some((pid) => pid.expected !== undefined)) {
    expect(report.continuity.discontinuities).toBe(expected);
  }
  const bitrate = report.pids.reduce((sum, pid) => sum + (pid.bitrate ?? 0), 0);
  const counted = report.pids.reduce((sum, pid) => sum + pid.packets, 0);
  if (reference.bitrate === null) expect(report.bitrateSource).toBeNull();
  else expect((bitrate * report.packets) / counted / reference.bitrate - 1).toBeWithin(-0.001, 0.001);
}

describe("against TSDuck's analysis", () => {
  for (const [suffix, read] of READERS) {
    for (const file of files.filter((name) => name.endsWith(suffix))) {
      golden(file, () => {
        const octets = octetsOf(`ts/${file.slice(0, -suffix.length)}.ts`);
        const reference = read(textOf(`ts/${file}`));
        expectLike(analyse(octets).report, reference);
        expectLike(analyse(octets, "datagram").report, reference);
      });
    }
  }

  golden("there are references of each kind", () => {
    for (const [suffix] of READERS) expect(files.some((name) => name.endsWith(suffix))).toBe(true);
  });
});

describe("ISO/IEC 13818-1 2.4.3.5 PCR: bit rates against tsbitrate", () => {
  for (const file of files.filter((name) => name.endsWith(".tsbitrate.pcr.txt"))) {
    golden(file, () => {
      const { report } = analyse(octetsOf(`ts/${file.replace(".tsbitrate.pcr.txt", ".ts")}`));
      const rows = [...textOf(`ts/${file}`).matchAll(/^ *(\d+) \(0x[0-9A-F]+\) +([\d,]+) +([\d,]+) b\/s/gm)];
      expect(rows).toHaveLength(report.pids.length);
      rows.forEach(([, pid, packets, rate], i) => {
        expect(report.pids[i]).toMatchObject({ pid: number(pid), packets: number(packets) });
        if (number(rate) === 0) expect(report.pids[i]?.bitrate).toBeNull();
        // 0.1 %, and half a bit that the reference has rounded away.
        else
          expect(Math.abs((report.pids[i]?.bitrate ?? 0) - number(rate))).toBeLessThan(
            number(rate) / 1000 + 1,
          );
      });
    });
  }
});

/** Errors as TSDuck's `continuity` and `tsfixcc` log them. */
function readLog(text: string): Told[] {
  const told: Told[] = [];
  for (const line of text.split("\n")) {
    const match = /packet index: ([\d,]+), PID: 0x[0-9A-F]+ \((\d+)\), (.*)$/.exec(line);
    if (match === null) continue;
    const [, index, pid, what = ""] = match;
    const missing = number(/missing (\d+) packets/.exec(what)?.[1] ?? "0");
    const kind = what.includes("duplicate")
      ? "repeated"
      : what.includes("without payload")
        ? "moved"
        : "missing";
    told.push([number(index), number(pid), kind, missing]);
  }
  return told;
}

describe("TR 101 290 1.4 continuity, each error at its packet", () => {
  for (const [file, log, count] of [
    ["ts/tsduck-024.ts", "ts/tsduck-024.continuity.log", 2],
    ["ts/tsduck-041.ts", "ts/tsduck-041.tsp.log", 3],
    ["ts/tsduck-041.ts", "ts/tsduck-041.tsfixcc.log", 3],
    ["ts/tsduck-049-duplicates.ts", "ts/tsduck-049.continuity.log", 2],
  ] as const) {
    golden(`${file} as in ${log}`, () => {
      const reference = readLog(textOf(log));
      expect(reference).toHaveLength(count);
      for (const as of ["chunk", "datagram"] as const) {
        const { errors, report } = analyse(octetsOf(file), as);
        expect(errors).toEqual(reference);
        expect(report.continuity.errors).toBe(count);
      }
    });
  }

  golden("tsduck-041: two legal repeats; the third copy is an error and no duplicate", () => {
    expect(analyse(octetsOf("ts/tsduck-041.ts")).report.continuity).toEqual({
      errors: 3,
      missing: 10,
      duplicates: 2,
      discontinuities: 1,
    });
  });

  golden("tsduck-009: two errors", () => {
    expect(analyse(octetsOf("ts/tsduck-009.ts")).report.continuity.errors).toBe(2);
  });

  golden("tsduck-030: packets with transport_error_indicator are not looked at, so 12", () => {
    const { report } = analyse(octetsOf("ts/tsduck-030.ts"));
    expect(report.illegal.transportError).toBe(9);
    expect(report.continuity.errors).toBe(12);
  });

  golden("tsduck-143: a corrupt stream; 19 with transport_error_indicator, 144 jumps", () => {
    const { report } = analyse(octetsOf("ts/tsduck-143.ts"));
    expect(report.packets).toBe(4000);
    expect(report.illegal.transportError).toBe(19);
    expect(report.continuity.errors).toBe(144);
    expect(report.passed + Object.values(report.illegal).reduce((a, b) => a + b)).toBe(4000);
  });
});

describe("what comes out", () => {
  const clean = files.filter((name) => name.endsWith(".ts") && !/-(030|143)\.ts$/.test(name));
  test.each(clean)("%s: legal throughout, passed octet for octet", (file) => {
    const octets = octetsOf(`ts/${file}`);
    const { report, passed } = analyse(octets);
    expect(Object.values(report.illegal)).toEqual([0, 0, 0, 0]);
    expect(report.skippedBytes).toBe(0);
    expect(Buffer.compare(passed, octets)).toBe(0);
  });

  golden("ISO/IEC 13818-1 packets of 204 octets: tsduck-171.11.ts without the last 16 of each", () => {
    const octets = octetsOf("pcap/tsduck-171.11.ts");
    const bare = Buffer.concat(
      Array.from({ length: octets.length / 204 }, (_, i) => octets.subarray(i * 204, i * 204 + 188)),
    );
    for (const as of ["chunk", "datagram"] as const) {
      const { report, passed } = analyse(octets, as, 204);
      expect(report).toMatchObject({ packets: 329, packetLength: 204, passed: 329, skippedBytes: 0 });
      expect(Buffer.compare(passed, bare)).toBe(0);
    }
  });
});
