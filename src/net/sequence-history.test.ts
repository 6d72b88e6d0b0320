import { expect, test } from "bun:test";
import fc from "fast-check";
import { HISTORY_LENGTH, SequenceHistory } from "./sequence-history.ts";

test("agrees with a plain set over the last HISTORY_LENGTH numbers, wrap included", () => {
  const steps = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 65535 }), steps, (first, ahead) => {
      const history = new SequenceHistory();
      const came = new Set<number>([first]);
      let highest = first;
      history.add(first & 0xffff);
      for (const step of ahead) {
        history.open((highest + 1) & 0xffff, step - 1);
        highest += step;
        history.add(highest & 0xffff);
        came.add(highest);
      }
      const span = Math.min(highest - first + 1, HISTORY_LENGTH);
      for (let behind = 0; behind < span; behind++) {
        const number = highest - behind;
        if (history.has(number & 0xffff) !== came.has(number)) throw new Error(`${number} of ${highest}`);
      }
    }),
    { numRuns: 40 },
  );
});

test("opening more numbers than it has forgets all of them", () => {
  const history = new SequenceHistory();
  history.add(5);
  history.open(6, HISTORY_LENGTH);
  expect(history.has(5)).toBe(false);
});
