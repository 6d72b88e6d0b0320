import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundledPath } from "../../ffi/embedded.ts";
import { embeddedModule, embedLibraries } from "../../scripts/embed-libraries.ts";
import { needsProgram, needsRoot, type Requirement, testWith } from "../helpers/skip.ts";
import { Chroot, LIBC_FAMILY, sharedLibraries } from "./chroot.ts";

/** What the small executable of worker-entry.ts prints. */
interface Look {
  readonly pcap: { readonly source: string; readonly version: string };
  readonly zmq: {
    readonly source: string;
    readonly curve: number;
    readonly draft: number;
    readonly context: boolean;
  };
}
interface Output {
  readonly version: string;
  readonly commit: string;
  readonly main: Look;
  readonly worker: Look;
  readonly zmqCopies: number;
}

const needsNative: Requirement = {
  met: bundledPath("libzmq") !== null && bundledPath("libpcap") !== null,
  why: "native libraries not built (./scripts/native.sh)",
};
const root = join(import.meta.dir, "..", "..");
let folder = "";
let executable = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rscap-embedding-"));
  executable = join(folder, "small");
  if (!needsNative.met) return;
  const entry = join(import.meta.dir, "worker-entry.ts");
  const build = spawnSync(
    process.execPath,
    [join(root, "scripts", "build.ts"), "--entry", entry, "--outfile", executable],
    { encoding: "utf8" },
  );
  if (build.status !== 0) throw new Error(`build: ${build.stdout}${build.stderr}`);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(env: Record<string, string>, command: readonly [string, ...string[]], cwd = folder) {
  const [file, ...args] = command;
  return spawnSync(file, args, { cwd, env: { PATH: process.env.PATH ?? "", ...env }, encoding: "utf8" });
}

function outputOf(result: ReturnType<typeof run>): Output {
  if (result.status !== 0) throw new Error(`exit ${result.status}: ${result.stdout}${result.stderr}`);
  return JSON.parse(result.stdout);
}

describe("the plugin", () => {
  test("stands in for ffi/embedded.ts with the same exports", () => {
    const source = embeddedModule({ libpcap: "/a/libpcap.so", libzmq: "/a/libzmq.so" });
    const exports = new Bun.Transpiler({ loader: "js" }).scan(source).exports;
    expect(exports.sort()).toEqual(["bundledAs", "bundledPath"]);
    expect(source).toContain('from "/a/libzmq.so" with { type: "file" }');
  });

  test("refuses a folder without the libraries and says what to run", () => {
    expect(() => embedLibraries("/nonexistent")).toThrow(
      "libpcap.so is missing: run scripts/native.sh first",
    );
  });
});

describe("libraries inside the executable", () => {
  testWith(needsNative, "load in the main thread and in a worker, CURVE inside, one copy for both", () => {
    const output = outputOf(run({}, [executable]));
    for (const look of [output.main, output.worker]) {
      expect(look.pcap.source).toBe("embedded");
      expect(look.pcap.version).toMatch(/^libpcap version 1\.\d+\.\d+ .*TPACKET_V3/);
      expect(look.zmq).toEqual({ source: "embedded", curve: 1, draft: 0, context: true });
    }
    expect(output.zmqCopies).toBe(1);
  });

  testWith(needsNative, "a setting comes before them", () => {
    const libpcap = realpathSync(bundledPath("libpcap") ?? "");
    const output = outputOf(run({ RSCAP_LIBPCAP: libpcap }, [executable]));
    expect([output.main.pcap.source, output.worker.pcap.source]).toEqual(["setting", "setting"]);
    expect(output.main.zmq.source).toBe("embedded");
  });

  testWith(needsNative, "a setting that names nothing ends with a sentence that names the variable", () => {
    const result = run({ RSCAP_LIBZMQ: "/nonexistent.so" }, [executable]);
    expect(result.status).not.toBe(0);
    expect(result.stderr).toContain("RSCAP_LIBZMQ names no usable libzmq: /nonexistent.so");
  });

  testWith(needsNative, "leave no file behind, and need no folder for temporary files", () => {
    const temporary = mkdtempSync(join(folder, "tmp-"));
    outputOf(run({ TMPDIR: temporary }, [executable]));
    expect(readdirSync(temporary)).toEqual([]);
    expect(outputOf(run({ TMPDIR: "/nonexistent" }, [executable])).main.zmq.source).toBe("embedded");
  });
});

describe("version and commit", () => {
  testWith(needsNative, "are inside", async () => {
    const { version } = await Bun.file(join(root, "package.json")).json();
    const output = outputOf(run({}, [executable]));
    expect(output.version).toBe(version);
    expect(output.commit).toMatch(/^([0-9a-f]{12}\+?|unknown)$/);
  });
});

describe("what lies in the current folder", () => {
  testWith(needsNative, "bunfig.toml, .env, package.json and tsconfig.json are not run or read", () => {
    const traps = join(folder, "traps");
    const trap = `require("fs").writeFileSync(${JSON.stringify(join(folder, "sprung"))}, "1");`;
    spawnSync("mkdir", ["-p", traps]);
    writeFileSync(join(traps, "trap.js"), trap);
    writeFileSync(join(traps, "bunfig.toml"), 'preload = ["./trap.js"]\n[run]\npreload = ["./trap.js"]\n');
    writeFileSync(join(traps, ".env"), "RSCAP_LIBZMQ=/nonexistent.so\nRSCAP_LIBPCAP=/nonexistent.so\n");
    writeFileSync(join(traps, "package.json"), "{ broken");
    writeFileSync(join(traps, "tsconfig.json"), "{ broken");
    const output = outputOf(run({}, [executable], traps));
    expect(output.main.zmq.source).toBe("embedded");
    expect(existsSync(join(folder, "sprung"))).toBe(false);
  });
});

describe("a machine with nothing but libc", () => {
  testWith([needsNative, needsProgram("ldd", "libc-bin")], "the executable itself needs libc alone", () => {
    const names = sharedLibraries(executable).map(({ name }) => name);
    expect(names).toContain("libc.so.6");
    expect(names.filter((name) => !LIBC_FAMILY.test(name))).toEqual([]);
  });

  testWith(
    [needsNative, needsRoot, needsProgram("unshare", "util-linux")],
    "both libraries load in a chroot",
    () => {
      const chroot = new Chroot(executable);
      try {
        const output = outputOf(run({}, chroot.command()));
        expect([output.main.zmq.source, output.worker.pcap.source]).toEqual(["embedded", "embedded"]);
      } finally {
        chroot.remove();
      }
    },
  );
});
