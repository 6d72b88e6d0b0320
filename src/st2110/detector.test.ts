import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Detector2110, type Kind2110 } from "./detector.ts";
import { rational } from "./timing21/rational.ts";
import { planStream, writePacket } from "./video/test-stream.ts";

const KINDS: readonly Kind2110[] = ["video20", "audio", "anc", "jpegxs", "ttml", "st2022-6", "unknown"];

/** `packets` packets with a payload of this size, `perStamp` with each timestamp. */
function run(
  detector: Detector2110,
  packets: number,
  stepNs: number,
  hz: number,
  payload: (i: number) => Uint8Array,
  perStamp = 1,
): void {
  for (let i = 0; i < packets && detector.kind() === null; i += 1) {
    const body = payload(i);
    const octets = new Uint8Array(12 + body.length);
    octets.set(body, 12);
    const view = new DataView(octets.buffer);
    view.setUint16(0, 0x8060);
    view.setUint16(2, i & 0xffff);
    const stamp = Math.floor(i / perStamp) * perStamp;
    view.setUint32(4, Math.floor((stamp * stepNs * hz) / 1e9));
    detector.packet(octets, 0, octets.length, octets.length, i * stepNs);
  }
}

describe("kinds that no shared capture has", () => {
  test("audio of each clock and packet time", () => {
    for (const [hz, stepNs] of [
      [48_000, 1e6],
      [48_000, 125e3],
      [96_000, 1e6],
    ] as const) {
      const detector = new Detector2110();
      const samples = (hz * stepNs) / 1e9;
      run(detector, 5000, stepNs, hz, () => new Uint8Array(samples * 6).fill(0x55));
      expect(detector.kind()).toBe("audio");
      expect(detector.clockRateHz()).toBe(hz);
    }
  });

  test("ST 2022-6 by its 27 MHz clock and payload length", () => {
    const detector = new Detector2110();
    run(detector, 30_000, 8000, 27e6, () => new Uint8Array(1384));
    expect(detector.kind()).toBe("st2022-6");
  });

  test("video cut to its headers, block packing too", () => {
    const plan = { width: 800, height: 8, scan: "progressive", rate: rational(50), pgroup: [5, 2] } as const;
    for (const rest of [{ packetOctets: 1000 }, { packetOctets: 1260, block: true }]) {
      const detector = new Detector2110();
      for (const packet of planStream({ ...plan, ...rest }, 30).packets) {
        const { octets, wireLength } = writePacket(packet, 0);
        detector.packet(octets, 0, octets.length, wireLength, packet.timeNs);
      }
      expect(detector.kind()).toBe("video20");
    }
  });

  test("what fits nothing is unknown after half a second, or many packets without times", () => {
    const noise = new Detector2110();
    run(noise, 1000, 1e6, 90_000, (i) => new Uint8Array(33).fill(i), 10);
    expect(noise.kind()).toBe("unknown");
    const timeless = new Detector2110();
    run(timeless, 5000, Number.NaN, 90_000, () => new Uint8Array(33).fill(7));
    expect(timeless.kind()).toBe("unknown");
    expect(new Detector2110().finish()).toBe("unknown");
  });

  test("any packets", () => {
    const packet = fc.tuple(fc.uint8Array({ minLength: 12, maxLength: 60 }), fc.nat(2000), fc.nat(1e9));
    fc.assert(
      fc.property(fc.array(packet), (packets) => {
        const detector = new Detector2110();
        for (const [octets, more, timeNs] of packets) {
          detector.packet(octets, 0, octets.length, octets.length + more, timeNs);
        }
        expect(KINDS).toContain(detector.finish());
      }),
    );
  });
});
