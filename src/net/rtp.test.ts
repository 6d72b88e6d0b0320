import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { concat, octets } from "../../fixtures/lib/bytes.ts";
import { rtpPacket } from "../../fixtures/lib/frames.ts";
import {
  looksLikeRtcp,
  looksLikeRtp,
  rtpCsrcCount,
  rtpExtension,
  rtpHeaderLength,
  rtpMarker,
  rtpPadding,
  rtpPaddingLength,
  rtpPayloadType,
  rtpSequence,
  rtpSsrc,
  rtpTimestamp,
  rtpVersion,
} from "./rtp.ts";

test("RFC 3550 5.1: each field of the fixed header, at any offset", () => {
  const header = octets(0xff, 0xff, 0xb5, 0xa1, 0x21, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x89, 0xab, 0xcd, 0xef);
  expect(rtpVersion(header, 1)).toBe(3);
  expect(rtpVersion(header, 2)).toBe(2);
  expect(rtpPadding(header, 2)).toBe(1);
  expect(rtpExtension(header, 2)).toBe(1);
  expect(rtpCsrcCount(header, 2)).toBe(5);
  expect(rtpMarker(header, 2)).toBe(1);
  expect(rtpPayloadType(header, 2)).toBe(33);
  expect(rtpSequence(header, 2)).toBe(0x21fe);
  expect(rtpTimestamp(header, 2)).toBe(0xdcba9876);
  expect(rtpSsrc(header, 2)).toBe(0x89abcdef);
});

describe("RFC 3550 5.3.1: header length", () => {
  const extension = { profile: 0xbede, body: new Uint8Array(8) };
  test("fixed, with CSRC list, with extension, with both", () => {
    const length = (more: object) => {
      const packet = rtpPacket({ sequence: 1, timestamp: 2, ...more }, new Uint8Array(5));
      return rtpHeaderLength(packet, 0, packet.length);
    };
    expect(length({})).toBe(12);
    expect(length({ csrc: [1, 2, 3] })).toBe(24);
    expect(length({ extension })).toBe(24);
    expect(length({ csrc: [1], extension })).toBe(28);
    expect(length({ extension: { profile: 0, body: new Uint8Array(0) } })).toBe(16);
  });

  test("-1 for every length that cuts it", () => {
    const packet = rtpPacket({ sequence: 1, timestamp: 2, csrc: [1], extension }, new Uint8Array(0));
    expect(rtpHeaderLength(packet, 0, 28)).toBe(28);
    for (let len = 0; len < 28; len++) expect(rtpHeaderLength(packet, 0, len)).toBe(-1);
  });
});

describe("RFC 3550 5.1: padding", () => {
  const padded = (count: number, payload = 10) =>
    concat([
      octets(0xa0, 33, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
      new Uint8Array(Math.max(payload - 1, 0)),
      payload > 0 ? octets(count) : octets(),
    ]);
  const length = (packet: Uint8Array) => rtpPaddingLength(packet, 0, packet.length);

  test("is counted by the last octet, itself included", () => {
    expect(length(padded(1))).toBe(1);
    expect(length(padded(10))).toBe(10);
  });

  test("of none, or of more than the payload, is invalid", () => {
    expect(length(padded(0))).toBe(-1);
    expect(length(padded(11))).toBe(-1);
    expect(length(padded(0, 0))).toBe(-1);
  });

  test("is 0 without the bit, and -1 without a header", () => {
    expect(length(rtpPacket({ sequence: 0, timestamp: 0 }, octets(7)))).toBe(0);
    expect(rtpPaddingLength(padded(1), 0, 11)).toBe(-1);
  });
});

describe("RFC 5761 4: RTCP", () => {
  const report = (packetType: number, words = 6) => octets(0x80, packetType, 0, words, ...new Uint8Array(24));
  const is = (datagram: Uint8Array) => looksLikeRtcp(datagram, 0, datagram.length);

  test("SR to APP, feedback and extended reports", () => {
    for (const packetType of [192, 200, 201, 202, 203, 204, 205, 206, 207, 223]) {
      expect(is(report(packetType))).toBe(true);
    }
  });

  test("is not RTP of payload type 33 or 96 to 127, with or without marker", () => {
    for (const second of [33, 128 + 33, 96, 127, 224, 255, 191]) expect(is(report(second))).toBe(false);
  });

  test("ends inside its datagram, and has 8 octets", () => {
    expect(is(report(200, 7))).toBe(false);
    expect(is(report(200, 5))).toBe(true);
    expect(looksLikeRtcp(report(200, 0), 0, 7)).toBe(false);
    expect(is(report(200).fill(0x40, 0, 1))).toBe(false);
  });
});

test("looks like RTP: version 2 and a header that fits, whatever the padding says, and not RTCP", () => {
  const is = (datagram: Uint8Array) => looksLikeRtp(datagram, 0, datagram.length);
  const packet = rtpPacket({ sequence: 1, timestamp: 2, csrc: [1, 2] }, octets());
  expect(is(packet)).toBe(true);
  expect(is(packet.subarray(0, 19))).toBe(false);
  expect(is(rtpPacket({ sequence: 1, timestamp: 2 }, octets(0)).fill(0xa0, 0, 1))).toBe(true);
  for (const first of [0x00, 0x47, 0xc0]) expect(is(packet.slice().fill(first, 0, 1))).toBe(false);
  expect(is(packet.subarray(0, 11))).toBe(false);
  expect(is(octets(0x80, 200, 0, 6, ...new Uint8Array(24)))).toBe(false);
});

test("any octets: lengths stay inside the datagram", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (datagram) => {
      const header = rtpHeaderLength(datagram, 0, datagram.length);
      const padding = rtpPaddingLength(datagram, 0, datagram.length);
      looksLikeRtcp(datagram, 0, datagram.length);
      if (looksLikeRtp(datagram, 0, datagram.length)) expect(header).toBeGreaterThanOrEqual(12);
      if (header < 0) expect(padding).toBe(-1);
      else expect(header + Math.max(padding, 0)).toBeLessThanOrEqual(datagram.length);
    }),
    { numRuns: 500 },
  );
});
