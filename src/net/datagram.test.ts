import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { concat, octets } from "../../fixtures/lib/bytes.ts";
import { ethernetFrame, type FrameOptions, ipPacket, udpFrame } from "../../fixtures/lib/frames.ts";
import { formatAddress } from "./addresses.ts";
import { Datagram, parseFrame, STATUS } from "./datagram.ts";
import { LINKTYPE, LINKTYPE_TS } from "./linktype.ts";

const V4: FrameOptions = {
  from: { address: "10.0.0.1", port: 4000 },
  to: { address: "239.1.1.1", port: 5000 },
  ttl: 16,
};
const V6: FrameOptions = {
  from: { address: "fd00::1", port: 4001 },
  to: { address: "ff3e::1", port: 5001 },
  ttl: 7,
};
const PAYLOAD = Uint8Array.from({ length: 64 }, (_, i) => 0x80 | i);

/** Parses a frame that lies at offset 5 of a larger buffer. */
function parse(frame: Uint8Array, linkType: number = LINKTYPE.ethernet, wireLength = frame.length, tci = -1) {
  const buf = concat([octets(1, 2, 3, 4, 5), frame, octets(6, 7)]);
  const out = new Datagram();
  const status = parseFrame(buf, 5, frame.length, wireLength, linkType, tci, 0x8100, out);
  expect(out.status).toBe(status);
  const { sourceOff, destinationOff, ipVersion, payloadOff } = out;
  const payload = buf.subarray(payloadOff, payloadOff + out.capturedPayloadLength);
  return {
    status,
    out,
    payload,
    source: () => formatAddress(buf, sourceOff, ipVersion),
    destination: () => formatAddress(buf, destinationOff, ipVersion),
  };
}

describe("a UDP datagram", () => {
  test("in IPv4 over Ethernet: every field", () => {
    const { status, out, payload, source, destination } = parse(udpFrame(V4, PAYLOAD));
    expect(status).toBe(STATUS.udp);
    expect(payload).toEqual(PAYLOAD);
    expect([source(), destination()]).toEqual(["10.0.0.1", "239.1.1.1"]);
    expect(out).toMatchObject({
      ipVersion: 4,
      sourcePort: 4000,
      destinationPort: 5000,
      vlanCount: 0,
      outerTpid: 0,
      payloadLength: 64,
      ttl: 16,
      dscp: 0,
    });
  });

  test("in IPv6 over Ethernet: every field", () => {
    const { status, out, payload, source, destination } = parse(udpFrame(V6, PAYLOAD));
    expect(status).toBe(STATUS.udp);
    expect(payload).toEqual(PAYLOAD);
    expect([source(), destination()]).toEqual(["fd00::1", "ff3e::1"]);
    expect(out).toMatchObject({ ipVersion: 6, sourcePort: 4001, destinationPort: 5001, ttl: 7 });
  });

  test("without payload", () => {
    const { status, out } = parse(udpFrame(V4, new Uint8Array(0)));
    expect([status, out.payloadLength, out.capturedPayloadLength]).toEqual([STATUS.udp, 0, 0]);
  });

  test("RFC 2474: the DSCP of both versions, without the ECN bits", () => {
    const four = ipPacket(V4, PAYLOAD);
    four[1] = (46 << 2) | 1;
    expect(parse(four, LINKTYPE.raw).out.dscp).toBe(46);
    const six = ipPacket(V6, PAYLOAD);
    six[0] = 0x60 | (46 >> 2);
    six[1] = ((46 & 3) << 6) | 0x1f;
    expect(parse(six, LINKTYPE.raw).out.dscp).toBe(46);
  });
});

describe("link types", () => {
  test("raw IP by the version's bits, under each of its numbers", () => {
    for (const type of [LINKTYPE.raw, LINKTYPE.rawDlt12, LINKTYPE.rawDlt14]) {
      expect(parse(ipPacket(V4, PAYLOAD), type).payload).toEqual(PAYLOAD);
      expect(parse(ipPacket(V6, PAYLOAD), type).payload).toEqual(PAYLOAD);
      expect(parse(octets(0x50, 0, 0, 0), type).status).toBe(STATUS.malformed);
      expect(parse(octets(), type).status).toBe(STATUS.malformed);
      expect(parse(octets(), type, 60).status).toBe(STATUS.snappedHeaders);
    }
  });

  test("IPv4 and IPv6 alone take no other", () => {
    expect(parse(ipPacket(V4, PAYLOAD), LINKTYPE.ipv4).payload).toEqual(PAYLOAD);
    expect(parse(ipPacket(V6, PAYLOAD), LINKTYPE.ipv6).payload).toEqual(PAYLOAD);
    expect(parse(ipPacket(V6, PAYLOAD), LINKTYPE.ipv4).status).toBe(STATUS.malformed);
    expect(parse(ipPacket(V4, PAYLOAD), LINKTYPE.ipv6).status).toBe(STATUS.malformed);
  });

  test("others are said to be unknown", () => {
    for (const type of [105, 127, 195, LINKTYPE_TS]) {
      expect(parse(udpFrame(V4, PAYLOAD), type).status).toBe(STATUS.unknownLinkType);
    }
  });
});

test("a field of a frame before is not left behind", () => {
  const out = new Datagram();
  const frame = udpFrame({ ...V6, vlans: [{ tpid: 0x88a8, vid: 9 }] }, PAYLOAD);
  parseFrame(frame, 0, frame.length, frame.length, LINKTYPE.ethernet, 0x123, 0x8100, out);
  const arp = concat([new Uint8Array(12), octets(8, 6), new Uint8Array(46)]);
  parseFrame(arp, 0, arp.length, arp.length, LINKTYPE.ethernet, -1, 0, out);
  const { capturedEnd, wireEnd, ...fields } = out;
  expect([capturedEnd, wireEnd]).toEqual([60, 60]);
  const { capturedEnd: _c, wireEnd: _w, ...fresh } = new Datagram();
  expect({ ...fields }).toEqual({ ...fresh, status: STATUS.notIp });
});

describe("the snap length", () => {
  const frame = udpFrame({ ...V4, vlans: [{ tpid: 0x8100, vid: 1 }] }, PAYLOAD);
  const headers = frame.length - PAYLOAD.length;

  test("in the payload leaves a datagram, its cut seen", () => {
    for (let captured = headers; captured <= frame.length; captured++) {
      const { status, out } = parse(frame.subarray(0, captured), LINKTYPE.ethernet, frame.length);
      expect([status, out.payloadLength, out.capturedPayloadLength]).toEqual([
        STATUS.udp,
        64,
        captured - headers,
      ]);
    }
  });

  test("in the headers is said so; a frame that really was that short is malformed", () => {
    for (let captured = 0; captured < headers; captured++) {
      const cut = frame.subarray(0, captured);
      expect(parse(cut, LINKTYPE.ethernet, frame.length).status).toBe(STATUS.snappedHeaders);
      expect(parse(cut, LINKTYPE.ethernet, captured).status).toBe(STATUS.malformed);
    }
  });

  test("a record that claims less on the wire than was captured is taken at what was captured", () => {
    expect(parse(frame, LINKTYPE.ethernet, 0).payload).toEqual(PAYLOAD);
  });
});

const LINK_TYPES = [...Object.values(LINKTYPE), LINKTYPE_TS, 105];
const STATUSES: number[] = Object.values(STATUS);

/** Frames of any octets, and real ones with some octets changed or cut. */
const frames = fc.oneof(
  fc.uint8Array({ maxLength: 120 }),
  fc
    .tuple(
      fc.constantFrom(
        udpFrame(V4, PAYLOAD),
        udpFrame({ ...V6, vlans: [{ tpid: 0x8100, vid: 5 }] }, PAYLOAD),
        udpFrame({ ...V6, extensions: [{ header: 0, body: octets(0, 0xc2, 4, 0, 1, 0, 0) }] }, PAYLOAD),
        ethernetFrame(V4, ipPacket({ ...V4, ipOptions: octets(1, 1, 1, 0) }, PAYLOAD)),
        ipPacket(V6, PAYLOAD),
        concat([octets(0, 0, 0, 2), ipPacket(V4, PAYLOAD)]),
      ),
      fc.array(fc.tuple(fc.nat(70), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
      fc.nat(160),
    )
    .map(([frame, changes, length]) => {
      const damaged = frame.slice(0, length);
      for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value;
      return damaged;
    }),
);

test("any octets, link type and lengths: no exception, and what is found lies inside the frame", () => {
  const tci = fc.integer({ min: -1, max: 65535 });
  fc.assert(
    fc.property(frames, fc.constantFrom(...LINK_TYPES), fc.nat(200), tci, (frame, type, more, vlanTci) => {
      const out = new Datagram();
      const wireLength = frame.length + (more > 100 ? more - 100 : 0);
      const end = 3 + frame.length;
      const results = [0x00, 0xff].map((around) => {
        // What lies around the frame must not matter.
        const buf = new Uint8Array(frame.length + 80).fill(around);
        buf.set(frame, 3);
        const status = parseFrame(buf, 3, frame.length, wireLength, type, vlanTci, 0x88a8, out);
        expect(STATUSES).toContain(status);
        return JSON.stringify(out);
      });
      expect(results[0]).toBe(results[1] as string);
      if (out.ipVersion !== 0) {
        const size = out.ipVersion === 4 ? 4 : 16;
        expect(out.sourceOff + size).toBeLessThanOrEqual(end);
        expect(out.destinationOff + size).toBeLessThanOrEqual(end);
      }
      expect(out.vlanCount).toBeLessThanOrEqual(4);
      if (out.status !== STATUS.udp) {
        expect(out.payloadLength).toBe(0);
        return;
      }
      expect(out.capturedPayloadLength).toBeGreaterThanOrEqual(0);
      expect(out.payloadOff + out.capturedPayloadLength).toBeLessThanOrEqual(end);
      expect(out.payloadOff + out.payloadLength).toBeLessThanOrEqual(3 + wireLength);
      if (wireLength === frame.length) expect(out.capturedPayloadLength).toBe(out.payloadLength);
    }),
    { numRuns: 3000 },
  );
});

test("a frame beyond the first 2 GiB of a buffer", () => {
  const frame = udpFrame({ ...V6, vlans: [{ tpid: 0x8100, vid: 5 }] }, PAYLOAD);
  const off = 2 ** 31 + 10;
  // Zeroed pages that are not touched cost no memory.
  const buf = new Uint8Array(off + frame.length);
  buf.set(frame, off);
  const far = new Datagram();
  const near = new Datagram();
  expect(parseFrame(buf, off, frame.length, frame.length, LINKTYPE.ethernet, -1, 0, far)).toBe(STATUS.udp);
  parseFrame(frame, 0, frame.length, frame.length, LINKTYPE.ethernet, -1, 0, near);
  for (const name of ["sourceOff", "destinationOff", "payloadOff", "capturedEnd", "wireEnd"] as const) {
    expect([name, far[name] - off]).toEqual([name, near[name]]);
    far[name] = near[name];
  }
  expect(far).toEqual(near);
});
