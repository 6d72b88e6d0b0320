import { expect, test } from "bun:test";
import { be32, concat, octets } from "../../fixtures/lib/bytes.ts";
import { ipPacket } from "../../fixtures/lib/frames.ts";
import { Datagram, parseFrame, STATUS } from "./datagram.ts";
import { LINKTYPE } from "./linktype.ts";

const FOUR = ipPacket(
  { from: { address: "127.0.0.1", port: 4000 }, to: { address: "127.0.0.1", port: 5000 } },
  octets(1, 2),
);
const SIX = ipPacket(
  { from: { address: "::1", port: 4000 }, to: { address: "::1", port: 5000 } },
  octets(1, 2),
);

function parse(frame: Uint8Array, linkType: number, wireLength = frame.length): Datagram {
  const out = new Datagram();
  parseFrame(frame, 0, frame.length, wireLength, linkType, -1, 0, out);
  return out;
}

test("LINKTYPE_NULL and LINKTYPE_LOOP: the family in either byte order, AF_INET6 of each system", () => {
  const families: [number, Uint8Array, number][] = [[2, FOUR, 4]];
  for (const family of [10, 23, 24, 28, 30]) families.push([family, SIX, 6]);
  for (const linkType of [LINKTYPE.null, LINKTYPE.loop]) {
    for (const [family, packet, ipVersion] of families) {
      for (const order of [be32(family), be32(family).reverse()]) {
        const out = parse(concat([order, packet]), linkType);
        expect(out).toMatchObject({ status: STATUS.udp, ipVersion, payloadLength: 2 });
      }
    }
  }
});

test("other families are not IP", () => {
  for (const family of [0, 1, 7, 16, 0xffffffff]) {
    expect(parse(concat([be32(family), FOUR]), LINKTYPE.null).status).toBe(STATUS.notIp);
  }
});

test("a cut family is seen", () => {
  expect(parse(octets(0, 0, 0), LINKTYPE.null).status).toBe(STATUS.malformed);
  expect(parse(octets(0, 0, 0), LINKTYPE.null, 50).status).toBe(STATUS.snappedHeaders);
});
