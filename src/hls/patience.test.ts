import { expect, test } from "bun:test";
import { Patience, pause } from "./patience.ts";

test("silence comes to an end, once", async () => {
  let ends = 0;
  await new Promise<void>((resolve) => {
    const patience = new Patience(40, () => {
      ends++;
      setTimeout(() => {
        patience.end();
        resolve();
      }, 100);
    });
  });
  expect(ends).toBe(1);
});

test("time in which our own thread was busy is no silence", async () => {
  let ends = 0;
  const patience = new Patience(500, () => ends++);
  const untilMs = performance.now() + 900;
  while (performance.now() < untilMs) Bun.nanoseconds();
  await Bun.sleep(1);
  expect(patience.listenedMs).toBeLessThan(500);
  patience.heard();
  expect(ends).toBe(0);
  patience.end();
});

test("whoever does not listen hears no silence", async () => {
  let ends = 0;
  let ended: () => void = () => {};
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const patience = new Patience(40, () => {
    ends++;
    ended();
  });
  patience.pause();
  await Bun.sleep(200);
  expect(ends).toBe(0);
  patience.resume();
  await end;
  patience.end();
  expect(ends).toBe(1);
});

test("a pause ends when all ends", async () => {
  const stop = new AbortController();
  const waiting = pause(60_000, stop.signal);
  stop.abort();
  await waiting;
  await pause(60_000, stop.signal);
});
