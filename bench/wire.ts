/**
 * `bun bench/wire.ts [datagrams]`: what publishing costs, and how fast a client in another process receives
 * and writes. Datagrams of 1316 octets out of a buffer of 1358-octet frames, batches of 64.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alloc } from "../ffi/memory.ts";
import { ClientTaker } from "../src/cli/client-taker.ts";
import { readKnownKeys, readOwnKeys, writeKeyPair } from "../src/wire/curve-files.ts";
import type { HeaderFormat } from "../src/wire/header.ts";
import { Publisher } from "../src/wire/publisher.ts";
import type { CurveSettings } from "../src/wire/security.ts";
import { Subscriber } from "../src/wire/subscriber.ts";

const FRAME_BYTES = 1358;
const PAYLOAD_OFFSET = 42;
const PAYLOAD_BYTES = 1316;
const FRAMES = 1024;
const PACKETS_A_DATAGRAM = 7;

const log = (level: string, message: string): void => {
  if (level !== "info") console.error(message);
};

/** The keys in `folder` for both ends, who are one and the same here; none for an empty name. */
function curveOf(folder: string): CurveSettings | null {
  if (folder === "") return null;
  const { publicKey, secretKey } = readOwnKeys(folder);
  return { publicKey, secretKey, folder, known: readKnownKeys(folder), serverKeys: [publicKey] };
}

function publisher(
  endpoint: string,
  transport: "pub" | "push",
  header: HeaderFormat = "capnp",
  keys = "",
): Publisher {
  const opened = new Publisher({
    endpoint,
    transport,
    header,
    probe: "bench",
    batchSize: 64,
    batchTimeMs: 20,
    highWaterMark: 1000,
    sendBuffer: 0,
    deviceName: "bench",
    timestampSource: "none",
    epoch: () => ({ seconds: 1_700_000_000, nanoseconds: 0, wallClock: true }),
    stop: new Int32Array(new SharedArrayBuffer(4)),
    lingerMs: 10_000,
    curve: curveOf(keys),
    log,
  });
  opened.open(0, {
    id: "239.1.1.1-5000",
    kind: "ts",
    sourceAddress: "192.0.2.1",
    sourcePort: 5000,
    destinationAddress: "239.1.1.1",
    destinationPort: 5000,
  });
  return opened;
}

/** Publishes `datagrams` and returns the milliseconds it took. */
function publish(to: Publisher, datagrams: number): number {
  const buf = alloc(FRAMES * FRAME_BYTES).fill(0x47);
  const startMs = performance.now();
  for (let sent = 0; sent < datagrams; ) {
    for (let i = 0; i < FRAMES && sent < datagrams; i++, sent++) {
      to.packets(0, buf, i * FRAME_BYTES + PAYLOAD_OFFSET, PAYLOAD_BYTES, sent * 2000, 1);
    }
    to.bufferEnd();
  }
  return performance.now() - startMs;
}

function gigabits(datagrams: number, ms: number): string {
  return `${((datagrams * PAYLOAD_BYTES * 8) / ms / 1e6).toFixed(1)} Gb/s`;
}

/** The other process: receives `datagrams` and writes them. */
function receive(
  endpoint: string,
  transport: "pub" | "push",
  datagrams: number,
  path: string,
  keys: string,
): void {
  const curve = curveOf(keys);
  const subscriber = new Subscriber({ endpoints: [endpoint], transport, highWaterMark: 1000, curve, log });
  const packets = datagrams * PACKETS_A_DATAGRAM;
  const taker = new ClientTaker({
    path,
    format: "ts",
    flushMs: 500,
    streams: [],
    packetCount: packets,
    stopped: () => false,
    log,
  });
  const before = process.cpuUsage();
  while (!taker.done) {
    subscriber.receive(taker, 256, 100);
    subscriber.poll();
  }
  taker.close();
  const { user, system } = process.cpuUsage(before);
  const [track] = subscriber.tracks;
  console.log(
    `  client: ${((user + system) / datagrams).toFixed(2)} us CPU a datagram, ${track?.lostMessages} messages missing`,
  );
  subscriber.close();
}

async function endToEnd(
  datagrams: number,
  endpoint: string,
  path: string,
  header: HeaderFormat = "capnp",
  keys = "",
): Promise<void> {
  const args = ["receive", endpoint, "push", String(datagrams), path, keys];
  const command = [process.execPath, import.meta.path, ...args];
  const client = Bun.spawn(command, { stdout: "pipe", stderr: "inherit" });
  const to = publisher(endpoint, "push", header, keys);
  // The first message waits for the client to be there; the clock starts after that.
  publish(to, 1);
  while (to.report().subscribers === 0) {
    await Bun.sleep(10);
    to.poll(performance.now());
  }
  const startMs = performance.now();
  const before = process.cpuUsage();
  publish(to, datagrams - 1);
  to.shutdown();
  const { user, system } = process.cpuUsage(before);
  await client.exited;
  const ms = performance.now() - startMs;
  const size =
    path === "/dev/null"
      ? ""
      : `, file ${statSync(path).size === datagrams * PAYLOAD_BYTES ? "whole" : "NOT WHOLE"}`;
  console.log(
    `push ${endpoint.split(":")[0]}, ${header}${keys === "" ? "" : ", CURVE"} -> ${path}: ${gigabits(datagrams, ms)}, probe side ${((user + system) / datagrams).toFixed(2)} us CPU a datagram${size}`,
  );
  process.stdout.write(await new Response(client.stdout).text());
}

async function main(datagrams: number): Promise<void> {
  for (const header of ["capnp", "json", "none", "capnp", "json", "none"] as const) {
    const to = publisher("tcp://127.0.0.1:*", "pub", header);
    publish(to, datagrams / 4);
    const ms = publish(to, datagrams);
    to.shutdown();
    console.log(
      `pub, ${header}, no subscriber: ${((ms * 1e6) / datagrams).toFixed(0)} ns a datagram, ${gigabits(datagrams, ms)}`,
    );
  }
  const file = join(tmpdir(), `rscap-bench-${process.pid}.ts`);
  await endToEnd(datagrams, "tcp://127.0.0.1:45561", "/dev/null");
  await endToEnd(datagrams, "tcp://127.0.0.1:45561", "/dev/null", "json");
  await endToEnd(datagrams, "tcp://127.0.0.1:45561", file);
  await endToEnd(datagrams, `ipc://${file}.sock`, file);
  rmSync(file, { force: true });
  const keys = mkdtempSync(join(tmpdir(), "rscap-bench-keys-"));
  writeKeyPair(keys, "bench");
  await endToEnd(datagrams, "tcp://127.0.0.1:45561", "/dev/null", "capnp", keys);
  rmSync(keys, { recursive: true });
}

const [role, endpoint, transport, count, path, keys] = process.argv.slice(2);
if (role === "receive") {
  receive(endpoint ?? "", transport === "pub" ? "pub" : "push", Number(count), path ?? "", keys ?? "");
} else {
  await main(Number(role ?? 1_000_000));
}
