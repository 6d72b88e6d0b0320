import { expect, test } from "bun:test";
import { FindingCounter, type Rule, ruleText } from "./finding.ts";
import { NO_WALL_CLOCK } from "./time.ts";

const RULE: Rule = {
  code: "sample",
  clause: "none",
  severity: "warning",
  text: "{count} {packet was|packets were} lost; look for {it|them}.",
};

test("a rule's sentence for one and for many", () => {
  expect(ruleText(RULE, 1)).toBe("1 packet was lost; look for it.");
  expect(ruleText(RULE, 0)).toBe("0 packets were lost; look for them.");
  expect(ruleText(RULE, 21_600)).toBe("21,600 packets were lost; look for them.");
});

test("a counter keeps count, first and last time, and its PID", () => {
  const counter = new FindingCounter(RULE, 256);
  expect(counter.toFinding("a", NO_WALL_CLOCK)).toBeNull();
  counter.hit(1e9);
  counter.hit(2e9, 3);
  expect(counter.toFinding("a", NO_WALL_CLOCK)).toMatchObject({
    stream: "a",
    pid: 256,
    count: 4,
    first: "+1.000000000s",
    last: "+2.000000000s",
    text: "4 packets were lost; look for them.",
  });
  const timeless = new FindingCounter(RULE);
  timeless.hit(Number.NaN);
  expect(timeless.toFinding("a", NO_WALL_CLOCK)).toMatchObject({ count: 1, first: null, last: null });
});
