import { describe, expect, test } from "bun:test";
import { REFERENCE } from "./context.ts";
import {
  type Changes,
  cleanContext,
  errors,
  foreign,
  PIDS,
  played,
  row,
  scrambledAt,
  trips,
} from "./test-stream.ts";
import type { Tr101290 } from "./tr101290.ts";

describe("TR 101 290 5.2.1: first priority", () => {
  test("1.1 and 1.2", () => {
    expect(trips({ extra: [[0.5, (tr, t) => tr.syncByte(t, 3)]] })).toEqual({ "1.2": 3 });
    expect(trips({ extra: [[0.5, (tr, t) => tr.syncLoss(t)]] })).toEqual({ "1.1": 1 });
  });

  test("1.3: PID 0 absent for more than 0.5 s, once for each absence, at the time it was too long", () => {
    const tr = played({ seconds: 4, without: { pat: [1, 3] } });
    expect(errors(tr, 4)).toEqual({ "1.3": 1, "1.3.a": 1 });
    expect(row(tr, "1.3", 4)).toMatchObject({ first: "+1.400000000s", last: "+1.400000000s", lastPid: 0 });
    expect(trips({ seconds: 4, without: { pat: [1, 1.35] } })).toEqual({});
  });

  test("1.3.a alone: PID 0 goes on without PAT sections", () => {
    const extra = Array.from(
      { length: 10 },
      (_, i) => [1 + i / 10, (tr: Tr101290, t: number) => tr.packet(0, t, false)] as const,
    );
    expect(trips({ seconds: 3, without: { pat: [1, 2] }, extra })).toEqual({ "1.3.a": 1 });
  });

  test("1.3: another table on PID 0; scrambled PID 0", () => {
    expect(trips({ extra: [[0.5, foreign(0, 0x01)]] })).toEqual({ "1.3": 1, "1.3.a": 1 });
    expect(trips({ extra: [[0.5, scrambledAt(0)]] })).toEqual({ "1.3": 1, "1.3.a": 1 });
  });

  test("1.4", () => {
    const extra: Changes["extra"] = [
      [
        0.5,
        (tr, t) => {
          tr.packet(PIDS.video, t, false);
          tr.continuity(PIDS.video, t);
        },
      ],
    ];
    const tr = played({ extra });
    expect(errors(tr, 1)).toEqual({ "1.4": 1 });
    expect(row(tr, "1.4", 1)).toMatchObject({ lastPid: PIDS.video, scope: "pid", clause: "TR 101 290 1.4" });
  });

  test("1.5: no PMT for more than 0.5 s on a program_map_PID; other sections there do not help", () => {
    expect(trips({ seconds: 4, without: { pmt: [1, 2] } })).toEqual({ "1.5": 1, "1.5.a": 1 });
    const extra = [[1.3, foreign(PIDS.pmt, 0x80)]] as const;
    expect(trips({ seconds: 4, without: { pmt: [1, 2] }, extra })).toEqual({ "1.5": 1, "1.5.a": 1 });
    expect(trips({ extra: [[0.5, scrambledAt(PIDS.pmt)]] })).toEqual({ "1.5": 1, "1.5.a": 1 });
  });

  test("1.5: a PMT that never came is missed from the PAT on, until the PAT names it no longer", () => {
    const context = cleanContext().set(0x200, REFERENCE.programMap);
    const extra: Changes["extra"] = [[2, () => context.set(0x200, 0)]];
    expect(trips({ seconds: 1, context: cleanContext().set(0x200, REFERENCE.programMap) })).toEqual({
      "1.5": 1,
      "1.5.a": 1,
    });
    expect(trips({ seconds: 9, context, extra })).toEqual({ "1.5": 1, "1.5.a": 1 });
  });

  test("1.6: a video PID away for more than 5 s, counted in the report and once when it comes back", () => {
    const without = { audio: [1, 7], audioPts: [1, 7] } as const;
    expect(errors(played({ seconds: 5.9, without }), 5.9)).toEqual({ "2.5": 1 });
    expect(errors(played({ seconds: 6.9, without }), 6.9)).toEqual({ "1.6": 1, "2.5": 1 });
    const tr = played({ seconds: 9, without });
    expect(errors(tr, 9)).toEqual({ "1.6": 1, "2.5": 1 });
    expect(row(tr, "1.6", 9)).toMatchObject({ first: "+5.953000000s", lastPid: PIDS.audio });
  });

  test("1.6: a component that never comes; subtitles and data may stay away (5.2.1)", () => {
    const context = cleanContext()
      .set(0x200, REFERENCE.component | REFERENCE.audioVideo)
      .set(0x201, REFERENCE.component);
    expect(trips({ seconds: 6, context })).toEqual({ "1.6": 1 });
    const subtitles = cleanContext().set(0x201, REFERENCE.component);
    expect(trips({ seconds: 6, context: subtitles })).toEqual({});
    expect(trips({ seconds: 6, context: subtitles, limits: { otherPidMs: 2000 } })).toEqual({ "1.6": 1 });
  });

  test("1.6: what a PID missed until it was no longer named stays counted", () => {
    const context = cleanContext().set(0x200, REFERENCE.component | REFERENCE.audioVideo);
    expect(trips({ seconds: 9, context, extra: [[7, () => context.set(0x200, 0)]] })).toEqual({ "1.6": 1 });
    const early = cleanContext().set(0x200, REFERENCE.component | REFERENCE.audioVideo);
    expect(trips({ seconds: 9, context: early, extra: [[3, () => early.set(0x200, 0)]] })).toEqual({});
  });
});
