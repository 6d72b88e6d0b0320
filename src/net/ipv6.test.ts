import { describe, expect, test } from "bun:test";
import { be16, concat, octets } from "../../fixtures/lib/bytes.ts";
import { type FrameOptions, ipPacket, ipv6Packet } from "../../fixtures/lib/frames.ts";
import { Datagram, parseFrame, STATUS } from "./datagram.ts";
import { MAX_EXTENSION_HEADERS } from "./ipv6.ts";
import { LINKTYPE } from "./linktype.ts";

const STREAM: FrameOptions = {
  from: { address: "fd00::1", port: 4000 },
  to: { address: "ff3e::1", port: 5000 },
};
const PAYLOAD = new Uint8Array(50).fill(7);
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const ESP = 50;
const AUTHENTICATION = 51;
const NO_NEXT_HEADER = 59;
const DESTINATION = 60;

/** The octets after an extension header's first: its length in units of 8 octets beyond the first 8, and zeros. */
const body = (units: number, octetsInAll = (units + 1) * 8) =>
  concat([octets(units), new Uint8Array(octetsInAll - 2)]);
const fragment = (word: number) => concat([octets(0), be16(word), octets(0, 0, 0, 9)]);

function parse(packet: Uint8Array, wireLength = packet.length): Datagram {
  const out = new Datagram();
  parseFrame(packet, 0, packet.length, wireLength, LINKTYPE.ipv6, -1, 0, out);
  return out;
}

const withExtensions = (...extensions: { header: number; body: Uint8Array }[]) =>
  ipPacket({ ...STREAM, extensions }, PAYLOAD);

describe("RFC 8200 4: extension headers", () => {
  test("each kind, by its own length, and all in a chain", () => {
    const kinds = [
      { header: HOP_BY_HOP, body: body(1) },
      { header: DESTINATION, body: body(0) },
      { header: ROUTING, body: body(2) },
      { header: AUTHENTICATION, body: body(4, 24) }, // RFC 4302 2.2: in words, less two.
      { header: 135, body: body(0) },
      { header: 139, body: body(3) },
      { header: 140, body: body(0) },
    ];
    for (const kind of [...kinds.map((one) => [one]), kinds]) {
      const size = kind.reduce((sum, one) => sum + 1 + one.body.length, 0);
      const out = parse(withExtensions(...kind));
      expect([out.status, out.payloadOff, out.payloadLength]).toEqual([STATUS.udp, 48 + size, 50]);
    }
  });

  test("4.7: no next header, ESP, TCP, ICMPv6 and unknown numbers are not UDP", () => {
    for (const protocol of [NO_NEXT_HEADER, ESP, 6, 58, 253]) {
      expect(parse(ipv6Packet(STREAM, protocol, PAYLOAD))).toMatchObject({
        status: STATUS.notUdp,
        ipVersion: 6,
        sourceOff: 8,
        destinationOff: 24,
      });
    }
  });

  test("a chain longer than any sender's is malformed", () => {
    const chain = (length: number) =>
      withExtensions(...Array.from({ length }, () => ({ header: DESTINATION, body: body(0) })));
    expect(parse(chain(MAX_EXTENSION_HEADERS)).status).toBe(STATUS.udp);
    expect(parse(chain(MAX_EXTENSION_HEADERS + 1)).status).toBe(STATUS.malformed);
  });

  test("a header beyond the packet is malformed; beyond the capture it is cut", () => {
    const packet = withExtensions({ header: DESTINATION, body: body(1) });
    const wire = packet.length;
    for (const captured of [0, 39, 40, 47, 48, 55, 56, 63]) {
      expect(parse(packet.subarray(0, captured), wire).status).toBe(STATUS.snappedHeaders);
    }
    expect(parse(packet.subarray(0, 64), wire).status).toBe(STATUS.udp);
    packet[41] = 200;
    expect(parse(packet).status).toBe(STATUS.malformed);
    // Hop-by-hop with payload length 0 is looked at for a jumbo payload option first.
    const empty = withExtensions({ header: HOP_BY_HOP, body: body(1) });
    empty.set(be16(0), 4);
    for (const captured of [47, 55]) {
      expect(parse(empty.subarray(0, captured), wire).status).toBe(STATUS.snappedHeaders);
    }
    expect(parse(empty).status).toBe(STATUS.malformed);
  });
});

describe("RFC 8200 4.5: fragments", () => {
  test("the first, one in the middle and the last", () => {
    for (const word of [0x0001, 0x0009, 0x0008, 0xfff8]) {
      const out = parse(withExtensions({ header: FRAGMENT, body: fragment(word) }));
      expect(out).toMatchObject({ status: STATUS.fragment, ipVersion: 6, payloadLength: 0 });
    }
  });

  test("RFC 6946: offset 0 without more is a whole packet; the reserved bits mean nothing", () => {
    for (const word of [0x0000, 0x0006]) {
      const out = parse(withExtensions({ header: FRAGMENT, body: fragment(word) }));
      expect([out.status, out.payloadLength]).toEqual([STATUS.udp, 50]);
    }
  });

  test("its reserved octet is not a length", () => {
    const atomic = fragment(0);
    atomic[0] = 0xff;
    expect(parse(withExtensions({ header: FRAGMENT, body: atomic })).status).toBe(STATUS.udp);
  });
});

describe("RFC 8200 3: payload length", () => {
  test("beyond the frame is malformed", () => {
    const packet = ipPacket(STREAM, PAYLOAD);
    expect(parse(packet.subarray(0, packet.length - 1)).status).toBe(STATUS.malformed);
    expect(parse(packet.subarray(0, packet.length - 1), packet.length).status).toBe(STATUS.udp);
  });

  test("of zero without a jumbo payload holds no UDP", () => {
    const packet = ipPacket(STREAM, PAYLOAD);
    packet.set(be16(0), 4);
    expect(parse(packet).status).toBe(STATUS.malformed);
  });

  test("ends the payload, whatever follows in the frame", () => {
    const out = parse(concat([ipPacket(STREAM, PAYLOAD), new Uint8Array(20)]));
    expect([out.status, out.payloadLength]).toEqual([STATUS.udp, 50]);
  });
});
