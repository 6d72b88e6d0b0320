import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resetSync } from "@logtape/logtape";
import { EXIT, environmentError } from "../report/error.ts";
import { COMMANDS } from "../settings/setting.ts";
import type { Config } from "../settings/table.ts";
import { log } from "./logging.ts";
import { type Handlers, runProgram, type Surroundings } from "./program.ts";

afterEach(resetSync);

interface Run {
  exitCode: number;
  stdout: string;
  stderr: string;
  command: string;
  config: Config | null;
  files: readonly string[];
}

async function run(
  line: readonly string[],
  env: Record<string, string> = {},
  handlers: Partial<Handlers> = {},
): Promise<Run> {
  const result: Run = { exitCode: -1, stdout: "", stderr: "", command: "", config: null, files: [] };
  const seen =
    (command: string) =>
    async (config: Config, files: readonly string[] = []) => {
      Object.assign(result, { command, config, files });
      return EXIT.ok;
    };
  const around: Surroundings = {
    stdout: (text) => {
      result.stdout += text;
    },
    stderr: (text) => {
      result.stderr += text;
    },
    columns: 80,
    colour: false,
    env,
    folder: "/nonexistent",
    hostname: "studio",
    version: {
      version: "1.2.3",
      commit: "abc1234",
      libraries: () => [
        { name: "libpcap", version: "1.10.3", origin: "embedded" },
        { name: "libzmq", version: "4.3.5", origin: "system /usr/lib/libzmq.so.5" },
      ],
    },
    deviceNames: () => ["eth0", "eth1"],
  };
  result.exitCode = await runProgram(
    line,
    {
      probe: seen("probe"),
      client: seen("client"),
      replay: seen("replay"),
      devices: seen("devices"),
      keygen: seen("keygen"),
      ...handlers,
    },
    around,
  );
  return result;
}

test("replay takes streams to generate in place of files, from flags and the environment", async () => {
  const specs = ["st2110-20:1920x1080p50,depth=12", "st2110-30:L24/48000/2"];
  const byFlags = await run(["replay", ...specs.flatMap((spec) => ["--generate", spec])]);
  const byName = await run(["replay"], { REPLAY_GENERATE: specs.join(",") });
  for (const { exitCode, config, files } of [byFlags, byName]) {
    expect(exitCode).toBe(0);
    expect(config?.generate).toEqual(specs);
    expect(files).toEqual([]);
  }
});

describe("commands", () => {
  test("probe gets its flags; repeated ones add up; opposites switch off", async () => {
    const line =
      "probe -s udp://239.1.1.1:5000 --source udp://239.1.1.2:5000 -i eth1 --no-zmq --no-drop-null --json";
    const { exitCode, command, config } = await run(line.split(" "), { DROP_NULL: "true" });
    expect([exitCode, command]).toEqual([0, "probe"]);
    expect(config?.source).toEqual(["udp://239.1.1.1:5000", "udp://239.1.1.2:5000"]);
    expect(config?.sourceDevice).toBe("eth1");
    expect([config?.noZmq, config?.noProgress, config?.dropNull, config?.report]).toEqual([
      true,
      false,
      false,
      ["json"],
    ]);
  });

  test("a flag named no-x has an opposite too", async () => {
    const env = { NO_ZMQ: "true", NO_PROGRESS: "true" };
    const { config } = await run(["probe", "--zmq"], env);
    expect([config?.noZmq, config?.noProgress]).toEqual([false, true]);
  });

  test("monitor is another name of client", async () => {
    const { command, config } = await run(["monitor", "-o", "-", "--stream=239.1.1.1-5000"]);
    expect([command, config?.outputFile, config?.stream]).toEqual(["client", "-", ["239.1.1.1-5000"]]);
  });

  test("replay takes files, - among them, and flags after them", async () => {
    const { command, config, files } = await run([
      "replay",
      "a.pcap",
      "-",
      "--output-file",
      "out.ts",
      "--loop",
      "0",
    ]);
    expect([command, files, config?.replayOutputFile, config?.loop]).toEqual([
      "replay",
      ["a.pcap", "-"],
      "out.ts",
      0,
    ]);
    expect(config?.failOn).toBe("error");
  });

  test("the exit code is the handler's; its RscapError is printed", async () => {
    expect((await run(["devices"], {}, { devices: async () => EXIT.findings })).exitCode).toBe(1);
    const failing = async () => {
      throw environmentError("no-device", "Device eth9 does not exist.");
    };
    const { exitCode, stderr } = await run(["devices"], {}, { devices: failing });
    expect([exitCode, stderr]).toEqual([4, "rscap: Device eth9 does not exist.\n"]);
  });

  test("a fault of our own is not hidden", async () => {
    const failing = async () => {
      throw new TypeError("oops");
    };
    expect(run(["devices"], {}, { devices: failing })).rejects.toThrow("oops");
  });
});

describe("wrong usage exits with 2 and says what to do", () => {
  test.each([
    [["prob"], "(Did you mean probe?)"],
    [["frobnicate"], "rscap: unknown command 'frobnicate'\nSee rscap --help."],
    [["probe", "--sorce", "x"], "(Did you mean --source?)"],
    [["probe", "--version"], "rscap: unknown option '--version'"],
    [["probe", "--source-port"], "rscap: option '--source-port <n>' argument missing"],
    [["probe", "extra"], "rscap: too many arguments"],
    [["replay", "--generate", "x"], "expected kind:format[,key=value…] such as st2110-20:"],
    [
      ["replay"],
      "rscap: there is no file to replay; name one, - for standard input, or a stream to --generate",
    ],
    [["probe", "--source-port", "x"], "rscap: --source-port (SOURCE_PORT): expected a whole number"],
    [["completion", "tcsh"], "Allowed choices are bash, zsh, fish."],
    [[], "Usage: rscap [options] [command]"],
    [["--verbose"], "Usage: rscap"],
  ])("%j", async (line, message) => {
    const { exitCode, stderr, command } = await run(line);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(command).toBe("");
  });
});

describe("help", () => {
  test("the program's help names each command and the exit codes", async () => {
    const { exitCode, stdout } = await run(["--help"]);
    expect(exitCode).toBe(0);
    for (const command of COMMANDS) expect(stdout).toContain(command);
    expect(stdout).toContain("client|monitor");
    expect(stdout).toContain("Exit codes:");
  });

  test.each(COMMANDS.map((command) => [command]))(
    "%s: groups, variables, defaults, examples, 80 columns",
    async (command) => {
      const { exitCode, stdout } = await run(["help", command]);
      expect(exitCode).toBe(0);
      expect(stdout).toContain("Configuration:");
      expect(stdout).toMatch(/\[LOG_LEVEL,\s+default:\s+info\]/);
      expect(stdout).toContain(`rscap ${command}`);
      expect(stdout).not.toContain("--no-quiet");
      const options = stdout.slice(0, stdout.indexOf("Examples:"));
      for (const line of options.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    },
  );
});

describe("version", () => {
  test("--version", async () => {
    expect(await run(["--version"])).toMatchObject({ exitCode: 0, stdout: "rscap 1.2.3 (abc1234)\n" });
    expect((await run(["-V"])).stdout).toBe("rscap 1.2.3 (abc1234)\n");
  });

  test("--version --verbose names the libraries and where they were loaded from, in either order", async () => {
    const text =
      "rscap 1.2.3 (abc1234)\n  libpcap  1.10.3  embedded\n  libzmq   4.3.5   system /usr/lib/libzmq.so.5\n";
    expect((await run(["--version", "--verbose"])).stdout).toBe(text);
    expect((await run(["--verbose", "--version"])).stdout).toBe(text);
  });
});

describe("--show-config", () => {
  test("each setting, its value and where it came from; the command does not run", async () => {
    const { exitCode, stdout, command } = await run(["probe", "--show-config", "--ring-size", "128M"], {
      TARGET_PORT: "7000",
    });
    expect([exitCode, command]).toEqual([0, ""]);
    expect(stdout).toMatch(/^ring-size +128M +flag --ring-size$/m);
    expect(stdout).toMatch(/^target-port +7000 +environment TARGET_PORT$/m);
    expect(stdout).toMatch(/^filter +- +default$/m);
    expect(stdout).toMatch(/^RSCAP_LIBPCAP +- +default$/m);
    expect(stdout).not.toMatch(/^output-file/m);
  });

  test("without a command: those of every command", async () => {
    const { exitCode, stdout } = await run(["--show-config"], { FAIL_ON: "warning" });
    expect(exitCode).toBe(0);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^rscap ${command}$`, "m"));
    expect(stdout.match(/^fail-on +warning +environment FAIL_ON$/gm)).toHaveLength(2);
    const replay = await run(["replay", "--show-config"]);
    expect([replay.exitCode, replay.stdout]).toEqual([0, expect.stringContaining("report")]);
    const wrong = await run(["--show-config"], { SOURCE_PORT: "x" });
    expect([wrong.exitCode, wrong.stderr]).toEqual([
      2,
      expect.stringContaining("--source-port (SOURCE_PORT)"),
    ]);
  });

  test("as JSON", async () => {
    const { stdout } = await run(["client", "--show-config", "--json"]);
    const settings = JSON.parse(stdout) as Record<string, unknown>;
    expect(settings.flushTime).toEqual({ value: 500, origin: "default" });
    expect(settings.sourceIp).toBeUndefined();
  });
});

describe("log", () => {
  test("names without effect are logged before the command runs", async () => {
    const { stderr, command } = await run(["probe"], { PAYLOAD_OFFSET: "42" });
    expect(command).toBe("probe");
    expect(stderr).toContain("WARNING PAYLOAD_OFFSET in the environment has no effect");
  });

  test("--quiet leaves errors only, --log-format json makes JSON lines", async () => {
    const speak = async () => {
      log("warning", "not heard");
      log("error", "heard");
      return EXIT.ok;
    };
    const { stderr } = await run(["probe", "--quiet", "--log-format", "json"], {}, { probe: speak });
    expect(JSON.parse(stderr)).toMatchObject({ level: "ERROR", message: "heard" });
  });
});

test("a library named in .env is handed to the loader through the environment", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rscap-program-"));
  const file = join(folder, "x.env");
  writeFileSync(file, "RSCAP_LIBPCAP=/opt/libpcap.so\n");
  const env: Record<string, string> = {};
  await run(["devices", "--env-file", file], env);
  rmSync(folder, { recursive: true });
  expect(env).toEqual({ RSCAP_LIBPCAP: "/opt/libpcap.so" });
});

test("the shell's question is answered, half a command line and all", async () => {
  const { exitCode, stdout } = await run(["complete", "--", "probe", "--sourc"]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("--source-ip\t");
  expect((await run(["completion", "bash"])).stdout).toContain("complete -o default");
});
