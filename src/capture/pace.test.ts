import { describe, expect, test } from "bun:test";
import { gzipSync } from "bun";
import { concat } from "../../fixtures/lib/bytes.ts";
import { smallMux } from "../../fixtures/lib/mux.ts";
import { pcapFile } from "../../fixtures/lib/savefile.ts";
import { frameAt, readFrames, temporaryFiles } from "../../tests/helpers/frames.ts";
import { EXIT } from "../report/error.ts";
import { END_OF_INPUT, FrameBatch } from "./batch.ts";
import { openFile } from "./open-file.ts";
import { PacedSource, type PaceOptions } from "./pace.ts";
import type { FileSource } from "./savefile.ts";

const files = temporaryFiles();
const TIMES = [0, 400_000, 900_000, 5_000_000, 5_100_000, 40_000_000];
const PCAP = pcapFile(
  TIMES.map((timeNs, i) => ({ timeNs, frame: Uint8Array.of(i) })),
  { nanoseconds: true },
);

/** A clock that only moves when someone sleeps. */
class TestClock {
  nowNs = 1e12;
  readonly sleeps: number[] = [];
  readonly stop = new Int32Array(new SharedArrayBuffer(4));
  readonly now = (): number => this.nowNs;
  readonly sleep = (ms: number): void => {
    this.sleeps.push(ms);
    this.nowNs += Math.max(ms * 1e6, 1);
  };
}

async function paced(options: Partial<PaceOptions>, octets: Uint8Array = PCAP) {
  const clock = new TestClock();
  const path = files.write("paced", octets);
  const open = () => openFile(path);
  const { stop, now, sleep } = clock;
  const source = new PacedSource(await open(), { open, speed: 1, loop: 1, stop, now, sleep, ...options });
  return { clock, source };
}

/** Reads to the end: [milliseconds on the clock, octet, time] of each frame. */
async function play(source: PacedSource, clock: TestClock, batch = new FrameBatch(64)) {
  const seen: [number, number, number][] = [];
  for (;;) {
    const count = await source.next(batch, 10);
    if (count === END_OF_INPUT) return seen;
    for (let i = 0; i < count; i++) {
      const { octets, timeNs } = frameAt(batch, i);
      seen.push([(clock.nowNs - 1e12) / 1e6, octets[0] as number, timeNs]);
    }
  }
}

describe("a file in its own time", () => {
  test("frames come when they are due, those within a millisecond together, their times unchanged", async () => {
    const { source, clock } = await paced({});
    const seen = await play(source, clock);
    expect(seen.map(([ms]) => Math.round(ms))).toEqual([0, 0, 0, 5, 5, 40]);
    expect(seen.map(([, octet]) => octet)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(seen.map(([, , timeNs]) => timeNs)).toEqual(TIMES);
    expect(Math.max(...clock.sleeps)).toBeLessThanOrEqual(20);
    expect(source.stats()).toMatchObject({ packets: 6, bytes: 6 });
  });

  test("twice as fast, and half as fast", async () => {
    for (const [speed, last] of [
      [2, 20],
      [0.5, 80],
    ] as const) {
      const { source, clock } = await paced({ speed });
      expect((await play(source, clock)).at(-1)?.[0]).toBeCloseTo(last, 3);
    }
  });

  test("speed 0 waits for nothing", async () => {
    const { source, clock } = await paced({ speed: 0 });
    expect((await play(source, clock)).map(([ms]) => ms)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(clock.sleeps).toEqual([]);
  });

  test("a sender gets them ahead of their time", async () => {
    const { source, clock } = await paced({ aheadNs: 5_000_000 });
    expect((await play(source, clock)).map(([ms]) => Math.round(ms))).toEqual([0, 0, 0, 0, 0, 35]);
  });

  test("nothing due within the timeout is 0, not a wait", async () => {
    const { source, clock } = await paced({});
    const batch = new FrameBatch(64);
    expect(await source.next(batch, 3)).toBe(3);
    expect(await source.next(batch, 3)).toBe(0);
    expect((clock.nowNs - 1e12) / 1e6).toBeCloseTo(3, 3);
  });

  test("the stop flag ends the wait", async () => {
    const { source, clock } = await paced({});
    const batch = new FrameBatch(64);
    await source.next(batch, 3);
    clock.stop[0] = 1;
    expect(await source.next(batch, 1e6)).toBe(0);
  });

  test("batches smaller than what is due", async () => {
    const { source, clock } = await paced({});
    const seen = await play(source, clock, new FrameBatch(2));
    expect(seen.map(([, octet]) => octet)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("without times there is nothing to pace by", async () => {
    const packets = smallMux(2).packets(50);
    const untimed = concat(packets.filter((packet) => ((packet[3] as number) & 0x20) === 0));
    const { source } = await paced({}, untimed);
    const { error } = await readFrames(source);
    expect(error).toMatchObject({ code: "no-times", exitCode: EXIT.input });
    const { source: fast } = await paced({ speed: 0 }, untimed);
    expect((await readFrames(fast)).error).toBeNull();
  });

  test("with the system's own clock and sleep", async () => {
    const path = files.write("own", PCAP);
    const open = () => openFile(path);
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const begin = Bun.nanoseconds();
    const { frames } = await readFrames(new PacedSource(await open(), { open, speed: 1, loop: 1, stop }));
    expect(frames.length).toBe(6);
    expect(Bun.nanoseconds() - begin).toBeGreaterThanOrEqual(40_000_000);
  });
});

describe("a file played several times", () => {
  test("time goes on, one mean gap after the last frame; counters add up", async () => {
    for (const octets of [PCAP, new Uint8Array(gzipSync(PCAP))]) {
      const { source, clock } = await paced({ loop: 3 }, octets);
      const seen = await play(source, clock);
      const round = 40_000_000 + 8_000_000;
      expect(seen.map(([, , timeNs]) => timeNs)).toEqual(
        [0, 1, 2].flatMap((run) => TIMES.map((timeNs) => timeNs + run * round)),
      );
      expect(seen.at(-1)?.[0]).toBeCloseTo((2 * round + 40_000_000) / 1e6, 3);
      expect(source.stats()).toMatchObject({ packets: 18, bytes: 18 });
      expect([source.kind, source.live, source.size, source.position]).toEqual([
        "pcap",
        false,
        octets.length,
        octets.length,
      ]);
      expect(source.epoch.wallClock).toBe(true);
    }
  });

  test("for ever, until the stop flag is up", async () => {
    const { source, clock } = await paced({ loop: 0, speed: 0 });
    const batch = new FrameBatch(64);
    let frames = 0;
    while (frames < 600) frames += Math.max(await source.next(batch, 0), 0);
    clock.stop[0] = 1;
    expect(await source.next(batch, 0)).toBe(END_OF_INPUT);
  });

  test("a file without any frame is not repeated for ever", async () => {
    const { source, clock } = await paced({ loop: 0 }, PCAP.slice(0, 24));
    expect(await play(source, clock)).toEqual([]);
  });

  test("a pipe can't be repeated", async () => {
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const file = await openFile(files.write("pipe", PCAP));
    const pipe: FileSource = {
      ...file,
      kind: "pcap",
      name: "-",
      size: Number.NaN,
      close: () => file.close(),
    };
    const make = () => new PacedSource(pipe, { open: () => file, speed: 1, loop: 2, stop });
    expect(make).toThrow("--loop (REPLAY_LOOP) needs a file that can be read again");
  });
});
