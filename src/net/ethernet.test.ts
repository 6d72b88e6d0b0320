import { describe, expect, test } from "bun:test";
import { be16, concat, octets } from "../../fixtures/lib/bytes.ts";
import { type FrameOptions, ipPacket, udpFrame } from "../../fixtures/lib/frames.ts";
import { Datagram, parseFrame, STATUS } from "./datagram.ts";
import { LINKTYPE } from "./linktype.ts";

const STREAM: FrameOptions = {
  from: { address: "10.0.0.1", port: 4000 },
  to: { address: "239.1.1.1", port: 5000 },
};
const PAYLOAD = octets(1, 2, 3);
const NO_TAG = -1;

function parse(frame: Uint8Array, tci = NO_TAG, tpid = 0x8100): Datagram {
  const out = new Datagram();
  parseFrame(frame, 0, frame.length, frame.length, LINKTYPE.ethernet, tci, tpid, out);
  return out;
}

const tagged = (...vlans: [tpid: number, tci: number][]) =>
  udpFrame({ ...STREAM, vlans: vlans.map(([tpid, vid]) => ({ tpid, vid })) }, PAYLOAD);

describe("802.1Q: VLAN tags", () => {
  test("one, by its 12-bit identifier, without priority and DEI", () => {
    expect(parse(tagged([0x8100, 0xf07b]))).toMatchObject({
      status: STATUS.udp,
      vlanCount: 1,
      vlan0: 0x07b,
      outerTpid: 0x8100,
      payloadLength: 3,
    });
  });

  test("QinQ of 802.1ad and of old, outer tag first", () => {
    const out = parse(tagged([0x88a8, 200], [0x8100, 100]));
    expect(out).toMatchObject({ vlanCount: 2, vlan0: 200, vlan1: 100, outerTpid: 0x88a8, payloadLength: 3 });
    expect(parse(tagged([0x9100, 7], [0x8100, 8]))).toMatchObject({ vlanCount: 2, vlan0: 7, vlan1: 8 });
  });

  test("a priority tag is a tag, with identifier 0", () => {
    expect(parse(tagged([0x8100, 0xe000]))).toMatchObject({ status: STATUS.udp, vlanCount: 1, vlan0: 0 });
  });

  test("four are followed, five are not", () => {
    const tags = Array.from({ length: 5 }, (_, i): [number, number] => [0x8100, i + 1]);
    expect(parse(tagged(...tags.slice(0, 4)))).toMatchObject({ status: STATUS.udp, vlanCount: 4 });
    expect(parse(tagged(...tags))).toMatchObject({ status: STATUS.notIp, vlanCount: 4, vlan0: 1, vlan1: 2 });
  });

  test("the one that the kernel stripped is the outermost", () => {
    expect(parse(tagged([0x8100, 100]), 0x2000 | 200, 0x88a8)).toMatchObject({
      status: STATUS.udp,
      vlanCount: 2,
      vlan0: 200,
      vlan1: 100,
      outerTpid: 0x88a8,
    });
    expect(parse(tagged(), 0, 0x8100)).toMatchObject({ vlanCount: 1, vlan0: 0, outerTpid: 0x8100 });
  });

  test("that ends after its first two octets is malformed", () => {
    expect(parse(concat([new Uint8Array(12), be16(0x8100), be16(1)])).status).toBe(STATUS.malformed);
  });
});

describe("padding and trailers", () => {
  test("of a short frame are not payload", () => {
    const frame = concat([udpFrame(STREAM, PAYLOAD), new Uint8Array(15).fill(0x47)]);
    expect(frame.length).toBe(60);
    const out = parse(frame);
    expect([out.payloadLength, out.capturedPayloadLength]).toEqual([3, 3]);
  });
});

test("other protocols are not IP", () => {
  const frame = (etherType: number, body: Uint8Array) =>
    concat([new Uint8Array(12), be16(etherType), body, new Uint8Array(46)]);
  const ip = ipPacket(STREAM, PAYLOAD);
  const snap = concat([octets(0xaa, 0xaa, 3, 0, 0, 0, 8, 0), ip]);
  const frames = [
    frame(0x0806, octets()), // ARP
    frame(snap.length, snap), // 802.3 length, LLC, SNAP
    frame(0x8847, concat([octets(0, 1, 1, 64), ip])), // MPLS
    frame(0x8864, concat([octets(0x11, 0, 0, 1, 0, 0, 0, 0x21), ip])), // PPPoE
    frame(0x88f7, octets(0, 2)), // PTP
  ];
  for (const each of frames) expect(parse(each).status).toBe(STATUS.notIp);
});

test("an EtherType of one IP version around the other is malformed", () => {
  const six = ipPacket(
    { from: { address: "fd00::1", port: 1 }, to: { address: "ff3e::1", port: 2 } },
    PAYLOAD,
  );
  expect(parse(concat([new Uint8Array(12), be16(0x0800), six])).status).toBe(STATUS.malformed);
  const four = concat([ipPacket(STREAM, PAYLOAD), new Uint8Array(40)]);
  expect(parse(concat([new Uint8Array(12), be16(0x86dd), four])).status).toBe(STATUS.malformed);
});
