import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { seeded, withPauses } from "../../../tests/helpers/arrivals.ts";
import { audioSchema } from "../../report/st2110-audio-schema.ts";
import type { Epoch } from "../../report/time.ts";
import { AudioAnalyser, type AudioOptions } from "./analyser.ts";
import { statusCrc } from "./channel-status.ts";
import { am824Packets, audioPackets, rtpPacket, type TestAudio, type TestPacket } from "./test-packets.ts";

const EPOCH: Epoch = { seconds: 1_700_000_000, nanoseconds: 0, wallClock: true };
const OPTIONS: AudioOptions = { timestamps: { kind: "hardware", resolutionNs: 1 } };
const LEVEL_A: TestAudio = { packets: 300, rateHz: 48_000, samples: 48, channels: 2, octets: 3 };

function run(packets: readonly TestPacket[], options = OPTIONS): AudioAnalyser {
  const analyser = new AudioAnalyser(options);
  for (const { octets, lost, timeNs } of packets) {
    analyser.packet(octets, 0, octets.length, octets.length, lost, timeNs);
  }
  return analyser;
}

function report(analyser: AudioAnalyser) {
  return audioSchema.parse(analyser.report(0, EPOCH, true));
}

function codes(analyser: AudioAnalyser): string[] {
  report(analyser);
  return analyser.findings("s", EPOCH).map((finding) => `${finding.code}:${finding.count}`);
}

/** A professional channel status block: PCM, 48 kHz, stereophonic, 24 bits, origin CAM1, with its CRCC. */
function channelStatus(): Uint8Array {
  const block = new Uint8Array(24);
  block.set([0x81, 0x02, 0x2c, 0, 0, 0, 0x43, 0x41, 0x4d, 0x31]);
  block[23] = statusCrc(block, 0);
  return block;
}

describe("ST 2110-30: what a clean stream carries", () => {
  const formats: [TestAudio, string][] = [
    [LEVEL_A, "A"],
    [{ ...LEVEL_A, samples: 6, channels: 8, packets: 1000 }, "B"],
    [{ ...LEVEL_A, samples: 6, channels: 64, packets: 1000 }, "C"],
    [{ ...LEVEL_A, rateHz: 96_000, samples: 96, channels: 4 }, "AX"],
    [{ ...LEVEL_A, rateHz: 96_000, samples: 12, channels: 8, packets: 1000 }, "BX"],
    [{ ...LEVEL_A, rateHz: 96_000, samples: 12, channels: 32, packets: 1000 }, "CX"],
    [{ ...LEVEL_A, octets: 2 }, "A"],
    [{ ...LEVEL_A, octets: 2, channels: 6 }, "A"],
  ];
  test.each(formats)("%j is level %s, without a finding", (audio, level) => {
    const analyser = run(audioPackets(audio));
    expect(codes(analyser)).toEqual([]);
    const { format, timing, packets, undecided } = report(analyser);
    expect(packets).toBe(audio.packets);
    expect(undecided).toBe(0);
    expect(format).toMatchObject({
      standard: "ST 2110-30",
      encoding: audio.octets === 3 ? "L24" : "L16",
      sampleRateHz: audio.rateHz,
      samplesPerPacket: audio.samples,
      channels: audio.channels,
      level,
    });
    expect(timing?.tsDf.sender).toBe("narrow");
    expect(timing?.tsDf.maxNs ?? 99).toBeLessThanOrEqual(1);
  });

  test("L16 and L24 told apart by their content are a guess, and said to be one", () => {
    const six = { ...LEVEL_A, channels: 4 };
    expect(report(run(audioPackets(six))).format).toMatchObject({
      encoding: "L24",
      encodingBasis: "content",
    });
    const silence = audioPackets({ ...six, sample: () => 0 });
    const { format, levels } = report(run(silence));
    expect(format).toMatchObject({ encoding: "L24", encodingBasis: "default" });
    expect(levels.every((level) => level.silent && level.peakDbfs === null)).toBe(true);
    const given = run(silence, { ...OPTIONS, given: { encoding: "L16", sampleRateHz: 48_000 } });
    expect(report(given).format).toMatchObject({ encoding: "L16", channels: 6, encodingBasis: "given" });
  });

  test("ST 2110-30 6.1: an encoding that the packets can't be of is not believed", () => {
    const said = (encoding: "L16" | "L24" | "AM824") =>
      ({ ...OPTIONS, given: { encoding, sampleRateHz: 48_000 } }) as const;
    const cases = [
      [said("L24"), audioPackets({ ...LEVEL_A, octets: 2 }), "L16", "size", 2],
      [said("L16"), audioPackets({ ...LEVEL_A, channels: 3 }), "L24", "size", 3],
      [said("AM824"), audioPackets({ ...LEVEL_A, channels: 3 }), "L24", "size", 3],
      // Of as many octets as L24 of 8 channels, but each frame bit shows what it is.
      [said("L24"), am824Packets(200, 6, channelStatus()), "AM824", "structure", 6],
      [said("L24"), am824Packets(200, 2, channelStatus()), "AM824", "structure", 2],
    ] as const;
    for (const [options, packets, encoding, encodingBasis, channels] of cases) {
      const analyser = run(packets, options);
      expect(codes(analyser)).toEqual([]);
      const { format, levels } = report(analyser);
      expect(format).toMatchObject({ encoding, encodingBasis, channels });
      expect(levels).toHaveLength(channels);
    }
  });

  test("nor is a number of channels that it can't have, but one decides where it fits", () => {
    const given = { encoding: "L24", sampleRateHz: 48_000, channels: 2 } as const;
    const wide = run(audioPackets({ ...LEVEL_A, channels: 8 }), { ...OPTIONS, given });
    expect(report(wide).format).toMatchObject({ encoding: "L24", channels: 8 });
    const silence = audioPackets({ ...LEVEL_A, sample: () => 0 });
    const three = run(silence, { ...OPTIONS, given: { channels: 3, sampleRateHz: 48_000 } });
    expect(report(three).format).toMatchObject({ encoding: "L16", encodingBasis: "size", channels: 3 });
  });

  test("20 bits in L24 are seen by the bits in use", () => {
    const audio = audioPackets({ ...LEVEL_A, sample: (n) => Math.round(1e5 * Math.sin(n / 7)) * 16 });
    expect(report(run(audio)).format).toMatchObject({ encoding: "L24", significantBits: 20 });
  });

  test("timestamps and sequence numbers may wrap", () => {
    expect(codes(run(audioPackets({ ...LEVEL_A, timestamp: 2 ** 32 - 480 })))).toEqual([]);
  });

  test("a capture of headers alone has timing but no levels", () => {
    const analyser = new AudioAnalyser(OPTIONS);
    for (const { octets, timeNs } of audioPackets(LEVEL_A)) {
      analyser.packet(octets, 0, 54, octets.length, 0, timeNs);
    }
    const { format, unmetered, levels, timing } = report(analyser);
    expect(unmetered).toBe(300);
    expect(format).toMatchObject({ encoding: "L24", encodingBasis: "default", channels: 2 });
    expect(levels[0]?.silent).toBe(false);
    expect(timing?.packetIntervalNs.mean).toBe(1e6);
    expect(analyser.findings("s", EPOCH)).toEqual([]);
  });

  test("a sender that begins with a burst gets its rate from what comes after", () => {
    const packets = audioPackets({ ...LEVEL_A, packets: 800 });
    for (const [index, packet] of packets.entries()) {
      packet.timeNs = index < 150 ? index * 1e5 : packet.timeNs - 135e6;
    }
    expect(report(run(packets)).format).toMatchObject({ sampleRateHz: 48_000, level: "A" });
  });

  test("a sender that stands still now and then is judged by no other rate than its own", () => {
    const random = seeded(3);
    for (let round = 0; round < 40; round++) {
      const packets = audioPackets({ ...LEVEL_A, channels: 1, packets: 1500, sample: () => 1 });
      const times = withPauses(1500, 1e6, 60e6, random);
      for (const [i, packet] of packets.entries()) packet.timeNs = times[i] as number;
      // Also when it ends before the rate is sure.
      const analyser = run(round % 2 === 0 ? packets : packets.slice(0, 200 + 20 * round));
      const found = codes(analyser).filter((code) => !code.startsWith("st2110-30-ts-df"));
      expect(found).toEqual([]);
    }
  });

  test("a rate that turns out to be another is put right, and nothing was found by the wrong one", () => {
    const packets = audioPackets({ ...LEVEL_A, packets: 4000 });
    // 300 ms that run 8 % slow, as a sender does that falls behind and then keeps its distance.
    for (const [i, packet] of packets.entries()) packet.timeNs += Math.min(i, 300) * 0.088e6;
    const early = new AudioAnalyser(OPTIONS);
    for (const { octets, lost, timeNs } of packets.slice(0, 400)) {
      early.packet(octets, 0, octets.length, octets.length, lost, timeNs);
    }
    early.report(0, EPOCH, false);
    expect([early.sampleRateHz, early.findings("s", EPOCH)]).toEqual([44_100, []]);
    const analyser = run(packets);
    expect(codes(analyser)).toEqual([]);
    expect(report(analyser).format).toMatchObject({ sampleRateHz: 48_000, level: "A" });
  });

  test("a player that looks at its clock every 10 ms, for a second or two: its rate, whenever it ends", () => {
    const random = seeded(11);
    for (let round = 0; round < 200; round++) {
      const count = 400 + Math.floor(random() * 2000);
      const packets = audioPackets({ ...LEVEL_A, packets: count, sample: () => 1 });
      const lookNs = 10.05e6 + random() * 0.3e6;
      const stalls = random() * 0.04;
      let nowNs = random() * lookNs;
      for (const [i, packet] of packets.entries()) {
        // It sends frames of 1024 samples, each once its first one is due.
        const dueNs = (Math.floor((i * 48) / 1024) * 1024e9) / 48_000;
        while (nowNs < dueNs) nowNs += lookNs + (random() < stalls ? random() * 20e6 : 0);
        nowNs += 4500;
        packet.timeNs = nowNs;
      }
      const analyser = run(packets);
      expect(report(analyser).format).toMatchObject({ sampleRateHz: 48_000, level: "A" });
      expect(codes(analyser).filter((code) => !code.startsWith("st2110-30-ts-df"))).toEqual([]);
    }
  });

  test("bursts of 20 ms take longer to measure", () => {
    const packets = audioPackets({ ...LEVEL_A, packets: 2000 });
    for (const [index, packet] of packets.entries())
      packet.timeNs = Math.floor(index / 20) * 20e6 + (index % 20);
    expect(report(run(packets)).format).toMatchObject({ sampleRateHz: 48_000 });
  });

  test("without times nothing about time is said", () => {
    const packets = audioPackets(LEVEL_A).map((packet) => ({ ...packet, timeNs: Number.NaN }));
    const { format, timing } = report(run(packets));
    expect(format).toMatchObject({ sampleRateHz: null, encoding: "L24", level: null });
    expect(timing).toBeNull();
    expect(run(packets).findings("s", EPOCH)).toEqual([]);
  });
});

describe("ST 2110-30: one fault, one finding", () => {
  const at = 200;
  function faulty(change: (packets: TestPacket[]) => void, audio = LEVEL_A): string[] {
    const packets = audioPackets(audio);
    change(packets);
    return codes(run(packets));
  }
  const octetsAt = (packets: TestPacket[]) => (packets[at] as TestPacket).octets;

  test("marker", () => {
    expect(faulty((all) => octetsAt(all).set([0x80 | 97], 1))).toEqual(["st2110-30-marker:1"]);
  });
  test("payload type", () => {
    expect(faulty((all) => octetsAt(all).set([11], 1))).toEqual(["st2110-30-payload-type:1"]);
  });
  test("header longer than the packet", () => {
    expect(
      faulty((all) => octetsAt(all).set([0x90, 97, 0, at], 0) ?? octetsAt(all).fill(255, 12, 16)),
    ).toEqual(["st2110-30-rtp-header:1"]);
  });
  test("padding of more than the payload", () => {
    expect(
      faulty((all) => {
        octetsAt(all)[0] = 0xa0;
        octetsAt(all)[octetsAt(all).length - 1] = 0;
      }),
    ).toEqual(["st2110-30-padding:1"]);
  });
  test("payload size", () => {
    expect(
      faulty((all) => {
        const packet = all[at] as TestPacket;
        packet.octets = packet.octets.slice(0, -6);
      }),
    ).toEqual(["st2110-30-payload-size:1"]);
  });
  test("payload over 1440 octets, of which no level speaks either", () => {
    const audio = { ...LEVEL_A, channels: 11 };
    expect(faulty(() => undefined, audio)).toEqual(["st2110-30-payload-limit:300", "st2110-30-level:1"]);
  });
  test("no level: 48 kHz and 333 us", () => {
    expect(faulty(() => undefined, { ...LEVEL_A, samples: 16 })).toEqual(["st2110-30-level:1"]);
  });
  test("timestamp that does not go on, and loss that does not matter", () => {
    expect(faulty((all) => octetsAt(all).set([9], 7))).toEqual(["st2110-30-timestamp-step:2"]);
    expect(
      faulty((all) => {
        all.splice(at, 3);
        (all[at] as TestPacket).lost = 3;
      }),
    ).toEqual([]);
  });
  test("SSRC", () => {
    expect(
      faulty((all) => {
        for (const { octets } of all.slice(at)) octets[11] = 8;
      }),
    ).toEqual(["st2110-30-ssrc:1"]);
  });
  test("no encoding", () => {
    expect(
      faulty((all) => {
        for (const packet of all) packet.octets = packet.octets.slice(0, -1);
      }),
    ).toEqual(["st2110-30-encoding:1"]);
  });
  test("sampling rate that no audio has", () => {
    const slow = (all: TestPacket[]) => {
      for (const packet of all) packet.timeNs *= 2;
    };
    expect(faulty(slow, { ...LEVEL_A, packets: 1700 })).toEqual(["st2110-30-sampling-rate:1"]);
  });
  test("TS-DF over 17 packet times", () => {
    const late = (all: TestPacket[]) => {
      (all[at] as TestPacket).timeNs += 18e6;
    };
    expect(faulty(late, { ...LEVEL_A, packets: 500 })).toEqual(["st2110-30-ts-df:1"]);
  });
  test("a sender that goes on in another format is followed", () => {
    const packets = audioPackets(LEVEL_A);
    const after = audioPackets({ ...LEVEL_A, channels: 4, startNs: 300e6, timestamp: 300 * 48 });
    const analyser = run([...packets, ...after]);
    expect(report(analyser).format).toMatchObject({ channels: 4 });
    expect(codes(analyser)).toEqual(["st2110-30-format-change:1"]);
  });
  test.each([
    { ...LEVEL_A, channels: 8 },
    { ...LEVEL_A, samples: 6, packets: 2400 },
  ])("a sender that does so before its format was known is followed, too: %j", (audio) => {
    const packets = audioPackets({ ...LEVEL_A, packets: 20 });
    const after = audioPackets({ ...audio, startNs: 20e6, timestamp: 20 * 48 });
    const analyser = run([...packets, ...after]);
    const { packets: count, undecided, format } = report(analyser);
    expect([count, undecided]).toEqual([20 + audio.packets, 0]);
    expect(format).toMatchObject({ channels: audio.channels, samplesPerPacket: audio.samples });
    expect(codes(analyser)).toEqual(["st2110-30-format-change:1"]);
  });
  test("an input that ends just as another format is noticed", () => {
    const packets = audioPackets({ ...LEVEL_A, packets: 500 });
    const after = audioPackets({ ...LEVEL_A, packets: 16, channels: 4, startNs: 5e8, timestamp: 500 * 48 });
    const analyser = run([...packets, ...after]);
    expect(report(analyser)).toMatchObject({ packets: 516, undecided: 0, format: null });
    expect(codes(analyser)).toEqual(["st2110-30-format-change:1"]);
  });
});

describe("ST 2110-31: AES3 in AM824", () => {
  const faulty = (change: (view: DataView, all: TestPacket[]) => void): string[] => {
    const packets = am824Packets(200, 4, channelStatus());
    change(new DataView((packets[101] as TestPacket).octets.buffer, 12), packets);
    return codes(run(packets));
  };

  test("a clean stream, found by its structure, with its channel status", () => {
    const analyser = run(am824Packets(200, 4, channelStatus()));
    expect(codes(analyser)).toEqual([]);
    const { format, channelStatus: status, levels } = report(analyser);
    expect(format).toMatchObject({
      standard: "ST 2110-31",
      encoding: "AM824",
      encodingBasis: "structure",
      channels: 4,
      level: "A",
    });
    expect(status).toHaveLength(4);
    expect(status[3]).toEqual({
      channel: 4,
      blocks: 49,
      professional: true,
      linearPcm: true,
      sampleRateHz: 48_000,
      wordLengthBits: 24,
      mode: "stereophonic",
      origin: "CAM1",
      destination: null,
      crcErrors: 0,
      invalidSamples: 0,
    });
    expect(levels[0]?.peakDbfs).toBeCloseTo(20 * Math.log10(1e6 / 2 ** 23), 2);
  });
  test("reserved bits", () => {
    expect(faulty((view) => view.setUint8(0, view.getUint8(0) | 0x80))).toEqual(["st2110-31-reserved:1"]);
  });
  test("F bit", () => {
    expect(faulty((view) => view.setUint8(0, view.getUint8(0) ^ 0x10))).toEqual(["st2110-31-frame-start:1"]);
  });
  test("B bit in a second subframe", () => {
    expect(faulty((view) => view.setUint8(4, view.getUint8(4) | 0x20))).toEqual(["st2110-31-block-start:1"]);
  });
  test("B bit too early", () => {
    expect(faulty((view) => view.setUint8(0, view.getUint8(0) | 0x20))).toEqual(["st2110-31-block-length:2"]);
  });
  test("parity", () => {
    expect(faulty((view) => view.setUint8(3, view.getUint8(3) ^ 1))).toEqual(["st2110-31-parity:1"]);
  });
  test("CRCC of channel status", () => {
    // C and P of one subframe: the block has another bit, the parity stays even.
    expect(faulty((view) => view.setUint8(0, view.getUint8(0) ^ 0x0c))).toEqual([
      "aes3-channel-status-crc:1",
    ]);
  });
  test("sampling rate of channel status", () => {
    const block = channelStatus();
    block[0] = 0x41;
    block[23] = statusCrc(block, 0);
    expect(codes(run(am824Packets(200, 2, block)))).toEqual(["aes3-sampling-rate:98"]);
  });
  test("AES3 5: twice the rate of the frames in a mode of double sampling frequency", () => {
    const block = channelStatus();
    block[1] = 14;
    block[4] = 2 << 3;
    block[23] = statusCrc(block, 0);
    expect(codes(run(am824Packets(200, 2, block)))).toEqual([]);
    block[1] = 2;
    block[23] = statusCrc(block, 0);
    expect(codes(run(am824Packets(200, 2, block)))).toEqual(["aes3-sampling-rate:98"]);
  });
  test("no level: 8 sequences at 1 ms", () => {
    expect(codes(run(am824Packets(200, 8, channelStatus())))).toEqual([
      "st2110-30-payload-limit:200",
      "st2110-31-level:1",
    ]);
  });
  test("an odd number of sequences, as an SDP has it", () => {
    const given = { encoding: "AM824", channels: 1, sampleRateHz: 48_000 } as const;
    const analyser = run(audioPackets({ ...LEVEL_A, octets: 2, channels: 2 }), { ...OPTIONS, given });
    expect(codes(analyser)).toEqual(["st2110-31-channels:1"]);
  });
  test("loss starts blocks anew", () => {
    const packets = am824Packets(200, 2, channelStatus());
    packets.splice(90, 5);
    (packets[90] as TestPacket).lost = 5;
    expect(codes(run(packets))).toEqual([]);
  });
});

describe("hostile input", () => {
  test("any octets, any lengths, any times: nothing throws, every packet is counted", () => {
    const packet = fc.record({
      head: fc.uint8Array({ minLength: 12, maxLength: 12 }),
      body: fc.uint8Array({ maxLength: 60 }),
      cut: fc.nat(70),
      more: fc.nat(2000),
      lost: fc.nat(3),
      timeNs: fc.oneof(fc.double(), fc.nat(1e9), fc.constant(Number.NaN)),
      gap: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 60 }), fc.boolean(), (packets, am824) => {
        const given = am824
          ? ({ encoding: "AM824", sampleRateHz: 48_000, channels: null } as const)
          : undefined;
        const analyser = new AudioAnalyser(given ? { ...OPTIONS, given } : OPTIONS);
        for (const { head, body, cut, more, lost, timeNs, gap } of packets) {
          const octets = Uint8Array.from([...head, ...body]);
          octets[0] = ((octets[0] as number) & 0x3f) | 0x80;
          const len = Math.max(12, octets.length - cut);
          analyser.packet(octets, 0, len, Math.max(len, more), lost, timeNs);
          if (gap && lost === 0) analyser.gap();
        }
        expect(report(analyser).packets).toBe(packets.length);
        analyser.findings("s", EPOCH);
      }),
      { numRuns: 200 },
    );
  });

  test("formats and senders that change at any time: nothing throws, every packet is judged", () => {
    const part = fc.record({
      samples: fc.constantFrom(48, 6, 12, 96, 4),
      octets: fc.constantFrom(4, 6, 8, 12, 24, 7),
      packets: fc.constantFrom(1, 15, 16, 17, 40, 200, 600),
      ssrc: fc.nat(2),
      gap: fc.boolean(),
      reportAt: fc.nat(600),
    });
    const given = fc.option(
      fc.record({
        encoding: fc.constantFrom("L24" as const, "AM824" as const),
        sampleRateHz: fc.constant(48_000),
        channels: fc.constant(null),
      }),
      { nil: undefined },
    );
    const kinds = fc.constantFrom("savefile" as const, "merged" as const);
    const parts = fc.array(part, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(parts, given, kinds, (all, said, kind) => {
        const timestamps = { kind, resolutionNs: 1000 };
        const analyser = new AudioAnalyser(said ? { timestamps, given: said } : { timestamps });
        let sequence = 0;
        let ticks = 0;
        for (const { samples, octets, packets, ssrc, gap, reportAt } of all) {
          if (gap) analyser.gap();
          const payload = new Uint8Array(samples * octets).fill(samples + octets);
          for (let n = 0; n < packets; n += 1) {
            const packet = rtpPacket(sequence, ticks, payload, ssrc);
            analyser.packet(packet, 0, packet.length, packet.length, 0, (ticks * 1e9) / 48_000);
            sequence += 1;
            ticks += samples;
            if (n !== reportAt) continue;
            audioSchema.parse(analyser.report(0, EPOCH, false));
            analyser.findings("s", EPOCH);
          }
        }
        expect(report(analyser)).toMatchObject({ packets: sequence, undecided: 0 });
        analyser.findings("s", EPOCH);
      }),
      { numRuns: 300 },
    );
  });

  test("octets behind the captured ones are not looked at", () => {
    const [first] = audioPackets({ ...LEVEL_A, packets: 1 });
    const octets = (first as TestPacket).octets;
    const reports = [0, 255].map((filler) => {
      const analyser = new AudioAnalyser({ ...OPTIONS, given: { sampleRateHz: 48_000 } });
      for (let n = 0; n < 40; n += 1) {
        const buf = new Uint8Array(octets.length + 100).fill(filler);
        buf.set(rtpPacket(n, n * 48, octets.subarray(12, 160)), 50);
        analyser.packet(buf, 50, 160, octets.length, 0, n * 1e6);
      }
      return report(analyser);
    });
    expect(reports[0]).toEqual(reports[1] as (typeof reports)[1]);
  });

  test("a report that comes early waits for more than one interrupt's packets", () => {
    const analyser = new AudioAnalyser(OPTIONS);
    const packets = audioPackets({ ...LEVEL_A, samples: 6 });
    const feed = (from: number, to: number): void => {
      for (const { octets, timeNs } of packets.slice(from, to)) {
        analyser.packet(octets, 0, octets.length, octets.length, 0, timeNs);
      }
    };
    feed(0, 50);
    expect(analyser.report(0, EPOCH, false)).toMatchObject({ undecided: 50, format: null, timing: null });
    feed(50, 200);
    expect(analyser.report(0, EPOCH, false)).toMatchObject({
      undecided: 0,
      format: { sampleRateHz: 48_000 },
    });
  });

  test("a restart of the input while packets are kept is no fault", () => {
    const analyser = new AudioAnalyser(OPTIONS);
    const packets = audioPackets({ ...LEVEL_A, samples: 6 });
    for (let pass = 0; pass < 2; pass += 1) {
      for (const { octets, timeNs } of packets) {
        analyser.packet(octets, 0, octets.length, octets.length, 0, timeNs + pass * 5e9);
      }
      analyser.gap();
    }
    expect(report(analyser).packets).toBe(600);
    expect(analyser.findings("s", EPOCH)).toEqual([]);
  });

  test("payloads of more channels than there can be are no audio", () => {
    const analyser = new AudioAnalyser(OPTIONS);
    for (let n = 0; n < 200; n += 1) {
      const octets = rtpPacket(n, n, new Uint8Array(6000));
      analyser.packet(octets, 0, octets.length, octets.length, 0, (n * 1e9) / 48_000);
    }
    const { format, levels } = report(analyser);
    expect(format?.encoding).toBeNull();
    expect(levels).toEqual([]);
  });

  test("the packets kept for the format are bounded", () => {
    const analyser = new AudioAnalyser(OPTIONS);
    const octets = rtpPacket(0, 0, new Uint8Array(1400));
    for (let n = 0; n < 2000; n += 1) analyser.packet(octets, 0, octets.length, octets.length, 0, Number.NaN);
    expect(audioSchema.parse(analyser.report(0, EPOCH, false)).undecided).toBe(0);
  });
});
