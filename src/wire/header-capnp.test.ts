import { expect, test } from "bun:test";
import { join } from "node:path";
import { Message } from "capnp-es";
import fc from "fast-check";
import { needsProgram, testWith } from "../../tests/helpers/skip.ts";
import { type Epoch, formatTime } from "../report/time.ts";
import { Header as CapnpHeader, Clock, Kind } from "./header.gen.ts";
import {
  BATCH_MAX_DATAGRAMS,
  type Header,
  type HeaderFacts,
  type HeaderNumbers,
  SEQUENCE_MAX,
} from "./header.ts";
import { CapnpHeaderEncoder, DATA_BYTES, SEGMENT_AT, WORD_BYTES } from "./header-capnp.ts";
import { decodeCapnpHeader } from "./header-capnp-reader.ts";
import { decodeHeader, makeHeaderEncoder } from "./header-codec.ts";
import { decodeJsonHeader, JsonHeaderEncoder } from "./header-json.ts";
import { KINDS } from "./topic.ts";

const EPOCH: Epoch = { seconds: 1_700_000_000, nanoseconds: 999_999_999, wallClock: true };

const FACTS: HeaderFacts = {
  probe: "studio",
  run: "0a1b2c3d",
  stream: "239.1.1.1-5000",
  kind: "rtp",
  sourceAddress: "2001:db8::1",
  sourcePort: 1234,
  destinationAddress: "239.1.1.1",
  destinationPort: 5000,
  timestampSource: 'kernel "software", 1 µs',
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
  packets: 3,
  payloadBytes: 3948,
  totalBytes: 100_000,
  lengths: Uint32Array.of(1400, 20, 65507, 7),
};

const HEADER: Header = {
  rscap: 1,
  probe: "studio",
  run: "0a1b2c3d",
  stream: "239.1.1.1-5000",
  kind: "rtp",
  source: "[2001:db8::1]:1234",
  destination: "239.1.1.1:5000",
  timestampSource: 'kernel "software", 1 µs',
  sequence: 41,
  firstTime: "2023-11-14T22:13:21.000000000Z",
  lastTime: "2023-11-14T22:13:23.000000000Z",
  datagrams: 3,
  packets: 3,
  lengths: [1400, 20, 65507],
};

const encode = (facts: HeaderFacts, numbers: HeaderNumbers, epoch = EPOCH): Uint8Array => {
  const encoder = new CapnpHeaderEncoder(facts, epoch);
  return encoder.buf.slice(0, encoder.encode(numbers));
};

/** What capnp-es reads, which knows the places of the fields from the schema. */
const oracle = (octets: Uint8Array): CapnpHeader => new Message(octets, false).getRoot(CapnpHeader);

/** A header as capnp-es writes it. */
function written(fill: (header: CapnpHeader) => void): Uint8Array {
  const message = new Message();
  fill(message.initRoot(CapnpHeader));
  return new Uint8Array(message.toArrayBuffer());
}

/** capnp-es takes a leading U+FEFF for a byte order mark, and drops it. */
const anyText = fc.string({ unit: "binary", maxLength: 40 }).filter((text) => !text.startsWith("\uFEFF"));
const anyTime = fc.oneof(
  fc.double(),
  fc.double({ min: -9e15, max: 9e15, noNaN: true }).map(Math.floor),
  fc.constant(Number.NaN),
);
const anyFacts: fc.Arbitrary<HeaderFacts> = fc.record({
  probe: anyText,
  run: anyText,
  stream: anyText,
  kind: fc.constantFrom(...KINDS),
  sourceAddress: fc.oneof(fc.constant(""), fc.ipV4(), fc.ipV6()),
  sourcePort: fc.nat(65535),
  destinationAddress: fc.oneof(fc.constant(""), fc.ipV4(), fc.ipV6()),
  destinationPort: fc.nat(65535),
  timestampSource: anyText,
  deviceName: anyText,
  targetHost: anyText,
  targetPort: fc.nat(65535),
  batchSize: fc.nat(4096),
});
const anyLengths = fc.array(fc.integer({ min: 1, max: 0xffff_ffff }), { maxLength: 70 });
const anyNumbers = fc.record({
  sequence: fc.nat({ max: SEQUENCE_MAX }),
  firstNs: anyTime,
  lastNs: anyTime,
  datagrams: fc.nat(BATCH_MAX_DATAGRAMS),
  lengths: fc.option(anyLengths),
  count: fc.nat(0xffff_ffff),
  totalBytes: fc.maxSafeNat(),
});
const anyEpoch: fc.Arbitrary<Epoch> = fc.record({
  seconds: fc.oneof(fc.nat(4e9), fc.maxSafeInteger()),
  nanoseconds: fc.nat(999_999_999),
  wallClock: fc.boolean(),
});

test("every field comes through", () => {
  expect(decodeCapnpHeader(encode(FACTS, NUMBERS))).toEqual(HEADER);
});

test("whatever the facts and numbers, one encoder after the other: what capnp-es reads is what was written", () => {
  fc.assert(
    fc.property(
      anyFacts,
      anyEpoch,
      fc.array(anyNumbers, { minLength: 1, maxLength: 4 }),
      (facts, epoch, all) => {
        const encoder = new CapnpHeaderEncoder({ ...facts, kind: "rtp" }, epoch);
        for (const { count, lengths, ...numbers } of all) {
          const packets = lengths?.length ?? count;
          const list = lengths && Uint32Array.from(lengths);
          const bytes = encoder.encode({ ...numbers, packets, payloadBytes: 0, lengths: list });
          const read = oracle(encoder.buf.slice(0, bytes));
          expect(read.version).toBe(1);
          expect(read.kind).toBe(Kind.RTP);
          expect(read.sequence).toBe(BigInt(numbers.sequence));
          expect(read.datagrams).toBe(numbers.datagrams);
          expect(read.packets).toBe(packets);
          expect([read.probe, read.run, read.stream]).toEqual([facts.probe, facts.run, facts.stream]);
          expect(read.timestampSource).toBe(facts.timestampSource);
          expect(read._hasLengths()).toBe(lengths !== null);
          expect([...read.lengths]).toEqual(lengths ?? []);
          for (const [time, ns] of [
            [read.firstTime, numbers.firstNs],
            [read.lastTime, numbers.lastNs],
          ] as const) {
            if (time.clock === Clock.NONE) {
              const outside = Number.isSafeInteger(
                epoch.seconds + Math.floor((ns + epoch.nanoseconds) / 1e9),
              );
              expect(Math.abs(ns) < 8.64e21 && outside).toBe(false);
              expect([time.seconds, time.nanoseconds]).toEqual([0n, 0]);
            } else {
              expect(time.clock).toBe(epoch.wallClock ? Clock.UTC : Clock.START);
              expect(time.nanoseconds).toBeLessThan(1_000_000_000);
              // Beyond 2^53 numbers have gaps, and times have no meaning.
              if (Math.abs(ns) > 9e15) continue;
              const nanoseconds =
                BigInt(epoch.seconds) * 1_000_000_000n + BigInt(Math.floor(ns + epoch.nanoseconds));
              expect(time.seconds * 1_000_000_000n + BigInt(time.nanoseconds)).toBe(nanoseconds);
            }
          }
        }
      },
    ),
  );
});

test("both formats say the same header", () => {
  fc.assert(
    fc.property(anyFacts, anyNumbers, fc.boolean(), (facts, { count, lengths, ...numbers }, wallClock) => {
      const epoch = { ...EPOCH, seconds: wallClock ? EPOCH.seconds : 0, wallClock };
      const exact = (ns: number): number => (Math.abs(ns) < 9e15 ? ns : Number.NaN);
      const list = facts.kind === "rtp" && lengths ? Uint32Array.from(lengths) : null;
      const all = {
        ...numbers,
        // Beyond that numbers have gaps, and times have no meaning.
        firstNs: exact(numbers.firstNs),
        lastNs: exact(numbers.lastNs),
        packets: list?.length ?? count,
        payloadBytes: 0,
        lengths: list,
      };
      const [capnp, json] = (["capnp", "json"] as const).map((format) => {
        const encoder = makeHeaderEncoder(format, facts, epoch);
        return encoder.buf.slice(0, encoder.encode(all));
      });
      const decoded = decodeHeader(capnp as Uint8Array);
      expect(decoded).not.toBeNull();
      expect(decoded).toEqual(decodeHeader(json as Uint8Array));
    }),
  );
});

test("the first octet tells the formats apart, whatever the header", () => {
  fc.assert(
    fc.property(anyFacts, anyEpoch, (facts, epoch) => {
      expect(encode(facts, { ...NUMBERS, lengths: null }, epoch)[0]).toBe(0);
      const json = new JsonHeaderEncoder(facts, epoch);
      json.encode(NUMBERS);
      expect(json.buf[0]).toBe(0x7b);
    }),
  );
  // Even texts far longer than any name stay in one segment.
  const long = { ...FACTS, probe: "p".repeat(50_000), timestampSource: "t".repeat(50_000) };
  expect(encode(long, NUMBERS).subarray(0, 4)).toEqual(new Uint8Array(4));
  expect(oracle(encode(long, NUMBERS)).timestampSource).toBe(long.timestampSource);
});

test("the kinds have the numbers of the schema", () => {
  for (const [i, kind] of KINDS.entries()) {
    expect(Object.entries<number>(Kind)).toContainEqual([kind.toUpperCase(), i]);
    expect(decodeCapnpHeader(encode({ ...FACTS, kind }, { ...NUMBERS, lengths: null }))?.kind).toBe(kind);
  }
  expect(Object.keys(Kind)).toHaveLength(KINDS.length);
});

test("the longest list of lengths goes, a longer one is no header", () => {
  const lengths = new Uint32Array(BATCH_MAX_DATAGRAMS).fill(1500);
  const octets = encode(FACTS, { ...NUMBERS, packets: lengths.length, lengths });
  expect(decodeCapnpHeader(octets)?.lengths).toEqual([...lengths]);
  const longer = written((header) => {
    header.version = 1;
    header._initLengths(BATCH_MAX_DATAGRAMS + 1).fill(1500);
  });
  expect(decodeCapnpHeader(longer)).toBeNull();
});

test("what capnp-es writes is read: fields that are not there have their defaults", () => {
  const sparse = written((header) => {
    header.version = 1;
    header.stream = "s";
  });
  expect(decodeCapnpHeader(sparse)).toEqual({
    rscap: 1,
    probe: "",
    run: "",
    stream: "s",
    kind: "ts",
    source: null,
    destination: null,
    timestampSource: "",
    sequence: 0,
    firstTime: null,
    lastTime: null,
    datagrams: 0,
    packets: 0,
  });
});

/** The header with its root struct laid out anew: sections of other lengths, as other versions of the schema have. */
function withSections(octets: Uint8Array, dataWords: number, pointers: number): Uint8Array {
  const oldPointers = SEGMENT_AT + WORD_BYTES + DATA_BYTES;
  const move = (dataWords - DATA_BYTES / WORD_BYTES + pointers - 7) * WORD_BYTES;
  const made = new Uint8Array(octets.length + move);
  const view = new DataView(made.buffer);
  const from = new DataView(octets.buffer, octets.byteOffset, octets.length);
  made.set(octets.subarray(0, SEGMENT_AT + WORD_BYTES));
  const dataBytes = Math.min(dataWords * WORD_BYTES, DATA_BYTES);
  made.set(octets.subarray(oldPointers - DATA_BYTES, oldPointers - DATA_BYTES + dataBytes), 16);
  const newPointers = 16 + dataWords * WORD_BYTES;
  for (let i = 0; i < Math.min(pointers, 7); i++) {
    const low = from.getInt32(oldPointers + i * WORD_BYTES, true);
    const high = from.getUint32(oldPointers + i * WORD_BYTES + 4, true);
    // A pointer counts from its own end, which is elsewhere now.
    view.setInt32(newPointers + i * WORD_BYTES, low === 0 ? 0 : low + ((pointers - 7) << 2), true);
    view.setUint32(newPointers + i * WORD_BYTES + 4, high, true);
  }
  made.set(octets.subarray(oldPointers + 7 * WORD_BYTES), newPointers + pointers * WORD_BYTES);
  view.setUint16(12, dataWords, true);
  view.setUint16(14, pointers, true);
  view.setUint32(4, made.length / WORD_BYTES - 1, true);
  return made;
}

test("what capnp-es writes is read, in whatever order it lays out texts and lengths", () => {
  const texts = ["probe", "run", "stream", "source", "destination", "timestampSource"] as const;
  const order = fc.shuffledSubarray([...texts, "lengths"] as const, { minLength: 7 });
  const anyTexts = fc.array(anyText, { minLength: 6, maxLength: 6 });
  fc.assert(
    fc.property(order, anyTexts, anyLengths, (fields, values, lengths) => {
      const octets = written((header) => {
        header.version = 1;
        for (const field of fields) {
          if (field !== "lengths") {
            header[field] = values[texts.indexOf(field)] ?? "";
            continue;
          }
          const list = header._initLengths(lengths.length);
          for (const [i, length] of lengths.entries()) list.set(i, length);
        }
      });
      const [probe, run, stream, source, destination, timestampSource] = values;
      expect(decodeCapnpHeader(octets)).toMatchObject({
        ...{ probe, run, stream, timestampSource, lengths },
        source: source || null,
        destination: destination || null,
      });
    }),
  );
});

test("numbers and times that capnp-es writes are read, and refused beyond their bounds", () => {
  const bounds = { seconds: BigInt(Number.MAX_SAFE_INTEGER), sequence: BigInt(SEQUENCE_MAX) };
  const time = fc.record({
    clock: fc.constantFrom(...Object.values(Clock)),
    seconds: fc.oneof(fc.bigInt(-4_000_000_000n, 4_000_000_000n), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
    nanoseconds: fc.oneof(fc.nat(999_999_999), fc.nat(0xffff_ffff)),
  });
  const numbers = fc.record({
    version: fc.oneof(fc.constant(1), fc.nat(0xffff)),
    kind: fc.constantFrom(...Object.values(Kind)),
    datagrams: fc.oneof(fc.nat(BATCH_MAX_DATAGRAMS), fc.nat(0xffff_ffff)),
    packets: fc.nat(0xffff_ffff),
    sequence: fc.oneof(
      fc.bigInt(0n, bounds.sequence),
      fc.bigInt(bounds.sequence, bounds.sequence + 1n),
      fc.bigInt(0n, 2n ** 64n - 1n),
    ),
  });
  const fits = ({
    clock,
    seconds,
    nanoseconds,
  }: {
    clock: number;
    seconds: bigint;
    nanoseconds: number;
  }): boolean =>
    clock === Clock.NONE ||
    (seconds <= bounds.seconds && -seconds <= bounds.seconds && nanoseconds < 1_000_000_000);
  fc.assert(
    fc.property(numbers, time, time, (all, first, last) => {
      const octets = written((header) => {
        Object.assign(header, all);
        Object.assign(header._initFirstTime(), first);
        Object.assign(header._initLastTime(), last);
      });
      const good =
        all.version === 1 &&
        all.datagrams <= BATCH_MAX_DATAGRAMS &&
        all.sequence <= bounds.sequence &&
        fits(first) &&
        fits(last);
      const header = decodeCapnpHeader(octets);
      if (!good) {
        expect(header).toBeNull();
        return;
      }
      const text = ({ clock, seconds, nanoseconds }: typeof first): string | null =>
        clock === Clock.NONE
          ? null
          : formatTime({ seconds: Number(seconds), nanoseconds, wallClock: clock === Clock.UTC }, 0);
      expect(header).toMatchObject({
        kind: KINDS[all.kind],
        datagrams: all.datagrams,
        packets: all.packets,
        sequence: Number(all.sequence),
        firstTime: text(first),
        lastTime: text(last),
      });
    }),
    { numRuns: 500 },
  );
});

testWith(needsProgram("capnp", "capnproto"), "what the capnp tool writes is read", () => {
  const text = `(version = 1, kind = rtp, datagrams = 3, packets = 3, sequence = 41,
    firstTime = (clock = utc, seconds = 1700000001), lastTime = (clock = utc, seconds = 1700000003),
    probe = "studio", run = "0a1b2c3d", stream = "239.1.1.1-5000", source = "[2001:db8::1]:1234",
    destination = "239.1.1.1:5000", timestampSource = "kernel \\"software\\", 1 µs", lengths = [1400, 20, 65507])`;
  const command = ["capnp", "encode", join(import.meta.dir, "header.capnp"), "Header"];
  const { stdout, stderr } = Bun.spawnSync(command, { stdin: Buffer.from(text) });
  expect(stderr.toString()).toBe("");
  expect(decodeHeader(new Uint8Array(stdout))).toEqual(HEADER);
});

test("headers of newer and older schemas are read", () => {
  const newer = withSections(encode(FACTS, NUMBERS), 9, 12);
  expect(oracle(newer).stream).toBe(FACTS.stream);
  expect(decodeCapnpHeader(newer)).toEqual(HEADER);
  const older = withSections(encode(FACTS, NUMBERS), 3, 5);
  expect(oracle(older).stream).toBe(FACTS.stream);
  const { lengths: _none, ...rest } = HEADER;
  expect(decodeCapnpHeader(older)).toEqual({
    ...rest,
    // The clocks are among the first words, the seconds were cut off.
    firstTime: "1970-01-01T00:00:00.000000000Z",
    lastTime: "1970-01-01T00:00:00.000000000Z",
    timestampSource: "",
  });
});

test("hostile octets are no header, and never throw", () => {
  const good = encode(FACTS, NUMBERS);
  const changed = (at: number, value: number, bytes: 1 | 2 | 4 = 4): Uint8Array => {
    const octets = good.slice();
    for (let i = 0; i < bytes; i++) octets[at + i] = value >>> (8 * i);
    return octets;
  };
  const pointers = 16 + DATA_BYTES;
  const bad: Record<string, Uint8Array> = {
    nothing: new Uint8Array(0),
    "a zero": new Uint8Array(1),
    "no root": new Uint8Array(16),
    "two segments": changed(0, 1),
    "a segment longer than the message": changed(4, 5000),
    "a segment shorter than the message": good.slice(0, -8),
    "octets behind the segment": new Uint8Array([...good, ...new Uint8Array(8)]),
    "a root that is a list": changed(8, 1),
    "a root behind the end": changed(8, 0x7ff0),
    "a root before the start": changed(8, -40),
    "a data section beyond the end": changed(12, 60_000, 2),
    "pointers beyond the end": changed(14, 60_000, 2),
    "another version": changed(16, 2, 2),
    "an unknown kind": changed(18, 5, 2),
    "too many datagrams": changed(20, BATCH_MAX_DATAGRAMS + 1),
    "a sequence beyond 2^53": changed(16 + 20, 0x0020_0000),
    "an unknown clock": changed(16 + 12, 3, 2),
    "seconds beyond 2^53": changed(16 + 28, 0x0020_0000),
    "a second of two seconds": changed(16 + 32, 2_000_000_000),
    "a text that is a struct": changed(pointers, 0),
    "a far pointer": changed(pointers, 2),
    "a text of words": changed(pointers + 4, (7 << 3) | 5),
    "a text without its end": changed(pointers + 4, (6 << 3) | 2),
    "a text of no octets": changed(pointers + 4, 2),
    "a text beyond the end": changed(pointers + 4, (0x1fff_fff0 << 3) | 2),
    "a text before the start": changed(pointers, (-500 << 2) | 1),
    "lengths of octets": changed(pointers + 52, (3 << 3) | 2),
    "lengths beyond the end": changed(pointers + 52, (4000 << 3) | 4),
    "a length of 0": changed(good.length - 16, 0),
  };
  expect(decodeCapnpHeader(good)).toEqual(HEADER);
  for (const [what, octets] of Object.entries(bad)) {
    expect({ what, header: decodeCapnpHeader(octets) }).toEqual({ what, header: null });
  }
  const utf8 = encode({ ...FACTS, probe: "xxxxxxx" }, NUMBERS);
  utf8.fill(0xff, utf8.indexOf(0x78), utf8.indexOf(0x78) + 7);
  expect(decodeCapnpHeader(utf8)).toBeNull();
  for (const probe of ["x".repeat(1025), "€".repeat(1025), "x".repeat(4000)]) {
    expect(decodeCapnpHeader(encode({ ...FACTS, probe }, NUMBERS))).toBeNull();
  }
  expect(decodeCapnpHeader(encode({ ...FACTS, probe: "€".repeat(1024) }, NUMBERS))?.probe).toHaveLength(1024);
});

/** What we take from any octets is within the bounds of JSON headers, and what capnp-es reads in them. */
function expectSound(octets: Uint8Array): boolean {
  const header = decodeHeader(octets);
  if (header === null) return false;
  expect(decodeJsonHeader(new TextEncoder().encode(JSON.stringify(header)))).toEqual(header);
  const read = oracle(octets);
  expect({
    probe: read.probe,
    run: read.run,
    stream: read.stream,
    source: read.source || null,
    destination: read.destination || null,
    timestampSource: read.timestampSource,
    kind: KINDS[read.kind],
    sequence: Number(read.sequence),
    datagrams: read.datagrams,
    packets: read.packets,
    lengths: read._hasLengths() ? [...read.lengths] : [],
  }).toEqual({
    probe: header.probe,
    run: header.run,
    stream: header.stream,
    source: header.source,
    destination: header.destination,
    timestampSource: header.timestampSource,
    kind: header.kind,
    sequence: header.sequence,
    datagrams: header.datagrams,
    packets: header.packets,
    lengths: header.lengths ?? [],
  });
  return true;
}

test("any octets: no exception, nothing beyond the bounds of a header", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => void decodeCapnpHeader(octets)));
  const words = fc.array(fc.oneof(fc.nat(300), fc.nat(0xffff_ffff), fc.constantFrom(0, 1, 2, 0x7000_0006)), {
    minLength: 2,
    maxLength: 80,
  });
  fc.assert(
    fc.property(words, (values) => {
      const octets = new Uint8Array(Uint32Array.of(0, values.length >> 1, ...values, 0).buffer);
      octets.set([1, 0], 16);
      expectSound(octets.slice(0, 8 + (values.length >> 1) * 8));
    }),
    { numRuns: 1000 },
  );
});

test("damaged headers: no exception, and what is still a header is within its bounds", () => {
  const good = encode(FACTS, NUMBERS);
  let headers = 0;
  const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(damage, fc.nat(good.length), (changes, cut) => {
      const damaged = good.slice();
      for (const [at, octet] of changes) damaged[at] = octet;
      if (expectSound(damaged)) headers++;
      expectSound(damaged.slice(0, cut));
    }),
    { numRuns: 1000 },
  );
  expect(headers).toBeGreaterThan(20);
});

test("a message is read where it lies: no octet outside its bounds counts", () => {
  const good = encode(FACTS, NUMBERS);
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 64 }),
      fc.uint8Array({ maxLength: 64 }),
      (before, after) => {
        const around = new Uint8Array([...before, ...good, ...after]);
        const inside = around.subarray(before.length, before.length + good.length);
        expect(decodeCapnpHeader(inside)).toEqual(HEADER);
      },
    ),
  );
});
