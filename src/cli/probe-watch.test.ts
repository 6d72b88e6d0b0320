import { expect, test } from "bun:test";
import { LogLines } from "../../tests/helpers/wire.ts";
import { ProbeTrack } from "../wire/probe-track.ts";
import { ProbeWatch } from "./probe-watch.ts";

const NOON = Date.UTC(2026, 2, 1, 12);

test("tells once that a probe is silent, since when, and for how long it was", () => {
  const lines = new LogLines();
  const watch = new ProbeWatch(5000, lines.log);
  const studio = new ProbeTrack("studio");
  const van = new ProbeTrack("van");
  for (let second = 0; second <= 60; second++) {
    van.messages++;
    if (second <= 10 || second >= 40) studio.messages++;
    watch.look([studio, van], second * 1000, NOON + second * 1000);
    if (second === 20) {
      expect(watch.state(20_000)).toEqual([
        {
          probe: "studio",
          messages: 11,
          silentSince: "2026-03-01T12:00:10.000Z",
          silences: 1,
          silentMs: 10_000,
        },
        { probe: "van", messages: 21, silentSince: null, silences: 0, silentMs: 0 },
      ]);
    }
  }
  expect(lines.lines).toEqual([
    "warning: Probe studio silent since 2026-03-01T12:00:10.000Z, for 5.0 s.",
    "info: Probe studio is back after 30 s of silence.",
  ]);
  expect(watch.state(60_000)[0]).toEqual({
    probe: "studio",
    messages: 32,
    silentSince: null,
    silences: 1,
    silentMs: 30_000,
  });
});

test("tells nothing where nobody wants to know", () => {
  const lines = new LogLines();
  const watch = new ProbeWatch(0, lines.log);
  const probe = new ProbeTrack("a");
  for (const now of [0, 1e6]) watch.look([probe], now, NOON);
  expect([lines.lines, watch.state(1e6)[0]?.silences]).toEqual([[], 0]);
});
