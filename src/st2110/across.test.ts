import { describe, expect, test } from "bun:test";
import { acrossSchema } from "../report/st2110-across-schema.ts";
import type { St2110Report } from "../report/st2110-schema.ts";
import { acrossStreams, type StreamTimes } from "./across.ts";
import { RecentTimestamps } from "./recent-timestamps.ts";

const FRAME_NS = 1e9 / 50;

/** Timestamps of 90 kHz and 50 a second from `first` on, the first of them coming at `fromNs`. */
function recent(first: number, fromNs: number, count = 20): RecentTimestamps {
  const made = new RecentTimestamps();
  for (let i = 0; i < count; i++) {
    // Two packets each.
    made.packet((first + i * 1800) >>> 0, fromNs + i * FRAME_NS);
    made.packet((first + i * 1800) >>> 0, fromNs + i * FRAME_NS + 1000);
  }
  return made;
}

/** Just the parts that are looked at. */
function stream(id: string, report: object, times: RecentTimestamps): StreamTimes {
  return { id, report: report as St2110Report, recent: times };
}

const video = (
  times: RecentTimestamps,
  taiOffsetSeconds: number | null = 37,
  mean: number | null = 600_000,
) =>
  stream(
    "v",
    {
      kind: "video20",
      video: { timing: { timestamps: { taiOffsetSeconds }, latencyNs: mean === null ? null : { mean } } },
    },
    times,
  );
const audio = (alignment: string, meanNs: number | null) =>
  stream(
    "a",
    {
      kind: "audio",
      audio: { timing: { clock: { alignment, delta: meanNs === null ? null : { meanNs } } } },
    },
    recent(0, 0),
  );
const ancillary = (times: RecentTimestamps) => stream("n", { kind: "anc" }, times);

function only(...streams: StreamTimes[]) {
  const made = acrossStreams(streams).map((each) => acrossSchema.parse(each));
  expect(made).toHaveLength(1);
  return made[0];
}

describe("video against audio (RP 2110-25: AVDL = AL - VL)", () => {
  test("both locked to one clock", () => {
    expect(only(video(recent(0, 0)), audio("utc", 1_100_000))).toEqual({
      video: "v",
      other: "a",
      kind: "audio",
      mediaClock: "same",
      avdlNs: 500_000,
      rrtpOffsetTicks: null,
    });
    expect(only(video(recent(0, 0), 0), audio("tai", 100_000))).toMatchObject({
      mediaClock: "same",
      avdlNs: -500_000,
    });
  });

  const cases: [offset: number | null, alignment: string, clock: string][] = [
    [37, "tai", "different"],
    [0, "utc", "different"],
    [37, "free-running", "different"],
    [null, "utc", "different"],
    [null, "free-running", "unknown"],
    [37, "unknown", "unknown"],
  ];
  test.each(cases)("video %p s from the capture, audio %s: %s", (offset, alignment, clock) => {
    const made = only(video(recent(0, 0), offset), audio(alignment, 1000));
    expect(made).toMatchObject({ mediaClock: clock, avdlNs: null });
  });

  test("a latency that was not measured gives no difference", () => {
    expect(only(video(recent(0, 0), 37, null), audio("utc", 1000))).toMatchObject({
      mediaClock: "same",
      avdlNs: null,
    });
  });
});

describe("video against ancillary data (RP 2110-25: RRTPOFFSET)", () => {
  test("timestamps alike, whichever comes first", () => {
    for (const lateNs of [0, 30e6, -30e6]) {
      const made = only(video(recent(5000, 0)), ancillary(recent(5000, lateNs)));
      expect(made).toMatchObject({ kind: "anc", mediaClock: "same", rrtpOffsetTicks: 0, avdlNs: null });
    }
  });

  test("video ahead by some ticks, over the wrap too", () => {
    expect(only(video(recent(5010, 0)), ancillary(recent(5000, 0)))?.rrtpOffsetTicks).toBe(10);
    const made = only(video(recent(2 ** 32 - 5, 0)), ancillary(recent(2 ** 32 - 8, 0)));
    expect(made?.rrtpOffsetTicks).toBe(3);
  });

  test("other origins", () => {
    const made = only(video(recent(5000 + 37 * 90_000, 0)), ancillary(recent(5000, 0)));
    expect(made).toMatchObject({ mediaClock: "different", rrtpOffsetTicks: null });
  });

  test("without times, or before the first packet, nothing is known", () => {
    expect(only(video(recent(0, Number.NaN)), ancillary(recent(0, 0)))?.mediaClock).toBe("unknown");
    const emptied = recent(0, 0);
    emptied.gap();
    expect(only(video(recent(0, 0)), ancillary(emptied))?.mediaClock).toBe("unknown");
  });
});

test("every video against every other, up to a bound", () => {
  const videos = Array.from({ length: 30 }, () => video(recent(0, 0)));
  const others = Array.from({ length: 30 }, () => ancillary(recent(0, 0)));
  expect(acrossStreams([...videos, ...others])).toHaveLength(256);
  expect(acrossStreams(videos)).toEqual([]);
});
