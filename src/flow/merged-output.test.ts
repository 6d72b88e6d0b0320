import { expect, test } from "bun:test";
import { Kept } from "../../tests/helpers/legs.ts";
import type { StreamInfo } from "../report/output.ts";
import { MergedOutput } from "./merged-output.ts";

const INFO: StreamInfo = {
  id: "a-merged",
  kind: "rtp",
  sourceAddress: "10.0.0.1",
  sourcePort: 1,
  destinationAddress: "239.1.1.1",
  destinationPort: 2,
};
const LEG = { stream: 3, info: { ...INFO, id: "a" } };

function made(next: number, handed: typeof LEG | null = LEG) {
  const output = new Kept();
  output.open(LEG.stream, LEG.info);
  const merged = new MergedOutput(output, "a", handed, next);
  const send = (sequence: number): void => {
    merged.packet(sequence);
    merged.packets(9, Uint8Array.of(sequence & 0xff), 0, 1, 0, 1);
    merged.bufferEnd();
  };
  return { output, merged, send };
}

test("goes on in the leg's stream, from the packet after its last", () => {
  const { output, merged, send } = made(2);
  merged.open(9, INFO);
  for (const sequence of [65_534, 65_535, 0, 1, 2, 3, 1]) send(sequence);
  expect(output.octets.get("a")).toEqual([2, 3, 1]);
  merged.close();
  merged.end();
  expect(output.events).toEqual(["open a", "close a"]);
});

test("the next packet lost, or the numbers begun anew: goes on all the same", () => {
  for (const sequence of [4, 40_000]) {
    const { output, merged, send } = made(2);
    merged.open(9, INFO);
    send(sequence);
    expect(output.octets.get("a")).toHaveLength(1);
  }
  const { output, merged, send } = made(2);
  merged.open(9, INFO);
  merged.gap();
  send(1);
  expect(output.octets.get("a")).toEqual([1]);
});

test("another kind of payload is another stream, under the same id", () => {
  const { output, merged, send } = made(-1);
  merged.open(9, { ...INFO, kind: "ts" });
  send(7);
  merged.end();
  expect(output.events).toEqual(["open a", "close a", "open a", "close a"]);
  expect(output.octets.get("a")).toEqual([7]);
});

test("a leg that had no stream yet, and one that nothing was added to", () => {
  const alone = made(-1, null);
  alone.output.close(LEG.stream);
  alone.merged.open(9, INFO);
  alone.send(1);
  expect(alone.output.events).toEqual(["open a", "close a", "open a"]);
  const { output, merged } = made(5);
  merged.end();
  merged.end();
  expect(output.events).toEqual(["open a", "close a"]);
});
