import { expect, test } from "bun:test";
import { type DocumentSink, type SinkCounts, SunkDocument } from "../sinks/document-sink.ts";
import { openSinks, type SinkOpener } from "./document-sinks.ts";

const report = new SunkDocument({ probe: "p", stream: "-", kind: "report", receivedMs: 0 }, {});

/** Counts what it is given, and when it was closed. */
class Counter implements DocumentSink {
  taken = 0;
  closed = Number.NaN;
  readonly #fails: boolean;

  constructor(fails = false) {
    this.#fails = fails;
  }

  take(): void {
    this.taken++;
  }

  counts(): SinkCounts {
    return { name: "counter", taken: this.taken, done: this.taken, dropped: 0, queued: 0 };
  }

  async close(lingerMs: number): Promise<void> {
    this.closed = lingerMs;
    if (this.#fails) throw new Error("the disk is full");
  }
}

const opens =
  (sink: DocumentSink | null): SinkOpener<null> =>
  async () =>
    sink;
const log = (): void => {};

test("each sink gets each document; settings that ask for none open none", async () => {
  const [a, b] = [new Counter(), new Counter()];
  const sinks = await openSinks([opens(a), opens(null), opens(b)], null, log);
  sinks?.take(report);
  sinks?.take(report);
  expect(sinks?.counts().map(({ taken }) => taken)).toEqual([2, 2]);
  await sinks?.close(7);
  expect([a.closed, b.closed]).toEqual([7, 7]);
  expect(await openSinks([opens(null)], null, log)).toBeNull();
});

test("all are closed when one can't be opened, and when one can't be closed", async () => {
  const first = new Counter();
  const broken: SinkOpener<null> = async () => {
    throw new Error("no broker");
  };
  expect(openSinks([opens(first), broken], null, log)).rejects.toThrow("no broker");
  await Bun.sleep(0);
  expect(first.closed).toBe(0);
  const [bad, good] = [new Counter(true), new Counter()];
  const sinks = await openSinks([opens(bad), opens(good)], null, log);
  expect(sinks?.close(5)).rejects.toThrow("the disk is full");
  await Bun.sleep(0);
  expect(good.closed).toBe(5);
});
