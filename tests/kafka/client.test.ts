import { afterAll, describe, expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Publisher } from "../../src/wire/publisher.ts";
import { freePorts, KafkaBroker, needsKafka } from "../helpers/kafka.ts";
import { type Running, rscapCommand, start, until } from "../helpers/run.ts";
import { testWith } from "../helpers/skip.ts";
import { testPublisher } from "../helpers/wire.ts";
import { numberOf } from "./sink.ts";

const LIMIT_MS = 120_000;
/** No packages and no settings here: what runs is what is in the executable, where one is tested. */
const folder = mkdtempSync(join(tmpdir(), "rscap-kafka-client-"));
let broker: KafkaBroker | null = null;
afterAll(async () => {
  await broker?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** `rscap client` with a Kafka broker, in an empty folder. */
function client(endpoint: string, address: string, topic: string, ...more: string[]): Running {
  const kafka = ["--kafka-broker", address, "--kafka-topic", topic, "--kafka-backoff", "300ms"];
  const quiet = ["-o", "/dev/null", "--no-events", "--no-progress", "--log-level", "debug"];
  return start(rscapCommand("client", "--endpoint", endpoint, ...kafka, ...quiet, ...more), { cwd: folder });
}

/** Sends numbered events until there is an end to it. */
class Numbers {
  next = 0;
  readonly #publisher: Publisher;
  readonly #timer: Timer;

  constructor(publisher: Publisher) {
    this.#publisher = publisher;
    this.#timer = setInterval(() => this.#publisher.poll(performance.now()), 10);
  }

  send(count: number): void {
    for (let i = 0; i < count; i++) {
      const event = JSON.stringify({ schema: "rscap.event/1", number: this.next++ });
      this.#publisher.sendEvent("239.1.1.1-5000", event);
    }
  }

  end(): void {
    clearInterval(this.#timer);
    this.#publisher.shutdown(0);
  }
}

describe("rscap client", () => {
  testWith(
    needsKafka,
    "killed while no broker answers: the next client sends what the first had taken, compressed, in order",
    async () => {
      broker ??= await KafkaBroker.open();
      const [port = 0, nobody = 0] = await freePorts(2);
      const endpoint = `tcp://127.0.0.1:${port}`;
      const numbers = new Numbers(testPublisher({ endpoint }));
      const spool = ["--kafka-spool", join(folder, "spool"), "--kafka-compression", "lz4"];
      const first = client(endpoint, `127.0.0.1:${nobody}`, "clients", ...spool);
      await first.says(/Connected to probe/, 30_000);
      // A subscription travels for a moment; what is sent before it arrives nobody gets.
      await until(
        () => {
          numbers.send(1);
          return /can't be reached \(ECONNREFUSED\)/.test(first.stderr);
        },
        "the client has taken something",
        60_000,
      );
      numbers.send(50);
      const last = numbers.next - 1;
      await until(() => spoolHolds(last), "the last is on disk", 60_000);
      first.kill("SIGKILL");
      await first.ended();
      const second = client(endpoint, broker.plain, "clients", ...spool, "--report", "json");
      await second.says(/left from before in/, 30_000);
      await second.says(/Kafka takes messages/, 30_000);
      const ended = await second.stop("SIGINT");
      numbers.end();
      expect(ended.exitCode).toBe(130);
      const [counts] = JSON.parse(ended.stdout).sinks;
      expect(counts).toMatchObject({ dropped: 0, queued: 0, done: counts.taken });
      const seen = (await broker.read("clients")).map(numberOf);
      const [from = 0] = seen;
      expect(seen.slice(0, last - from + 1)).toEqual(
        Array.from({ length: last - from + 1 }, (_, i) => from + i),
      );
      expect(seen).toHaveLength(counts.done);
    },
    LIMIT_MS,
  );

  /** True when the spool has the event with this number. */
  async function spoolHolds(number: number): Promise<boolean> {
    for await (const name of new Bun.Glob("*.spool").scan(join(folder, "spool"))) {
      const text = await Bun.file(join(folder, "spool", name)).text();
      if (text.includes(`"number":${number}}`)) return true;
    }
    return false;
  }

  for (const compression of ["snappy", "gzip", "zstd"]) {
    testWith(
      needsKafka,
      `${compression} works where there is nothing but the executable`,
      async () => {
        broker ??= await KafkaBroker.open();
        const [port = 0] = await freePorts(1);
        const endpoint = `tcp://127.0.0.1:${port}`;
        const numbers = new Numbers(testPublisher({ endpoint }));
        const topic = `client-${compression}`;
        const running = client(endpoint, broker.plain, topic, "--kafka-compression", compression);
        await until(
          () => {
            numbers.send(1);
            return running.stderr.includes("Kafka takes messages");
          },
          "delivered",
          30_000,
        ).catch((error) => {
          throw new Error(running.stderr, { cause: error });
        });
        await running.stop("SIGINT");
        numbers.end();
        const seen = (await broker.read(topic)).map(numberOf);
        expect(seen.length).toBeGreaterThan(0);
        expect(seen).toEqual(seen.map((_, i) => (seen[0] ?? 0) + i));
      },
      LIMIT_MS,
    );
  }

  testWith(needsKafka, "wrong settings end it with exit code 2 and the name of the flag", async () => {
    const running = client("tcp://127.0.0.1:1", "127.0.0.1:1", "t", "--kafka-user", "alice");
    const { exitCode, stderr } = await running.ended();
    expect(exitCode).toBe(2);
    expect(stderr).toContain("KAFKA_PASSWORD, or --kafka-password-file (KAFKA_PASSWORD_FILE): expected");
  });
});
