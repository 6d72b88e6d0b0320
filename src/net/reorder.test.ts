import { describe, expect, test } from "bun:test";
import { rtpPacket } from "../../fixtures/lib/frames.ts";
import { ReorderMemory } from "./packet-slots.ts";
import { MAX_SOURCES, RtpReorder, type RtpReorderOptions } from "./reorder.ts";
import { rtpSequence } from "./rtp.ts";

const MS = 1e6;

/** A window with a tape of what it delivered: sequence numbers, `release` and `reset` calls, by what they are for. */
function window(options: Partial<RtpReorderOptions> = {}) {
  const tape: (number | string)[] = [];
  const times: number[] = [];
  const reorder = new RtpReorder({
    deliver: (buf, off, _len, timeNs) => {
      tape.push(rtpSequence(buf, off));
      times.push(timeNs);
    },
    release: () => tape.push("release"),
    reset: (sameSource) => tape.push(sameSource ? "reset" : "other source"),
    ...options,
  });
  const push = (sequences: number[], ssrc = 1, timeNs = 0) => {
    for (const sequence of sequences) {
      const packet = rtpPacket({ sequence, timestamp: 0, ssrc }, new Uint8Array(20));
      reorder.push(packet, 0, packet.length, timeNs);
    }
  };
  const counts = () => {
    const { packets, lost, reordered, duplicates, late, invalid, restarts } = reorder;
    return { packets, lost, reordered, duplicates, late, invalid, restarts };
  };
  return { reorder, push, tape, times, counts };
}

const NOTHING = { lost: 0, reordered: 0, duplicates: 0, late: 0, invalid: 0, restarts: 0 };

describe("packets in order", () => {
  test("are delivered from the caller's buffer, at its offset, with their own time", () => {
    const calls: unknown[] = [];
    const reorder = new RtpReorder({
      deliver: (buf, off, len, timeNs) => calls.push([buf, off, len, timeNs]),
      release: () => {},
    });
    const packet = rtpPacket({ sequence: 9, timestamp: 0 }, new Uint8Array(30));
    const buf = new Uint8Array(100);
    buf.set(packet, 7);
    reorder.push(buf, 7, packet.length, 123);
    expect(calls[0]).toEqual([buf, 7, packet.length, 123]);
    expect((calls[0] as unknown[])[0]).toBe(buf);
  });

  test("the first packet is delivered at once: no probation", () => {
    const { push, tape } = window();
    push([4711]);
    expect(tape).toEqual([4711]);
  });

  test("the sequence wraps", () => {
    const { push, tape, counts } = window();
    push([65534, 65535, 0, 1]);
    expect(tape).toEqual([65534, 65535, 0, 1]);
    expect(counts()).toEqual({ packets: 4, ...NOTHING });
  });
});

describe("what waits", () => {
  test("is shown in order with the number that it waits for, and goes on waiting", () => {
    const { reorder, push, tape } = window();
    expect(reorder.next).toBe(-1);
    const shown = (): number[] => {
      const numbers: number[] = [];
      reorder.waiting((buf, off) => numbers.push(rtpSequence(buf, off)));
      return numbers;
    };
    expect(shown()).toEqual([]);
    push([65_534, 0, 2, 1]);
    expect(reorder.next).toBe(65_535);
    expect(shown()).toEqual([0, 1, 2]);
    push([65_535]);
    expect(shown()).toEqual([]);
    expect(reorder.next).toBe(3);
    expect(tape).toEqual([65_534, 65_535, 0, 1, 2]);
  });
});

describe("a gap", () => {
  test("that fills is put right, with each packet's own time", () => {
    const { push, tape, times, counts } = window();
    push([1], 1, 10);
    push([3], 1, 20);
    push([4], 1, 30);
    push([2], 1, 40);
    push([5], 1, 50);
    expect(tape).toEqual([1, 2, 3, 4, 5]);
    expect(times).toEqual([10, 40, 20, 30, 50]);
    expect(counts()).toEqual({ packets: 5, ...NOTHING, reordered: 1 });
  });

  test("over the wrap is put right", () => {
    const { push, tape } = window();
    push([65534, 1, 0, 65535, 2]);
    expect(tape).toEqual([65534, 65535, 0, 1, 2]);
  });

  test("is lost once more than windowPackets wait", () => {
    const { push, tape, counts } = window({ windowPackets: 4 });
    push([1, 3, 4, 5, 6]);
    expect(tape).toEqual([1]);
    push([7]);
    expect(tape).toEqual([1, 3, 4, 5, 6, 7]);
    expect(counts()).toEqual({ packets: 6, ...NOTHING, lost: 1 });
  });

  test("is filled by a packet that is windowPackets late", () => {
    const { push, tape, counts } = window({ windowPackets: 4 });
    push([1, 3, 4, 5, 6, 2]);
    expect(tape).toEqual([1, 2, 3, 4, 5, 6]);
    expect(counts()).toEqual({ packets: 6, ...NOTHING, reordered: 1 });
  });

  test("is lost once the first packet behind it has waited for windowNs, at the next packet", () => {
    const { push, tape } = window();
    push([1, 3], 1, 0);
    push([4], 1, 49 * MS);
    expect(tape).toEqual([1]);
    push([5], 1, 50 * MS);
    expect(tape).toEqual([1, 3, 4, 5]);
  });

  test("or when the caller says what time it is", () => {
    const { reorder, push, tape, counts } = window();
    push([1, 3], 1, 0);
    reorder.expire(50 * MS - 1);
    expect(tape).toEqual([1]);
    reorder.expire(50 * MS);
    expect(tape).toEqual([1, 3]);
    expect(counts().lost).toBe(1);
  });

  test("behind another gap keeps the time of its own packets", () => {
    const { reorder, push, tape, counts } = window();
    push([1, 3], 1, 0);
    push([5], 1, 30 * MS);
    reorder.expire(60 * MS);
    expect(tape).toEqual([1, 3]);
    reorder.expire(80 * MS);
    expect(tape).toEqual([1, 3, 5]);
    expect(counts().lost).toBe(2);
  });

  test("at the end of the input is lost by flush", () => {
    const { reorder, push, tape, counts } = window();
    push([1, 4, 3]);
    reorder.flush();
    expect(tape).toEqual([1, 3, 4]);
    expect(counts()).toEqual({ packets: 3, ...NOTHING, lost: 1, reordered: 1 });
    push([5]);
    expect(tape).toEqual([1, 3, 4, 5]);
  });

  test("without times is bounded by packets alone", () => {
    const { reorder, push, tape } = window();
    push([1, 3], 1, Number.NaN);
    reorder.expire(Number.NaN);
    expect(tape).toEqual([1]);
    reorder.flush();
    expect(tape).toEqual([1, 3]);
  });

  test("with windowPackets 0 never waits", () => {
    const { push, tape, counts } = window({ windowPackets: 0 });
    push([1, 3, 2, 4]);
    expect(tape).toEqual([1, 3, 4]);
    expect(counts()).toEqual({ packets: 4, ...NOTHING, lost: 1, late: 1 });
  });
});

describe("late and duplicate", () => {
  test("a second copy is a duplicate: delivered before, waiting, or the highest", () => {
    const { push, tape, counts } = window();
    push([1, 2, 2, 1, 5, 5, 4, 4, 3, 3, 5]);
    expect(tape).toEqual([1, 2, 3, 4, 5]);
    expect(counts()).toEqual({ packets: 11, ...NOTHING, reordered: 2, duplicates: 6 });
  });

  test("a packet after its window is late and stays counted as lost; its copy is a duplicate", () => {
    const { push, tape, counts } = window({ windowPackets: 2 });
    push([1, 3, 4, 5, 2, 2]);
    expect(tape).toEqual([1, 3, 4, 5]);
    expect(counts()).toEqual({ packets: 6, ...NOTHING, lost: 1, late: 1, duplicates: 1 });
  });

  test("a packet from before the first one makes the sequence begin earlier", () => {
    const { push, tape, counts } = window();
    push([10, 7, 8, 7, 11]);
    expect(tape).toEqual([10, 11]);
    expect(counts()).toEqual({ packets: 5, ...NOTHING, lost: 3, late: 2, duplicates: 1 });
  });
});

describe("RFC 3550 A.1: a jump", () => {
  test("of less than MAX_DROPOUT forward is loss", () => {
    const { reorder, push, counts } = window();
    push([1, 3000]);
    reorder.flush();
    expect(counts()).toEqual({ packets: 2, ...NOTHING, lost: 2998 });
  });

  test("farther, and the next packet follows it: a restart, its first packet kept", () => {
    const { push, tape, counts } = window();
    push([1, 2, 30000, 30001, 30002]);
    expect(tape).toEqual([1, 2, "reset", 30000, 30001, 30002]);
    expect(counts()).toEqual({ packets: 5, ...NOTHING, restarts: 1 });
  });

  test("back by MAX_MISORDER or more is a restart, too", () => {
    const { push, tape } = window();
    push([1000, 900, 901]);
    expect(tape).toEqual([1000, "reset", 900, 901]);
  });

  test("what waits is delivered before the restart", () => {
    const { push, tape, counts } = window();
    push([1, 3, 30000, 30001]);
    expect(tape).toEqual([1, 3, "reset", 30000, 30001]);
    expect(counts()).toEqual({ packets: 4, ...NOTHING, lost: 1, restarts: 1 });
  });

  test("of one packet, the old sequence going on, is a stray", () => {
    const { push, tape, counts } = window();
    push([1, 30000, 2, 3]);
    expect(tape).toEqual([1, 2, 3]);
    expect(counts()).toEqual({ packets: 3, ...NOTHING, invalid: 1 });
  });

  test("of one packet back, seen before, is a duplicate; never seen, it is late", () => {
    const { reorder, push, counts } = window();
    const sequences = Array.from({ length: 300 }, (_, i) => i + 1);
    push(sequences.filter((sequence) => sequence !== 50));
    reorder.flush();
    expect(counts().lost).toBe(1);
    push([40, 301, 50, 302]);
    expect(counts()).toEqual({ packets: 303, ...NOTHING, lost: 1, duplicates: 1, late: 1 });
  });

  test("and another jump: the last one counts", () => {
    const { push, tape, counts } = window();
    push([1, 30000, 40000, 40001]);
    expect(tape).toEqual([1, "reset", 40000, 40001]);
    expect(counts()).toEqual({ packets: 3, ...NOTHING, invalid: 1, restarts: 1 });
  });

  test("and silence for the window's time: it is believed", () => {
    const { reorder, push, tape } = window();
    push([1, 30000]);
    reorder.expire(49 * MS);
    expect(tape).toEqual([1]);
    reorder.expire(50 * MS);
    expect(tape).toEqual([1, "reset", 30000]);
  });

  test("and the end of the input: it is believed", () => {
    const { reorder, push, tape, counts } = window();
    push([1, 30000]);
    reorder.flush();
    expect(tape).toEqual([1, "reset", 30000]);
    expect(counts()).toEqual({ packets: 2, ...NOTHING, restarts: 1 });
  });
});

describe("SSRC", () => {
  test("a new one is believed at once and counts as a restart", () => {
    const { push, tape, counts } = window();
    push([1, 3], 0xa);
    push([500, 501], 0xb);
    expect(tape).toEqual([1, 3, "other source", 500, 501]);
    expect(counts()).toEqual({ packets: 4, ...NOTHING, lost: 1, restarts: 1 });
  });

  test("two senders on one flow, interleaved, are both put in order and counted once", () => {
    const { push, tape, counts } = window();
    for (let i = 0; i < 100; i++) {
      push([i], 0xa);
      push([5000 + (i ^ 1)], 0xb);
    }
    const delivered = tape.filter((entry) => typeof entry === "number");
    expect(delivered.filter((sequence) => sequence < 5000)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    // The second sender begins with 5001: 5000 comes behind it and is late.
    expect(delivered.filter((sequence) => sequence >= 5000)).toEqual(
      Array.from({ length: 99 }, (_, i) => 5001 + i),
    );
    expect(counts()).toEqual({ packets: 200, ...NOTHING, lost: 1, late: 1, reordered: 49, restarts: 1 });
  });

  test("one more than MAX_SOURCES takes the place of the one unheard for longest", () => {
    const { push, counts } = window();
    push([1, 2, 3], 0);
    for (let ssrc = 1; ssrc <= MAX_SOURCES; ssrc++) push([1], ssrc);
    expect(counts().restarts).toBe(MAX_SOURCES);
    push([2], 1);
    expect(counts().restarts).toBe(MAX_SOURCES);
    push([4], 0);
    expect(counts()).toEqual({ packets: 5 + MAX_SOURCES, ...NOTHING, restarts: MAX_SOURCES + 1 });
  });
});

describe("what is not RTP is counted and dropped", () => {
  const cases: [string, (packet: Uint8Array) => Uint8Array][] = [
    ["too short", (packet) => packet.subarray(0, 11)],
    ["version 1", (packet) => packet.fill(0x40, 0, 1)],
    ["more CSRCs than there are octets", (packet) => packet.fill(0x8f, 0, 1)],
    ["RTCP sender report", () => Uint8Array.from([0x80, 200, 0, 6, ...new Uint8Array(24)])],
    ["nothing", () => new Uint8Array(0)],
  ];
  for (const [name, make] of cases) {
    test(name, () => {
      const { reorder, push, tape, counts } = window();
      push([1]);
      const datagram = make(rtpPacket({ sequence: 2, timestamp: 0 }, new Uint8Array(20)));
      reorder.push(datagram, 0, datagram.length, 0);
      push([2]);
      expect(tape).toEqual([1, 2]);
      expect(counts()).toEqual({ packets: 2, ...NOTHING, invalid: 1 });
    });
  }
});

describe("memory", () => {
  test("a slot that was delivered is not overwritten before release", () => {
    const delivered: { buf: Uint8Array; off: number; sequence: number }[] = [];
    let released = 0;
    const reorder = new RtpReorder({
      windowPackets: 3,
      deliver: (buf, off) => delivered.push({ buf, off, sequence: rtpSequence(buf, off) }),
      release: () => {
        released++;
        for (const { buf, off, sequence } of delivered) expect(rtpSequence(buf, off)).toBe(sequence);
        delivered.length = 0;
      },
    });
    for (let i = 0; i < 300; i++) {
      const packet = rtpPacket({ sequence: i ^ 1, timestamp: 0 }, new Uint8Array(20));
      reorder.push(packet, 0, packet.length, 0);
    }
    expect(reorder.reordered).toBe(149);
    expect(released).toBeGreaterThan(10);
    // A ring of four slots: the same slot comes again after two held packets, so two fit into one release.
    expect(released).toBeLessThan(150);
  });

  test("packets up to 65535 octets are held", () => {
    const lengths: number[] = [];
    const reorder = new RtpReorder({ deliver: (_buf, _off, len) => lengths.push(len), release: () => {} });
    for (const sequence of [1, 3, 2]) {
      const packet = rtpPacket({ sequence, timestamp: 0 }, new Uint8Array(65535 - 12));
      reorder.push(packet, 0, packet.length, 0);
    }
    expect(lengths).toEqual([65535, 65535, 65535]);
  });

  test("where there is none left nothing waits, and nothing is lost without a count", () => {
    const memory = new ReorderMemory(5000);
    const { push, tape, counts } = window({ memory });
    push([1, 3, 4, 5]);
    expect(memory.used).toBe(4096);
    expect(tape).toEqual([1, 3, 4, 5]);
    push([2, 6, 8, 7]);
    expect(tape).toEqual([1, 3, 4, 5, 6, 8]);
    expect(counts()).toEqual({ packets: 8, ...NOTHING, lost: 2, late: 2 });
  });

  test("a restart without memory is believed at once", () => {
    const { push, tape } = window({ memory: new ReorderMemory(0) });
    push([1, 30000, 30001]);
    expect(tape).toEqual([1, "reset", 30000, 30001]);
  });

  test("is shared by windows and given back by close", () => {
    const memory = new ReorderMemory();
    const one = window({ memory });
    const two = window({ memory });
    one.push([1, 3]);
    two.push([1, 3, 5]);
    expect(memory.used).toBe(3 * 2048);
    one.reorder.close();
    expect(one.tape).toEqual([1, 3, "release"]);
    expect(memory.used).toBe(2 * 2048);
    two.reorder.close();
    expect(memory.used).toBe(0);
    one.push([9]);
    expect(one.tape.at(-1)).toBe(9);
  });
});
