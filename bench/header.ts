/**
 * `bun bench/header.ts`: what a message's header costs in each format, beside capnp-es doing the same: octets,
 * nanoseconds to write and to read. A message of 64 datagrams, 448 TS packets or 64 RTP packets.
 */
import { Message } from "capnp-es";
import { bench, do_not_optimize, group, run } from "mitata";
import { Header as CapnpHeader, Clock, Kind } from "../src/wire/header.gen.ts";
import type { HeaderFacts, HeaderNumbers } from "../src/wire/header.ts";
import { decodeHeader, makeHeaderEncoder } from "../src/wire/header-codec.ts";

const EPOCH = { seconds: 1_700_000_000, nanoseconds: 0, wallClock: true };

const FACTS: HeaderFacts = {
  probe: "studio-1",
  run: "0a1b2c3d",
  stream: "239.1.1.1-5000",
  kind: "ts",
  sourceAddress: "192.0.2.1",
  sourcePort: 5000,
  destinationAddress: "239.1.1.1",
  destinationPort: 5000,
  timestampSource: "kernel, software, 1 ns",
  deviceName: "eth0",
  targetHost: "127.0.0.1",
  targetPort: 5556,
  batchSize: 64,
};

const NUMBERS: HeaderNumbers = {
  sequence: 1_234_567,
  firstNs: 3_600e9,
  lastNs: 3_600e9 + 1_000_000,
  datagrams: 64,
  packets: 448,
  payloadBytes: 84_224,
  totalBytes: 1e11,
  lengths: null,
};

/** The same header by capnp-es alone, a message each time. */
function writeWithLibrary(sequence: number): Uint8Array {
  const message = new Message();
  const header = message.initRoot(CapnpHeader);
  header.version = 1;
  header.kind = Kind.TS;
  header.datagrams = 64;
  header.packets = 448;
  header.sequence = BigInt(sequence);
  for (const time of [header.firstTime, header.lastTime]) {
    time.clock = Clock.UTC;
    time.seconds = 1_700_003_600n;
    time.nanoseconds = 1_000_000;
  }
  header.probe = FACTS.probe;
  header.run = FACTS.run;
  header.stream = FACTS.stream;
  header.source = "192.0.2.1:5000";
  header.destination = "239.1.1.1:5000";
  header.timestampSource = FACTS.timestampSource;
  return new Uint8Array(message.toArrayBuffer());
}

/** All fields, read by capnp-es. */
function readWithLibrary(octets: Uint8Array): unknown {
  const read = new Message(octets, false).getRoot(CapnpHeader);
  const { firstTime, lastTime } = read;
  return {
    rscap: read.version,
    probe: read.probe,
    run: read.run,
    stream: read.stream,
    kind: read.kind,
    source: read.source,
    destination: read.destination,
    timestampSource: read.timestampSource,
    sequence: Number(read.sequence),
    first: [firstTime.clock, Number(firstTime.seconds), firstTime.nanoseconds],
    last: [lastTime.clock, Number(lastTime.seconds), lastTime.nanoseconds],
    datagrams: read.datagrams,
    packets: read.packets,
  };
}

for (const kind of ["ts", "rtp"] as const) {
  const lengths = kind === "rtp" ? new Uint32Array(64).fill(1420) : null;
  const numbers = { ...NUMBERS, packets: kind === "rtp" ? 64 : 448, lengths };
  const written = new Map<string, Uint8Array>();
  group(`write, ${kind}`, () => {
    for (const format of ["capnp", "json"] as const) {
      const encoder = makeHeaderEncoder(format, { ...FACTS, kind }, EPOCH);
      written.set(format, encoder.buf.slice(0, encoder.encode(numbers)));
      bench(format, () => {
        numbers.sequence++;
        numbers.lastNs += 1000;
        return do_not_optimize(encoder.encode(numbers));
      });
    }
    if (kind === "ts") bench("capnp-es", () => do_not_optimize(writeWithLibrary(numbers.sequence++)));
  });
  group(`read, ${kind}`, () => {
    for (const [format, octets] of written) bench(format, () => do_not_optimize(decodeHeader(octets)));
    const octets = written.get("capnp");
    if (kind === "ts" && octets) bench("capnp-es", () => do_not_optimize(readWithLibrary(octets)));
  });
  for (const [format, octets] of written) console.log(`${kind}, ${format}: ${octets.length} octets`);
}
await run();
