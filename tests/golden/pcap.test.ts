import { describe, expect } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { octetDifference } from "../helpers/octets.ts";
import { rscapCommand, run, runOk } from "../helpers/run.ts";
import { needsShared, needsTshark, testWith } from "../helpers/skip.ts";
import { sharedData } from "../shared-data.ts";

/** Replays a shared capture into a file of its own; returns the report and every file that was written. */
async function replay(capture: string, ...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), "rscap-golden-"));
  try {
    const path = sharedData(capture) ?? "";
    const output = join(folder, "out.ts");
    const flags = ["--report", "json", "--fail-on", "never", "--output-file", output, ...args];
    const { exitCode, stdout, stderr } = await run(rscapCommand("replay", ...flags, path));
    const files = Object.fromEntries(
      readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]),
    );
    return { exitCode, stderr, report: JSON.parse(stdout), files };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The UDP payloads that match a tshark display filter, end to end. */
async function tsharkPayload(capture: string, filter: string): Promise<Buffer> {
  const fields = ["-T", "fields", "-e", "udp.payload", "-Y", filter];
  // Without the MP2T and RTP dissectors udp.payload is the whole datagram.
  const plain = ["--disable-protocol", "mp2t", "--disable-protocol", "rtp"];
  const text = await runOk(["tshark", "-r", sharedData(capture) ?? "", ...plain, ...fields]);
  return Buffer.from(text.replaceAll("\n", ""), "hex");
}

const TSDUCK_162 = "pcap/tsduck-162.pcap";
const TSDUCK_171 = "pcap/tsduck-171.11.pcapng";
const TSDUCK_176 = "pcap/tsduck-176.pcapng";

describe("transport streams out of captures, byte for byte", () => {
  testWith(needsShared(TSDUCK_162), "tsduck-162: RTP within VLAN 123", async () => {
    const { exitCode, report, files } = await replay(TSDUCK_162);
    expect(exitCode).toBe(0);
    const reference = readFileSync(sharedData("pcap/tsduck-162.ts") ?? "");
    expect(octetDifference(files["out.ts"], reference)).toBeNull();
    expect(report.streams).toHaveLength(1);
    const [stream] = report.streams;
    expect(stream).toMatchObject({ kind: "mpegts", transport: "rtp", vlan: [123], packets: 16 });
    expect(stream.rtp).toMatchObject({ payloadType: 33, packets: 16, lost: 0, duplicates: 0 });
    expect(stream.source).toBe("10.101.10.90:2000");
    expect(stream.destination).toBe("235.0.2.1:2000");
  });

  testWith(
    needsShared(TSDUCK_171),
    "tsduck-171.11: 204-octet packets, of which 188 are the packet",
    async () => {
      const { exitCode, report, files } = await replay(TSDUCK_171);
      expect(exitCode).toBe(0);
      // The reference keeps the 16 octets of Reed-Solomon parity after each packet, which are not the
      // transport stream's: what is passed on are packets of 188 octets (ISO/IEC 13818-1 2.4.3.1).
      const reference = readFileSync(sharedData("pcap/tsduck-171.11.ts") ?? "");
      const packets = Array.from({ length: reference.length / 204 }, (_, i) =>
        reference.subarray(i * 204, i * 204 + 188),
      );
      expect(packets).toHaveLength(329);
      expect(octetDifference(files["out.ts"], Buffer.concat(packets))).toBeNull();
      expect(report.streams).toHaveLength(1);
      expect(report.streams[0]).toMatchObject({ kind: "mpegts", transport: "udp", packets: 47 });
      expect(report.streams[0].mpegts).toMatchObject({ packets: 329, packetLength: 204, passed: 329 });
    },
  );

  testWith(needsShared(TSDUCK_176), "tsduck-176: IPv4 and IPv6, each its own stream", async () => {
    const { report, files } = await replay(TSDUCK_176);
    const streams = Object.fromEntries(
      report.streams.map((stream: { destination: string }) => [stream.destination, stream]),
    );
    const v4 = streams["192.168.233.11:7777"];
    const v6 = streams["[fdb2:2c26:f4e4:1:21c:42ff:fe38:46a8]:8888"];
    expect(v4).toMatchObject({ kind: "mpegts", packets: 12, bytes: 12 * 1316 });
    expect(v6).toMatchObject({ kind: "mpegts", packets: 10, bytes: 10 * 1316 });
    expect(report.input.drops.otherTraffic).toBe(1); // the ICMPv6 packet that quotes a datagram
    const sizes = Object.values(files).map(({ length }) => length);
    expect(sizes.sort()).toEqual([10 * 1316, 12 * 1316]);
  });

  testWith(
    [needsShared(TSDUCK_176), needsTshark],
    "tsduck-176: the same octets as tshark finds",
    async () => {
      const v4 = await tsharkPayload(TSDUCK_176, "udp.dstport == 7777");
      const v6 = await tsharkPayload(TSDUCK_176, "udp.dstport == 8888 && !icmpv6");
      const { files } = await replay(TSDUCK_176);
      const written = Object.values(files).sort((a, b) => b.length - a.length);
      expect(written).toHaveLength(2);
      expect(octetDifference(written[0], v4)).toBeNull();
      expect(octetDifference(written[1], v6)).toBeNull();
      const one = await replay(TSDUCK_176, "--filter", "ip6 and udp");
      expect(octetDifference(one.files["out.ts"], v6)).toBeNull();
    },
  );

  testWith([needsShared(TSDUCK_171), needsTshark], "tsduck-171.11: times agree with tshark's", async () => {
    const fields = ["-T", "fields", "-e", "frame.time_epoch"];
    const times = (await runOk(["tshark", "-r", sharedData(TSDUCK_171) ?? "", ...fields])).trim().split("\n");
    const { report } = await replay(TSDUCK_171);
    for (const [name, epoch] of [
      ["firstTime", times[0]],
      ["lastTime", times.at(-1)],
    ] as const) {
      const [seconds, fraction] = (epoch ?? "").split(".");
      const text = `${new Date(Number(seconds) * 1000).toISOString().slice(0, -5)}.${fraction?.padEnd(9, "0")}Z`;
      expect(report.input[name]).toBe(text);
    }
  });

  testWith(
    [needsShared("pcap/tsduck-102.pcapng"), needsTshark],
    "tsduck-102: mostly TCP, which is counted and left alone",
    async () => {
      const lines = async (filter: string) =>
        (await runOk(["tshark", "-r", sharedData("pcap/tsduck-102.pcapng") ?? "", "-Y", filter])).split("\n")
          .length - 1;
      const { exitCode, report } = await replay("pcap/tsduck-102.pcapng");
      const udp = await lines("udp && !icmp && !icmpv6");
      expect(exitCode).toBe(0);
      expect(report.input.packets).toBe(704);
      expect(report.input.drops.otherTraffic).toBe(704 - udp);
      const counted = report.streams.reduce(
        (sum: number, { packets }: { packets: number }) => sum + packets,
        0,
      );
      expect(counted).toBe(udp);
      expect(report.streams.some(({ kind }: { kind: string }) => kind === "mpegts")).toBe(false);
    },
  );
});
