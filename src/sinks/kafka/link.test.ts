import { expect, test } from "bun:test";
import { attempts, backoff } from "./link.ts";

/** How long an outage may last, in seconds, before a batch loses its producer id. */
function outageSeconds(mostMs: number): number {
  let ms = 0;
  for (let attempt = 0; attempt < attempts(mostMs); attempt++) ms += backoff(attempt, mostMs);
  return ms / 1000;
}

test("a batch keeps its producer id for nearly an hour by default, and never less than 15 minutes", () => {
  expect(outageSeconds(5000)).toBeGreaterThan(3500);
  for (const mostMs of [100, 300, 5000, 60_000, 600_000]) expect(outageSeconds(mostMs)).toBeGreaterThan(900);
});

test("the attempts are bounded, for the library keeps an error of each", () => {
  expect([100, 300, 5000, 600_000].map(attempts)).toEqual([10_000, 10_000, 720, 100]);
});
