import { expect, test } from "bun:test";
import { LogLines } from "../../tests/helpers/wire.ts";
import { ThrottledLog } from "./throttled-log.ts";

test("the first line of a kind, then one in ten seconds with what was left out", () => {
  const { lines, log } = new LogLines();
  const throttled = new ThrottledLog(log);
  for (let ms = 0; ms < 9_999; ms += 100) throttled.tell("a", ms, "refused");
  throttled.tell("b", 5000, "another");
  throttled.tell("a", 10_000, "refused");
  throttled.tell("a", 20_000, "refused");
  expect(lines).toEqual([
    "warning: refused",
    "warning: another",
    "warning: refused (and 99 more times since this was last told)",
    "warning: refused",
  ]);
});
