import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { showConfigJson, showConfigText } from "../cli/show-config.ts";
import { RscapError } from "../report/error.ts";
import { type ConfigInput, nameOf, type ResolvedConfig, resolveConfig } from "./config.ts";
import { environmentNames, SETTING_KEYS, settingOf } from "./table.ts";

let folder = "";
let emptyFolder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rscap-config-"));
  emptyFolder = mkdtempSync(join(tmpdir(), "rscap-config-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(emptyFolder, { recursive: true });
});

function resolve(input: Partial<ConfigInput>): ResolvedConfig {
  return resolveConfig({
    command: "probe",
    flags: {},
    env: {},
    folder: emptyFolder,
    hostname: "studio",
    ...input,
  });
}

function errorOf(input: Partial<ConfigInput>): RscapError {
  try {
    resolve(input);
  } catch (error) {
    if (error instanceof RscapError) return error;
    throw error;
  }
  throw new Error("no error came");
}

function withFile(text: string, input: Partial<ConfigInput> = {}): ResolvedConfig {
  writeFileSync(join(folder, ".env"), text);
  return resolve({ folder, ...input });
}

describe("precedence", () => {
  test("nothing set: the defaults, and each says so", () => {
    const { config, origin, notices } = resolve({});
    expect(config.sourceIp).toBe("224.0.0.200");
    expect(config.sourcePort).toBe(10000);
    expect(config.targetPort).toBe(5556);
    expect(config.ringSize).toBe(32 * 1024 * 1024);
    expect(config.probeId).toBe("studio");
    expect(config.failOn).toBe("never");
    expect(new Set(Object.values(origin))).toEqual(new Set(["default"]));
    expect(Object.keys(config).toSorted()).toEqual([...SETTING_KEYS].toSorted());
    expect(notices).toEqual([]);
  });

  test("flag before environment before .env before default", () => {
    const text = "SOURCE_PORT=3\nTARGET_PORT=3\nREORDER_PACKETS=3\n";
    const { config, origin } = withFile(text, {
      flags: { sourcePort: "1" },
      env: { SOURCE_PORT: "2", TARGET_PORT: "2" },
    });
    expect([config.sourcePort, config.targetPort, config.reorderPackets, config.batchSize]).toEqual([
      1, 2, 3, 64,
    ]);
    expect(origin.sourcePort).toBe("flag --source-port");
    expect(origin.targetPort).toBe("environment TARGET_PORT");
    expect(origin.reorderPackets).toBe("REORDER_PACKETS in .env");
    expect(origin.batchSize).toBe("default");
  });

  test("an empty value in .env or in the environment means not set", () => {
    const { config, origin } = withFile('SOURCE_DEVICE=\nSOURCE_PORT=""\n', {
      env: { TARGET_PORT: "", PROBE_ID: " " },
    });
    expect([config.sourceDevice, config.sourcePort, config.targetPort]).toEqual(["", 10000, 5556]);
    expect([origin.sourceDevice, origin.sourcePort, origin.targetPort]).toEqual([
      "default",
      "default",
      "default",
    ]);
    expect(config.probeId).toBe("studio");
  });

  test("an empty flag takes a text from the environment away", () => {
    const { config, origin } = resolve({ flags: { filter: "" }, env: { FILTER: "udp" } });
    expect([config.filter, origin.filter]).toEqual(["", "flag --filter"]);
  });

  test("a flag can switch off what the environment switches on", () => {
    expect(resolve({ flags: { dropNull: false }, env: { DROP_NULL: "true" } }).config.dropNull).toBe(false);
  });

  test("the prefix RSCAP_ wins over the plain name", () => {
    const { config, origin } = resolve({ env: { DURATION: "1", RSCAP_DURATION: "2" } });
    expect([config.duration, origin.duration]).toEqual([2000, "environment RSCAP_DURATION"]);
  });

  test("--env-file names another file, also from the environment", () => {
    writeFileSync(join(folder, "other.env"), "SOURCE_PORT=7\n");
    const flag = resolve({ folder, flags: { envFile: "other.env" } });
    expect([flag.config.sourcePort, flag.origin.sourcePort]).toEqual([7, "SOURCE_PORT in other.env"]);
    expect(resolve({ folder, env: { ENV_FILE: "other.env" } }).config.sourcePort).toBe(7);
  });

  test("repeated flags of a list add up, also with commas", () => {
    const { config } = resolve({
      flags: { source: ["udp://239.1.1.1:1", "udp://239.1.1.2:2,udp://239.1.1.3:3"] },
    });
    expect(config.source).toEqual(["udp://239.1.1.1:1", "udp://239.1.1.2:2", "udp://239.1.1.3:3"]);
  });
});

describe("one .env for all commands", () => {
  const legacy =
    "RUST_LOG=debug\nDEBUG=false\nSILENT=false\nSEND_JSON_HEADER=true\nUSE_WIRELESS=false\nTARGET_IP=10.0.0.7\n" +
    "TARGET_PORT=5556\nSOURCE_DEVICE=\nSOURCE_IP=224.0.0.200\nSOURCE_PORT=10001\nSOURCE_PROTOCOL=udp\n" +
    "OUTPUT_FILE=out.ts\nPROBE_ID=\nBATCH_SIZE=7\nPACKET_SIZE=188\nPAYLOAD_OFFSET=42\nREAD_TIME_OUT=300000\n" +
    "BUFFER_SIZE=1358000\nIMMEDIATE_MODE=false\nPROMISCUOUS=true\nSEND_NULL_PACKETS=false\nSEND_TO_KAFKA=false\n";

  test("the earlier rscap's names keep their meaning", () => {
    const { config } = withFile(legacy);
    expect(config.logLevel).toBe("debug");
    expect(config.header).toBe("json");
    expect(config.sourcePort).toBe(10001);
    expect(config.batchSize).toBe(7);
    expect(config.bufferSize).toBe(1_358_000);
    expect(config.promiscuous).toBe(true);
    expect(config.dropNull).toBe(true);
    expect(config.quiet).toBe(false);
  });

  test("a client takes the same file; a replay does not overwrite its OUTPUT_FILE", () => {
    const client = withFile(legacy, { command: "client" }).config;
    expect([client.outputFile, client.targetIp]).toEqual(["out.ts", "10.0.0.7"]);
    expect(withFile(legacy, { command: "replay" }).config.replayOutputFile).toBe("");
  });

  test("a bad value of another command's setting does no harm", () => {
    expect(resolve({ command: "client", env: { SOURCE_PORT: "none" } }).config.sourcePort).toBe(10000);
  });

  test("what has no effect is named with the reason, once", () => {
    const { notices } = withFile(legacy, { env: { PACKET_SIZE: "188", WATCH_FILE: "/tmp/log" } });
    expect(notices.filter((notice) => notice.includes("PACKET_SIZE"))).toHaveLength(1);
    expect(
      notices.some((notice) => notice.startsWith("PACKET_SIZE, PAYLOAD_OFFSET in .env have no effect: ")),
    ).toBe(true);
    expect(notices.some((notice) => notice.startsWith("WATCH_FILE in the environment has no effect: "))).toBe(
      true,
    );
    expect(notices.some((notice) => notice.includes("SEND_TO_KAFKA"))).toBe(false);
  });

  test("a misspelt name in the file is named, other programs' names are not", () => {
    const { notices } = withFile("SOURCE_PROT=1\nRSCAP_COLOUR=red\nPATH_TO_X=1\nTERM=x\n");
    expect(notices).toEqual([
      "SOURCE_PROT in .env is not a setting. Was SOURCE_PORT meant?",
      "RSCAP_COLOUR in .env is not a setting.",
    ]);
  });
});

describe("bad values are usage errors that name flag, variable and value", () => {
  test.each([
    [
      { flags: { sourcePort: "x" } },
      '--source-port (SOURCE_PORT): expected a whole number from 1 to 65535, got "x" (flag --source-port).',
    ],
    [
      { env: { SOURCE_PORT: "70000" } },
      '--source-port (SOURCE_PORT): expected a whole number from 1 to 65535, got "70000" (environment SOURCE_PORT).',
    ],
    [
      { env: { SEND_JSON_HEADER: "xml" } },
      '--header (HEADER): expected one of capnp, json, none, got "xml" (environment SEND_JSON_HEADER).',
    ],
    [{ flags: { ringSize: "12 apples" } }, "--ring-size (RING_SIZE): expected octets from 1M to"],
    [{ flags: { reorderTime: "1h" } }, "--reorder-time (REORDER_TIME): expected a time from 0 to 10s"],
    [{ env: { DROP_NULL: "perhaps" } }, "--drop-null (DROP_NULL): expected true or false"],
    [{ flags: { sourceIp: "239.1.1" } }, "--source-ip (SOURCE_IP): expected an IPv4 or IPv6 address"],
    [
      { flags: { source: ["239.1.1.1:5000"] } },
      "--source (SOURCE): expected udp://[source@]group:port[?iface=device]",
    ],
    [{ flags: { endpoint: ["udp://x:1"] } }, "--endpoint (ENDPOINT): expected tcp://host:port or ipc://path"],
    [
      { flags: { endpoint: ["tcp://256.1.1.1:5556"] } },
      "--endpoint (ENDPOINT): expected an IPv4 address of four numbers of 0 to 255",
    ],
    [
      { env: { TARGET_IP: "10.0.7" } },
      "--target-ip (TARGET_IP): expected an IPv4 address of four numbers of 0 to 255",
    ],
    [{ flags: { targetIp: "a b" } }, "--target-ip (TARGET_IP): expected an address, a host name or *"],
    [{ flags: { probeId: "a/b" } }, "--probe-id (PROBE_ID): expected at most 64 letters"],
    [{ flags: { blockSize: "100k" } }, "--block-size (BLOCK_SIZE): expected a power of two"],
    [{ flags: { ringSize: "1M" } }, "--ring-size (RING_SIZE): expected at least two blocks"],
    [
      { flags: { endpoint: ["tcp://a:1", "tcp://b:1"] } },
      "--endpoint (ENDPOINT): expected one endpoint, got 2",
    ],
  ])("%j", (input, message) => {
    const error = errorOf(input as Partial<ConfigInput>);
    expect(error.exitCode).toBe(2);
    expect(error.message).toStartWith(message);
  });

  test("rules of client and replay", () => {
    const flags = { endpoint: ["tcp://a:1", "tcp://b:1"], transport: "push" };
    expect(errorOf({ command: "client", flags }).message).toContain("--transport push");
    expect(resolve({ command: "client", flags: { endpoint: flags.endpoint } }).config.endpoint).toHaveLength(
      2,
    );
    expect(errorOf({ command: "replay", flags: { realtime: true, speed: "2" } }).message).toContain(
      "--speed",
    );
    expect(errorOf({ command: "replay", flags: { send: "239.1.1.1:5" } }).message).toContain(
      "udp://group:port",
    );
  });

  test("a file that was named but cannot be read", () => {
    expect(errorOf({ flags: { envFile: "nowhere.env" } }).message).toContain("there is no such file");
    expect(errorOf({ flags: { envFile: "." } }).message).toContain("this is a folder");
    writeFileSync(join(folder, "binary.env"), "A=\0\n");
    expect(errorOf({ folder, flags: { envFile: "binary.env" } }).message).toContain("which is not one");
  });
});

test("any environment gives a configuration or a usage error", () => {
  const names = SETTING_KEYS.map((key) => settingOf(key).env[0]).filter((name) => typeof name === "string");
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), fc.string()), (env) => {
      const { ENV_FILE: _, ...others } = env;
      try {
        resolve({ env: others });
      } catch (error) {
        expect(error).toBeInstanceOf(RscapError);
        expect((error as RscapError).exitCode).toBe(2);
      }
    }),
    { numRuns: 300 },
  );
});

const SECRETS = SETTING_KEYS.filter((key) => settingOf(key).type === "secret");

describe("secrets", () => {
  test.each(SECRETS.map((key) => [key]))("%s: by variable, by file, never in a message", (key) => {
    const setting = settingOf(key);
    const command = setting.commands[0] ?? "probe";
    const [name = ""] = environmentNames(setting);
    writeFileSync(join(emptyFolder, "secret"), "hunter3\n", { mode: 0o600 });
    const cases = [
      [{ env: { [name]: "hunter2" } }, "hunter2", `environment ${name}`],
      [{ env: { [`RSCAP_${name}_FILE`]: "secret" } }, "hunter3", `environment RSCAP_${name}_FILE`],
      [{ env: { [`${name}_FILE`]: "secret", [name]: "hunter2" } }, "hunter2", `environment ${name}`],
      [{ flags: { [key]: "secret" }, env: { [name]: "hunter2" } }, "hunter3", `flag --${setting.flag}`],
    ] as const;
    for (const [input, value, origin] of cases) {
      const resolved = resolve({ command, ...input });
      expect([resolved.config[key], resolved.origin[key], resolved.notices]).toEqual([value, origin, []]);
      for (const shown of [showConfigText(command, resolved), showConfigJson(command, resolved)]) {
        expect(shown).toContain("(set)");
        expect(shown).not.toContain("hunter");
      }
    }
    const { message } = errorOf({ command, flags: { [key]: "nowhere" } });
    expect(message).toStartWith(`${name}, or --${setting.flag} (${name}_FILE): expected a file`);
  });
});

test("a .env that everybody may read and that holds a secret is told of, once for all", () => {
  const [key] = SECRETS;
  if (key === undefined) throw new Error("there is no secret setting");
  const [command = "client"] = settingOf(key).commands;
  const [name = "", fileName = ""] = environmentNames(settingOf(key));
  const path = join(folder, "secrets.env");
  const notices = (text: string, mode: number): readonly string[] => {
    writeFileSync(path, text);
    chmodSync(path, mode);
    return resolve({ command, folder, flags: { envFile: "secrets.env" } }).notices;
  };
  const told = `secrets.env, which holds ${name}, is open to every user of this machine: chmod 600 it.`;
  expect(notices(`${name}=http://localhost/\n`, 0o644)).toEqual([told]);
  expect(notices(`${name}=http://localhost/\n`, 0o600)).toEqual([]);
  writeFileSync(join(folder, "held"), "http://localhost/", { mode: 0o600 });
  expect(notices(`${fileName}=held\n`, 0o644)).toEqual([]);
});

test("a host name that cannot stand in a topic is made to fit", () => {
  expect(resolve({ hostname: "studio 1/rack\n2" }).config.probeId).toBe("studio-1-rack-2");
  expect(resolve({ hostname: "" }).config.probeId).toBe("probe");
});

test("settings are named by flag and variable", () => {
  expect(nameOf(settingOf("sourceIp"))).toBe("--source-ip (SOURCE_IP)");
  expect(nameOf(settingOf("showConfig"))).toBe("--show-config");
  expect(nameOf(settingOf("libpcap"))).toBe("RSCAP_LIBPCAP");
});
