import { afterAll, beforeAll, describe, expect } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT, reportOf, rscapCommand, run, start } from "../helpers/run.ts";
import { needsCompiled, needsProgram, needsRoot, testWith } from "../helpers/skip.ts";
import { Chroot, LIBC_FAMILY, sharedLibraries } from "./chroot.ts";

const PACKET = 188;
const PACKETS_PER_DATAGRAM = 7;
const FIXTURE = "ts-udp-clean.pcap";

/** The executable; asked for only where it exists. */
const executable = (): string => rscapCommand()[0] ?? "";

/** TS packet number `n` of PID 256, which carries its number: continuity is right as long as none is lost. */
function numberedPacket(n: number): Buffer {
  const packet = Buffer.alloc(PACKET, 0xff);
  packet.writeUInt32BE((0x47010010 | (n & 0x0f)) >>> 0, 0);
  packet.writeUInt32BE(n, 4);
  return packet;
}

/** Sends numbered packets to a UDP port of this machine until stopped. */
async function sendNumbered(): Promise<{ port: number; stop: () => void }> {
  // Somebody takes them, or the kernel would answer each with an error.
  const taker = await Bun.udpSocket({ hostname: "127.0.0.1", port: 0 });
  const sender = await Bun.udpSocket({});
  const { port } = taker;
  let next = 0;
  const timer = setInterval(() => {
    const packets = Array.from({ length: PACKETS_PER_DATAGRAM }, () => numberedPacket(next++));
    sender.send(Buffer.concat(packets), port, "127.0.0.1");
  }, 2);
  const stop = () => {
    clearInterval(timer);
    sender.close();
    taker.close();
  };
  return { port, stop };
}

/** A TCP port that is free now. */
async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer().once("error", reject);
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
  });
  return await promise;
}

describe("the compiled executable", () => {
  testWith(needsCompiled, "tells version, commit and the libraries inside", async () => {
    const { version } = await Bun.file(`${PROJECT}package.json`).json();
    const { stdout, exitCode } = await run(rscapCommand("--version", "--verbose"), { cwd: "/" });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`^rscap ${version} \\(([0-9a-f]{12}\\+?|unknown)\\)\n`));
    expect(stdout).toMatch(/\blibpcap\s+1\.\d+\.\d+.*\bembedded\b/);
    expect(stdout).toMatch(/\blibzmq\s+4\.\d+\.\d+.*\bembedded\b.*with CURVE/);
  });

  testWith([needsCompiled, needsProgram("ldd", "libc-bin")], "needs libc alone", () => {
    const names = sharedLibraries(executable()).map(({ name }) => name);
    expect(names).toContain("libc.so.6");
    expect(names.filter((name) => !LIBC_FAMILY.test(name))).toEqual([]);
  });

  testWith(needsCompiled, "runs nothing of what lies in the current folder", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rscap-traps-"));
    try {
      const sprung = join(folder, "sprung");
      writeFileSync(join(folder, "trap.js"), `require("fs").writeFileSync(${JSON.stringify(sprung)}, "");`);
      writeFileSync(join(folder, "bunfig.toml"), 'preload = ["./trap.js"]\n');
      writeFileSync(
        join(folder, ".env"),
        "NODE_OPTIONS=--require=./trap.js\nBUN_OPTIONS=--preload=./trap.js\n",
      );
      writeFileSync(join(folder, "package.json"), "{ broken");
      writeFileSync(join(folder, "tsconfig.json"), "{ broken");
      mkdirSync(join(folder, "src"));
      writeFileSync(join(folder, "src", "main.ts"), "throw new Error('not this one');");
      const args = ["replay", "--report", "json", `${PROJECT}fixtures/${FIXTURE}`];
      const ended = await run(rscapCommand(...args), { cwd: folder, env: { ENV_FILE: "" } });
      expect({ exitCode: ended.exitCode, stderr: ended.stderr }).toMatchObject({ exitCode: 0 });
      expect(reportOf(ended).streams).toHaveLength(1);
      expect(existsSync(sprung)).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("on a machine with nothing but libc", () => {
  const needs = [needsCompiled, needsRoot, needsProgram("unshare", "util-linux")];
  const here = needs.every(({ met }) => met);
  let chroot: Chroot;

  beforeAll(() => {
    if (!here) return;
    chroot = new Chroot(executable());
    chroot.add(`${PROJECT}fixtures/${FIXTURE}`, "/data/stream.pcap");
  });
  afterAll(() => {
    if (here) chroot.remove();
  });

  testWith(needs, "--version, the libraries from inside", async () => {
    const { stdout, stderr, exitCode } = await run(chroot.command("--version", "--verbose"));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout.match(/\bembedded\b/g)).toHaveLength(2);
  });

  testWith(needs, "replay gives the same report as outside", async () => {
    const inside = reportOf(await run(chroot.command("replay", "--report", "json", "/data/stream.pcap")));
    const outside = reportOf(await run(rscapCommand("replay", "--report", "json", `fixtures/${FIXTURE}`)));
    expect(inside.streams).toEqual(outside.streams);
    expect(inside.findings).toEqual(outside.findings);
  });

  for (const backend of ["ring", "libpcap"]) {
    testWith(needs, `probe to client over the loopback device, backend ${backend}`, async () => {
      const endpoint = `tcp://127.0.0.1:${await freePort()}`;
      const sender = await sendNumbered();
      const count = 100 * PACKETS_PER_DATAGRAM;
      const file = `/data/capture-${backend}.ts`;
      const client = start(
        chroot.command("client", "--endpoint", endpoint, "--output-file", file, "--packet-count", `${count}`),
      );
      const probe = start(
        chroot.command(
          ...["probe", "--capture-backend", backend, "--source-device", "lo", "--endpoint", endpoint],
          ...["--source", `udp://127.0.0.1:${sender.port}`, "--report", "json"],
        ),
      );
      const clientEnded = await client.ended();
      sender.stop();
      const probeEnded = await probe.stop("SIGINT");

      expect({ exitCode: clientEnded.exitCode, stderr: clientEnded.stderr }).toMatchObject({ exitCode: 0 });
      const octets = readFileSync(chroot.outside(file));
      expect(octets.length).toBe(count * PACKET);
      const first = octets.readUInt32BE(4);
      const sent = Array.from({ length: count }, (_, index) => numberedPacket(first + index));
      expect(octets.equals(Buffer.concat(sent))).toBe(true);

      expect({ exitCode: probeEnded.exitCode, stderr: probeEnded.stderr }).toMatchObject({ exitCode: 130 });
      const [stream] = reportOf(probeEnded).streams;
      expect(stream?.mpegts?.continuity.errors).toBe(0);
      expect(stream?.mpegts?.packets).toBeGreaterThanOrEqual(count);
    });
  }
});
