import { describe, expect, test } from "bun:test";
import { be16, concat, octets } from "../../fixtures/lib/bytes.ts";
import { type FrameOptions, ipPacket, sll2Frame, sllFrame } from "../../fixtures/lib/frames.ts";
import { Datagram, parseFrame, STATUS } from "./datagram.ts";
import { LINKTYPE } from "./linktype.ts";

const STREAM: FrameOptions = {
  from: { address: "10.0.0.1", port: 4000 },
  to: { address: "239.1.1.1", port: 5000 },
};
const IP = ipPacket(STREAM, octets(1, 2, 3, 4));
const SLL_HEADER = 16;
const SLL2_HEADER = 20;

function parse(frame: Uint8Array, linkType: number, wireLength = frame.length): Datagram {
  const out = new Datagram();
  parseFrame(frame, 0, frame.length, wireLength, linkType, -1, 0, out);
  return out;
}

describe("LINKTYPE_LINUX_SLL", () => {
  test("its protocol is an EtherType", () => {
    expect(parse(sllFrame(IP), LINKTYPE.linuxSll)).toMatchObject({ status: STATUS.udp, payloadLength: 4 });
  });

  test("a VLAN tag stands before the protocol, where libpcap puts it back", () => {
    const plain = sllFrame(IP);
    const tag = concat([be16(0x8100), be16(123)]);
    const frame = concat([plain.subarray(0, SLL_HEADER - 2), tag, plain.subarray(SLL_HEADER - 2)]);
    expect(parse(frame, LINKTYPE.linuxSll)).toMatchObject({
      status: STATUS.udp,
      vlanCount: 1,
      vlan0: 123,
      payloadLength: 4,
    });
  });

  test("802.3 and LLC are not IP", () => {
    const frame = sllFrame(IP);
    frame.set(be16(4), SLL_HEADER - 2);
    expect(parse(frame, LINKTYPE.linuxSll).status).toBe(STATUS.notIp);
  });
});

describe("LINKTYPE_LINUX_SLL2", () => {
  test("its protocol stands first", () => {
    expect(parse(sll2Frame(IP), LINKTYPE.linuxSll2)).toMatchObject({ status: STATUS.udp, payloadLength: 4 });
  });

  test("a VLAN tag follows the header", () => {
    const plain = sll2Frame(IP);
    const tag = concat([be16(321), be16(0x0800)]);
    const frame = concat([be16(0x8100), plain.subarray(2, SLL2_HEADER), tag, plain.subarray(SLL2_HEADER)]);
    expect(parse(frame, LINKTYPE.linuxSll2)).toMatchObject({
      status: STATUS.udp,
      vlanCount: 1,
      vlan0: 321,
      payloadLength: 4,
    });
  });
});

test("a cut header is seen", () => {
  const cases: [number, number][] = [
    [LINKTYPE.linuxSll, SLL_HEADER],
    [LINKTYPE.linuxSll2, SLL2_HEADER],
  ];
  for (const [linkType, header] of cases) {
    const cut = new Uint8Array(header - 1);
    expect(parse(cut, linkType, 100).status).toBe(STATUS.snappedHeaders);
    expect(parse(cut, linkType).status).toBe(STATUS.malformed);
  }
});
