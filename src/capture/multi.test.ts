import { describe, expect, test } from "bun:test";
import { type Epoch, NS_PER_SECOND } from "../report/time.ts";
import { END_OF_INPUT, emptyStats, FrameBatch, type FrameSource, type SourceStats } from "./batch.ts";
import { MultiSource } from "./multi.ts";

/** A source that gives one frame of each listed time, one a call, and nothing in between where it says null. */
class Scripted implements FrameSource {
  readonly kind = "ring";
  readonly live = true;
  readonly timestampSource: FrameSource["timestampSource"];
  readonly epoch: Epoch;
  readonly name: string;
  closed = false;
  readonly #script: (number | null)[];
  #given = 0;

  constructor(name: string, seconds: number, resolutionNs: number, script: (number | null)[]) {
    this.name = name;
    this.epoch = { seconds, nanoseconds: 0, wallClock: true };
    this.timestampSource = { kind: "kernel", resolutionNs };
    this.#script = [...script];
  }

  next(batch: FrameBatch): number {
    batch.count = 0;
    if (this.#script.length === 0) return END_OF_INPUT;
    const timeNs = this.#script.shift() ?? null;
    if (timeNs === null) return 0;
    batch.count = 1;
    batch.timeNs[0] = timeNs;
    this.#given++;
    return 1;
  }

  stats(): SourceStats {
    return { ...emptyStats(), packets: this.#given, kernelDrops: 10 * this.#given, ringFreezes: 1 };
  }

  close(): void {
    this.closed = true;
  }
}

describe("several live sources as one", () => {
  test("batches come in turn, a silent device holds up no other", () => {
    const one = new Scripted("eth0", 100, 1, [1, 2, null, 3]);
    const two = new Scripted("eth1", 100, 1, [null, 10, null, null, 11]);
    const both = new MultiSource([one, two]);
    const batch = new FrameBatch(4);
    const times: number[] = [];
    const devices: number[] = [];
    for (let turn = 0; turn < 4; turn++) {
      const count = both.next(batch, 100);
      expect(count).toBe(1);
      times.push(batch.timeNs[0] as number);
      devices.push(batch.device);
    }
    expect(times).toEqual([1, 2, 10, 3]);
    expect(devices).toEqual([0, 0, 1, 0]);
    expect(both.devices).toEqual(["eth0", "eth1"]);
  });

  test("times count from the first source's epoch", () => {
    const one = new Scripted("eth0", 100, 1, [5]);
    const two = new Scripted("eth1", 102, 1, [5]);
    const both = new MultiSource([one, two]);
    const batch = new FrameBatch(4);
    both.next(batch, 10);
    expect(batch.timeNs[0]).toBe(5);
    both.next(batch, 10);
    expect(batch.timeNs[0]).toBe(2 * NS_PER_SECOND + 5);
    expect(both.epoch.seconds).toBe(100);
  });

  test("nothing within the timeout is 0; the end of one is the end", () => {
    const batch = new FrameBatch(4);
    expect(new MultiSource([new Scripted("a", 0, 1, [null, null, null, null])]).next(batch, 4)).toBe(0);
    const both = new MultiSource([new Scripted("a", 0, 1, [null]), new Scripted("b", 0, 1, [])]);
    expect(both.next(batch, 10)).toBe(END_OF_INPUT);
  });

  test("counters add up, the coarsest times speak for all, both are named and closed", () => {
    const one = new Scripted("eth0", 100, 1, [1]);
    const two = new Scripted("eth1", 100, 1000, [2]);
    const both = new MultiSource([one, two]);
    const batch = new FrameBatch(4);
    both.next(batch, 10);
    both.next(batch, 10);
    expect(both.stats()).toMatchObject({ packets: 2, kernelDrops: 20, ringFreezes: 2 });
    expect(both.timestampSource.resolutionNs).toBe(1000);
    expect([both.name, both.kind, both.live]).toEqual(["eth0, eth1", "ring", true]);
    both.close();
    expect([one.closed, two.closed]).toEqual([true, true]);
  });
});
