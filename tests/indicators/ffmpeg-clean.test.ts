import { describe, expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Report, reportSchema } from "../../src/report/schema.ts";
import { FFMPEG_MUX_BPS, FFMPEG_PIDS, ffmpegCbr } from "../helpers/ffmpeg.ts";
import { reportOf, rscapCommand, run, runOk } from "../helpers/run.ts";
import { needsFfmpeg, testWith } from "../helpers/skip.ts";
import { tripped } from "./monitor.ts";

const SECONDS = 90;

/** Rows that a stream with PAT, PMT, SDT and PCRs but without other tables and scrambling can be judged by. */
const JUDGED = [
  ...["1.1", "1.2", "1.3", "1.3.a", "1.4", "1.5", "1.5.a", "1.6"],
  ...["2.1", "2.2", "2.3", "2.3.a", "2.3.b", "2.4", "2.5"],
  ...["3.2", "3.3", "3.4", "3.4.a", "3.5", "3.5.a", "3.9", "3.10"],
];

describe("a constant bit rate mux by ffmpeg", () => {
  testWith(
    needsFfmpeg,
    `TR 101 290: ${SECONDS} s trip nothing, through rscap replay`,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "rscap-clean-"));
      try {
        const file = join(folder, "clean.ts");
        await runOk(ffmpegCbr(SECONDS, file));
        const ended = await run(rscapCommand("replay", "--report", "json", "--fail-on", "p3", file));
        expect(ended.exitCode).toBe(0);
        const report: Report = reportSchema.parse(reportOf(ended));
        expect(report.findings).toEqual([]);
        const mpegts = report.streams[0]?.mpegts;
        const rows = mpegts?.tr101290 ?? [];
        expect(rows).toHaveLength(34);
        expect(tripped(rows)).toEqual({});
        expect(rows.filter(({ state }) => state === "ok").map(({ number }) => number)).toEqual(JUDGED);
        // It was judged at all: the times, the clock and the buffers are those of the stream.
        const [clock] = mpegts?.pcr ?? [];
        expect(clock).toMatchObject({ pid: FFMPEG_PIDS.video, accuracy: { method: "constant bit rate" } });
        expect((clock?.bitrate ?? 0) / FFMPEG_MUX_BPS - 1).toBeWithin(-1e-4, 1e-4);
        const seconds = ((mpegts?.packets ?? 0) * 1504) / FFMPEG_MUX_BPS;
        expect(seconds).toBeWithin(SECONDS - 1, SECONDS + 1);
        expect(mpegts?.buffers?.filter(({ modelled }) => !modelled)).toEqual([]);
        expect(mpegts?.monitor).toMatchObject({
          malformedSections: { pointerField: 0, sectionLength: 0, cut: 0, sectionNumber: 0 },
          malformedPes: 0,
          referencesNotKept: 0,
        });
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    60_000,
  );
});
