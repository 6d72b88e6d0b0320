import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  expectation,
  formatDuration,
  formatSetting,
  formatSize,
  parseDuration,
  parseSetting,
  parseSize,
} from "./parse.ts";
import { SETTING_KEYS, settingOf } from "./table.ts";

describe("sizes", () => {
  test.each([
    ["1358000", 1_358_000],
    ["64M", 64 * 1024 ** 2],
    ["64MiB", 64 * 1024 ** 2],
    ["512k", 512 * 1024],
    ["1.5k", 1536],
    ["2 GB", 2 * 1024 ** 3],
    ["0", 0],
  ])("%p is %p octets", (text, octets) => {
    expect(parseSize(text)).toBe(octets);
  });

  test.each(["", "M", "-1", "1e6", "12x", "0.3", "1.2.3", "99999999999999999999"])("%p is none", (text) => {
    expect(parseSize(text)).toBeNull();
  });

  test("what formatSize writes is read back", () => {
    fc.assert(
      fc.property(fc.nat(), (octets) => {
        expect(parseSize(formatSize(octets))).toBe(octets);
      }),
    );
  });
});

describe("durations", () => {
  test.each([
    ["50", "ms", 50],
    ["50", "s", 50_000],
    ["50ms", "s", 50],
    ["1.5s", "ms", 1500],
    ["250us", "ms", 0.25],
    ["10min", "ms", 600_000],
    ["10m", "ms", 600_000],
    ["2 h", "ms", 7_200_000],
    ["1d", "ms", 86_400_000],
  ] as const)("%p in %p is %p ms", (text, unit, ms) => {
    expect(parseDuration(text, unit)).toBe(ms);
  });

  test.each(["", "s", "-5s", "5 weeks", "1:30", "0x10"])("%p is none", (text) => {
    expect(parseDuration(text, "ms")).toBeNull();
  });

  test("what formatDuration writes is read back, whatever the unit of bare numbers", () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom("ms" as const, "s" as const), (ms, unit) => {
        expect(parseDuration(formatDuration(ms), unit)).toBe(ms);
      }),
    );
  });
});

describe("each setting of the table", () => {
  test("any text gives an allowed value or null, and an expectation in words", () => {
    fc.assert(
      fc.property(fc.constantFrom(...SETTING_KEYS), fc.string(), (key, text) => {
        const setting = settingOf(key);
        const value = parseSetting(setting, text);
        expect(expectation(setting, text).length).toBeGreaterThan(0);
        if (value === null) return;
        if (setting.type === "number" || setting.type === "size" || setting.type === "duration") {
          expect(value).toBeGreaterThanOrEqual(setting.min);
          expect(value).toBeLessThanOrEqual(setting.max);
        }
        if (setting.type === "choice") expect(setting.choices).toContain(String(value));
        if (setting.type === "list") expect(Array.isArray(value)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test.each(SETTING_KEYS.map((key) => [key]))("%s: its default, written out, is read back", (key) => {
    const setting = settingOf(key);
    const text = formatSetting(setting, setting.default);
    expect(parseSetting(setting, text)).toEqual(setting.default);
  });

  const choices = SETTING_KEYS.flatMap((key) => {
    const setting = settingOf(key);
    return setting.type === "choice" ? setting.choices.map((choice) => [key, choice] as const) : [];
  });
  test.each(choices)("%s: its choice %s is read as itself, in any case", (key, choice) => {
    for (const text of [choice, choice.toLowerCase(), choice.toUpperCase()]) {
      expect(parseSetting(settingOf(key), text)).toBe(choice);
    }
  });

  test("numbers stay in their bounds", () => {
    const port = settingOf("sourcePort");
    expect(parseSetting(port, "65535")).toBe(65535);
    expect(parseSetting(port, "65536")).toBeNull();
    expect(parseSetting(port, "0")).toBeNull();
    expect(parseSetting(port, "12.5")).toBeNull();
    expect(parseSetting(settingOf("speed"), "12.5")).toBe(12.5);
  });

  test("a list is split at commas and blanks, and each item is checked", () => {
    const source = settingOf("source");
    expect(parseSetting(source, "udp://239.1.1.1:5000, udp://[ff3e::1]:6000?iface=eth0")).toEqual([
      "udp://239.1.1.1:5000",
      "udp://[ff3e::1]:6000?iface=eth0",
    ]);
    expect(parseSetting(source, "udp://239.1.1.1:5000,239.1.1.2:5000")).toBeNull();
    expect(expectation(source, "udp://239.1.1.1:5000,239.1.1.2:5000")).toContain("udp://[source@]group:port");
  });

  test("a choice has synonyms and any case", () => {
    expect(parseSetting(settingOf("logLevel"), "WARN")).toBe("warning");
    expect(parseSetting(settingOf("logLevel"), "loud")).toBeNull();
  });
});
