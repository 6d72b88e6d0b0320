import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { concat } from "../../fixtures/lib/bytes.ts";
import { ethernetFrame, type FrameOptions, ipv4Packet, ipv6Packet } from "../../fixtures/lib/frames.ts";
import { Datagram, parseFrame, STATUS } from "./datagram.ts";
import { LINKTYPE } from "./linktype.ts";
import { isRtspTcp } from "./rtsp.ts";

const IPV4: FrameOptions = {
  from: { address: "10.0.0.1", port: 1 },
  to: { address: "10.0.0.2", port: 2 },
};
const IPV6: FrameOptions = { from: { address: "fd00::1", port: 1 }, to: { address: "fd00::2", port: 2 } };

function tcp(source: number, destination: number): Uint8Array {
  const header = new Uint8Array(20);
  new DataView(header.buffer).setUint16(0, source);
  new DataView(header.buffer).setUint16(2, destination);
  return header;
}

function judged(frame: Uint8Array, captured = frame.length): boolean {
  const found = new Datagram();
  const status = parseFrame(frame, 0, captured, frame.length, LINKTYPE.ethernet, -1, 0, found);
  return status === STATUS.notUdp && isRtspTcp(frame, found);
}

describe("RFC 7826: RTSP over TCP", () => {
  const ip4 = (body: Uint8Array, protocol = 6) => ethernetFrame(IPV4, ipv4Packet(IPV4, protocol, body));
  const ip6 = (body: Uint8Array, protocol = 6) => ethernetFrame(IPV6, ipv6Packet(IPV6, protocol, body));

  test("is told by its ports, either way, over IPv4 and IPv6", () => {
    expect(judged(ip4(tcp(554, 40_000)))).toBe(true);
    expect(judged(ip4(tcp(40_000, 8554)))).toBe(true);
    expect(judged(ip6(tcp(40_000, 554)))).toBe(true);
    expect(judged(ip4(tcp(80, 40_000)))).toBe(false);
    expect(judged(ip4(tcp(554, 40_000), 1))).toBe(false);
  });

  test("options before the ports are passed over, ports that were cut are not read", () => {
    const withOptions: FrameOptions = { ...IPV4, ipOptions: new Uint8Array(8).fill(1) };
    expect(judged(ethernetFrame(withOptions, ipv4Packet(withOptions, 6, tcp(554, 9))))).toBe(true);
    const frame = ip4(tcp(554, 9));
    expect(judged(frame, 14 + 20 + 3)).toBe(false);
  });

  test("any octets are fine", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 14, maxLength: 80 }), fc.boolean(), (octets, six) => {
        const frame = concat([new Uint8Array(12), Uint8Array.of(...(six ? [0x86, 0xdd] : [8, 0])), octets]);
        expect(typeof judged(frame)).toBe("boolean");
      }),
    );
  });
});
