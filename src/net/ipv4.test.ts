import { describe, expect, test } from "bun:test";
import { be16, concat, octets } from "../../fixtures/lib/bytes.ts";
import { type FrameOptions, ipPacket, ipv4Fragments, ipv4Packet } from "../../fixtures/lib/frames.ts";
import { Datagram, parseFrame, STATUS } from "./datagram.ts";
import { LINKTYPE } from "./linktype.ts";

const STREAM: FrameOptions = {
  from: { address: "10.0.0.1", port: 4000 },
  to: { address: "239.1.1.1", port: 5000 },
};
const PAYLOAD = new Uint8Array(100).fill(7);

function parse(packet: Uint8Array, wireLength = packet.length): Datagram {
  const out = new Datagram();
  parseFrame(packet, 0, packet.length, wireLength, LINKTYPE.ipv4, -1, 0, out);
  return out;
}

const changed = (at: number, ...values: number[]) => {
  const packet = ipPacket(STREAM, PAYLOAD);
  packet.set(values, at);
  return packet;
};

describe("RFC 791 3.1", () => {
  test("options up to 40 octets are passed over", () => {
    for (let length = 0; length <= 40; length += 4) {
      const out = parse(ipPacket({ ...STREAM, ipOptions: new Uint8Array(length) }, PAYLOAD));
      expect([out.status, out.payloadOff, out.payloadLength]).toEqual([STATUS.udp, 28 + length, 100]);
    }
  });

  test("a header of less than five words is malformed, and so is one that the packet does not hold", () => {
    for (let words = 0; words < 5; words++)
      expect(parse(changed(0, 0x40 | words)).status).toBe(STATUS.malformed);
    expect(parse(changed(2, 0, 19)).status).toBe(STATUS.malformed);
    expect(parse(concat([octets(0x4f), changed(0, 0x45).subarray(1, 40)])).status).toBe(STATUS.malformed);
  });

  test("options that the snap length cut are not malformed", () => {
    const packet = ipPacket({ ...STREAM, ipOptions: new Uint8Array(40) }, PAYLOAD);
    expect(parse(packet.subarray(0, 30), packet.length).status).toBe(STATUS.snappedHeaders);
  });

  test("another version is malformed", () => {
    for (const version of [0, 5, 6, 15]) {
      expect(parse(changed(0, (version << 4) | 5)).status).toBe(STATUS.malformed);
    }
  });

  test("other protocols are told from UDP, with their addresses", () => {
    for (const protocol of [1, 2, 6, 47, 50, 136]) {
      expect(parse(changed(9, protocol))).toMatchObject({
        status: STATUS.notUdp,
        ipVersion: 4,
        sourceOff: 12,
      });
    }
  });
});

describe("RFC 791 3.1: total length", () => {
  test("beyond the frame is malformed", () => {
    const packet = ipPacket(STREAM, PAYLOAD);
    expect(parse(packet.subarray(0, packet.length - 1)).status).toBe(STATUS.malformed);
    expect(parse(packet.subarray(0, packet.length - 1), packet.length).status).toBe(STATUS.udp);
  });

  test("of zero, as segmentation offload leaves it: the frame tells", () => {
    const out = parse(changed(2, 0, 0));
    expect([out.status, out.payloadLength]).toEqual([STATUS.udp, 100]);
  });
});

describe("RFC 791 3.2: fragments", () => {
  test("the first, one in the middle and the last are each told, with their addresses", () => {
    for (const word of [0x2000, 0x2005, 0x0005, 0x6000]) {
      const out = parse(ipv4Packet(STREAM, 17, PAYLOAD, word));
      expect(out).toMatchObject({
        status: STATUS.fragment,
        ipVersion: 4,
        destinationOff: 16,
        payloadLength: 0,
      });
    }
    for (const fragment of ipv4Fragments(STREAM, PAYLOAD, 64)) {
      expect(parse(fragment).status).toBe(STATUS.fragment);
    }
  });

  test("of another protocol are fragments too", () => {
    expect(parse(ipv4Packet(STREAM, 6, PAYLOAD, 0x2000)).status).toBe(STATUS.fragment);
  });

  test("DF and the reserved bit make none", () => {
    for (const word of [0x4000, 0x8000, 0xc000]) {
      const packet = ipPacket(STREAM, PAYLOAD);
      packet.set(be16(word), 6);
      expect(parse(packet).status).toBe(STATUS.udp);
    }
  });
});
