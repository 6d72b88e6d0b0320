import { describe, expect, test } from "bun:test";
import { END_OF_INPUT, FrameBatch } from "../capture/batch.ts";
import { Datagram, parseFrame, STATUS } from "../net/datagram.ts";
import { RscapError } from "../report/error.ts";
import { checkGenerated, GeneratedSource, type GeneratedSourceOptions } from "./generated-source.ts";

const OPTIONS: GeneratedSourceOptions = { specs: [], seconds: 0.1, now: false, snapLength: 0 };

/** Everything a source gives: each frame with its time and destination port. */
function frames(options: Partial<GeneratedSourceOptions>) {
  const source = new GeneratedSource({ ...OPTIONS, ...options });
  const batch = new FrameBatch(100);
  const datagram = new Datagram();
  const all: { timeNs: number; octets: string; port: number; captured: number; wire: number }[] = [];
  while (source.next(batch) !== END_OF_INPUT) {
    for (let i = 0; i < batch.count; i += 1) {
      const off = batch.offset[i] as number;
      const captured = batch.capturedLength[i] as number;
      const wire = batch.wireLength[i] as number;
      expect(parseFrame(batch.buf, off, captured, wire, 1, -1, 0, datagram)).toBe(STATUS.udp);
      const octets = Buffer.from(batch.buf.subarray(off, off + captured)).toString("hex");
      all.push({ timeNs: batch.timeNs[i] as number, octets, port: datagram.destinationPort, captured, wire });
    }
  }
  return { all, stats: source.stats(), epoch: source.epoch };
}

describe("streams that are made as they are read", () => {
  const specs = ["st2110-30:L24/48000/2,to=10.1.2.3:7000,seconds=0.05", "st2110-40:1920x1080p50"];

  test("frames of all streams come in the order of their times, until each is over", () => {
    const { all, stats } = frames({ specs });
    const times = all.map(({ timeNs }) => timeNs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(all.filter(({ port }) => port === 7000)).toHaveLength(49);
    expect(all.filter(({ port }) => port === 5004)).toHaveLength(8);
    expect(stats.packets).toBe(57);
    expect(stats.bytes).toBe(all.reduce((sum, { wire }) => sum + wire, 0));
  });

  test("the same octets each time", () => {
    expect(frames({ specs }).all).toEqual(frames({ specs }).all);
  });

  test("a snap length cuts what is captured, not what was on the wire", () => {
    const whole = frames({ specs }).all;
    const cut = frames({ specs, snapLength: 60 }).all;
    expect(cut.map(({ wire }) => wire)).toEqual(whole.map(({ wire }) => wire));
    expect(Math.max(...cut.map(({ captured }) => captured))).toBe(60);
  });

  test("for sending, the clock starts now", () => {
    const { epoch, all } = frames({ specs, now: true });
    const startMs = epoch.seconds * 1000 + (all[0]?.timeNs ?? 0) / 1e6;
    expect(Math.abs(startMs - Date.now())).toBeLessThan(60_000);
  });

  test("what is wrong with an item is a usage error that names it", () => {
    expect(() => checkGenerated(specs)).not.toThrow();
    expect(() => checkGenerated([...specs, "st2110-20:1920x1080p50,depth=9"])).toThrow(RscapError);
    expect(() => checkGenerated(["st2110-30:L24/1/2"])).toThrow(/--generate "st2110-30:L24\/1\/2": expected/);
  });
});
