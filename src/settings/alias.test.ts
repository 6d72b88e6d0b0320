import { describe, expect, test } from "bun:test";
import { debugAlias, inverseAlias, isOff, jsonHeaderAlias, parseBoolean, rustLogAlias } from "./alias.ts";

describe("names of the earlier rscap", () => {
  test.each([
    ["true", true],
    ["YES", true],
    ["1", true],
    ["off", false],
    ["False", false],
    ["maybe", null],
    ["", null],
  ])("parseBoolean(%p) is %p", (text, value) => {
    expect(parseBoolean(text)).toBe(value);
  });

  test("SEND_JSON_HEADER: true is json, false is none, else the text is kept for the error", () => {
    expect(jsonHeaderAlias("true")).toBe("json");
    expect(jsonHeaderAlias("false")).toBe("none");
    expect(jsonHeaderAlias("xml")).toBe("xml");
  });

  test("SEND_NULL_PACKETS is the opposite of --drop-null", () => {
    expect(inverseAlias("true")).toBe("false");
    expect(inverseAlias("0")).toBe("true");
    expect(inverseAlias("sometimes")).toBe("sometimes");
  });

  test.each([
    ["info", "info"],
    ["WARN", "warning"],
    ["rscap=debug,info", "debug"],
    ["info,rscap::probe=trace", "trace"],
    ["hyper=debug", null],
    ["hyper=debug,error", "error"],
    ["[span{x=1}]", null],
    ["", null],
  ])("RUST_LOG=%p is level %p", (text, level) => {
    expect(rustLogAlias(text)).toBe(level);
  });

  test("DEBUG of other programs says nothing", () => {
    expect(debugAlias("true")).toBe("debug");
    expect(debugAlias("false")).toBeNull();
    expect(debugAlias("express:*")).toBeNull();
  });

  test("off values are not worth a notice", () => {
    expect([isOff(""), isOff(" false "), isOff("0")]).toEqual([true, true, true]);
    expect([isOff("true"), isOff("localhost:9092")]).toEqual([false, false]);
  });
});
