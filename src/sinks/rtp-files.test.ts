import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { readRtp } from "../../tests/helpers/rtp-capture.ts";
import { runOk } from "../../tests/helpers/run.ts";
import { needsFfprobe, needsShared, needsTshark, testWith } from "../../tests/helpers/skip.ts";
import { LogLines, streamInfo } from "../../tests/helpers/wire.ts";
import { sharedData } from "../../tests/shared-data.ts";
import type { StreamInfo } from "../report/output.ts";
import type { Epoch } from "../report/time.ts";
import { ancRtp } from "../st2110/ancillary/test-packets.ts";
import { am824Packets, audioPackets } from "../st2110/audio/test-packets.ts";
import { jxsPacketOf, jxsStream } from "../st2110/jpegxs/test-packets.ts";
import { RtpFiles } from "./rtp-files.ts";
import { WAV_HEADER_OCTETS, wavHeader } from "./wav-header.ts";
import type { WriteFormat } from "./write-format.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-rtp-files-"));
afterAll(() => rmSync(folder, { recursive: true }));
const EPOCH: Epoch = { seconds: 1_700_000_000, nanoseconds: 5, wallClock: true };

interface Packet {
  readonly octets: Uint8Array;
  readonly timeNs: number;
}

let serial = 0;
function write(
  format: Exclude<WriteFormat, "ts">,
  packets: readonly Packet[],
  info: StreamInfo = streamInfo("s", "rtp"),
  epoch = EPOCH,
): { octets: Buffer; said: string; path: string } {
  const path = join(folder, `${serial++}.${format}`);
  const files = new RtpFiles({
    path,
    format,
    flushMs: 500,
    stopped: () => false,
    log: new LogLines().log,
    epoch: () => epoch,
  });
  files.open(0, info);
  for (const { octets, timeNs } of packets) files.packets(0, octets, 0, octets.length, timeNs);
  files.close(0);
  const said = files.finish();
  return { octets: readFileSync(path), said, path };
}

/** Samples of a WAV file, channels in turn. */
function samplesOf(wav: Buffer, octets: number): number[] {
  const data = wav.subarray(WAV_HEADER_OCTETS);
  return Array.from({ length: Math.floor(data.length / octets) }, (_, i) =>
    data.readIntLE(i * octets, octets),
  );
}

test("a full disk: what was in the buffer counts as lost, as all that comes after", () => {
  const files = new RtpFiles({
    path: "/dev/full",
    format: "pcap",
    flushMs: 500,
    stopped: () => false,
    log: new LogLines().log,
    epoch: () => EPOCH,
  });
  files.open(0, streamInfo("s", "rtp"));
  const packet = new Uint8Array(1200).fill(0x80);
  let refused = 0;
  for (let i = 0; i < 1000; i++) {
    try {
      files.packets(0, packet, 0, packet.length, i);
    } catch {
      refused++;
    }
  }
  expect(refused).toBe(1);
  expect(files.files.packets).toEqual({ taken: 1000, lost: 1000 });
  files.end();
  expect(files.describe()).toContain("0 RTP packets written to /dev/full.");
});

describe("WAV", () => {
  const sample = (n: number, channel: number): number =>
    // No negative zero.
    Math.round(2 ** 20 * Math.sin((2 * Math.PI * (channel + 1) * n) / 480)) + 0;
  const audio = { packets: 400, rateHz: 48_000, samples: 48, channels: 4, octets: 3, sample } as const;

  test.each([
    { name: "L24", octets: 3, channels: 5, scale: 1 },
    { name: "L16", octets: 2, channels: 5, scale: 256 },
  ] as const)("$name has every sample that was sent", ({ name, octets, channels, scale }) => {
    const value = (n: number, channel: number): number => Math.round(sample(n, channel) / scale) + 0;
    const packets = audioPackets({ ...audio, octets, channels, sample: value });
    const { octets: wav, said } = write("wav", packets);
    expect(said).toContain(`${name}, 48000 Hz, 5 channels, 19,200 samples each`);
    const expected = Array.from({ length: 19_200 * channels }, (_, i) =>
      value(Math.floor(i / channels), i % channels),
    );
    expect(samplesOf(wav, octets)).toEqual(expected);
    expect(wav.readUInt32LE(4)).toBe(wav.length - 8);
    expect(wav.readUInt32LE(100)).toBe(19_200 * channels * octets);
  });

  test("AM824 gives the 24 bits of each subframe", () => {
    const { octets: wav, said } = write("wav", am824Packets(400, 2, new Uint8Array(24)));
    expect(said).toContain("AM824, 48000 Hz, 2 channels, 19,200 samples each");
    const expected = Array.from({ length: 38_400 }, (_, i) => {
      const value = (Math.round(1e6 * Math.sin((i >> 1) / 10)) + (i & 1)) & 0xffffff;
      return value >= 0x800000 ? value - 0x1000000 : value;
    });
    expect(samplesOf(wav, 3)).toEqual(expected);
  });

  test("gaps become silence, and are counted", () => {
    const packets = audioPackets(audio).filter((_, i) => i !== 200 && i !== 300 && i !== 301);
    const { octets: wav, said } = write("wav", packets);
    expect(said).toContain("144 samples of silence for 2 gaps");
    const expected = Array.from({ length: 19_200 * 4 }, (_, i) => {
      const packet = Math.floor(i / 4 / 48);
      return packet === 200 || packet === 300 || packet === 301 ? 0 : sample(Math.floor(i / 4), i % 4);
    });
    expect(samplesOf(wav, 3)).toEqual(expected);
  });

  test("a jump of the timestamp makes no hour of silence", () => {
    const packets = audioPackets(audio);
    for (const { octets } of packets.slice(300)) {
      const view = new DataView(octets.buffer);
      view.setUint32(4, view.getUint32(4) + 48_000 * 3600);
    }
    const { octets: wav, said } = write("wav", packets);
    expect(said).toContain("1 jump of the timestamp");
    expect(wav.length).toBe(WAV_HEADER_OCTETS + 19_200 * 4 * 3);
  });

  test("beyond 4 GiB the sizes are those of RF64", () => {
    const format = { sampleRateHz: 48_000, channels: 2, octets: 3 };
    const header = Buffer.from(wavHeader(format, 6e9));
    expect(header.toString("latin1", 0, 16)).toBe("RF64\xff\xff\xff\xffWAVEds64");
    expect(header.readBigUInt64LE(20)).toBe(6_000_000_096n);
    expect(header.readBigUInt64LE(28)).toBe(6_000_000_000n);
    expect(header.readBigUInt64LE(36)).toBe(1_000_000_000n);
    expect(header.readUInt32LE(100)).toBe(0xffffffff);
  });

  testWith(needsFfprobe, "ffprobe reads it", async () => {
    const { path } = write("wav", audioPackets(audio));
    const entries = "stream=codec_name,sample_rate,channels,duration_ts";
    const told = await runOk(["ffprobe", "-v", "error", "-show_entries", entries, "-of", "csv=p=0", path]);
    expect(told.trim()).toBe("pcm_s24le,48000,4,19200");
  });

  testWith(needsShared("st2110/list-audio-l24-8ch-125us.pcap"), "EBU LIST's capture", async () => {
    const { packets, epoch } = await readRtp(sharedData("st2110/list-audio-l24-8ch-125us.pcap") as string);
    const { octets: wav } = write("wav", packets, undefined, epoch);
    const sent = packets.flatMap(({ octets }) =>
      Array.from({ length: (octets.length - 12) / 3 }, (_, i) =>
        Buffer.from(octets).readIntBE(12 + i * 3, 3),
      ),
    );
    expect(samplesOf(wav, 3)).toEqual(sent);
  });
});

describe("pcap", () => {
  const packets = audioPackets({
    packets: 30,
    rateHz: 48_000,
    samples: 48,
    channels: 2,
    octets: 3,
    startNs: 999_999_990,
  });
  const v6 = { ...streamInfo("s", "rtp"), sourceAddress: "2001:db8::1", destinationAddress: "ff3e::8000:1" };

  testWith(needsTshark, "tshark reads addresses, times and sound checksums, IPv4 and IPv6", async () => {
    for (const info of [streamInfo("s", "rtp"), v6]) {
      const { path, said } = write("pcap", packets, info);
      expect(said).toContain("30 RTP packets written");
      const version = info === v6 ? "ipv6" : "ip";
      const fields = [
        "frame.time_epoch",
        "eth.dst",
        `${version}.src`,
        `${version}.dst`,
        "udp.dstport",
        "udp.payload",
      ];
      const checks = ["-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-Y", "!_ws.expert"];
      const told = await runOk([
        "tshark",
        "-r",
        path,
        ...checks,
        "-T",
        "fields",
        "-E",
        "separator=,",
        ...fields.flatMap((field) => ["-e", field]),
      ]);
      const mac = info === v6 ? "33:33:80:00:00:01" : "01:00:5e:01:01:01";
      const expected = packets.map(({ octets, timeNs }) => {
        const ns = timeNs + EPOCH.nanoseconds;
        const time = `${EPOCH.seconds + Math.floor(ns / 1e9)}.${String(ns % 1e9).padStart(9, "0")}`;
        return [time, mac, info.sourceAddress, info.destinationAddress, 5000, octets.toHex()].join(",");
      });
      expect(told.trim().split("\n")).toEqual(expected);
    }
  });
});

describe("ancillary data as JSON lines", () => {
  const path = "st2110/list-anc-timecode-cc-afd.pcap";
  testWith(needsShared(path), "each ANC data packet with place, words and what it says", async () => {
    const { packets, epoch } = await readRtp(sharedData(path) as string);
    const { octets, said } = write("jsonl", packets, undefined, epoch);
    const lines = octets
      .toString()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(said).toContain(`${lines.length} ANC data packets`);
    expect(lines.every(({ parity, checksum }) => parity && checksum)).toBe(true);
    const kinds = new Set(lines.map(({ name }) => name));
    expect([...kinds].toSorted()).toEqual([
      "AFD and bar data",
      "CEA-708 captions (CDP)",
      "SCTE 104 messages",
      "time code (ATC)",
    ]);
    const timecode = lines.find(({ did, sdid }) => did === 0x60 && sdid === 0x60);
    expect(timecode.decoded).toMatchObject({ kind: "timecode" });
    expect(timecode.words.split(" ")).toHaveLength(timecode.dataCount);
  });
});

describe("JPEG XS", () => {
  const stream = jxsStream(10);
  const packets = stream.map((fields) => ({ octets: jxsPacketOf(fields), timeNs: fields.timeNs }));

  test("codestreams one after the other, without boxes; a picture with a gap is left out", () => {
    const { octets, said } = write(
      "jxs",
      packets.filter((_, i) => i !== 22),
    );
    expect(said).toContain("9 codestreams; 1 incomplete picture not written");
    const one = Buffer.concat(stream.slice(0, 5).map(({ data }) => data)).subarray(20);
    expect(octets).toEqual(Buffer.concat(Array.from({ length: 9 }, () => one)));
  });
});

test("damaged packets make no exception, and every packet is counted", () => {
  const good = {
    wav: audioPackets({ packets: 300, rateHz: 48_000, samples: 48, channels: 2, octets: 3 }),
    jxs: jxsStream(40).map((fields) => ({ octets: jxsPacketOf(fields), timeNs: fields.timeNs })),
    jsonl: Array.from({ length: 100 }, (_, i) => ({
      octets: ancRtp({
        sequence: i,
        timestamp: i * 3003,
        marker: true,
        anc: [
          { did: 0x61, sdid: 1, data: [1, 2, 3, 4] },
          { did: 0x41, sdid: 5, data: [8, 0, 0, 0, 0, 0, 0, 0] },
        ],
      }),
      timeNs: i * 33_366_667,
    })),
  } as const;
  fc.assert(
    fc.property(
      fc.constantFrom("wav", "jxs", "jsonl" as const),
      fc.array(fc.tuple(fc.nat(), fc.nat(200), fc.nat(255)), { maxLength: 60 }),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 12, max: 60 })), { maxLength: 10 }),
      (format, changes, cuts) => {
        const packets = good[format].map(({ octets, timeNs }) => ({ octets: octets.slice(), timeNs }));
        // Version and type of RTP are the flow's business.
        for (const [i, at, value] of changes) {
          const { octets } = packets[i % packets.length] as Packet;
          if (at >= 2 && at < octets.length) octets[at] = value;
        }
        for (const [i, length] of cuts) {
          const packet = packets[i % packets.length] as { octets: Uint8Array };
          packet.octets = packet.octets.slice(0, length);
        }
        const { said } = write(format, packets);
        const numbers = [...said.matchAll(/([\d,]+) RTP packets? (?:written to|of other streams)/g)];
        const total = numbers.reduce(
          (sum, [, text]) => sum + Number((text as string).replaceAll(",", "")),
          0,
        );
        expect(total).toBe(packets.length);
      },
    ),
    { numRuns: 60 },
  );
});

test("flows of another kind are not written, and counted; two of the same get files of their own", () => {
  const audio = audioPackets({ packets: 300, rateHz: 48_000, samples: 48, channels: 2, octets: 3 });
  const jxs = jxsStream(10);
  const place = mkdtempSync(join(folder, "several-"));
  const files = new RtpFiles({
    path: join(place, "a.wav"),
    format: "wav",
    flushMs: 500,
    stopped: () => false,
    log: new LogLines().log,
    epoch: () => EPOCH,
  });
  for (const [i, id] of ["x", "y", "z"].entries()) files.open(i, streamInfo(id, "rtp"));
  files.open(3, streamInfo("t"));
  for (const { octets, timeNs } of audio) {
    files.packets(0, octets, 0, octets.length, timeNs);
    files.packets(1, octets, 0, octets.length, timeNs);
  }
  for (const fields of jxs) {
    const octets = jxsPacketOf(fields);
    files.packets(2, octets, 0, octets.length, fields.timeNs);
  }
  files.packets(3, new Uint8Array(376), 0, 376, 0);
  const said = files.finish();
  expect(readdirSync(place).toSorted()).toEqual(["a-x.wav", "a-y.wav"]);
  expect(said).toContain("50 RTP packets of other streams not written. 2 TS packets not written as wav.");
});
