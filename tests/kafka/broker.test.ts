import { afterAll, describe, expect } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FAULTY_REPORT } from "../../src/report/fixture.ts";
import { SunkDocument } from "../../src/sinks/document-sink.ts";
import type { LinkOptions } from "../../src/sinks/kafka/link.ts";
import { DiskSpool } from "../../src/spool/disk-spool.ts";
import { ALICE, BOB, delivered, freePorts, KafkaBroker, needsKafka } from "../helpers/kafka.ts";
import { until } from "../helpers/run.ts";
import { testWith } from "../helpers/skip.ts";
import { addsUp, byKey, numbered, numberOf, openSink, STARTED_MS } from "./sink.ts";

const LIMIT_MS = 120_000;

const root = mkdtempSync(join(tmpdir(), "rscap-kafka-test-"));
let broker: KafkaBroker | null = null;
afterAll(async () => {
  await broker?.[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

/** One broker for all tests of this file, started by the first that runs. */
async function theBroker(): Promise<KafkaBroker> {
  broker ??= await KafkaBroker.open();
  return broker;
}

let folders = 0;
function openSpool(maxBytes = 1e8): { spool: DiskSpool; spoolFolder: string } {
  const folder = join(root, `spool-${++folders}`);
  const setting = "--kafka-spool (KAFKA_SPOOL)";
  return { spool: new DiskSpool({ folder, maxBytes, setting, log: () => {} }), spoolFolder: folder };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, number) => number);

describe("messages", () => {
  testWith(
    needsKafka,
    "reports, findings and pictures arrive with key, headers and time, octet for octet",
    async () => {
      const { plain, read } = await theBroker().then((found) => ({
        plain: found.plain,
        read: found.read.bind(found),
      }));
      const { sink } = openSink({ brokers: [plain], topic: "kinds" });
      const report = new TextEncoder().encode(JSON.stringify(FAULTY_REPORT));
      const origin = { probe: "studio", receivedMs: STARTED_MS + 123 };
      sink.take(new SunkDocument({ ...origin, stream: "-", kind: "report" }, report));
      sink.take(numbered(7, "239.1.1.1-5000"));
      const picture = Uint8Array.of(0xff, 0xd8, 1, 10, 2);
      sink.take(new SunkDocument({ ...origin, stream: "239.1.1.1-5000", kind: "image" }, picture));
      await delivered(sink);
      await sink.close(1000);
      expect(sink.counts()).toMatchObject({ taken: 3, done: 3, dropped: 0, queued: 0 });
      const seen = await read("kinds");
      const about = seen.map(
        ({ key, headers, timestampMs }): Record<string, unknown> => ({
          key,
          timestampMs,
          ...headers,
        }),
      );
      const shared = { probe: "studio", "content-type": "application/json" };
      expect(about.sort((a, b) => String(a.id).localeCompare(String(b.id)))).toEqual([
        {
          ...shared,
          key: "studio/-",
          stream: "-",
          kind: "report",
          schema: "rscap.report/1",
          id: "testrun-0",
          timestampMs: origin.receivedMs,
        },
        {
          ...shared,
          key: "studio/239.1.1.1-5000",
          stream: "239.1.1.1-5000",
          kind: "event",
          schema: "rscap.event/1",
          id: "testrun-1",
          timestampMs: STARTED_MS + 7,
        },
        {
          ...shared,
          key: "studio/239.1.1.1-5000",
          stream: "239.1.1.1-5000",
          kind: "image",
          id: "testrun-2",
          "content-type": "image/jpeg",
          timestampMs: origin.receivedMs,
        },
      ]);
      const value = seen.find(({ headers }) => headers.kind === "report")?.value ?? "";
      expect(JSON.parse(value)).toEqual(JSON.parse(JSON.stringify(FAULTY_REPORT)));
    },
    LIMIT_MS,
  );

  for (const compression of ["none", "gzip", "snappy", "lz4", "zstd"] as const) {
    testWith(
      needsKafka,
      `compression ${compression}: kcat reads what was sent`,
      async () => {
        const { plain } = await theBroker();
        const topic = `compression-${compression}`;
        const { sink } = openSink({ brokers: [plain], topic, compression, key: "one" });
        // The first message makes the topic; the others wait and leave together.
        for (const number of range(100)) sink.take(numbered(number, "s", 1000));
        await delivered(sink);
        await sink.close(1000);
        const seen = (await broker?.read(topic)) ?? [];
        expect(seen.map(numberOf)).toEqual(range(100));
        const octets = broker?.logOctets(topic, seen[0]?.partition ?? 0) ?? 0;
        if (compression === "none") expect(octets).toBeGreaterThan(100_000);
        else expect(octets).toBeLessThan(50_000);
      },
      LIMIT_MS,
    );
  }

  for (const acks of ["leader", "none"] as const) {
    testWith(
      needsKafka,
      `acks ${acks}`,
      async () => {
        const { plain } = await theBroker();
        const { sink } = openSink({ brokers: [plain], topic: `acks-${acks}`, acks });
        for (const number of range(50)) sink.take(numbered(number));
        await delivered(sink);
        await sink.close(1000);
        await until(
          async () => ((await broker?.read(`acks-${acks}`)) ?? []).length === 50,
          "all 50 are there",
        );
      },
      LIMIT_MS,
    );
  }

  testWith(
    needsKafka,
    "a message that the broker will never take is dropped and counted; those around it arrive",
    async () => {
      const { plain } = await theBroker();
      const { sink, lines } = openSink({ brokers: [plain], topic: "large", key: "one" });
      for (const number of range(5)) sink.take(numbered(number, "s", number === 2 ? 2_000_000 : 10));
      await delivered(sink);
      await sink.close(1000);
      expect(sink.counts()).toMatchObject({ taken: 5, done: 4, dropped: 1, queued: 0 });
      expect(((await broker?.read("large")) ?? []).map(numberOf)).toEqual([0, 1, 3, 4]);
      expect(lines.filter((line) => line.includes("message.max.bytes"))).toHaveLength(1);
    },
    LIMIT_MS,
  );
});

describe("a broker that goes away", () => {
  testWith(
    needsKafka,
    "killed in the middle and started again: nothing lost, nothing reordered, nothing twice",
    async () => {
      const found = await theBroker();
      const { spool, spoolFolder } = openSpool();
      const { sink, lines } = openSink({ brokers: [found.plain], topic: "killed", spool, spoolFolder });
      let sent = 0;
      const timer = setInterval(() => {
        for (let i = 0; i < 5; i++) sink.take(numbered(sent++));
      }, 5);
      for (let kill = 0; kill < 3; kill++) {
        const { done } = sink.counts();
        await until(() => sink.counts().done > done + 200, "some are delivered", 60_000);
        await found.kill();
        const before = sent;
        await until(() => sent > before + 200 && sink.counts().queued > 100, "some wait", 60_000);
        expect(addsUp(sink.counts())).toBe(true);
        await found.start();
      }
      clearInterval(timer);
      const count = sent;
      await delivered(sink);
      await sink.close(1000);
      expect(sink.counts()).toMatchObject({ taken: count, done: count, dropped: 0, queued: 0 });
      const seen = await found.read("killed");
      expect(seen).toHaveLength(count);
      const keys = byKey(seen);
      expect(keys.size).toBe(5);
      for (const [key, numbers] of keys) {
        const first = Number(key.slice(-1));
        expect(numbers).toEqual(range(count / 5).map((number) => number * 5 + first));
      }
      expect(lines.some((line) => /does not take messages for killed: .* waiting in /.test(line))).toBe(true);
      expect(lines.some((line) => line.includes("takes messages for killed again"))).toBe(true);
    },
    LIMIT_MS,
  );

  testWith(
    needsKafka,
    "not there at the start: what found no room is counted, the rest arrives in order",
    async () => {
      const found = await theBroker();
      await found.kill();
      const { spool, spoolFolder } = openSpool(60_000);
      const { sink, lines } = openSink({
        brokers: [found.plain],
        topic: "late",
        key: "one",
        queueBytes: 64 * 1024,
        spool,
        spoolFolder,
      });
      for (const number of range(200)) sink.take(numbered(number, "s", 1000));
      await until(
        () => lines.some((line) => line.includes("can't be reached (ECONNREFUSED)")),
        "it says why",
      );
      const { queued, dropped } = sink.counts();
      expect([queued + dropped, addsUp(sink.counts())]).toEqual([200, true]);
      expect(dropped).toBeGreaterThan(50);
      expect(lines.filter((line) => line.includes("is full: messages are dropped and counted"))).toHaveLength(
        1,
      );
      await found.start();
      await delivered(sink);
      sink.take(numbered(1000));
      await delivered(sink);
      await sink.close(1000);
      expect(sink.counts()).toMatchObject({ taken: 201, done: 201 - dropped, dropped, queued: 0 });
      expect((await found.read("late")).map(numberOf)).toEqual([...range(200 - dropped), 1000]);
      expect(lines.some((line) => line.includes("has room again"))).toBe(true);
    },
    LIMIT_MS,
  );

  testWith(
    needsKafka,
    "what is left at the end stays in the spool, and is the first that the next run sends",
    async () => {
      const found = await theBroker();
      const [nobody = 0] = await freePorts(1);
      const { spool, spoolFolder } = openSpool();
      const first = openSink({
        brokers: [`127.0.0.1:${nobody}`],
        topic: "next",
        key: "one",
        spool,
        spoolFolder,
      });
      for (const number of range(20)) first.sink.take(numbered(number));
      await until(() => spool.count === 20, "all are on disk", 60_000);
      await first.sink.close(60_000);
      expect(first.sink.counts()).toMatchObject({ taken: 20, done: 0, dropped: 0, queued: 20 });
      expect(first.lines.at(-1)).toContain(`20 messages for Kafka left in ${spoolFolder}`);
      const again = new DiskSpool({ folder: spoolFolder, maxBytes: 1e8, setting: "", log: () => {} });
      const second = openSink({
        brokers: [found.plain],
        topic: "next",
        key: "one",
        spool: again,
        spoolFolder,
      });
      second.sink.take(numbered(20));
      await delivered(second.sink);
      await second.sink.close(1000);
      expect(second.lines[0]).toContain("20 messages for Kafka left from before");
      expect(second.sink.counts()).toMatchObject({ taken: 21, done: 21, dropped: 0, queued: 0 });
      expect((await found.read("next")).map(numberOf)).toEqual(range(21));
      // Without a spool they are dropped, and that is said.
      const third = openSink({ brokers: [`127.0.0.1:${nobody}`], topic: "next" });
      third.sink.take(numbered(1));
      await third.sink.close(50);
      expect(third.sink.counts()).toMatchObject({ taken: 1, done: 0, dropped: 1, queued: 0 });
      expect(third.lines.at(-1)).toContain("1 message for Kafka could not be delivered: dropped");
    },
    LIMIT_MS,
  );
});

/** Sends one message with these settings; it must arrive. */
async function arrives(topic: string, brokers: string, settings: Partial<LinkOptions>): Promise<void> {
  const { sink, lines } = openSink({ brokers: [brokers], topic, ...settings });
  sink.take(numbered(1));
  await delivered(sink, `delivered; it says ${lines.join("; ")}`);
  await sink.close(1000);
  expect(((await broker?.read(topic)) ?? []).map(numberOf)).toEqual([1]);
}

/** Sends one message with these settings; it must not arrive, and the log must say why. */
async function fails(brokers: string, settings: Partial<LinkOptions>, why: RegExp): Promise<void> {
  const { sink, lines } = openSink({ brokers: [brokers], topic: "never", ...settings });
  sink.take(numbered(1));
  try {
    await until(() => lines.some((line) => why.test(line)), `the log says ${why}`, 30_000);
  } catch (error) {
    throw new Error(`it says: ${lines.join("\n")}`, { cause: error });
  } finally {
    await sink.close(0);
  }
  expect(sink.counts()).toMatchObject({ taken: 1, done: 0, dropped: 1, queued: 0 });
  expect(lines.join()).not.toContain(ALICE.password);
  expect(lines.join()).not.toContain("a wrong one");
}

describe("security", () => {
  for (const mechanism of ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const) {
    testWith(
      needsKafka,
      `login by ${mechanism}: the right password, a wrong one, a user without permission`,
      async () => {
        const { sasl } = await theBroker();
        await arrives(`login-${mechanism}`, sasl, { sasl: { mechanism, ...ALICE } });
        await fails(
          sasl,
          { sasl: { mechanism, ...ALICE, password: "a wrong one" } },
          /refused the login of alice/,
        );
        await fails(sasl, { sasl: { mechanism, ...BOB } }, /no permission to write.* as bob/);
      },
      LIMIT_MS,
    );
  }

  testWith(
    needsKafka,
    "TLS: an authority that is trusted, none, a name that is not the certificate's, a certificate of our own",
    async () => {
      const { tls, file } = await theBroker().then((found) => ({
        tls: found.tls,
        file: found.file.bind(found),
      }));
      const ca = readFileSync(file("ca.pem"), "utf8");
      const cert = readFileSync(file("client.pem"), "utf8");
      const key = readFileSync(file("client.key"), "utf8");
      await arrives("tls", tls, { tls: { ca } });
      await arrives("tls-client", tls, { tls: { ca, cert, key } });
      await fails(tls, { tls: {} }, /certificate is not trusted/);
      // The certificate has the address, but not the name.
      const name = tls.replace("127.0.0.1", "localhost");
      await fails(name, { tls: { ca } }, /certificate is not trusted \(ERR_TLS_CERT_ALTNAME_INVALID\)/);
      await fails(tls, {}, /the broker speaks TLS: use --kafka-tls/);
      await fails(broker?.plain ?? "", { tls: { ca } }, /the broker does not speak TLS at this port/);
    },
    LIMIT_MS,
  );

  testWith(
    needsKafka,
    "a login that the broker does not ask for, and none where it asks",
    async () => {
      const { plain, sasl } = await theBroker();
      await fails(sasl, {}, /closed the connection; it may want a login \(--kafka-user\)/);
      await fails(plain, { sasl: { mechanism: "PLAIN", ...ALICE } }, /wants no login at this port/);
    },
    LIMIT_MS,
  );
});
