import { describe, expect, test } from "bun:test";
import { REFERENCE } from "./context.ts";
import { type Changes, cleanContext, type FakeContext, PIDS, trips } from "./test-stream.ts";

const AUDIO = REFERENCE.component | REFERENCE.audioVideo;
const VIDEO = AUDIO | REFERENCE.pcr;

/** The tables say so of a PID from a time on. */
const says = (context: FakeContext, at: number, pid: number, references: number) =>
  [at, () => context.set(pid, references)] as const;

describe("TR 101 290: a rule holds for a PID from when the tables say so until they say so no longer", () => {
  test("2.3.b: a program that leaves and comes again begins with a first PCR, before its PMT too", () => {
    const context = cleanContext();
    const gone = { video: [5, 12], videoPts: [5, 12], pcr: [5, 12] } as const;
    const extra = [says(context, 5, PIDS.video, 0), says(context, 12.05, PIDS.video, VIDEO)];
    expect(trips({ seconds: 15, context, without: gone, extra })).toEqual({});
  });

  test("2.3.b: a PCR_PID that was none for a while, its PCRs nobody's clock", () => {
    const context = cleanContext();
    const extra = [says(context, 5, PIDS.video, AUDIO), says(context, 7, PIDS.video, VIDEO)];
    expect(trips({ seconds: 9, context, without: { pcr: [5, 7] }, extra })).toEqual({});
  });

  test("2.3.a: the PCR of a PID that is named again has to come from then on", () => {
    const context = cleanContext();
    const extra = [says(context, 5, PIDS.video, AUDIO), says(context, 7, PIDS.video, VIDEO)];
    expect(trips({ seconds: 8, context, without: { pcr: [5, 9] }, extra })).toEqual({ "2.3": 1, "2.3.a": 1 });
  });

  test("2.5: the PTS of a stream that was away, or was still pictures, follows none", () => {
    const without = { audio: [5, 8], audioPts: [5, 8] } as const;
    for (const between of [0, REFERENCE.component, AUDIO | REFERENCE.stillPictures]) {
      const context = cleanContext();
      const extra = [says(context, 5, PIDS.audio, between), says(context, 8, PIDS.audio, AUDIO)];
      expect(trips({ seconds: 10, context, without, extra })).toEqual({});
    }
  });

  test("1.6: data that may be silent, and becomes audio, video or a PCR_PID, has its time from then on", () => {
    const packets: Changes["extra"] = [1, 15.1, 19, 23].map((at) => [
      at,
      (tr, t) => tr.packet(0x200, t, false),
    ]);
    const silent = (references: number, first: number) => {
      const context = cleanContext().set(0x200, REFERENCE.component);
      const extra = [
        ...packets.filter(([at]) => at < 15 || at > first),
        says(context, 15, 0x200, references),
      ];
      return trips({ seconds: 24, context, extra });
    };
    expect(silent(AUDIO, 15)).toEqual({});
    expect(silent(AUDIO, 22)).toEqual({ "1.6": 1 });
    expect(silent(REFERENCE.component | REFERENCE.pcr, 15)).toEqual({ "2.3": 1, "2.3.a": 1 });
  });

  test("1.6: what audio missed until it became data stays counted", () => {
    const context = cleanContext();
    const without = { audio: [1, 20], audioPts: [1, 20] } as const;
    const extra = (at: number) => [says(context, at, PIDS.audio, REFERENCE.component)];
    expect(trips({ seconds: 9, context, without, extra: extra(7) })).toEqual({ "1.6": 1 });
  });
});
