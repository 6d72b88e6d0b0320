import { describe, expect } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { needsProgram, type Requirement, testWith } from "../helpers/skip.ts";
import { LIBC_FAMILY } from "./chroot.ts";

const NATIVE = join(import.meta.dir, "..", "..", ".cache", "native");
const NEWEST_GLIBC = [2, 34] as const;
const needsNative: Requirement = {
  met: existsSync(join(NATIVE, "libzmq.so")),
  why: "native libraries not built (./scripts/native.sh)",
};
const needs = [needsNative, needsProgram("objdump", "binutils"), needsProgram("readelf", "binutils")];

function output(command: string, ...args: string[]): string {
  const run = spawnSync(command, args, { encoding: "utf8" });
  if (run.status !== 0) throw new Error(`${command} ${args.join(" ")}: ${run.stderr}`);
  return run.stdout;
}

describe.each(["libpcap", "libzmq"])("%s, as it is built into the executable", (name) => {
  const path = () => realpathSync(join(NATIVE, `${name}.so`));

  testWith(needs, `${name} needs libc alone`, () => {
    const needed = [...output("readelf", "-d", path()).matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, so]) => so);
    expect(needed).toContain("libc.so.6");
    expect(needed.filter((so) => !LIBC_FAMILY.test(so ?? ""))).toEqual([]);
  });

  testWith(needs, `${name} wants no symbol newer than glibc 2.34`, () => {
    const versions = [...output("objdump", "-T", path()).matchAll(/GLIBC_(\d+)\.(\d+)/g)];
    expect(versions.length).toBeGreaterThan(0);
    const tooNew = versions.filter(([, major, minor]) => {
      const [newestMajor, newestMinor] = NEWEST_GLIBC;
      return Number(major) !== newestMajor || Number(minor) > newestMinor;
    });
    expect(tooNew.map(([version]) => version)).toEqual([]);
  });

  testWith(needs, `${name} shows its own functions and hides what is linked in`, () => {
    const defined = output("objdump", "-T", path())
      .split("\n")
      .filter((line) => / DF \.text/.test(line))
      .map((line) => line.trim().split(/\s+/).at(-1) ?? "");
    expect(defined).toContain(name === "libpcap" ? "pcap_compile" : "zmq_curve_keypair");
    expect(defined.filter((symbol) => /^(crypto_|sodium_|_Z|__cxa|_Unwind|_dl_find)/.test(symbol))).toEqual(
      [],
    );
  });

  testWith(
    needs,
    `${name} asks for no executable stack and holds no path of the machine that built it`,
    () => {
      const stack = /GNU_STACK[^\n]*\n?\s[^\n]*/.exec(output("readelf", "-lW", path()))?.[0] ?? "";
      expect(stack).toMatch(/ RW /);
      expect(output("strings", "-a", path())).not.toContain("/rscap/build.");
    },
  );
});
