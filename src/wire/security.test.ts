import { afterAll, afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Collector,
  connected,
  LogLines,
  pump,
  streamInfo,
  testPublisher,
  tsPackets,
} from "../../tests/helpers/wire.ts";
import { readKnownKeys, readOwnKeys, writeKeyPair } from "./curve-files.ts";
import type { Publisher } from "./publisher.ts";
import type { CurveSettings } from "./security.ts";
import { Subscriber } from "./subscriber.ts";

// Other tests may keep the machine busy.
setDefaultTimeout(60_000);

const root = mkdtempSync(join(tmpdir(), "rscap-security-"));
afterAll(() => rmSync(root, { recursive: true }));
const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0).toReversed()) close();
});

/** A folder with the keys of `name`, and those who may connect to it. */
function keys(name: string, ...allowed: string[]): CurveSettings {
  const folder = join(root, `${name}-${opened.length}-${Math.random()}`);
  writeKeyPair(folder, name);
  for (const other of allowed) copyFileSync(other, join(folder, other.split("/").at(-1) ?? ""));
  const { publicKey, secretKey } = readOwnKeys(folder);
  return { publicKey, secretKey, folder, known: readKnownKeys(folder), serverKeys: [] };
}

function publicFile({ folder }: CurveSettings, name: string): string {
  return join(folder, `${name}.key`);
}

function probe(curve: CurveSettings | null, log: LogLines, endpoint = "tcp://127.0.0.1:*"): Publisher {
  const publisher = testPublisher({ curve, log: log.log, endpoint });
  opened.push(() => publisher.shutdown(0));
  return publisher;
}

function client(endpoint: string, curve: CurveSettings | null, log: LogLines): Subscriber {
  const subscriber = new Subscriber({
    endpoints: [endpoint],
    transport: "pub",
    highWaterMark: 1000,
    curve,
    log: log.log,
  });
  opened.push(() => subscriber.close());
  return subscriber;
}

const none = new Collector();

describe("CURVE on a PUB that binds", () => {
  test("a client whose key is in the folder gets every packet, and is named in the log", async () => {
    const mine = keys("studio");
    const theirs = keys("truck", publicFile(mine, "studio"));
    const log = new LogLines();
    const publisher = probe(theirs, log);
    const subscriber = client(
      publisher.endpoint,
      { ...mine, serverKeys: [theirs.publicKey] },
      new LogLines(),
    );
    const taker = new Collector();
    await connected(publisher, subscriber, taker);
    const packets = tsPackets(70);
    publisher.open(0, streamInfo("a"));
    for (let i = 0; i < 10; i++) publisher.packets(0, packets, i * 1316, 1316, i, 1);
    publisher.bufferEnd();
    await pump(() => taker.octets("a").length === packets.length, publisher, subscriber, taker);
    expect(taker.octets("a")).toEqual(Buffer.from(packets));
    expect(publisher.report()).toMatchObject({ subscribers: 1, failedConnections: 0 });
    expect(subscriber.failedConnections).toBe(0);
    expect(log.lines[0]).toBe("info: Subscriber at 127.0.0.1 has the key studio");
    expect(log.lines[1]).toMatch(/^info: Subscriber 127\.0\.0\.1:\d+ connected$/);
  });

  test("a plain client is refused at both ends, with advice", async () => {
    const here = new LogLines();
    const there = new LogLines();
    const publisher = probe(keys("truck"), there);
    const subscriber = client(publisher.endpoint, null, here);
    await pump(
      () => publisher.report().failedConnections !== 0 && subscriber.failedConnections > 0,
      publisher,
      subscriber,
      none,
    );
    expect(publisher.report().subscribers).toBe(0);
    // Either end may notice first.
    expect(there.lines.join("\n")).toMatch(/it came without CURVE/);
    expect(here.lines.join("\n")).toMatch(/CURVE.*set --curve-keys and --curve-server-key/);
    expect(subscriber.messages).toBe(0);
  });

  test("a wrong server key is told at both ends, without a secret", async () => {
    const mine = keys("studio");
    const theirs = keys("truck", publicFile(mine, "studio"));
    const here = new LogLines();
    const there = new LogLines();
    const publisher = probe(theirs, there);
    const subscriber = client(publisher.endpoint, { ...mine, serverKeys: [mine.publicKey] }, here);
    await pump(
      () => publisher.report().failedConnections !== 0 && subscriber.failedConnections > 0,
      publisher,
      subscriber,
      none,
    );
    expect(here.lines[0]).toContain("Its key may be another than --curve-server-key says");
    expect(there.lines[0]).toContain(`its --curve-server-key must be ${theirs.publicKey}`);
    for (const line of [...here.lines, ...there.lines]) {
      expect(line).not.toContain(mine.secretKey);
      expect(line).not.toContain(theirs.secretKey);
    }
  });

  test("an unknown key is refused with address and key; once its file is there it comes in by itself", async () => {
    const mine = keys("studio");
    const theirs = keys("truck");
    const here = new LogLines();
    const there = new LogLines();
    const publisher = probe(theirs, there);
    const subscriber = client(publisher.endpoint, { ...mine, serverKeys: [theirs.publicKey] }, here);
    await pump(() => subscriber.failedConnections > 0, publisher, subscriber, none);
    expect(there.lines[0]).toBe(
      `warning: Subscriber at 127.0.0.1 was refused: its key ${mine.publicKey} is not among the .key files in ${theirs.folder}.`,
    );
    expect(here.lines[0]).toContain(`it refused our key ${mine.publicKey}. Put our .key file`);
    expect(publisher.report()).toMatchObject({ subscribers: 0, failedConnections: 1 });
    copyFileSync(publicFile(mine, "studio"), join(theirs.folder, "studio.key"));
    // It tries again after some seconds.
    await connected(publisher, subscriber, none, 50_000);
    expect(publisher.report().subscribers).toBe(1);
  });
});

describe("CURVE on a PULL that binds", () => {
  test("a probe pushes to a client that knows its key; a plain one is kept out and loses nothing", async () => {
    const mine = keys("truck");
    const theirs = keys("studio", publicFile(mine, "truck"));
    const log = new LogLines();
    const subscriber = new Subscriber({
      endpoints: ["tcp://127.0.0.1:*"],
      transport: "push",
      highWaterMark: 1000,
      curve: theirs,
      log: log.log,
    });
    opened.push(() => subscriber.close());
    const endpoint = subscriber.boundEndpoint;
    const plainLog = new LogLines();
    const plain = testPublisher({ transport: "push", endpoint, log: plainLog.log, lingerMs: 0 });
    opened.push(() => plain.shutdown(0));
    await pump(() => plain.report().failedConnections !== 0, plain, subscriber, none);
    const publisher = testPublisher({
      transport: "push",
      endpoint,
      curve: { ...mine, serverKeys: [theirs.publicKey] },
    });
    opened.push(() => publisher.shutdown(0));
    const taker = new Collector();
    const packets = tsPackets(28);
    publisher.open(0, streamInfo("a"));
    for (let i = 0; i < 4; i++) publisher.packets(0, packets, i * 1316, 1316, i, 1);
    publisher.bufferEnd();
    await pump(() => taker.octets("a").length === packets.length, publisher, subscriber, taker);
    expect(taker.octets("a")).toEqual(Buffer.from(packets));
    expect(log.lines.join("\n")).toContain("it came without CURVE");
    expect(subscriber.peers).toBe(1);
  });
});

test("a CURVE client of a plain probe says that the probe does not use CURVE, and tries on", async () => {
  const mine = keys("studio");
  const here = new LogLines();
  const publisher = probe(null, new LogLines());
  const subscriber = client(publisher.endpoint, { ...mine, serverKeys: [mine.publicKey] }, here);
  await pump(() => here.lines.length > 0, publisher, subscriber, none);
  expect(here.lines[0]).toContain("it does not use CURVE");
  expect(subscriber.peers).toBe(0);
});

test("a client of two probes knows each by its own key, also over IPv6 sockets", async () => {
  const mine = keys("studio");
  const probes = [1, 2].map((number) => {
    const theirs = keys(`truck-${number}`, publicFile(mine, "studio"));
    const log = new LogLines();
    const publisher = testPublisher({
      ...{ curve: theirs, log: log.log, probe: `truck-${number}` },
      endpoint: "tcp://*:*",
    });
    opened.push(() => publisher.shutdown(0));
    return { publisher, log, key: theirs.publicKey, port: publisher.endpoint.split(":").at(-1) };
  });
  const subscriber = new Subscriber({
    endpoints: probes.map(({ port }) => `tcp://127.0.0.1:${port}`),
    transport: "pub",
    highWaterMark: 1000,
    curve: { ...mine, serverKeys: probes.map(({ key }) => key) },
    log: () => {},
  });
  opened.push(() => subscriber.close());
  await pump(
    () => {
      for (const { publisher } of probes) {
        publisher.sendReport("-", "{}");
        publisher.poll(performance.now());
      }
      return subscriber.tracks.length === 2;
    },
    null,
    subscriber,
    none,
  );
  for (const { log } of probes) {
    expect(log.lines[0]).toBe("info: Subscriber at 127.0.0.1 has the key studio");
    expect(log.lines[1]).toMatch(/^info: Subscriber 127\.0\.0\.1:\d+ connected$/);
  }
});

test("over a Unix socket, too", async () => {
  const mine = keys("studio");
  const theirs = keys("truck", publicFile(mine, "studio"));
  const log = new LogLines();
  const publisher = probe(theirs, log, `ipc://${root}/socket`);
  const subscriber = client(publisher.endpoint, { ...mine, serverKeys: [theirs.publicKey] }, new LogLines());
  await connected(publisher, subscriber, none);
  expect(log.lines[0]).toMatch(/at a Unix socket \(user \d+, process \d+\) has the key studio$/);
});
