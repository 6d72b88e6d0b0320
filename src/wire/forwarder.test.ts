import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { Collector, LogLines, pump, streamInfo, testPublisher, tsPackets } from "../../tests/helpers/wire.ts";
import { RscapError } from "../report/error.ts";
import { Forwarder, type ForwarderOptions } from "./forwarder.ts";
import type { Publisher } from "./publisher.ts";
import { Subscriber } from "./subscriber.ts";

// Other tests may keep the machine busy.
setDefaultTimeout(30_000);

const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0).toReversed()) close();
});

const lines = new LogLines();

function forwarder(change: Partial<ForwarderOptions>): Forwarder {
  const made = new Forwarder({
    endpoints: [],
    transport: "pub",
    forward: "tcp://127.0.0.1:*",
    highWaterMark: 1000,
    heartbeatMs: 10_000,
    curve: null,
    forwardCurve: null,
    log: lines.log,
    ...change,
  });
  opened.push(() => made.close());
  return made;
}

function publisher(probe: string, change: Parameters<typeof testPublisher>[0] = {}): Publisher {
  const made = testPublisher({ probe, batchSize: 1, ...change });
  opened.push(() => made.shutdown(0));
  made.open(0, streamInfo(`stream-${probe}`));
  return made;
}

function subscriber(endpoint: string, highWaterMark = 1000): Subscriber {
  const made = new Subscriber({ endpoints: [endpoint], transport: "pub", highWaterMark, log: lines.log });
  opened.push(() => made.close());
  return made;
}

/** Lets the forwarder and both ends work until `done`. */
async function work(
  through: Forwarder,
  publishers: readonly Publisher[],
  to: Subscriber | null,
  taker: Collector,
  done: () => boolean,
): Promise<void> {
  await pump(
    () => {
      for (const each of publishers) each.poll(performance.now());
      through.turn(1000, 1);
      through.poll();
      return done();
    },
    null,
    to,
    taker,
  );
}

function send(from: Publisher, count: number, first = 0): void {
  const packets = tsPackets(count, first);
  for (let i = 0; i < count; i++) from.packets(0, packets, i * 188, 188, (first + i) * 1e6, 1);
  from.bufferEnd();
}

test("two probes reach a subscriber through one forwarder, octet for octet, without a gap", async () => {
  const probes = ["a", "b"].map((name) => publisher(name));
  const through = forwarder({ endpoints: probes.map(({ endpoint }) => endpoint) });
  const to = subscriber(through.forwardEndpoint);
  const taker = new Collector();
  let knocks = 0;
  // The subscription has to travel upstream first, to each probe.
  await work(through, probes, to, taker, () => {
    for (const probe of probes) probe.sendReport("-", String(knocks++));
    return to.probes.length === 2;
  });
  expect([through.counts.subscriptions, through.probes, through.subscribers]).toEqual([1, 2, 1]);
  for (const probe of probes) send(probe, 100);
  await work(through, probes, to, taker, () =>
    ["a", "b"].every((name) => taker.octets(`stream-${name}`).length === 100 * 188),
  );
  for (const name of ["a", "b"]) {
    expect(taker.octets(`stream-${name}`)).toEqual(Buffer.from(tsPackets(100)));
  }
  expect(to.tracks.every(({ lostMessages }) => lostMessages === 0)).toBeTrue();
  expect(through.counts).toMatchObject({ slow: 0, refused: 0 });
  expect(through.counts.messages).toBeGreaterThanOrEqual(200);
  // Nobody wants anything any more: the end of the subscription goes upstream, too.
  to.close();
  await work(through, probes, null, taker, () => through.counts.subscriptions === 0);
});

test("what many probes push is published to any number of subscribers", async () => {
  const through = forwarder({ endpoints: ["tcp://127.0.0.1:*"], transport: "push" });
  const from = publisher("a", { transport: "push", endpoint: through.boundEndpoint });
  const taker = new Collector();
  send(from, 1);
  await work(through, [from], null, taker, () => through.counts.unheard === 1);
  const to = subscriber(through.forwardEndpoint);
  await work(through, [from], to, taker, () => through.counts.subscriptions === 1);
  send(from, 50, 1);
  await work(through, [from], to, taker, () => taker.octets("stream-a").length === 50 * 188);
  expect(taker.octets("stream-a")).toEqual(Buffer.from(tsPackets(50, 1)));
});

test("a subscriber that does not read loses alone, and what it lost is counted", async () => {
  const from = publisher("a");
  const through = forwarder({ endpoints: [from.endpoint], highWaterMark: 2 });
  const slow = subscriber(through.forwardEndpoint, 1);
  const taker = new Collector();
  await work(through, [from], null, taker, () => through.counts.subscriptions === 1);
  const good = subscriber(through.forwardEndpoint);
  await work(through, [from], good, taker, () => {
    from.sendReport("-", "{}");
    return good.messages > 0 && through.subscribers === 2;
  });
  const before = good.tracks.reduce((sum, { messages }) => sum + messages, 0);
  const large = tsPackets(700);
  let sent = 0;
  await work(through, [from], good, taker, () => {
    if (through.counts.slow === 0) {
      from.packets(0, large, 0, large.length, sent++ * 1e6, 1);
      from.bufferEnd();
    }
    return (
      through.counts.slow > 0 && good.tracks.some(({ kind, messages }) => kind === "ts" && messages === sent)
    );
  });
  expect(before).toBeGreaterThan(0);
  expect(good.tracks.find(({ kind }) => kind === "ts")?.lostMessages).toBe(0);
  const late = new Collector();
  while (slow.receive(late, 1000, 200) > 0);
  expect(slow.tracks.find(({ kind }) => kind === "ts")?.messages ?? 0).toBeLessThan(sent);
});

test("endpoints that can't be opened are told as everywhere", () => {
  const from = publisher("a");
  for (const change of [{ forward: from.endpoint }, { endpoints: ["tcp://nowhere"] }]) {
    expect(() => forwarder(change)).toThrow(RscapError);
  }
});
