import { afterEach, describe, expect, test } from "bun:test";
import { resetSync } from "@logtape/logtape";
import { log, setLogWriter, setUpLogging } from "./logging.ts";

afterEach(resetSync);

function setUp(options: {
  level?: "off" | "info" | "trace";
  format?: "text" | "json";
  colour?: boolean;
}): string[] {
  const lines: string[] = [];
  setUpLogging({
    level: "info",
    format: "text",
    colour: false,
    write: (line) => void lines.push(line),
    ...options,
  });
  return lines;
}

describe("log", () => {
  test("one line with time, level and text; what is below the level is not there", () => {
    const lines = setUp({});
    log("info", "one");
    log("debug", "two");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO one\n$/);
  });

  test("braces and control characters from the network do no harm", () => {
    const lines = setUp({});
    log("warning", "topic {x} \x1b[2J", { x: "secret" });
    expect(lines[0]).toContain("topic {x} ");
    expect(lines[0]).not.toContain("\x1b");
    for (const text of ["a}b", "a{b", "{{x}}", "}{", "}}"]) log("warning", text);
    expect(lines.slice(1).map((line) => line.trim().split(" ").at(-1))).toEqual([
      "a}b",
      "a{b",
      "{{x}}",
      "}{",
      "}}",
    ]);
  });

  test("JSON: one object a line with the properties", () => {
    const lines = setUp({ format: "json" });
    log("error", "gap {of} 3", { missing: 3 });
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      level: "ERROR",
      message: "gap {of} 3",
      logger: "rscap",
      properties: { missing: 3 },
    });
  });

  test("off is off, trace is all", () => {
    const off = setUp({ level: "off" });
    log("error", "unheard");
    expect(off).toEqual([]);
    const all = setUp({ level: "trace" });
    log("trace", "heard");
    expect(all).toHaveLength(1);
  });

  test("colour only when asked for", () => {
    const lines = setUp({ colour: true });
    log("error", "red");
    expect(lines[0]).toContain("\x1b[31m");
  });

  test("the lines can be sent elsewhere while a live view is shown", () => {
    const lines = setUp({});
    const above: string[] = [];
    setLogWriter((line) => void above.push(line));
    log("info", "one");
    expect([lines.length, above.length]).toEqual([0, 1]);
  });
});
