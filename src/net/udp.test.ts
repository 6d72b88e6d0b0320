import { describe, expect, test } from "bun:test";
import { be16, be32, concat, octets } from "../../fixtures/lib/bytes.ts";
import { type FrameOptions, ipPacket } from "../../fixtures/lib/frames.ts";
import { Datagram, parseFrame, STATUS } from "./datagram.ts";
import { LINKTYPE } from "./linktype.ts";

const STREAM: FrameOptions = {
  from: { address: "10.0.0.1", port: 4000 },
  to: { address: "239.1.1.1", port: 5000 },
};
const UDP_LENGTH_OFF = 24;

function parse(packet: Uint8Array): Datagram {
  const out = new Datagram();
  parseFrame(packet, 0, packet.length, packet.length, LINKTYPE.raw, -1, 0, out);
  return out;
}

function withUdpLength(length: number, payload = 100): Uint8Array {
  const packet = ipPacket(STREAM, new Uint8Array(payload));
  packet.set(be16(length), UDP_LENGTH_OFF);
  return packet;
}

describe("RFC 768: length", () => {
  test("below 8 is malformed, 0 too", () => {
    for (let length = 0; length < 8; length++) {
      expect(parse(withUdpLength(length)).status).toBe(STATUS.malformed);
    }
  });

  test("less than the IP packet holds: the UDP length wins", () => {
    const out = parse(withUdpLength(8 + 60));
    expect([out.status, out.payloadLength, out.capturedPayloadLength]).toEqual([STATUS.udp, 60, 60]);
  });

  test("more than the IP packet holds is malformed", () => {
    expect(parse(withUdpLength(8 + 100)).status).toBe(STATUS.udp);
    expect(parse(withUdpLength(8 + 101)).status).toBe(STATUS.malformed);
  });

  test("a header that the IP packet does not hold is malformed", () => {
    const packet = ipPacket(STREAM, new Uint8Array(0)).subarray(0, 27);
    packet.set(be16(27), 2);
    expect(parse(packet).status).toBe(STATUS.malformed);
  });
});

describe("RFC 2675: jumbograms", () => {
  /** UDP of `udpLength` in an IPv6 packet whose payload length is 0, with these hop-by-hop options. */
  function jumbogram(options: Uint8Array, payload: number, udpLength = 0): Uint8Array {
    return concat([
      be32(0x60000000),
      be16(0),
      octets(0, 64),
      new Uint8Array(32),
      octets(17, 0),
      options,
      be16(4000),
      be16(5000),
      be16(udpLength),
      be16(0),
      new Uint8Array(payload),
    ]);
  }
  const option = (length: number) => concat([octets(0xc2, 4), be32(length)]);

  test("4: a UDP length of 0 means all that the jumbo payload holds", () => {
    const out = parse(jumbogram(option(8 + 8 + 70000), 70000));
    expect([out.status, out.payloadLength]).toEqual([STATUS.udp, 70000]);
  });

  test("2: options before it are passed over", () => {
    const padded = concat([octets(0, 1, 0, 0, 0, 0), octets(1, 0), option(16 + 8 + 70000)]);
    const packet = jumbogram(padded, 70000);
    packet[41] = 1; // Sixteen octets of hop-by-hop header.
    expect(parse(packet)).toMatchObject({ status: STATUS.udp, payloadLength: 70000 });
  });

  test("3: a jumbo payload length of 65535 or less, or a wrong option, is malformed", () => {
    expect(parse(jumbogram(option(8 + 8 + 100), 100, 108)).status).toBe(STATUS.malformed);
    expect(parse(jumbogram(octets(0xc2, 3, 0, 1, 0, 0), 70000)).status).toBe(STATUS.malformed);
    expect(parse(jumbogram(octets(1, 4, 0, 0, 0, 0), 70000)).status).toBe(STATUS.malformed);
  });
});

test("an IPv4 superframe of segmentation offload, longer than its fields can say", () => {
  const packet = concat([ipPacket(STREAM, new Uint8Array(0)), new Uint8Array(70000)]);
  packet.set(be16(0), 2);
  packet.set(be16(0), UDP_LENGTH_OFF);
  expect(parse(packet)).toMatchObject({ status: STATUS.udp, payloadLength: 70000 });
});
