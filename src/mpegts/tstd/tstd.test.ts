import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { bufferSchema } from "../../report/mpegts-schema.ts";
import { PCR_MODULUS } from "../packet.ts";
import type { TStdProgram } from "./program-model.ts";
import { octetsOf, picture, sequenceHeader } from "./test-bits.ts";
import { KeptEvents } from "./test-events.ts";
import { MOST_PROGRAMS, TStd } from "./tstd.ts";

const VIDEO_PID = 0x100;
const AUDIO_PID = 0x101;
const PMT_PID = 0x20;
const PCR_PID = 0x102;
const MS = 27_000;
/** Packets a second: 2 Mbit/s would be 1330; a round figure makes 1 packet 0.5 ms. */
const PACKET_TICKS = 0.5 * MS;

function program(codec: string, pid: number): TStdProgram {
  const streamType = codec === "mp2" ? 3 : codec === "ac3" ? 0x81 : 2;
  return {
    program: 1,
    pmtPid: PMT_PID,
    pcrPid: PCR_PID,
    streams: [{ pid, streamType, codec, stillPicture: false, leak: true }],
  };
}

/** A PES packet with a PTS, and a DTS where given; both ticks of 90 kHz. */
function pes(
  streamId: number,
  payload: readonly number[],
  pts: number | null,
  dts: number | null = null,
): number[] {
  const stamp = (prefix: number, value: number): number[] => {
    const v = ((value % 2 ** 33) + 2 ** 33) % 2 ** 33;
    return octetsOf(
      [prefix, 4],
      [Math.floor(v / 2 ** 30), 3],
      [1, 1],
      [Math.floor(v / 2 ** 15) % 2 ** 15, 15],
      [1, 1],
      [v % 2 ** 15, 15],
      [1, 1],
    );
  };
  const stamps = pts === null ? [] : dts === null ? stamp(2, pts) : [...stamp(3, pts), ...stamp(1, dts)];
  const flags = pts === null ? 0 : dts === null ? 0x80 : 0xc0;
  return [0, 0, 1, streamId, 0, 0, 0x80, flags, stamps.length, ...stamps, ...payload];
}

/** Feeds a T-STD packet by packet, with a PCR every 20 packets (10 ms). */
class Feed {
  readonly events = new KeptEvents();
  readonly tstd = new TStd(this.events);
  index = 0;
  readonly pcrStart: number;
  #counter = 0;

  constructor(pcrStart = 0) {
    this.pcrStart = pcrStart;
  }

  /** 27 MHz now. */
  get ticks(): number {
    return this.index * PACKET_TICKS;
  }

  /** A PTS so many ms from now. */
  stamp(ms: number): number {
    return Math.floor((this.pcrStart + this.ticks + ms * MS) / 300);
  }

  idle(packets: number): void {
    for (let i = 0; i < packets; i += 1) this.#next();
  }

  /** `octets` in packets of `pid`, the last filled up by an adaptation field, with `gap` other packets after each. */
  send(pid: number, octets: readonly number[], gap = 0, scrambled = false): void {
    for (let at = 0; at < octets.length; at += 184) {
      const part = octets.slice(at, at + 184);
      const packet = new Uint8Array(188).fill(0xff);
      const stuffing = 184 - part.length;
      packet.set([0x47, (at === 0 ? 0x40 : 0) | (pid >> 8), pid & 0xff, (scrambled ? 0x80 : 0) | 0x10]);
      if (stuffing > 0) packet.set([(packet[3] as number) | 0x20, stuffing - 1, 0], 3);
      packet.set(part, 4 + stuffing);
      this.tstd.packet(packet, 0, pid, this.index, this.index, 4 + stuffing, at === 0);
      this.#counter += 1;
      this.#next();
      this.idle(gap);
    }
  }

  row(buffer: string) {
    return this.tstd.report().find((row) => row.buffer === buffer);
  }

  #next(): void {
    this.index += 1;
    if (this.index % 20 === 0) {
      const pcr = (this.pcrStart + this.ticks) % PCR_MODULUS;
      this.tstd.pcr(PCR_PID, Math.round(pcr), this.index, false);
    }
  }
}

/** MPEG layer II, 192 kbit/s at 48 kHz: 576 octets, 24 ms. */
const FRAME = [0xff, 0xfd, 0xa4, 0x00, ...new Array<number>(572).fill(0x11)];

function audioFeed(pcrStart = 0): Feed {
  const feed = new Feed(pcrStart);
  feed.tstd.setProgram(program("mp2", AUDIO_PID));
  feed.idle(40);
  return feed;
}

/** So many frames, one in a PES packet, each 24 ms, `leadMs` before its time. */
function sendAudio(feed: Feed, frames: number, leadMs: number): void {
  for (let i = 0; i < frames; i += 1) {
    feed.send(AUDIO_PID, pes(0xc0, FRAME, feed.stamp(leadMs)), 3);
    feed.idle(48 - 16);
  }
}

describe("audio", () => {
  test("13818-1 2.4.2.3: frames that come 60 ms early keep Bn at three of them", () => {
    const feed = audioFeed();
    sendAudio(feed, 40, 60);
    expect(feed.events.lines).toEqual([]);
    // A frame and its header of 14 octets every 24 ms; the newest is whole while two others wait.
    expect(feed.row("B")).toMatchObject({
      pid: AUDIO_PID,
      sizeOctets: 3584,
      peakOctets: 3 * 590,
      modelled: true,
    });
    expect(feed.row("TB")?.peakOctets).toBeLessThan(189);
    expect(feed.tstd.modelled).toBe(true);
  });

  test("TR 101 290 3.3: frames 200 ms early are more than Bn holds", () => {
    const feed = audioFeed();
    sendAudio(feed, 40, 200);
    // Six of 590 octets are 3540; the seventh goes over.
    expect(feed.events.lines).toHaveLength(1);
    expect(feed.events.lines[0]).toStartWith(`${AUDIO_PID} B overflow`);
  });

  test("TR 101 290 3.3: frames that come too late underflow Bn, each of them", () => {
    const feed = audioFeed();
    sendAudio(feed, 20, 2);
    const underflows = feed.events.lines.filter((line) => line.includes("B underflow"));
    // The first one only leads to the second, and the last has no PCR after it.
    expect(underflows.length).toBeGreaterThan(15);
    expect(feed.events.lines).toEqual(underflows);
    expect(feed.row("B")?.underflows).toBe(underflows.length);
  });

  test("TR 101 290 3.10: a frame more than a second before its time", () => {
    const feed = audioFeed();
    sendAudio(feed, 3, 60);
    sendAudio(feed, 1, 1060);
    feed.idle(2500);
    expect(feed.events.lines.filter((line) => line.includes("delayed"))).toHaveLength(1);
  });

  test("several frames a PES packet, split anywhere, follow the time of the first", () => {
    const feed = audioFeed();
    for (let i = 0; i < 12; i += 1) {
      feed.send(AUDIO_PID, pes(0xc0, [...FRAME, ...FRAME, ...FRAME], feed.stamp(70)), 3);
      feed.idle(144 - 40);
    }
    expect(feed.events.lines).toEqual([]);
    expect(feed.row("B")?.peakOctets).toBeGreaterThan(576 * 2);
  });

  test("frames that go on over PES packets are whole units", () => {
    const feed = audioFeed();
    const stream = Array.from({ length: 30 }, () => FRAME).flat();
    // 1000 octets a PES packet: the PTS is for the first frame that commences in it.
    const start = feed.ticks;
    for (let at = 0; at < stream.length; at += 1000) {
      const frame = Math.ceil(at / 576);
      const pts = Math.floor((start + frame * 24 * MS + 80 * MS) / 300);
      feed.send(AUDIO_PID, pes(0xc0, stream.slice(at, at + 1000), pts), 9);
      feed.idle(Math.max(0, Math.round((start + ((at + 1000) / 576) * 24 * MS) / PACKET_TICKS) - feed.index));
    }
    expect(feed.events.lines).toEqual([]);
    expect(feed.row("B")?.modelled).toBe(true);
  });

  test("13818-1 2.4.2.2: PCR and PTS wrap in the middle", () => {
    const feed = audioFeed(PCR_MODULUS - 500 * MS);
    sendAudio(feed, 40, 60);
    expect(feed.events.lines).toEqual([]);
    expect(feed.row("B")?.peakOctets).toBe(3 * 590);
  });

  test("AC-3 in ATSC has 2592 octets", () => {
    const feed = new Feed();
    feed.tstd.setProgram(program("ac3", AUDIO_PID));
    feed.idle(40);
    const frame = [0x0b, 0x77, 0, 0, 0x14, 0x40, ...new Array<number>(762).fill(1)]; // 192 kbit/s
    for (let i = 0; i < 5; i += 1) {
      feed.send(AUDIO_PID, pes(0xbd, frame, feed.stamp(60)), 3);
      feed.idle(44);
    }
    expect(feed.row("B")).toMatchObject({ sizeOctets: 2592, overflows: 0, underflows: 0 });
    expect(feed.events.lines).toEqual([]);
  });

  /** ADTS, 48 kHz, of so many channels: 400 octets, 21.3 ms. */
  const adts = (channels: number): number[] => [
    ...[0xff, 0xf1, 0x4c | (channels >> 2), (channels & 3) << 6, 400 >> 3, 0x1f, 0xfc],
    ...new Array<number>(393).fill(0x21),
  ];
  const loas = [0x56, 0xe1, 0x8d, ...new Array<number>(397).fill(0x21)];
  const eac3 = [0x0b, 0x77, 0x00, 0xc7, 0x30, 0x80, ...new Array<number>(394).fill(0x21)];

  test.each([
    ["aac", adts(2), 3584],
    ["aac", adts(6), 8976],
    ["aac", adts(0), 8976],
    ["aac-latm", loas, 8976],
    ["eac3", eac3, 5696],
  ])("13818-1 2.4.2.3: %s by its channels", (codec, frame, size) => {
    const feed = new Feed();
    feed.tstd.setProgram(program(codec, AUDIO_PID));
    feed.idle(40);
    // Octets that look like the start of a frame come first.
    feed.send(AUDIO_PID, pes(0xc0, [0xff, 0x56, 0x0b, 0, 0, 0, 0, 0, ...frame], feed.stamp(60)), 3);
    for (let i = 0; i < 8; i += 1) {
      const from = feed.index;
      feed.send(AUDIO_PID, pes(0xc0, [...frame, ...frame], feed.stamp(60)), 3);
      feed.idle(84 - (feed.index - from));
    }
    expect(feed.row("B")).toMatchObject({ sizeOctets: size, modelled: true, underflows: 0, overflows: 0 });
    expect(feed.row("B")?.peakOctets).toBeGreaterThan(800);
    expect(feed.events.lines).toEqual([]);
  });

  test("a lost syncword, a PES packet that is none and stamps of another time base start the stream again", () => {
    const feed = audioFeed();
    sendAudio(feed, 5, 60);
    feed.send(AUDIO_PID, pes(0xc0, new Array<number>(700).fill(0x22), feed.stamp(60)), 3);
    sendAudio(feed, 5, 60);
    feed.send(AUDIO_PID, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    sendAudio(feed, 5, 60);
    sendAudio(feed, 5, 500_000);
    sendAudio(feed, 5, 60);
    feed.idle(100);
    expect(feed.events.lines).toEqual([]);
  });
});

describe("video", () => {
  const HEADER = sequenceHeader(0x48, 10_000, 112);

  function videoFeed(): Feed {
    const feed = new Feed();
    feed.tstd.setProgram(program("mpeg2video", VIDEO_PID));
    feed.idle(40);
    return feed;
  }

  function sendPictures(feed: Feed, count: number, leadMs: number, octets: number): void {
    for (let i = 0; i < count; i += 1) {
      const from = feed.index;
      const dts = feed.stamp(leadMs);
      const unit = [...(i % 12 === 0 ? HEADER : []), ...picture(octets)];
      feed.send(VIDEO_PID, pes(0xe0, unit, dts + 7200, dts), 1);
      feed.idle(80 - (feed.index - from));
    }
  }

  test("13818-1 2.4.2.3: pictures go through MBn at once and wait in EBn for their DTS", () => {
    const feed = videoFeed();
    sendPictures(feed, 30, 100, 3000);
    expect(feed.events.lines).toEqual([]);
    expect(feed.row("MB")).toMatchObject({ sizeOctets: 10_000 });
    expect(feed.row("EB")).toMatchObject({ sizeOctets: 229_376, modelled: true });
    // 100 ms is two and a half pictures: three whole ones at most, one of them with the headers.
    expect(feed.row("EB")?.peakOctets).toBe(9000 + HEADER.length);
  });

  test("TR 101 290 3.3: a picture that is not whole at its DTS", () => {
    const feed = videoFeed();
    sendPictures(feed, 10, 25, 1000);
    // 33 packets, one a millisecond.
    sendPictures(feed, 1, 25, 6000);
    sendPictures(feed, 3, 25, 1000);
    expect(feed.events.lines).toHaveLength(1);
    expect(feed.events.lines[0]).toStartWith(`${VIDEO_PID} EB underflow`);
  });

  test("pictures before the first sequence header are not judged", () => {
    const feed = videoFeed();
    feed.send(VIDEO_PID, pes(0xe0, picture(3000), feed.stamp(-50), feed.stamp(-50)), 1);
    expect(feed.row("EB")).toMatchObject({
      modelled: false,
      reason: "no sequence header or sequence parameter set was seen",
    });
    sendPictures(feed, 14, 100, 2000);
    expect(feed.events.lines).toEqual([]);
    expect(feed.row("EB")?.modelled).toBe(true);
  });

  test("several pictures in a PES packet are units of their own, in even steps", () => {
    const feed = videoFeed();
    for (let i = 0; i < 20; i += 1) {
      const from = feed.index;
      const unit = [...HEADER, ...picture(1500), ...picture(1500), ...picture(1500)];
      feed.send(VIDEO_PID, pes(0xe0, unit, feed.stamp(60)), 4);
      feed.idle(240 - (feed.index - from));
    }
    expect(feed.events.lines).toEqual([]);
    expect(feed.row("EB")?.peakOctets).toBeLessThan(5000);
  });

  test("a level that no rule fits is said so", () => {
    const feed = videoFeed();
    for (let i = 0; i < 3; i += 1) {
      feed.send(VIDEO_PID, pes(0xe0, [...sequenceHeader(0x4f, 1, 1), ...picture(900)], feed.stamp(50)), 1);
      feed.idle(60);
    }
    expect(feed.row("EB")?.reason).toBe("no rule of ISO/IEC 13818-1 fits its profile and level");
  });

  test("13818-1 2.4.2.3: video that goes on from MBn by another method is not modelled", () => {
    const feed = new Feed();
    const { streams, ...rest } = program("mpeg2video", VIDEO_PID);
    feed.tstd.setProgram({ ...rest, streams: streams.map((stream) => ({ ...stream, leak: false })) });
    feed.idle(40);
    sendPictures(feed, 5, -200, 3000);
    expect(feed.events.lines).toEqual([]);
    expect(feed.tstd.report().filter(({ pid }) => pid === VIDEO_PID)).toMatchObject([
      { modelled: false, reason: "its descriptors name another way from MBn to EBn than the leak method" },
    ]);
  });

  test("other sizes of a new sequence hold from there", () => {
    const feed = videoFeed();
    sendPictures(feed, 10, 100, 1000);
    for (let i = 0; i < 4; i += 1) {
      const unit = [...sequenceHeader(0x4a, 5000, 29), ...picture(1000)];
      feed.send(VIDEO_PID, pes(0xe0, unit, feed.stamp(100)), 1);
      feed.idle(60);
    }
    expect(feed.row("EB")?.sizeOctets).toBe(59_392);
    expect(feed.events.lines).toEqual([]);
  });
});

describe("programs", () => {
  test("13818-1 2.4.2.3: PAT, CAT, TSDT and the program's PMT go into the system buffers, nothing else", () => {
    const feed = audioFeed();
    feed.send(0, new Array<number>(184).fill(0), 1);
    feed.send(PMT_PID, new Array<number>(184).fill(0), 1);
    feed.send(0x11, new Array<number>(184).fill(0), 1);
    feed.idle(40);
    expect(feed.row("TBsys")).toMatchObject({ pid: null, sizeOctets: 512, overflows: 0 });
    // 368 less what 80 kbit/s take in the 3 ms that TBsys needs for both: 10 octets a millisecond.
    expect(feed.row("Bsys")?.peakOctets).toBeGreaterThan(330);
    expect(feed.row("Bsys")?.peakOctets).toBeLessThan(368);
  });

  test("TBsys and Bsys are told once for all programs, the PAT goes into each", () => {
    const feed = audioFeed();
    feed.tstd.setProgram({ ...program("mp2", 0x300), program: 2, pmtPid: 0x30 });
    feed.idle(40);
    feed.send(0, new Array<number>(184 * 5).fill(0));
    feed.send(0x30, new Array<number>(100).fill(0));
    feed.idle(40);
    expect(feed.tstd.report().filter((row) => row.buffer === "TBsys")).toHaveLength(1);
    expect(feed.row("TBsys")).toMatchObject({ overflows: 2 });
    expect(feed.row("Bsys")?.peakOctets).toBeGreaterThan(900);
  });

  test("TR 101 290 3.3: a burst of PMT packets runs TBsys over", () => {
    const feed = audioFeed();
    feed.send(PMT_PID, new Array<number>(184 * 5).fill(0));
    feed.idle(40);
    // 3 Mbit/s in, 1 Mbit/s out: 125 octets more with each packet.
    expect(feed.events.lines).toEqual([`null TBsys overflow @44`]);
  });

  test("13818-1 2.4.2.3: a duplicate goes into TBn only", () => {
    const feed = audioFeed();
    const packet = new Uint8Array(188).fill(0x11);
    packet.set([0x47, AUDIO_PID >> 8, AUDIO_PID & 0xff, 0x10]);
    sendAudio(feed, 4, 60);
    const before = feed.row("B")?.peakOctets;
    for (let i = 0; i < 3; i += 1) {
      feed.tstd.packet(packet, 0, AUDIO_PID, feed.index, 0, 4, false, true);
      feed.idle(1);
    }
    sendAudio(feed, 4, 60);
    expect(feed.row("B")?.peakOctets).toBe(before as number);
    expect(feed.events.lines).toEqual([]);
  });

  test("loss starts all again, without a word", () => {
    const feed = audioFeed();
    sendAudio(feed, 6, 60);
    feed.tstd.reset();
    feed.send(AUDIO_PID, FRAME.slice(100, 400));
    sendAudio(feed, 6, 60);
    feed.tstd.pcr(PCR_PID, 12_345, feed.index, true);
    sendAudio(feed, 6, 60);
    expect(feed.events.lines).toEqual([]);
  });

  test("scrambled packets are not looked into", () => {
    const feed = audioFeed();
    feed.send(AUDIO_PID, pes(0xc0, FRAME, 0), 1, true);
    expect(feed.row("B")).toMatchObject({ modelled: false, reason: "scrambled" });
    sendAudio(feed, 5, 60);
    feed.send(AUDIO_PID, FRAME, 1, true);
    sendAudio(feed, 5, 60);
    expect(feed.events.lines).toEqual([]);
  });

  test("what is not modelled says why", () => {
    const tstd = new TStd(new KeptEvents());
    tstd.setProgram({ ...program("dts", AUDIO_PID), pcrPid: null });
    expect(tstd.report().map((row) => row.reason)).toEqual(["its program has no PCR"]);
    tstd.setProgram(program("dts", AUDIO_PID));
    tstd.pcr(PCR_PID, 0, 0, false);
    expect(tstd.report().map((row) => row.reason)).toEqual([
      "ISO/IEC 13818-1 buffers of dts are not modelled",
    ]);
    expect(tstd.modelled).toBe(false);
    tstd.removeProgram(1);
    expect(tstd.report()).toEqual([]);
  });

  test("more programs than there is room for are said not to be modelled", () => {
    const tstd = new TStd(new KeptEvents());
    for (let i = 0; i <= MOST_PROGRAMS; i += 1) tstd.setProgram({ ...program("mp2", 0x200 + i), program: i });
    const rows = tstd.report();
    expect(rows.length).toBe(MOST_PROGRAMS + 1);
    expect(rows.at(-1)?.reason).toStartWith("more than");
    tstd.removeProgram(MOST_PROGRAMS);
    expect(tstd.report().length).toBe(MOST_PROGRAMS);
  });

  test("the same map again changes nothing, another one starts anew", () => {
    const feed = audioFeed();
    sendAudio(feed, 5, 60);
    feed.tstd.setProgram(program("mp2", AUDIO_PID));
    expect(feed.row("B")?.modelled).toBe(true);
    feed.tstd.setProgram({ ...program("mp2", AUDIO_PID), pmtPid: 0x21 });
    expect(feed.row("B")?.modelled).toBe(false);
  });

  test("more packets between two PCRs than the queue holds start it again", () => {
    const tstd = new TStd(new KeptEvents());
    tstd.setProgram(program("mp2", AUDIO_PID));
    tstd.pcr(PCR_PID, 0, 0, false);
    const packet = new Uint8Array(188).fill(0xff);
    packet.set([0x47, AUDIO_PID >> 8, AUDIO_PID & 0xff, 0x10]);
    for (let i = 1; i < 40_000; i += 1) tstd.packet(packet, 0, AUDIO_PID, i, 0, 4, false);
    tstd.pcr(PCR_PID, 900_000, 40_000, false);
    expect(tstd.report().every((row) => row.overflows === 0)).toBe(true);
  });

  test("any packets are taken without an error, and the rows keep to the schema", () => {
    const codecs = ["mp2", "aac", "aac-latm", "ac3", "mpeg2video", "avc", "hevc", "dts"];
    fc.assert(
      fc.property(
        fc.constantFrom(...codecs),
        fc.array(fc.tuple(fc.uint8Array({ minLength: 184, maxLength: 184 }), fc.nat(8), fc.boolean()), {
          maxLength: 60,
        }),
        (codec, parts) => {
          const feed = new Feed();
          feed.tstd.setProgram(program(codec, AUDIO_PID));
          feed.idle(20);
          for (const [octets, kind, stamped] of parts) {
            const pts = stamped ? feed.stamp(50) : null;
            const head = kind < 3 ? sequenceHeader(0x48, 1000, 10) : kind < 5 ? FRAME.slice(0, 8) : [];
            if (kind === 8) feed.tstd.pcr(PCR_PID, octets[0] as number, feed.index, octets[1] === 0);
            feed.send(
              kind === 7 ? 0 : AUDIO_PID,
              pes(0xe0, [...head, ...octets], pts).slice(kind === 6 ? 3 : 0),
            );
          }
          for (const row of feed.tstd.report()) {
            bufferSchema.parse(row);
            expect(Number.isFinite(row.peakOctets)).toBe(true);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
