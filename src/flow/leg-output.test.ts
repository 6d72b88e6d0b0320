import { expect, test } from "bun:test";
import { Kept } from "../../tests/helpers/legs.ts";
import { ReorderMemory } from "../net/packet-slots.ts";
import type { StreamInfo } from "../report/output.ts";
import { LegOutput } from "./leg-output.ts";

const INFO: StreamInfo = {
  id: "a",
  kind: "rtp",
  sourceAddress: "10.0.0.1",
  sourcePort: 1,
  destinationAddress: "239.1.1.1",
  destinationPort: 2,
};

function made(octets = 100) {
  const output = new Kept();
  const memory = new ReorderMemory(octets);
  const leg = new LegOutput(output, memory);
  const send = (...values: number[]): void => {
    const buf = Uint8Array.from(values);
    leg.packets(3, buf, 0, buf.length, 0, 1);
    output.bufferEnd();
    buf.fill(0);
  };
  return { output, memory, leg, send };
}

test("a stream is announced with its first packet, or when it is to pass", () => {
  const { output, leg, send } = made();
  leg.open(3, INFO);
  expect(leg.undecided).toBe(true);
  expect(output.events).toEqual([]);
  send(1);
  expect(leg.passing).toBe(true);
  leg.close(3);
  expect(output.events).toEqual(["open a", "close a"]);
  leg.open(4, { ...INFO, id: "b" });
  expect(output.events.at(-1)).toBe("open b");
});

test("what is held back goes out in order, from copies, and gives its memory back", () => {
  const { output, memory, leg, send } = made();
  leg.open(3, INFO);
  leg.hold();
  send(1, 2);
  send(3);
  expect([output.events, memory.used]).toEqual([[], 3]);
  leg.pass();
  send(4);
  expect(output.octets.get("a")).toEqual([1, 2, 3, 4]);
  expect(memory.used).toBe(0);
});

test("without memory nothing is held back any longer, and none is lost", () => {
  const { output, memory, leg, send } = made(2);
  leg.open(3, INFO);
  leg.hold();
  send(1, 2);
  send(3);
  expect(leg.passing).toBe(true);
  expect(output.octets.get("a")).toEqual([1, 2, 3]);
  expect(memory.used).toBe(0);
});

test("a stream that ends while it is held back is told of whole", () => {
  const { output, leg, send } = made();
  leg.open(3, INFO);
  leg.hold();
  send(1);
  leg.close(3);
  expect(output.events).toEqual(["open a", "close a"]);
  const empty = made();
  empty.leg.open(3, INFO);
  empty.leg.hold();
  empty.leg.close(3);
  expect(empty.output.events).toEqual([]);
});

test("handed over: the stream stays open, and nothing more goes out", () => {
  const { output, memory, leg, send } = made();
  leg.open(3, INFO);
  send(1);
  expect(leg.handOver()).toEqual({ stream: 3, info: INFO });
  send(2);
  leg.open(5, INFO);
  leg.close(3);
  leg.bufferEnd();
  expect(output.events).toEqual(["open a"]);
  expect(output.octets.get("a")).toEqual([1]);
  const held = made();
  held.leg.open(3, INFO);
  held.leg.hold();
  held.send(1);
  expect(held.leg.handOver()).toBeNull();
  expect(held.memory.used).toBe(0);
  expect(memory.used).toBe(0);
});
