import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { inputError } from "../report/error.ts";
import { OctetQueue, RunWindow } from "./octet-queue.ts";

/** Reads runs to the end of the queue, each as its octets and the seconds missing before it. */
async function readAll(queue: OctetQueue, step = 1000): Promise<[missing: number, octets: number[]][]> {
  const runs: [number, number[]][] = [];
  while (!queue.over) {
    const run = queue.nextRun();
    if (run === null) {
      await queue.news(20);
      continue;
    }
    const window = new RunWindow(queue, run);
    const octets: number[] = [];
    while (!window.ended) {
      await window.fill(1, 20);
      octets.push(...window.buf.subarray(window.start, Math.min(window.end, window.start + step)));
      window.start = Math.min(window.end, window.start + step);
    }
    octets.push(...window.buf.subarray(window.start, window.end));
    runs.push([window.missingSeconds, octets]);
  }
  return runs;
}

describe("octets on their way", () => {
  test("runs come apart where they were cut, and in order", async () => {
    const queue = new OctetQueue();
    queue.cut(5);
    queue.put(Uint8Array.of(1, 2));
    queue.put(Uint8Array.of(3));
    queue.cut(2.5);
    queue.put(Uint8Array.of(4));
    queue.end(null);
    expect(await readAll(queue)).toEqual([
      [0, [1, 2, 3]],
      [2.5, [4]],
    ]);
    expect(queue.received).toBe(4);
  });

  test("a run goes on while it is read", async () => {
    const queue = new OctetQueue();
    queue.put(Uint8Array.of(1));
    const reading = readAll(queue);
    for (let i = 2; i < 6; i++) {
      await Bun.sleep(2);
      queue.put(Uint8Array.of(i));
    }
    queue.end(null);
    expect(await reading).toEqual([[0, [1, 2, 3, 4, 5]]]);
  });

  test("whoever brings more than may wait waits until it was taken", async () => {
    const queue = new OctetQueue(10);
    expect(queue.put(new Uint8Array(9))).toBeUndefined();
    const full = queue.put(new Uint8Array(9));
    let room = false;
    const waiting = Promise.resolve(full).then(() => {
      room = true;
    });
    await Bun.sleep(5);
    expect(room).toBe(false);
    const reading = readAll(queue);
    await waiting;
    queue.end(null);
    expect((await reading)[0]?.[1]).toHaveLength(18);
  });

  test("an end lets both sides go, and keeps its reason", async () => {
    const queue = new OctetQueue(1);
    const full = queue.put(new Uint8Array(5));
    const fault = inputError("gone", "gone");
    queue.end(fault);
    queue.end(null);
    await full;
    expect(queue.fault).toBe(fault);
    expect(queue.put(new Uint8Array(5))).toBeUndefined();
    expect((await readAll(queue))[0]?.[1]).toHaveLength(5);
  });

  test("any pieces and cuts: every octet once, in order", async () => {
    const action = fc.oneof(fc.constant("cut" as const), fc.uint8Array({ maxLength: 50 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { maxLength: 30 }),
        fc.integer({ min: 1, max: 60 }),
        async (actions, step) => {
          const queue = new OctetQueue();
          const expected: number[] = [];
          for (const each of actions) {
            if (each === "cut") queue.cut(0);
            else {
              queue.put(each);
              expected.push(...each);
            }
          }
          queue.end(null);
          expect((await readAll(queue, step)).flatMap(([, octets]) => octets)).toEqual(expected);
          expect(queue.waiting).toBe(0);
        },
      ),
    );
  });
});
