/**
 * The report of the whole pipeline on real streams, against TSDuck's analyses. Every figure is read from the
 * reference that stands beside the stream; where we differ on purpose, docs/differences.md says why.
 */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { type PidReport, type Report, reportSchema } from "../../src/report/schema.ts";
import { replayed } from "../helpers/replayed.ts";
import { needsShared, testWith } from "../helpers/skip.ts";
import { sharedData } from "../shared-data.ts";
import { READERS } from "./tsduck.ts";

const folder = sharedData("ts");
const files = folder === null ? [] : readdirSync(folder).sort();

/** Share by which a mean bit rate may be off, and what the reference rounds away. */
const RATE_TOLERANCE = 1e-3;
const ROUNDING_BPS = 1;

/** TSDuck's words for what a PID carries, and our kinds. */
const KINDS: readonly (readonly [RegExp, PidReport["kind"]])[] = [
  [/^(PAT|CAT|PMT|TSDT)\b/, "psi"],
  [/^(NIT|SDT|BAT|EIT|TDT|TOT|SIT|RST)\b/, "si"],
  [/\b(ECM|EMM)\b/, "ca"],
  [/^PCR\b/, "pcr"],
  [/^Stuffing/, "null"],
  [/^Unreferenced/, "unreferenced"],
  [/^(Subtitles|Teletext)/, "subtitle"],
  [/audio/i, "audio"],
  [/video/i, "video"],
];

function kindOf(description: string): PidReport["kind"] {
  return KINDS.find(([pattern]) => pattern.test(description))?.[1];
}

function expectRate(ours: number | null | undefined, theirs: number): void {
  if (theirs === 0) expect(ours ?? 0).toBeLessThan(ROUNDING_BPS);
  else expect(Math.abs((ours ?? 0) - theirs)).toBeLessThan(theirs * RATE_TOLERANCE + ROUNDING_BPS);
}

const reports = new Map<string, Promise<Report>>();

/** The report of a stream, made once. */
function reportOf(name: string): Promise<Report> {
  const report = reports.get(name) ?? replayed(`${folder}/${name}`);
  reports.set(name, report);
  return report;
}

for (const [suffix, read] of READERS) {
  describe(`the report equals TSDuck's ${suffix}`, () => {
    const references = files.filter((name) => name.endsWith(suffix));
    testWith(needsShared("ts"), "there are references", () => {
      expect(references.length).toBeGreaterThan(2);
    });

    for (const file of references) {
      test(file, async () => {
        const reference = read(readFileSync(`${folder}/${file}`, "utf8"));
        const report = reportSchema.parse(await reportOf(`${file.slice(0, -suffix.length)}.ts`));
        const mpegts = report.streams[0]?.mpegts;
        if (mpegts === undefined) throw new Error("no transport stream in the report");

        expect(mpegts.packets).toBe(reference.packets);
        expect(mpegts.illegal.transportError).toBe(reference.transportErrors);
        expectRate(mpegts.rates?.total.mean, reference.bitrate ?? 0);

        const stamps = new Map(mpegts.pts?.map((row) => [row.pid, row]));
        const clocks = new Map(mpegts.pcr?.map((row) => [row.pid, row]));
        const seen = [...reference.pids].filter(([, { packets }]) => packets > 0).sort(([a], [b]) => a - b);
        expect(seen.length).toBeGreaterThan(1);
        expect(mpegts.pids.map(({ pid }) => pid)).toEqual(seen.map(([pid]) => pid));
        for (const [i, [pid, theirs]] of seen.entries()) {
          const ours = mpegts.pids[i] as PidReport;
          const { packets, discontinuities, duplicates, pcrs, pts, dts, scrambled, bitrate } = theirs;
          expect({
            pid,
            packets: ours.packets,
            discontinuities: ours.continuityErrors,
            duplicates: ours.duplicates,
            scrambled: typeof scrambled === "boolean" ? ours.scrambled > 0 : ours.scrambled,
            pcrs: ours.pcrs,
            measuredPcrs: clocks.get(pid)?.count ?? 0,
            pts: stamps.get(pid)?.pts ?? 0,
            dts: stamps.get(pid)?.dts ?? 0,
            kind: ours.kind,
          }).toEqual({
            pid,
            packets,
            discontinuities,
            duplicates,
            scrambled,
            pcrs,
            measuredPcrs: pcrs,
            pts,
            dts,
            kind: kindOf(theirs.description),
          });
          expectRate(ours.bitrate, bitrate);
          expectRate(ours.rate?.mean, bitrate);
        }

        const facts = (mpegts.services ?? []).map(({ program, name, provider, pmtPid, pcrPid }) => ({
          program,
          name,
          provider,
          pmtPid,
          pcrPid,
        }));
        expect(facts).toEqual(reference.services.map(({ bitrate: _rate, ...service }) => service));
        for (const [i, { bitrate }] of reference.services.entries()) {
          expectRate(mpegts.services?.[i]?.rate.mean, bitrate);
        }
        // Nothing was too much to keep, and every packet belongs to a PID.
        expect(mpegts.monitor).toMatchObject({
          malformedSections: { pointerField: 0, sectionLength: 0, cut: 0, sectionNumber: 0 },
          malformedTables: 0,
          malformedPes: 0,
          tablesNotChecked: 0,
          sectionsEvicted: 0,
          referencesNotKept: 0,
          clocksNotMeasured: 0,
        });
        const counted = mpegts.pids.reduce((sum, { packets }) => sum + packets, 0);
        expect(counted + mpegts.illegal.syncByte + mpegts.illegal.transportError).toBe(mpegts.packets);
      });
    }
  });
}
