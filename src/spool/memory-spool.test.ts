import { expect, test } from "bun:test";
import fc from "fast-check";
import { MemorySpool } from "./memory-spool.ts";

test("gives records back in order, in parts too, and again after a rewind", () => {
  const spool = new MemorySpool(100, 10);
  expect([spool.push([Uint8Array.of(1), Uint8Array.of(2, 3)]), spool.push([]), spool.bytes]).toEqual([
    true,
    true,
    3,
  ]);
  expect([spool.next(), spool.next(), spool.next()]).toEqual([
    Uint8Array.of(1, 2, 3),
    new Uint8Array(0),
    null,
  ]);
  spool.rewind();
  expect([spool.unread, spool.next()]).toEqual([2, Uint8Array.of(1, 2, 3)]);
  expect([spool.shift(), spool.shift(), spool.shift(), spool.next()]).toEqual([true, true, false, null]);
});

test("takes no more than its octets and records", () => {
  const spool = new MemorySpool(10, 2);
  expect([spool.fits(11), spool.fits(10)]).toEqual([false, true]);
  expect([spool.push([new Uint8Array(6)]), spool.push([new Uint8Array(5)])]).toEqual([true, false]);
  expect([spool.push([new Uint8Array(1)]), spool.push([new Uint8Array(1)])]).toEqual([true, false]);
});

test("does what a plain array would, as long as there is room", () => {
  const step = fc.oneof(fc.nat(40), fc.constantFrom("shift", "next", "rewind"));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const spool = new MemorySpool(100, 8);
      const model: Uint8Array[] = [];
      let read = 0;
      for (const [i, each] of steps.entries()) {
        if (typeof each === "number") {
          const octets = new Uint8Array(each).fill(i);
          const fits = spool.fits(each);
          expect(spool.push([octets])).toBe(fits);
          if (fits) model.push(octets);
        } else if (each === "shift") {
          expect(spool.shift()).toBe(model.shift() !== undefined);
          read = Math.max(0, read - 1);
        } else if (each === "next") {
          expect(spool.next()).toEqual(model[read] ?? null);
          if (read < model.length) read++;
        } else {
          spool.rewind();
          read = 0;
        }
        expect([spool.count, spool.unread, spool.bytes]).toEqual([
          model.length,
          model.length - read,
          model.reduce((sum, octets) => sum + octets.length, 0),
        ]);
      }
      spool.rewind();
      for (const octets of model) expect(spool.next()).toEqual(octets);
    }),
  );
});
