import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Epoch } from "../report/time.ts";
import type { HeaderFacts, HeaderNumbers } from "./header.ts";
import { decodeJsonHeader, JsonHeaderEncoder } from "./header-json.ts";

const EPOCH: Epoch = { seconds: 1_700_000_000, nanoseconds: 999_999_999, wallClock: true };

const FACTS: HeaderFacts = {
  probe: "studio",
  run: "0a1b2c3d",
  stream: "239.1.1.1-5000",
  kind: "ts",
  sourceAddress: "192.0.2.1",
  sourcePort: 1234,
  destinationAddress: "239.1.1.1",
  destinationPort: 5000,
  timestampSource: 'kernel "software"',
  deviceName: "eth0",
  targetHost: "127.0.0.1",
  targetPort: 5556,
  batchSize: 64,
};

const NUMBERS: HeaderNumbers = {
  sequence: 41,
  firstNs: 1,
  lastNs: 2_000_000_001,
  datagrams: 3,
  packets: 21,
  payloadBytes: 3948,
  totalBytes: 100_000,
  lengths: null,
};

const encode = (facts: HeaderFacts, numbers: HeaderNumbers, epoch = EPOCH): Uint8Array => {
  const encoder = new JsonHeaderEncoder(facts, epoch);
  return encoder.buf.slice(0, encoder.encode(numbers));
};
const parse = (octets: Uint8Array): Record<string, unknown> => JSON.parse(new TextDecoder().decode(octets));

test("our own fields come through", () => {
  expect(decodeJsonHeader(encode(FACTS, NUMBERS))).toEqual({
    rscap: 1,
    probe: "studio",
    run: "0a1b2c3d",
    stream: "239.1.1.1-5000",
    kind: "ts",
    source: "192.0.2.1:1234",
    destination: "239.1.1.1:5000",
    timestampSource: 'kernel "software"',
    sequence: 41,
    firstTime: "2023-11-14T22:13:21.000000000Z",
    lastTime: "2023-11-14T22:13:23.000000000Z",
    datagrams: 3,
    packets: 21,
  });
});

test("the earlier rscap's keys stand beside ours, with its meanings", () => {
  expect(parse(encode(FACTS, NUMBERS))).toMatchObject({
    type: "mpegts_chunk",
    content_length: 3948,
    total_bytes: 100_000,
    count: 42,
    source_ip: "239.1.1.1",
    source_port: 5000,
    source_device: "eth0",
    target_ip: "127.0.0.1",
    target_port: 5556,
    format: "mpegts",
    timestamp: 1_700_000_001_000,
    chunk_size: 3948,
    batch_size: 64,
  });
  expect(parse(encode({ ...FACTS, kind: "rtp" }, NUMBERS)).format).toBe("smpte2110");
  expect(parse(encode({ ...FACTS, kind: "report" }, NUMBERS))).not.toHaveProperty("type");
});

test("the lengths of RTP packets are listed", () => {
  const lengths = Uint32Array.of(1400, 20, 65507, 7);
  const octets = encode({ ...FACTS, kind: "rtp" }, { ...NUMBERS, packets: 3, lengths });
  expect(decodeJsonHeader(octets)?.lengths).toEqual([1400, 20, 65507]);
});

test("IPv6 addresses are bracketed, missing ones null", () => {
  const v6 = { ...FACTS, sourceAddress: "2001:db8::1", destinationAddress: "" };
  expect(decodeJsonHeader(encode(v6, NUMBERS))).toMatchObject({
    source: "[2001:db8::1]:1234",
    destination: null,
  });
});

test("an input without times has null times, one without a clock counts from its start", () => {
  const none = { ...NUMBERS, firstNs: Number.NaN, lastNs: Number.NaN };
  expect(parse(encode(FACTS, none))).toMatchObject({ firstTime: null, lastTime: null, timestamp: null });
  const noClock = { seconds: 0, nanoseconds: 0, wallClock: false };
  expect(parse(encode(FACTS, { ...NUMBERS, firstNs: 1_500_000_000 }, noClock))).toMatchObject({
    firstTime: "+1.500000000s",
    timestamp: null,
  });
  const before = { ...NUMBERS, firstNs: -250_000_000, lastNs: -2_000_000_000 };
  expect(parse(encode(FACTS, before, noClock))).toMatchObject({
    firstTime: "-0.250000000s",
    lastTime: "-2.000000000s",
  });
});

test("whatever the numbers, the header is JSON that says them", () => {
  const encoder = new JsonHeaderEncoder(FACTS, EPOCH);
  const number = fc.maxSafeNat();
  fc.assert(
    fc.property(number, number, number, fc.double(), fc.double(), (sequence, packets, bytes, first, last) => {
      const numbers = { ...NUMBERS, sequence, packets, totalBytes: bytes, firstNs: first, lastNs: last };
      const length = encoder.encode(numbers);
      expect(length).toBeLessThanOrEqual(encoder.buf.length);
      expect(parse(encoder.buf.slice(0, length))).toMatchObject({ sequence, packets, total_bytes: bytes });
    }),
  );
});

test("times are exact to the nanosecond", () => {
  fc.assert(
    fc.property(fc.nat({ max: 9e15 }), (ns) => {
      const header = decodeJsonHeader(encode(FACTS, { ...NUMBERS, firstNs: ns }));
      const total = BigInt(ns) + 1_700_000_000_999_999_999n;
      const fraction = String(total % 1_000_000_000n).padStart(9, "0");
      const second = new Date(Number(total / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
      expect(header?.firstTime).toBe(`${second}.${fraction}Z`);
    }),
  );
});

test("hostile octets are no header, and never throw", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => decodeJsonHeader(octets) === null));
  const good = parse(encode(FACTS, NUMBERS));
  const bad = [
    { rscap: 2 },
    { sequence: -1 },
    { sequence: 1.5 },
    { sequence: "1" },
    { kind: "video" },
    { datagrams: 1e9 },
    { stream: "x".repeat(2000) },
    { lengths: [0] },
    { probe: undefined },
  ];
  for (const change of bad) {
    expect(decodeJsonHeader(new TextEncoder().encode(JSON.stringify({ ...good, ...change })))).toBeNull();
  }
  expect(decodeJsonHeader(new TextEncoder().encode("[".repeat(60_000)))).toBeNull();
});

test("damaged headers never throw", () => {
  const good = encode(FACTS, NUMBERS);
  fc.assert(
    fc.property(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 }), (at, octet) => {
      const damaged = good.slice();
      damaged[at] = octet;
      const header = decodeJsonHeader(damaged);
      expect(header === null || Number.isSafeInteger(header.sequence)).toBe(true);
    }),
  );
});
