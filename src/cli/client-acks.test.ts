import { afterAll, afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Running, rscapCommand, start, until } from "../../tests/helpers/run.ts";
import { streamInfo, testPublisher, tsPackets } from "../../tests/helpers/wire.ts";
import type { Publisher } from "../wire/publisher.ts";

// Other tests may keep the machine busy.
setDefaultTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), "rscap-client-acks-"));
afterAll(() => rmSync(folder, { recursive: true }));
const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0).toReversed()) close();
});

/** TS packets of a message. */
const EACH = 448;

/** Octets of a pipe's buffer in the kernel: handed over, and lost with the pipe. */
const PIPE_BYTES = 65_536;

/** A probe that keeps its messages, whose packets are numbered, and clients that come to it. */
class Bench {
  readonly publisher: Publisher;
  readonly #endpoint: string;
  #made = 0;

  constructor(name: string) {
    const place = join(folder, name);
    this.#endpoint = `ipc://${place}`;
    this.publisher = testPublisher({
      endpoint: this.#endpoint,
      transport: "push",
      batchSize: 1,
      spool: { folder: `${place}-spool`, maxBytes: 1e9, ackEndpoint: "" },
    });
    this.publisher.open(0, streamInfo("s"));
    const turns = setInterval(() => this.publisher.poll(performance.now()), 5);
    opened.push(() => {
      clearInterval(turns);
      this.publisher.shutdown(0);
    });
  }

  get queued(): number {
    return this.publisher.report().queued;
  }

  send(messages: number): void {
    for (let i = 0; i < messages; i++, this.#made++) {
      const packets = tsPackets(EACH, this.#made * EACH);
      this.publisher.packets(0, packets, 0, packets.length, this.#made * 1e6, 1);
    }
    this.publisher.bufferEnd();
  }

  /** A client that has acknowledged the first of `messages` before the others are sent. */
  async client(output: string, messages: number, ...args: string[]): Promise<Running> {
    const there = ["--transport", "push", "--endpoint", this.#endpoint, "-o", "-", ...args];
    const command = rscapCommand("client", ...there).map((word) => `'${word}'`);
    const running = start(["/bin/sh", "-c", `exec ${command.join(" ")} ${output}`]);
    opened.push(() => running.kill("SIGKILL"));
    this.send(1);
    const before = this.queued;
    await until(() => this.queued < before, "the client acknowledges", 30_000);
    this.send(messages - 1);
    return running;
  }
}

/** Number of the first TS packet in `octets`. */
const firstOf = (octets: Buffer): number => octets.readUInt32BE(4);

test("what a pipe's reader did not take before it went is not acknowledged, and comes to the next client", async () => {
  const bench = new Bench("pipe");
  const [read, rest] = [join(folder, "read.ts"), join(folder, "rest.ts")];
  const first = await bench.client(`| (head -c 2000000 > ${read}; sleep 0.5)`, 200);
  await first.ended();
  expect(first.stderr).toContain("The reader of standard output has gone");
  const second = await bench.client(`> ${rest}`, 1);
  await until(() => bench.queued === 0, "all is acknowledged", 30_000);
  await second.stop("SIGINT");
  const octets = readFileSync(rest);
  expect(firstOf(octets)).toBeLessThanOrEqual((2_000_000 + PIPE_BYTES) / 188);
  expect(firstOf(octets) + octets.length / 188).toBe(201 * EACH);
});

test("of a message that --packet-count cuts nothing is acknowledged, nor what came after it", async () => {
  const bench = new Bench("count");
  const [few, rest] = [join(folder, "few.ts"), join(folder, "rest-of-few.ts")];
  const first = await bench.client(`> ${few}`, 20, "--packet-count", String(3 * EACH + 10));
  await first.ended();
  expect(readFileSync(few).length).toBe((3 * EACH + 10) * 188);
  const second = await bench.client(`> ${rest}`, 1);
  await until(() => bench.queued === 0, "all is acknowledged", 30_000);
  await second.stop("SIGINT");
  const octets = readFileSync(rest);
  expect(Buffer.compare(octets, tsPackets(18 * EACH, 3 * EACH))).toBe(0);
});
