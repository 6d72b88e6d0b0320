import { describe, expect, test } from "bun:test";
import { IGNORED_NAMES } from "./ignored.ts";
import { COMMANDS, GROUPS } from "./setting.ts";
import { defaultOf, environmentNames, SETTING_KEYS, settingOf, settingsFor } from "./table.ts";

function repeated(words: readonly string[]): string[] {
  return words.filter((word, i) => words.indexOf(word) !== i);
}

describe("the table of settings", () => {
  test.each(COMMANDS.map((command) => [command]))("%s: no flag and no letter stands twice", (command) => {
    const settings = settingsFor(command).map(settingOf);
    const flags = settings.flatMap((setting) => (setting.flag === null ? [] : [setting.flag]));
    const opposites = settings.flatMap((setting) =>
      setting.type === "boolean" && setting.flag !== null ? [setting.flag.replace(/^no-/, "")] : [],
    );
    const letters = settings.flatMap((setting) => (setting.short === undefined ? [] : [setting.short]));
    expect(repeated([...flags, "help", "json"])).toEqual([]);
    expect(repeated(opposites)).toEqual([]);
    expect(repeated([...letters, "h"])).toEqual([]);
  });

  test("no environment name stands twice, and none is both known and ignored", () => {
    const names = SETTING_KEYS.flatMap((key) => environmentNames(settingOf(key)));
    expect(repeated([...names, ...IGNORED_NAMES.map((entry) => entry.name)])).toEqual([]);
  });

  test.each(SETTING_KEYS.map((key) => [key]))(
    "%s: flag, environment, help and default fit together",
    (key) => {
      const setting = settingOf(key);
      if (setting.flag !== null) expect(setting.flag).toMatch(/^[a-z]+(-[a-z]+)*$/);
      for (const name of environmentNames(setting)) expect(name).toMatch(/^[A-Z][A-Z0-9_]*$/);
      expect(GROUPS).toContain(setting.group);
      expect(setting.help).toMatch(/^\S.*[^.]$/);
      expect(setting.commands.length).toBeGreaterThan(0);
      for (const command of Object.keys(setting.defaults ?? {})) {
        expect(setting.commands as readonly string[]).toContain(command);
      }
    },
  );

  test.each(SETTING_KEYS.filter((key) => settingOf(key).type === "secret").map((key) => [key]))(
    "%s: a secret has no flag but that of its file, named like the variable",
    (key) => {
      const setting = settingOf(key);
      const [name = ""] = environmentNames(setting);
      expect(setting.flag).toBe(`${name.toLowerCase().replaceAll("_", "-")}-file`);
      expect(environmentNames(setting)).toContain(`${name}_FILE`);
      expect(setting.default).toBe("");
    },
  );

  test("the names that people have in their .env are all there", () => {
    const ours = SETTING_KEYS.flatMap((key) => environmentNames(settingOf(key)));
    const ignored = IGNORED_NAMES.map((entry) => entry.name);
    const theirs = (
      "RUST_LOG DEBUG SILENT SEND_JSON_HEADER USE_WIRELESS TARGET_IP TARGET_PORT SOURCE_DEVICE SOURCE_IP " +
      "SOURCE_PORT SOURCE_PROTOCOL OUTPUT_FILE PROBE_ID BATCH_SIZE PACKET_SIZE PAYLOAD_OFFSET READ_TIME_OUT " +
      "BUFFER_SIZE IMMEDIATE_MODE PROMISCUOUS PCAP_STATS SEND_RAW_STREAM SEND_NULL_PACKETS NO_ZMQ IPC_PATH " +
      "PACKET_COUNT NO_PROGRESS LOGLEVEL SMPTE2110 SMPT2110 SHOW_TR101290 WATCH_FILE KAFKA_BROKER KAFKA_TOPIC " +
      "KAFKA_KEY KAFKA_INTERVAL KAFKA_TIMEOUT SEND_TO_KAFKA EXTRACT_IMAGES SAVE_IMAGES IMAGE_HEIGHT " +
      "FILMSTRIP_LENGTH JPEG_QUALITY IMAGE_FRAMERATE IMAGE_SAMPLE_RATE_NS SHOW_OS_STATS SYSTEM_STATS_INTERVAL " +
      "CLEAR_STREAM_TIMEOUT"
    ).split(" ");
    expect(theirs.filter((name) => !ours.includes(name) && !ignored.includes(name))).toEqual([]);
  });

  test("--fail-on is never for a probe and error for a replay", () => {
    expect(defaultOf(settingOf("failOn"), "probe")).toBe("never");
    expect(defaultOf(settingOf("failOn"), "replay")).toBe("error");
  });
});
