import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { rtpPacket } from "../../fixtures/lib/frames.ts";
import { FEC, FEC_SURE, FecDetector, looksLikeFec2022 } from "./fec2022.ts";

interface Header {
  readonly base?: number;
  readonly e?: number;
  readonly mask?: number;
  readonly kind?: number;
  readonly offset?: number;
  readonly na?: number;
  readonly payloadType?: number;
  readonly sequence?: number;
}

/** A FEC packet: RTP header, the 16 octets of the FEC header, the XOR of media of 1316 octets. */
function fecPacket(header: Header = {}): Uint8Array {
  const { base = 1494, e = 0x80, mask = 0, kind = 0, offset = 5, na = 5, sequence = 1 } = header;
  const payload = new Uint8Array(16 + 1316).fill(0x47);
  payload.set([base >> 8, base & 0xff, 0x05, 0x24, e | 33, 0, 0, mask, 1, 2, 3, 4, kind, offset, na, 0]);
  return rtpPacket({ sequence, timestamp: 0, payloadType: header.payloadType ?? 96 }, payload);
}

const looks = (packet: Uint8Array): number => looksLikeFec2022(packet, 0, packet.length);

describe("SMPTE ST 2022-1 FEC packets", () => {
  test("column and row are told apart by D", () => {
    expect(looks(fecPacket())).toBe(FEC.column);
    expect(looks(fecPacket({ kind: 0x40, offset: 1 }))).toBe(FEC.row);
  });

  test("any fixed field that differs makes it something else", () => {
    const others: Header[] = [
      { e: 0 },
      { mask: 1 },
      { kind: 0x80 },
      { kind: 0x08 },
      { kind: 0x01 },
      { offset: 0 },
      { na: 0 },
      { payloadType: 33 },
    ];
    expect(others.map((header) => looks(fecPacket(header)))).toEqual(others.map(() => FEC.none));
  });

  test("MPEG-TS over RTP and UDP is media", () => {
    const media = new Uint8Array(1316).fill(0x47);
    expect(looks(rtpPacket({ sequence: 1, timestamp: 0, payloadType: 33 }, media))).toBe(FEC.none);
    expect(looks(rtpPacket({ sequence: 1, timestamp: 0, payloadType: 96 }, media))).toBe(FEC.none);
    expect(looks(media)).toBe(FEC.none);
  });

  test("a packet cut off within the headers is not read past its end", () => {
    const packet = fecPacket();
    for (let length = 0; length <= 28; length += 1) {
      expect(looksLikeFec2022(packet.subarray(0, length), 0, length)).toBe(FEC.none);
    }
    expect(looksLikeFec2022(packet, 0, 29)).toBe(FEC.column);
  });

  test("any octets: no exception", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(8), (octets, off) => {
        const length = Math.max(0, octets.length - off);
        expect([FEC.none, FEC.column, FEC.row] as number[]).toContain(looksLikeFec2022(octets, off, length));
      }),
      { numRuns: 500 },
    );
  });
});

describe("FecDetector", () => {
  /** What a detector says after each of these packets. */
  function told(packets: readonly Uint8Array[]): string[] {
    const detector = new FecDetector();
    return packets.map((packet) => {
      detector.datagram(packet, 0, packet.length);
      return detector.name;
    });
  }

  test("is sure after four alike", () => {
    const packets = Array.from({ length: FEC_SURE + 1 }, (_, sequence) =>
      fecPacket({ sequence, base: sequence }),
    );
    expect(told(packets)).toEqual(["none", "none", "none", "ST 2022-1 column", "ST 2022-1 column"]);
  });

  test("is not misled by packets of another matrix or by media between", () => {
    const row = fecPacket({ kind: 0x40, offset: 1 });
    const other = fecPacket({ kind: 0x40, offset: 1, na: 6 });
    const media = rtpPacket({ sequence: 1, timestamp: 0, payloadType: 33 }, new Uint8Array(1316));
    expect(new Set(told([row, row, row, other, row, row, row, media, row, row, row]))).toEqual(
      new Set(["none"]),
    );
    expect(told([media, row, row, row, row]).at(-1)).toBe("ST 2022-1 row");
  });

  test("a sender that turns its FEC off and sends media instead", () => {
    const media = rtpPacket({ sequence: 1, timestamp: 0, payloadType: 33 }, new Uint8Array(1316));
    const packets = [...Array<Uint8Array>(4).fill(fecPacket()), ...Array<Uint8Array>(4).fill(media)];
    expect(told(packets)).toEqual([
      ...["none", "none", "none", "ST 2022-1 column"],
      ...["ST 2022-1 column", "ST 2022-1 column", "ST 2022-1 column", "none"],
    ]);
  });
});
