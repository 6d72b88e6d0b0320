import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import * as packet from "./packet.ts";
import { pcrField, tsPacket } from "./test-packets.ts";

describe("ISO/IEC 13818-1 2.4.3.2 transport packet", () => {
  test("header fields", () => {
    const buf = Uint8Array.of(9, 0x47, 0xff, 0x34, 0xbd, 1, 0);
    expect(packet.syncByte(buf, 1)).toBe(0x47);
    expect(packet.transportErrorIndicator(buf, 1)).toBe(1);
    expect(packet.payloadUnitStartIndicator(buf, 1)).toBe(1);
    expect(packet.tsPid(buf, 1)).toBe(0x1f34);
    expect(packet.transportScramblingControl(buf, 1)).toBe(2);
    expect(packet.adaptationFieldControl(buf, 1)).toBe(3);
    expect(packet.continuityCounter(buf, 1)).toBe(13);
    expect(packet.hasPayload(buf, 1)).toBe(true);
  });

  test("all zero", () => {
    const buf = new Uint8Array(188);
    expect(packet.transportErrorIndicator(buf, 0)).toBe(0);
    expect(packet.payloadUnitStartIndicator(buf, 0)).toBe(0);
    expect(packet.tsPid(buf, 0)).toBe(0);
    expect(packet.transportScramblingControl(buf, 0)).toBe(0);
    expect(packet.adaptationFieldControl(buf, 0)).toBe(0);
    expect(packet.hasPayload(buf, 0)).toBe(false);
    expect(packet.adaptationFieldLength(buf, 0)).toBe(-1);
  });
});

describe("ISO/IEC 13818-1 2.4.3.4 adaptation field", () => {
  test.each([
    [1, 200, true],
    [3, 0, true],
    [3, 182, true],
    [3, 183, false],
    [3, 255, false],
    [2, 183, true],
    [2, 182, false],
    [2, 0, false],
    [2, 184, false],
  ])("control %p, length %p: legal %p", (control, fieldLength, legal) => {
    expect(packet.adaptationFieldLengthLegal(tsPacket({ control, fieldLength }), 0)).toBe(legal);
  });

  test("flags are read only from a field that has them", () => {
    const flags = 0xd0;
    expect(packet.discontinuityIndicator(tsPacket({ control: 3, flags }), 0)).toBe(1);
    expect(packet.discontinuityIndicator(tsPacket({ control: 3, flags, fieldLength: 0 }), 0)).toBe(0);
    expect(packet.discontinuityIndicator(tsPacket({ control: 3, flags, fieldLength: 183 }), 0)).toBe(0);
    expect(packet.discontinuityIndicator(tsPacket({ control: 1, fill: 0xff }), 0)).toBe(0);
  });

  test("a PCR needs seven octets", () => {
    expect(packet.hasPcr(tsPacket({ pcr: 1 }), 0)).toBe(true);
    expect(packet.hasPcr(tsPacket({ pcr: 1, fieldLength: 6 }), 0)).toBe(false);
    expect(packet.hasPcr(tsPacket({ control: 3 }), 0)).toBe(false);
  });

  test("every PCR of 33 and 9 bits is read back exactly", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: packet.PCR_MODULUS - 1 }), (pcr) => {
        const buf = tsPacket({ pcr });
        expect(packet.pcr27MHz(buf, 0)).toBe(pcr);
        expect(packet.pcrBase(buf, 0)).toBe(Math.floor(pcr / 300));
        expect(packet.pcrExtension(buf, 0)).toBe(pcr % 300);
        expect(buf.subarray(6, 12)).toEqual(pcrField(pcr));
      }),
    );
  });

  test("payload starts after the field, and never outside the packet", () => {
    expect(packet.payloadOffset(tsPacket(), 0)).toBe(4);
    expect(packet.payloadOffset(tsPacket({ control: 3, fieldLength: 0 }), 0)).toBe(5);
    expect(packet.payloadOffset(tsPacket({ control: 3, fieldLength: 182 }), 0)).toBe(187);
    expect(packet.payloadOffset(tsPacket({ control: 3, fieldLength: 255 }), 0)).toBe(188);
    expect(packet.payloadOffset(tsPacket({ control: 2 }), 0)).toBe(188);
  });
});
