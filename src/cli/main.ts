import { hostname } from "node:os";
import { libpcapVersion } from "../../ffi/libpcap/libpcap.ts";
import { LIBPCAP_SYMBOLS } from "../../ffi/libpcap/symbols.ts";
import { libzmqVersion } from "../../ffi/libzmq/libzmq.ts";
import { openLibrary } from "../../ffi/load.ts";
import { listDevices } from "../capture/devices.ts";
import { EXIT, type ExitCode } from "../report/error.ts";
import { COMMIT, VERSION } from "../version.ts";
import { runClient } from "./client.ts";
import { runDevices } from "./devices.ts";
import { runForward } from "./forward.ts";
import { runKeygen } from "./keygen.ts";
import { runProbe } from "./probe.ts";
import { runProgram, type Surroundings } from "./program.ts";
import { runReplay } from "./replay.ts";
import { terminal } from "./terminal.ts";
import type { LibraryInfo } from "./version.ts";

/** Runs the command line of this process and returns its exit code. */
export async function runMain(argv: readonly string[]): Promise<ExitCode> {
  const around: Surroundings = {
    stdout: terminal.out,
    stderr: terminal.err,
    columns: terminal.outColumns(),
    colour: terminal.errColour(),
    env: process.env,
    folder: process.cwd(),
    hostname: hostname(),
    version: { version: VERSION, commit: COMMIT, libraries },
    deviceNames: () => listDevices().map((device) => device.name),
  };
  try {
    return await runProgram(
      argv,
      {
        probe: runProbe,
        client: (config) => (config.forward === "" ? runClient(config) : runForward(config)),
        replay: runReplay,
        devices: runDevices,
        keygen: (config, names) => runKeygen(config, names),
      },
      around,
    );
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    terminal.err(`rscap: a fault of rscap's own, please report it: ${text}\n`);
    return EXIT.environment;
  }
}

/** What `--version --verbose` tells of the native libraries. */
function libraries(): LibraryInfo[] {
  return [
    { name: "bun", version: Bun.version, origin: "runtime" },
    describe("libpcap", () => {
      const { source, path } = openLibrary("libpcap", LIBPCAP_SYMBOLS);
      return { version: libpcapVersion().replace(/^libpcap version /, ""), origin: `${source} ${path}` };
    }),
    describe("libzmq", () => {
      const { version, source, path, curve } = libzmqVersion();
      return { version, origin: `${source} ${path}${curve ? ", with CURVE" : ", without CURVE"}` };
    }),
  ];
}

function describe(name: string, ask: () => { version: string; origin: string }): LibraryInfo {
  try {
    return { name, ...ask() };
  } catch (error) {
    return { name, version: "-", origin: error instanceof Error ? error.message : String(error) };
  }
}
