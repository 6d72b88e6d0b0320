import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { jpegXsSchema } from "../../report/st2110-jpegxs-schema.ts";
import type { Epoch } from "../../report/time.ts";
import { JpegXsAnalyser } from "./analyser.ts";
import { type JxsFields, jxsPacketOf, jxsSlices, jxsStream, segmentStart } from "./test-packets.ts";

const EPOCH: Epoch = { seconds: 0, nanoseconds: 0, wallClock: true };
const OPTIONS = { epoch: EPOCH, quality: { kind: "hardware", resolutionNs: 1 } } as const;

function run(
  packets: readonly JxsFields[],
  change: (octets: Uint8Array, index: number) => Uint8Array = (o) => o,
) {
  const analyser = new JpegXsAnalyser(OPTIONS);
  packets.forEach((fields, index) => {
    const octets = change(jxsPacketOf(fields), index);
    analyser.packet(octets, 0, octets.length, octets.length, fields.lost, fields.timeNs);
  });
  return analyser;
}

function report(analyser: JpegXsAnalyser) {
  return jpegXsSchema.parse(analyser.report(0, EPOCH, true));
}

function codes(analyser: JpegXsAnalyser): string[] {
  report(analyser);
  return analyser.findings("s", EPOCH).map((finding) => `${finding.code}:${finding.count}`);
}

/** Codes of a stream of ten pictures whose packet 25 (the first of picture 5) is changed. */
function faulty(change: Partial<JxsFields>, index = 25, packets = jxsStream(10)): string[] {
  packets[index] = { ...(packets[index] as JxsFields), ...change };
  return codes(run(packets));
}

describe("ST 2110-22: what a clean stream carries", () => {
  test("frames in codestream packetization", () => {
    const analyser = run(jxsStream(40));
    expect(codes(analyser)).toEqual([]);
    expect(report(analyser)).toMatchObject({
      packets: 200,
      transmission: "sequential",
      packetization: "codestream",
      scan: "progressive",
      frameCounter: null,
      pictures: 40,
      partial: 0,
      packetsPerPicture: 5,
      octetsPerPicture: 430,
      packetOctets: 100,
      pictureRate: "50",
      bitrateBps: 430 * 8 * 50,
      networkBitrateBps: (430 + 5 * 44) * 8 * 50,
      picture: { profile: "Main444.12", level: "0x2408", width: 1920, height: 1080, codestreamOctets: 410 },
    });
  });

  test("fields, both with the number of their frame", () => {
    const analyser = run(jxsStream(40, true));
    expect(codes(analyser)).toEqual([]);
    expect(report(analyser)).toMatchObject({ scan: "interlaced", frameCounter: "frames", pictures: 40 });
  });

  test("fields that are numbered each are told, and no fault", () => {
    const packets = jxsStream(40, true).map((packet, index) => ({
      ...packet,
      f: Math.floor(index / 5) & 31,
    }));
    const analyser = run(packets);
    expect(codes(analyser)).toEqual(["st2110-22-frame-counter-fields:1"]);
    expect(report(analyser).frameCounter).toBe("fields");
  });

  test("slices", () => {
    const analyser = run(jxsSlices(40));
    expect(codes(analyser)).toEqual([]);
    expect(report(analyser)).toMatchObject({ packetization: "slice", pictures: 40 });
  });

  test("the packet counter overruns into SEP", () => {
    const [start, ...rest] = jxsStream(1);
    const long = Array.from({ length: 5000 }, (_, n) => ({
      ...((n === 0 ? start : rest[0]) as JxsFields),
      sequence: n,
      sep: n >> 11,
      p: n & 0x7ff,
      data: n === 0 ? (start as JxsFields).data : new Uint8Array(1),
    }));
    expect(codes(run(long))).toEqual([]);
  });

  test("a capture that begins within a frame leaves it out", () => {
    const analyser = run(jxsStream(10).slice(2));
    expect(codes(analyser)).toEqual([]);
    expect(report(analyser)).toMatchObject({ pictures: 9, partial: 1, packetsPerPicture: 5 });
  });

  test("loss leaves its frame out, and is no other finding", () => {
    for (const [from, count] of [
      [22, 1],
      [24, 1],
      [25, 1],
      [23, 4],
      [20, 12],
    ] as const) {
      const packets = jxsStream(10);
      packets.splice(from, count);
      (packets[from] as JxsFields).lost = count;
      expect(codes(run(packets))).toEqual([]);
    }
  });

  test("a header-only capture is judged but for what was cut", () => {
    const analyser = new JpegXsAnalyser(OPTIONS);
    for (const fields of jxsStream(10)) {
      const octets = jxsPacketOf(fields);
      analyser.packet(octets, 0, 20, octets.length, 0, fields.timeNs);
    }
    expect(codes(analyser)).toEqual([]);
    expect(report(analyser)).toMatchObject({ pictures: 10, octetsPerPicture: 430, picture: null });
  });

  test("Cinst: packets that come evenly never fill the bucket, bursts do", () => {
    expect(report(run(jxsStream(20))).traffic).toMatchObject({ peak: 1 });
    const burst = jxsStream(20).map((packet) => ({ ...packet, timeNs: (packet.timestamp / 1800) * 20e6 }));
    const analyser = run(burst);
    const { traffic } = report(analyser);
    expect(traffic?.peak).toBe(5);
    expect(traffic?.types.map(({ type, cinstMax, within }) => [type, cinstMax, within])).toEqual([
      ["N", 4, false],
      ["NL", 4, false],
      ["W", 16, true],
    ]);
    const all = run(burst.map((packet) => ({ ...packet, timeNs: 0 })));
    expect(codes(all)).toEqual(["st2110-21-cinst:79"]);
  });
});

describe("RFC 9134: one fault, one finding", () => {
  const one = (name: string, count = 1) => [`st2110-22-${name}:${count}`];

  test("4.3 T and K are of the stream", () => {
    const slices = jxsSlices(10);
    expect(faulty({ t: 0 }, 27, slices)).toEqual(one("transmission-mode", 2));
    expect(faulty({ k: 1 }, 24)).toEqual(one("packetization-mode", 2));
  });
  test("4.3 T = 0 takes K = 1", () => {
    expect(codes(run(jxsStream(2).map((packet) => ({ ...packet, t: 0 }))))).toEqual(one("out-of-order", 10));
  });
  test("4.3 I = 01 is reserved", () => {
    expect(codes(run(jxsStream(3).map((packet) => ({ ...packet, i: 1 }))))).toEqual(
      one("interlace-reserved", 15),
    );
  });
  test("4.3 fields alternate", () => {
    const packets = jxsStream(10).map((packet) => ({ ...packet, i: 2 }));
    expect(codes(run(packets))).toEqual(one("field-order", 9));
  });
  test("4.3 L is M in codestream mode, and set with M in slice mode", () => {
    expect(faulty({ l: 1 })).toEqual(one("last"));
    expect(faulty({ l: 0 }, 24)).toEqual(one("last"));
    expect(faulty({ l: 0 }, 24, jxsSlices(10))).toEqual(one("last"));
  });
  test("4.3 I and F are of the frame", () => {
    expect(faulty({ f: 9 }, 27)).toEqual(one("within-picture"));
  });
  test("4.3 F goes on by one", () => {
    const packets = jxsStream(10).map((packet) => ({
      ...packet,
      f: packet.timestamp >= 9000 ? 20 : packet.f,
    }));
    const goingOn = packets.map((packet) => ({
      ...packet,
      f: packet.timestamp >= 9000 ? 20 + packet.timestamp / 1800 - 5 : packet.f,
    }));
    expect(codes(run(goingOn.map((packet) => ({ ...packet, f: packet.f & 31 }))))).toEqual(
      one("frame-counter"),
    );
  });
  test("4.3 P counts up from 0", () => {
    expect(faulty({ p: 7 }, 27)).toEqual(one("packet-counter", 2));
    expect(faulty({ sep: 3 }, 26, jxsSlices(10))).toEqual(one("packet-counter", 2));
  });
  test("4.2 the marker ends a frame", () => {
    expect(faulty({ marker: 0, l: 0 }, 24)).toEqual(one("marker"));
  });
  test("4.2 the timestamp changes after the marker", () => {
    const packets = jxsStream(10).map((packet) =>
      packet.timestamp >= 9000 ? { ...packet, timestamp: packet.timestamp - 1800 } : packet,
    );
    expect(codes(run(packets))).toEqual(one("timestamp-repeated"));
  });
  test("the timestamp goes on by the period", () => {
    const packets = jxsStream(10).map((packet) =>
      packet.timestamp >= 9000 ? { ...packet, timestamp: packet.timestamp + 500 } : packet,
    );
    expect(codes(run(packets))).toEqual(one("timestamp-step"));
  });
  test("4.1 packets and octets of a frame are constant", () => {
    expect(faulty({ data: new Uint8Array(101) }, 27)).toEqual([
      ...one("octets-per-frame"),
      ...one("codestream-length"),
    ]);
    const packets = jxsStream(10);
    // One packet of 30 octets more in the last frame, which is then as long as its header says.
    const end = packets.splice(45);
    const [a, b, c, d, e] = end as [JxsFields, JxsFields, JxsFields, JxsFields, JxsFields];
    const split = [
      a,
      b,
      c,
      { ...d, data: new Uint8Array(70) },
      { ...d, p: 4, data: new Uint8Array(30) },
      { ...e, p: 5 },
    ];
    expect(codes(run([...packets, ...split]))).toEqual(one("packets-per-frame"));
  });
  test("b=AS of the SDP", () => {
    // 650 octets with all headers, 50 times a second.
    const found = [260, 259].map((bandwidthKbps) => {
      const analyser = new JpegXsAnalyser({ ...OPTIONS, bandwidthKbps });
      for (const fields of jxsStream(10)) {
        const octets = jxsPacketOf(fields);
        analyser.packet(octets, 0, octets.length, octets.length, 0, fields.timeNs);
      }
      return codes(analyser);
    });
    expect(found).toEqual([[], one("bandwidth")]);
  });
  test("3.4 boxes first", () => {
    const data = new Uint8Array(100);
    expect(faulty({ data })).toEqual(one("picture-segment"));
  });
  test("short headers, padding, payload type, SSRC", () => {
    const short = (octets: Uint8Array, index: number) => (index === 27 ? octets.slice(0, 14) : octets);
    expect(codes(run(jxsStream(10), short))).toEqual([...one("header")]);
    const padded = (octets: Uint8Array, index: number) => {
      if (index === 27) octets[0] = 0xa0;
      return octets;
    };
    expect(codes(run(jxsStream(10), padded))).toEqual([...one("padding")]);
    const typed = (octets: Uint8Array, index: number) => {
      if (index === 27) octets[1] = 33;
      return octets;
    };
    expect(codes(run(jxsStream(10), typed))).toEqual(one("payload-type"));
    const other = (octets: Uint8Array, index: number) => {
      if (index >= 25) octets[11] = 1;
      return octets;
    };
    expect(codes(run(jxsStream(10), other))).toEqual(one("ssrc"));
  });
});

/** `pictures` at 25 a second from `startNs` on, of five packets with 30 octets more; frame `first` is the first one. */
function slower(pictures: number, first: number, startNs: number): JxsFields[] {
  return jxsStream(pictures).map((packet) => {
    const { sequence, timestamp, marker, p, data } = packet;
    const picture = timestamp / 1800;
    const octets = p === 0 ? segmentStart(460) : marker === 1 ? new Uint8Array(60) : data;
    return {
      ...packet,
      sequence: first * 5 + sequence,
      timestamp: first * 1800 + timestamp * 2,
      f: (first + picture) & 31,
      data: octets,
      timeNs: startNs + picture * 40e6 + p * 8e6,
    };
  });
}

describe("a stream that goes on in another format", () => {
  const SLOWER = { pictureRate: "25", packetsPerPicture: 5, octetsPerPicture: 460, bitrateBps: 460 * 8 * 25 };
  const otherSource = (octets: Uint8Array, index: number) => {
    if (index >= 250) octets[11] = 1;
    return octets;
  };

  test("RFC 3550 5.1: of another SSRC is held to its own format", () => {
    const analyser = run([...jxsStream(50), ...slower(20, 50, 1e9)], otherSource);
    expect(codes(analyser)).toEqual(["st2110-22-ssrc:1"]);
    expect(report(analyser)).toMatchObject({ ...SLOWER, pictures: 70 });
    const frames = run([...jxsStream(50, true), ...jxsStream(50)], otherSource);
    expect(codes(frames)).toEqual(["st2110-22-ssrc:1"]);
    expect(report(frames)).toMatchObject({ scan: "progressive", frameCounter: null });
  });

  test("after a gap likewise", () => {
    const analyser = run(jxsStream(50));
    analyser.gap();
    expect(report(analyser)).toMatchObject({ pictureRate: "50", octetsPerPicture: 430 });
    for (const fields of slower(20, 7, 1e9)) {
      const octets = jxsPacketOf(fields);
      analyser.packet(octets, 0, octets.length, octets.length, 0, fields.timeNs);
    }
    expect(codes(analyser)).toEqual([]);
    expect(report(analyser)).toMatchObject({ ...SLOWER, pictures: 70 });
  });

  test("a gap in the same format takes nothing from what was measured", () => {
    const burst = jxsStream(20).map((packet) => ({ ...packet, timeNs: (packet.timestamp / 1800) * 20e6 }));
    const analyser = run(burst);
    analyser.gap();
    for (const fields of jxsStream(20)) {
      const octets = jxsPacketOf({ ...fields, timestamp: fields.timestamp + 90_000 });
      analyser.packet(octets, 0, octets.length, octets.length, 0, fields.timeNs + 1e9);
    }
    expect(report(analyser).traffic?.peak).toBe(5);
  });

  test("4.1 of the same SSRC is one finding, and followed", () => {
    const analyser = run([...jxsStream(50), ...slower(20, 50, 1e9)]);
    expect(codes(analyser)).toEqual(["st2110-22-format-change:1"]);
    expect(report(analyser)).toMatchObject({ ...SLOWER, pictures: 70, traffic: { peak: 1 } });
  });

  test("of another rate alone, and of another number of octets alone", () => {
    const rate = slower(20, 50, 1e9).map((packet, index) => ({
      ...packet,
      data: jxsStream(1)[index % 5]?.data ?? packet.data,
    }));
    expect(codes(run([...jxsStream(50), ...rate]))).toEqual(["st2110-22-format-change:1"]);
    const octets = jxsStream(50).map((packet) => {
      if (packet.timestamp < 45_000) return packet;
      if (packet.p === 0) return { ...packet, data: segmentStart(431) };
      return packet.marker === 1 ? { ...packet, data: new Uint8Array(31) } : packet;
    });
    expect(codes(run(octets))).toEqual(["st2110-22-format-change:1"]);
  });

  test("packets that come faster with it are judged by the new rate", () => {
    // 25 a second, then 100 with ten times the packets: the bucket of the slow ones would overflow.
    const fast = Array.from({ length: 40 }, (_, picture) =>
      Array.from({ length: 50 }, (_, p) => ({
        ...(jxsStream(1)[0] as JxsFields),
        sequence: 100 + picture * 50 + p,
        timestamp: 20 * 3600 + picture * 900,
        marker: p === 49 ? 1 : 0,
        l: p === 49 ? 1 : 0,
        f: (20 + picture) & 31,
        p,
        data: p === 0 ? segmentStart(100 + 49 * 10) : new Uint8Array(10),
        timeNs: 0.8e9 + picture * 10e6 + p * 0.2e6,
      })),
    ).flat();
    const analyser = run([...slower(20, 0, 0), ...fast]);
    expect(codes(analyser)).toEqual(["st2110-22-format-change:1"]);
    expect(report(analyser)).toMatchObject({ pictureRate: "100", packetsPerPicture: 50 });
  });

  test("a few pictures of another size are faults of theirs, and sizes that change all the time are, too", () => {
    const sizes = (octetsOf: (picture: number) => number) =>
      jxsStream(20).map((packet) => {
        const more = octetsOf(packet.timestamp / 1800);
        if (packet.p === 0) return { ...packet, data: segmentStart(430 + more) };
        return packet.marker === 1 ? { ...packet, data: new Uint8Array(30 + more) } : packet;
      });
    const three = sizes((picture) => (picture >= 10 && picture < 13 ? 7 : 0));
    expect(codes(run(three))).toEqual(["st2110-22-octets-per-frame:3"]);
    expect(codes(run(sizes((picture) => picture)))).toEqual(["st2110-22-octets-per-frame:19"]);
  });

  test("steps of no rate are faults", () => {
    const steps = jxsStream(20).map((packet) => {
      const picture = packet.timestamp / 1800;
      return { ...packet, timestamp: packet.timestamp + Math.max(0, picture - 9) * 177 };
    });
    expect(codes(run(steps))).toEqual(["st2110-22-timestamp-step:10"]);
  });
});

describe("hostile input", () => {
  test("any octets: nothing throws, every packet is counted", () => {
    const packet = fc.record({
      octets: fc.uint8Array({ minLength: 12, maxLength: 80 }),
      more: fc.nat(200),
      lost: fc.nat(2),
      timeNs: fc.oneof(fc.nat(1e9), fc.constant(Number.NaN)),
      gap: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 50 }), (packets) => {
        const analyser = new JpegXsAnalyser(OPTIONS);
        for (const { octets, more, lost, timeNs, gap } of packets) {
          octets[0] = ((octets[0] as number) & 0x3f) | 0x80;
          analyser.packet(octets, 0, octets.length, octets.length + more, lost, timeNs);
          if (gap) analyser.gap();
        }
        expect(report(analyser).packets).toBe(packets.length);
        codes(analyser);
      }),
      { numRuns: 200 },
    );
  });

  test("sound packets with any fields: nothing throws", () => {
    const bit = fc.nat(1);
    const change = fc.record(
      {
        t: bit,
        k: bit,
        l: bit,
        i: fc.nat(3),
        f: fc.nat(31),
        sep: fc.nat(2047),
        p: fc.nat(2047),
        marker: bit,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(change, { minLength: 60, maxLength: 60 }), (changes) => {
        const packets = jxsStream(12).map((packet, index) => ({ ...packet, ...changes[index] }));
        const { pictures, partial } = report(run(packets));
        expect(pictures + partial).toBeLessThanOrEqual(60);
      }),
    );
  });
});
