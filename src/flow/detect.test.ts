import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Detector, LOOKS, MAX_HELD_DATAGRAMS } from "./detect.ts";

/** An RTP packet of payload type 43 without CSRC; `sequence` and `ssrc` are all that matters here. */
function rtp(sequence: number, ssrc = 0): Uint8Array {
  const packet = new Uint8Array(40);
  const view = new DataView(packet.buffer);
  view.setUint16(0, 0x802b);
  view.setUint16(2, sequence);
  view.setUint32(8, ssrc);
  return packet;
}

function decided(packets: readonly Uint8Array[]): number {
  const detector = new Detector();
  for (const packet of packets) {
    const looks = detector.decide(packet, 0, packet.length);
    if (looks !== -1) return looks;
  }
  return detector.guess();
}

describe("RTP without TS in it", () => {
  test("three packets whose sequence numbers go on, reordered or doubled, are RTP", () => {
    expect(decided([1, 2, 3].map((n) => rtp(n)))).toBe(LOOKS.rtp);
    expect(decided([3, 1, 2].map((n) => rtp(n)))).toBe(LOOKS.rtp);
    expect(decided([1, 1, 2, 2, 3].map((n) => rtp(n)))).toBe(LOOKS.rtp);
    expect(decided([rtp(1)])).toBe(LOOKS.rtp);
  });

  test("RFC 3550 A.1: a query sent again and again looks like RTP that stands still, and is none", () => {
    expect(decided(Array.from({ length: 6 }, () => rtp(0x0110)))).toBe(LOOKS.other);
    expect(decided(Array.from({ length: 2 * MAX_HELD_DATAGRAMS }, () => rtp(0x0110)))).toBe(LOOKS.other);
  });

  test("an SSRC of its own in each packet does not settle it, but is the best guess", () => {
    expect(decided([1, 2, 3, 4].map((n) => rtp(n, n)))).toBe(LOOKS.rtp);
  });
});

test("any datagrams: a decision within the limit, never an exception", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { minLength: MAX_HELD_DATAGRAMS }), (packets) => {
      const detector = new Detector();
      const answers = packets.slice(0, MAX_HELD_DATAGRAMS).map((one) => detector.decide(one, 0, one.length));
      expect(answers.some((answer) => answer !== -1)).toBe(true);
      expect(Object.values<number>(LOOKS)).toContain(detector.guess());
    }),
  );
});
