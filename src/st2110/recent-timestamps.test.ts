import { describe, expect, test } from "bun:test";
import { RecentTimestamps } from "./recent-timestamps.ts";

describe("the last timestamps of a flow", () => {
  test("each once, newest first, no more than are kept", () => {
    const recent = new RecentTimestamps();
    for (let i = 0; i < 11; i++)
      for (let packet = 0; packet < 3; packet++) recent.packet(i * 10, i * 100 + packet);
    expect(recent.count).toBe(8);
    const all = Array.from({ length: 8 }, (_, back) => [recent.timestamp(back), recent.timeNs(back)]);
    expect(all).toEqual([10, 9, 8, 7, 6, 5, 4, 3].map((i) => [i * 10, i * 100]));
    recent.gap();
    expect(recent.count).toBe(0);
  });

  test("the clock's rate over a second and more, over the wrap, anew after a jump", () => {
    const recent = new RecentTimestamps();
    const play = (first: number, fromNs: number, seconds: number) => {
      for (let i = 0; i <= seconds * 50; i++) recent.packet((first + i * 1800) >>> 0, fromNs + i * 20e6);
    };
    play(2 ** 32 - 9000, 0, 0.9);
    expect(recent.measuredHz).toBeNull();
    recent.gap();
    play(2 ** 32 - 9000, 0, 2);
    expect(recent.measuredHz).toBe(90_000);
    play(2 ** 31, 3e9, 0.9);
    expect(recent.measuredHz).toBeNull();
    const timeless = new RecentTimestamps();
    timeless.packet(1, Number.NaN);
    timeless.packet(2, Number.NaN);
    expect(timeless.measuredHz).toBeNull();
  });
});
