/**
 * Program clocks and time stamps of real streams, against what TSDuck wrote about them. Every figure is read
 * from the reference that stands beside the stream.
 */
import { describe, expect } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import {
  adaptationFlags,
  hasPcr,
  pcr27MHz,
  TS_PACKET_BITS,
  transportErrorIndicator,
  tsPid,
} from "../../src/mpegts/packet.ts";
import { PcrClock } from "../../src/mpegts/timing/pcr-clock.ts";
import { PtsTrack } from "../../src/mpegts/timing/pts-track.ts";
import { needsShared, testWith } from "../helpers/skip.ts";
import { sharedData } from "../shared-data.ts";

const folder = sharedData("ts");
const golden = (name: string, run: () => void): void => testWith(needsShared("ts"), name, run);
const files = folder === null ? [] : readdirSync(folder).sort();

/** A PCR: its PID, the number of its packet, its value. */
type Pcr = [pid: number, packet: number, pcr27: number];

/** Clocks and time stamps of a file of 188-octet packets, whose PCRs are all taken for clocks. */
function measure(name: string) {
  const octets = new Uint8Array(readFileSync(`${sharedData(`ts/${name}`)}`));
  const pcrs: Pcr[] = [];
  const clocks = new Map<number, PcrClock>();
  const tracks = new Map<number, PtsTrack>();
  const errors: number[] = [];
  const listener = { pcrAccuracy: (_pid: number, errorNs: number) => void errors.push(errorNs) };
  let only: PcrClock | undefined;
  for (let at = 0, packet = 0; at + 188 <= octets.length; at += 188, packet += 1) {
    if (octets[at] !== 0x47 || transportErrorIndicator(octets, at) === 1) continue;
    const pid = tsPid(octets, at);
    if (hasPcr(octets, at)) {
      const pcr27 = pcr27MHz(octets, at);
      pcrs.push([pid, packet, pcr27]);
      const clock = clocks.get(pid) ?? new PcrClock(pid, { listener });
      clocks.set(pid, clock);
      only = clocks.size === 1 ? clock : undefined;
      clock.pcr(pcr27, packet, Number.NaN, adaptationFlags(octets, at) >= 0x80);
    }
    const track = tracks.get(pid) ?? new PtsTrack(pid);
    tracks.set(pid, track);
    track.packet(octets, at, only?.ticksAt(packet) ?? Number.NaN);
  }
  return { pcrs, clocks, tracks, errors };
}

interface Counts {
  pid: number;
  pcr: number;
  pts: number;
  dts: number;
  firstPts?: number;
  lastPts?: number;
}

const number = (text: string | undefined): number => Number((text ?? "0").replaceAll(",", ""));

/** PIDs of `tsanalyze --normalized`. */
function readNormalized(text: string): Counts[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("pid:"))
    .map((line) => {
      const of = new Map(line.split(":").map((part) => part.split("=", 2) as [string, string]));
      const maybe = (name: string) => (of.has(name) ? { [name]: number(of.get(name)) } : {});
      const { firstpts: firstPts, lastpts: lastPts } = { ...maybe("firstpts"), ...maybe("lastpts") };
      return {
        pid: number(of.get("pid")),
        pcr: number(of.get("pcr")),
        pts: number(of.get("pts")),
        dts: number(of.get("dts")),
        ...(firstPts === undefined ? {} : { firstPts }),
        ...(lastPts === undefined ? {} : { lastPts }),
      };
    });
}

/** PIDs of `tsanalyze`'s tables. */
function readTables(text: string): Counts[] {
  const section = text.split("PIDS ANALYSIS REPORT")[1]?.split("TABLES & SECTIONS ANALYSIS REPORT")[0] ?? "";
  return section
    .split(/(?=\|\s+PID: 0x)/)
    .slice(1)
    .map((block) => {
      const count = (name: string) => number(new RegExp(` ${name}: \\.+ ([\\d,]+)`).exec(block)?.[1]);
      const pid = number(/PID: 0x[0-9A-F]+ \((\d+)\)/.exec(block)?.[1]);
      return { pid, pcr: count("PCR"), pts: count("PTS"), dts: count("DTS") };
    });
}

describe("PCR, PTS and DTS of each PID, as TSDuck counts them", () => {
  const references = files.filter((file) => /\.(tsanalyze\.norm|analyze)\.txt$/.test(file));
  for (const reference of references) {
    golden(reference, () => {
      const text = readFileSync(`${sharedData(`ts/${reference}`)}`, "utf8");
      const expected = reference.endsWith(".norm.txt") ? readNormalized(text) : readTables(text);
      const { clocks, tracks } = measure(`${reference.split(".")[0]}.ts`);
      expect(expected.length).toBeGreaterThan(0);
      const measured = expected.map(({ pid }) => {
        const stamps = tracks.get(pid)?.report();
        return {
          pid,
          pcr: clocks.get(pid)?.report().count ?? 0,
          pts: stamps?.pts ?? 0,
          dts: stamps?.dts ?? 0,
        };
      });
      expect(measured).toEqual(expected.map(({ pid, pcr, pts, dts }) => ({ pid, pcr, pts, dts })));
      for (const { pid, firstPts, lastPts } of expected) {
        const intervals = tracks.get(pid)?.report().ptsIntervalMs;
        if (firstPts === undefined || lastPts === undefined || !intervals?.count) continue;
        // Video ends on another picture than the one with the last PTS, at most some pictures away.
        const span = (intervals.mean ?? 0) * intervals.count;
        expect(Math.abs(span - (lastPts - firstPts) / 90)).toBeLessThan(200);
      }
    });
  }
  golden("there are such references", () => expect(references.length).toBeGreaterThanOrEqual(8));
});

describe("tsduck-064: a clock whose packets do not keep up with it", () => {
  golden("every PCR is that of the reference", () => {
    const lines = readFileSync(`${sharedData("ts/tsduck-064.pcr.csv")}`, "utf8")
      .trim()
      .split("\n");
    const rows = lines.map((line) => line.split(","));
    const expected = rows
      .slice(1)
      .filter(([, , , type]) => type === "PCR")
      .map(([pid, packet, , , , value]) => [number(pid), number(packet), number(value)]);
    expect(expected.length).toBe(lines.length - 1);
    expect(measure("tsduck-064.ts").pcrs as number[][]).toEqual(expected);
  });

  golden("the bad ones among them are those of pcrverify, at the bit rate that it took", () => {
    const log = readFileSync(`${sharedData("ts/tsduck-064.tsp.log")}`, "utf8");
    const jitters = [...log.matchAll(/PCR jitter: (-?[\d,]+) =/g)].map((match) => number(match[1]));
    const [, good, bad, limit, unchecked] = (
      /([\d,]+) PCR OK, ([\d,]+) with jitter > ([\d,]+) .*, ([\d,]+) unchecked/.exec(log) ?? []
    ).map(number) as [number, number, number, number, number];
    const { pcrs } = measure("tsduck-064.ts");
    expect(unchecked).toBe(1);
    // pcrverify holds each step of the PCR against the packets in it at tsp's estimate of the bit rate, which no
    // line of the log tells: the first bad step does, as it is (packets * bits * 27e6 / rate) + jitter.
    const steps = pcrs.slice(1).map(([, packet, pcr27], i) => {
      const [, lastPacket, last] = pcrs[i] as Pcr;
      return { ticks: pcr27 - last, bits: (packet - lastPacket) * TS_PACKET_BITS };
    });
    const rates = steps.map(({ ticks, bits }) => (bits * 27e6) / (ticks - (jitters[0] as number)));
    const jittersAt = (rate: number) => steps.map(({ ticks, bits }) => ticks - (bits * 27e6) / rate);
    const badAt = (rate: number) => jittersAt(rate).filter((jitter) => Math.abs(jitter) > limit);
    const alike = (rate: number) =>
      badAt(rate).length === jitters.length &&
      badAt(rate).every((jitter, i) => Math.abs(jitter - (jitters[i] as number)) <= 2);
    const rate = rates.find(alike) ?? Number.NaN;
    expect(rate).toBeGreaterThan(0);
    expect(badAt(rate).length).toBe(bad);
    expect(steps.length - badAt(rate).length).toBe(good);
  });

  golden("to us the bit rate is not constant, so these are no errors of accuracy", () => {
    const { clocks, errors } = measure("tsduck-064.ts");
    const report = clocks.get(256)?.report();
    expect(errors).toEqual([]);
    expect(report?.accuracy).toMatchObject({
      method: "not measurable",
      reason: "the bit rate is not constant, and there are no arrival times",
      accuracyNs: null,
    });
    expect(report?.intervalMs.max).toBeCloseTo(100, 9);
  });
});

describe("bit rates that are constant, and others", () => {
  golden("108: a multiplex at a constant rate, whose PCRs are right within 500 ns", () => {
    const { clocks, errors } = measure("tsduck-108.ts");
    const told = [...clocks.values()].map((clock) => clock.report()).filter(({ count }) => count >= 16);
    expect(told.length).toBe(9);
    for (const { accuracy, count } of told) {
      expect(accuracy.method).toBe("constant bit rate");
      expect(accuracy.accuracyNs?.count).toBe(count);
    }
    expect(errors.length).toBe(told.reduce((sum, { count }) => sum + count, 0));
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(500);
  });

  for (const name of ["tsduck-008.ts", "tsduck-025.ts", "tsduck-072.ts", "tsduck-137.ts"]) {
    golden(`${name}: PIDs taken from a multiplex, whose rate is not constant any more`, () => {
      const { clocks, errors } = measure(name);
      const [clock] = [...clocks.values()].map((one) => one.report());
      expect(clock?.accuracy.method).toBe("not measurable");
      expect(errors).toEqual([]);
    });
  }
});
