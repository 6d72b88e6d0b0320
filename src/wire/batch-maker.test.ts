import { expect, test } from "bun:test";
import { streamInfo } from "../../tests/helpers/wire.ts";
import { BatchMaker } from "./batch-maker.ts";

test("no number of a run is given twice, not even after more streams than are remembered", () => {
  const facts = {
    endpoint: "tcp://127.0.0.1:5556",
    header: "capnp",
    probe: "test",
    deviceName: "eth0",
    timestampSource: "kernel, 1 ns",
    epoch: () => ({ seconds: 1_700_000_000, nanoseconds: 0, wallClock: true }),
  } as const;
  const maker = new BatchMaker(facts, 1);
  const open = (id: string, messages: number): number => {
    const batch = maker.make(streamInfo(id), "ts");
    const first = batch.sequence;
    batch.sequence += messages;
    maker.remember(batch);
    return first;
  };
  expect([open("first", 1000), open("first", 5)]).toEqual([0, 1000]);
  for (let i = 0; i < 17_000; i++) open(`s${i}`, 1);
  expect(open("first", 1)).toBe(1005);
});
