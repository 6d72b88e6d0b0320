import { afterAll, afterEach, describe, expect, setDefaultTimeout, spyOn, test } from "bun:test";
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MessageParts } from "../../ffi/libzmq/message.ts";
import { Collector, LogLines, pump, streamInfo, testPublisher, tsPackets } from "../../tests/helpers/wire.ts";
import { RscapError } from "../report/error.ts";
import { readKnownKeys, readOwnKeys, writeKeyPair } from "./curve-files.ts";
import type { Publisher, PublisherOptions } from "./publisher.ts";
import type { CurveSettings } from "./security.ts";
import { Subscriber, type SubscriberOptions } from "./subscriber.ts";

// Other tests may keep the machine busy.
setDefaultTimeout(30_000);

const root = mkdtempSync(join(tmpdir(), "rscap-acked-"));
afterAll(() => rmSync(root, { recursive: true }));

let serial = 0;
const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0).toReversed()) close();
});

/** Where one test's probe and client meet. */
class Place {
  readonly name = join(root, `place-${++serial}`);
  readonly endpoint = `ipc://${this.name}.sock`;
  readonly folder = `${this.name}-spool`;
  readonly lines = new LogLines();

  publisher(change: Partial<PublisherOptions> = {}, maxBytes = 1e8): Publisher {
    const publisher = testPublisher({
      endpoint: this.endpoint,
      transport: "push",
      header: "json",
      batchSize: 1,
      spool: { folder: this.folder, maxBytes, ackEndpoint: "" },
      log: this.lines.log,
      ...change,
    });
    opened.push(() => publisher.shutdown(0));
    publisher.open(0, streamInfo("s"));
    return publisher;
  }

  subscriber(change: Partial<SubscriberOptions> = {}): Subscriber {
    const subscriber = new Subscriber({
      endpoints: [this.endpoint],
      transport: "push",
      highWaterMark: 1000,
      log: this.lines.log,
      ...change,
    });
    opened.push(() => subscriber.close());
    return subscriber;
  }
}

/** Sends `count` TS packets, each a message of its own, numbered from `first`. */
function send(publisher: Publisher, count: number, first = 0): void {
  const packets = tsPackets(count, first);
  for (let i = 0; i < count; i++) publisher.packets(0, packets, i * 188, 188, (first + i) * 1e6, 1);
  publisher.bufferEnd();
}

/** Sends `count` messages of 75 kB: 400 are more than may be in flight. */
function sendLarge(publisher: Publisher, count: number): void {
  const packets = tsPackets(400);
  for (let i = 0; i < count; i++) publisher.packets(0, packets, 0, packets.length, i * 1e6, 1);
  publisher.bufferEnd();
}

/** Lets both ends work, with acknowledgements, until `done`. */
async function work(
  publisher: Publisher,
  subscriber: Subscriber,
  taker: Collector,
  done: () => boolean,
): Promise<void> {
  await pump(
    () => {
      subscriber.poll();
      subscriber.acknowledge(performance.now());
      return done();
    },
    publisher,
    subscriber,
    taker,
  );
}

const queued = (publisher: Publisher): number => publisher.report().queued;

describe("acknowledged delivery", () => {
  test("keeps each message until the client has it", async () => {
    const place = new Place();
    const publisher = place.publisher();
    send(publisher, 10);
    publisher.poll(0);
    expect(publisher.report()).toMatchObject({ queued: 10, messages: 0, dropped: 0 });
    const subscriber = place.subscriber();
    const taker = new Collector();
    await work(publisher, subscriber, taker, () => queued(publisher) === 0);
    expect(taker.octets("s")).toEqual(Buffer.from(tsPackets(10)));
    expect(publisher.report()).toMatchObject({ messages: 10, bytes: 1880, packets: 10, dropped: 0 });
    expect(subscriber.refused).toEqual({ parts: 0, topic: 0, header: 0, length: 0, oversize: 0, streams: 0 });
    expect(subscriber.probes).toMatchObject([{ probe: "test", acknowledged: true, messages: 10 }]);
  });

  test("sends again what a client took with it, and the next one gets it", async () => {
    const place = new Place();
    const publisher = place.publisher();
    const first = place.subscriber();
    const lost = new Collector();
    send(publisher, 20);
    // Taken, but never acknowledged.
    await pump(() => lost.octets("s").length === 20 * 188, publisher, first, lost);
    first.close();
    send(publisher, 20, 20);
    const second = place.subscriber();
    const taker = new Collector();
    await work(publisher, second, taker, () => queued(publisher) === 0);
    expect(taker.octets("s")).toEqual(Buffer.from(tsPackets(40)));
    expect(second.tracks[0]).toMatchObject({ messages: 40, lostMessages: 0, duplicates: 0 });
    expect(publisher.report().spool).toMatchObject({ messages: 0, damaged: 0 });
    // And perhaps one that was on its way when the first went.
    expect(publisher.report().spool?.resent).toBeGreaterThanOrEqual(20);
  });

  test("what a client acknowledges at its end does not come to the next one", async () => {
    const place = new Place();
    const publisher = place.publisher();
    const first = place.subscriber();
    const taker = new Collector();
    send(publisher, 10);
    await work(publisher, first, taker, () => queued(publisher) === 0);
    send(publisher, 20, 10);
    await pump(() => taker.octets("s").length === 30 * 188, publisher, first, taker);
    // The probe looks only once both are there: the acknowledgement, and the end of the connection.
    first.acknowledge(performance.now());
    first.poll();
    first.close();
    await Bun.sleep(100);
    const gone = (): boolean => publisher.report().subscribers === 0;
    await pump(gone, publisher, null, taker);
    await pump(() => queued(publisher) === 0, publisher, null, taker);
    send(publisher, 5, 30);
    const second = place.subscriber();
    const rest = new Collector();
    await work(publisher, second, rest, () => queued(publisher) === 0);
    expect(rest.octets("s")).toEqual(Buffer.from(tsPackets(5, 30)));
    expect(publisher.report()).toMatchObject({ messages: 35, packets: 35, dropped: 0 });
    expect(publisher.report().spool?.resent).toBe(0);
  });

  test("a client leaves out what comes once more", async () => {
    const place = new Place();
    const first = place.publisher();
    const subscriber = place.subscriber();
    const taker = new Collector();
    send(first, 20);
    await pump(() => taker.octets("s").length === 20 * 188, first, subscriber, taker);
    // The probe ends before it has heard that they came, and starts again with the same spool.
    first.shutdown(0);
    const second = place.publisher();
    send(second, 5, 20);
    await work(second, subscriber, taker, () => queued(second) === 0);
    expect(taker.octets("s")).toEqual(Buffer.from(tsPackets(25)));
    expect(subscriber.tracks[0]).toMatchObject({
      messages: 25,
      duplicates: 20,
      lostMessages: 0,
      restarts: 1,
    });
    expect(place.lines.lines.join("\n")).toContain("20 messages of an earlier run");
  });

  test("goes to disk when memory is full, and from there in order", async () => {
    const place = new Place();
    const publisher = place.publisher({ highWaterMark: 50 });
    send(publisher, 500);
    expect(publisher.report().spool?.messages).toBeGreaterThan(400);
    const subscriber = place.subscriber();
    const taker = new Collector();
    await work(publisher, subscriber, taker, () => queued(publisher) === 0);
    send(publisher, 10, 500);
    await work(publisher, subscriber, taker, () => queued(publisher) === 0);
    expect(taker.octets("s")).toEqual(Buffer.from(tsPackets(510)));
    expect(publisher.report().spool).toMatchObject({ messages: 0, bytes: 0 });
  });

  test("a full spool: sent is received and counted, and the client sees the gap", async () => {
    const place = new Place();
    const publisher = place.publisher({ highWaterMark: 10 }, 64 * 1024);
    send(publisher, 1000);
    const { dropped, queued: waiting } = publisher.report();
    expect(dropped).toBeGreaterThan(100);
    expect(dropped + waiting).toBe(1000);
    const subscriber = place.subscriber();
    const taker = new Collector();
    await work(publisher, subscriber, taker, () => queued(publisher) === 0);
    send(publisher, 1, 1000);
    await work(publisher, subscriber, taker, () => queued(publisher) === 0);
    const [track] = subscriber.tracks;
    expect(track?.lostMessages).toBe(dropped);
    expect(track?.messages).toBe(1001 - dropped);
    expect(publisher.report().messages + dropped).toBe(1001);
    expect(place.lines.lines.filter((line) => line.includes("has no room")).length).toBe(1);
  });

  test("what is left at the end waits on disk for the next start", async () => {
    const place = new Place();
    const first = place.publisher();
    send(first, 30);
    first.shutdown(0);
    expect(place.lines.lines.join("\n")).toContain("30 messages are left");
    const second = place.publisher();
    expect(queued(second)).toBe(30);
    const subscriber = place.subscriber();
    const taker = new Collector();
    await work(second, subscriber, taker, () => queued(second) === 0);
    expect(taker.octets("s")).toEqual(Buffer.from(tsPackets(30)));
    second.shutdown(0);
    expect(readdirSync(place.folder)).toEqual(["lock"]);
  });

  test("a client that does not acknowledge still gets everything", async () => {
    const place = new Place();
    const spool = { folder: place.folder, maxBytes: 1e8, ackEndpoint: "", patienceMs: 50 };
    const publisher = place.publisher({ spool });
    // Its acknowledgements go where nobody listens.
    const subscriber = place.subscriber({ ackEndpoint: `ipc://${place.name}-elsewhere` });
    const taker = new Collector();
    sendLarge(publisher, 400);
    await pump(() => subscriber.tracks[0]?.messages === 400, publisher, subscriber, taker);
    expect(place.lines.lines.join("\n")).toContain("acknowledges nothing");
    expect(publisher.drain(5000)).toBeTrue();
    publisher.shutdown(2000);
    expect(place.lines.lines.join("\n")).not.toContain("left in");
  });

  test("after one that acknowledged, a client that can't still gets everything", async () => {
    const place = new Place();
    const publisher = place.publisher({
      spool: { folder: place.folder, maxBytes: 1e8, ackEndpoint: "", patienceMs: 50 },
    });
    const first = place.subscriber();
    send(publisher, 1);
    const taker = new Collector();
    await work(publisher, first, taker, () => queued(publisher) === 0);
    first.close();
    const second = place.subscriber({ ackEndpoint: `ipc://${place.name}-elsewhere` });
    sendLarge(publisher, 400);
    await pump(() => second.tracks[0]?.messages === 400, publisher, second, new Collector());
    expect(place.lines.lines.join("\n")).toContain("acknowledges nothing");
    expect(publisher.report().dropped).toBe(0);
  });

  test("keeps what a client took that stands still before its first acknowledgement", async () => {
    const place = new Place();
    // Time enough to connect to where it acknowledges.
    const spool = { folder: place.folder, maxBytes: 1e8, ackEndpoint: "", patienceMs: 2000 };
    const publisher = place.publisher({ spool });
    const first = place.subscriber();
    send(publisher, 1);
    const lost = new Collector();
    await pump(() => first.acknowledges && lost.octets("s").length > 0, publisher, first, lost);
    sendLarge(publisher, 400);
    // It has room for all, writes nothing, and is killed.
    await pump(() => place.lines.lines.join("\n").includes("is kept until it does"), publisher, null, lost);
    const end = performance.now() + 300;
    await pump(() => performance.now() > end, publisher, null, lost);
    expect(publisher.report().messages).toBe(0);
    first.close();
    const second = place.subscriber();
    const taker = new Collector();
    await work(publisher, second, taker, () => queued(publisher) === 0);
    expect(second.tracks[0]).toMatchObject({ messages: 401, lostMessages: 0 });
  });

  test("keeps what waits for a client that has not read yet and takes no more", async () => {
    const place = new Place();
    const spool = { folder: place.folder, maxBytes: 1e8, ackEndpoint: "", patienceMs: 50 };
    const publisher = place.publisher({ spool, highWaterMark: 10 });
    const first = place.subscriber({ highWaterMark: 1 });
    sendLarge(publisher, 50);
    const end = performance.now() + 1000;
    await pump(() => performance.now() > end, publisher, null, new Collector());
    sendLarge(publisher, 350);
    expect(publisher.report()).toMatchObject({ subscribers: 1, messages: 0, queued: 400, dropped: 0 });
    first.close();
    const second = place.subscriber();
    await work(publisher, second, new Collector(), () => queued(publisher) === 0);
    expect(second.tracks[0]).toMatchObject({ messages: 400, lostMessages: 0 });
  });

  test("a message for which there is no memory is not overtaken", async () => {
    const place = new Place();
    const publisher = place.publisher();
    const subscriber = place.subscriber();
    const taker = new Collector();
    send(publisher, 1);
    await work(publisher, subscriber, taker, () => queued(publisher) === 0);
    const begin = spyOn(MessageParts.prototype, "begin").mockReturnValueOnce(0);
    try {
      send(publisher, 5, 1);
      expect(begin).toHaveBeenCalled();
    } finally {
      begin.mockRestore();
    }
    await work(publisher, subscriber, taker, () => queued(publisher) === 0);
    expect(taker.octets("s")).toEqual(Buffer.from(tsPackets(6)));
    expect(subscriber.tracks[0]).toMatchObject({ messages: 6, lostMessages: 0 });
  });

  test("an acknowledgement endpoint in use is told, and messages come all the same", async () => {
    const place = new Place();
    const other = place.subscriber({ endpoints: [`${place.endpoint}.ack`] });
    const publisher = place.publisher();
    const subscriber = place.subscriber();
    const taker = new Collector();
    send(publisher, 3);
    await pump(() => taker.octets("s").length === 3 * 188, publisher, subscriber, taker);
    expect(place.lines.lines.join("\n")).toContain("Can't acknowledge");
    other.close();
  });

  test("acknowledges under CURVE, too", async () => {
    const place = new Place();
    const keys = (name: string): CurveSettings => {
      const folder = `${place.name}-${name}`;
      writeKeyPair(folder, name);
      return { ...readOwnKeys(folder), folder, known: [], serverKeys: [] };
    };
    const [probe, client] = [keys("probe"), keys("client")];
    copyFileSync(join(probe.folder, "probe.key"), join(client.folder, "probe.key"));
    const curve = { ...client, known: readKnownKeys(client.folder) };
    const publisher = place.publisher({ curve: { ...probe, serverKeys: [client.publicKey] } });
    const subscriber = place.subscriber({ curve });
    const taker = new Collector();
    send(publisher, 20);
    await work(publisher, subscriber, taker, () => queued(publisher) === 0);
    expect(taker.octets("s")).toEqual(Buffer.from(tsPackets(20)));
    expect(publisher.report()).toMatchObject({ messages: 20, dropped: 0, failedConnections: 0 });
  });

  test("needs to know where acknowledgements come from", () => {
    const place = new Place();
    const error = (() => {
      try {
        return place.publisher({ endpoint: "tcp://127.0.0.1:65535" });
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(RscapError);
    expect(String(error)).toContain("--ack-endpoint (ACK_ENDPOINT)");
  });
});
