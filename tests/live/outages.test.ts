import { describe, expect } from "bun:test";
import { readdirSync, statSync } from "node:fs";
import type { PublishedReport } from "../../src/report/schema.ts";
import { octetDifference } from "../helpers/octets.ts";
import { PROJECT, type Running, reportOf, rscapCommand, until } from "../helpers/run.ts";
import { needsNetns, testWith } from "../helpers/skip.ts";
import { Rig } from "./rig.ts";

/** The probe connects to the relay, the relay to the client; the ports after them are for acknowledgements. */
const THROUGH_RELAY = ["--transport", "push", "--endpoint", "tcp://127.0.0.1:5600"];
const CLIENT = ["--transport", "push", "--endpoint", "tcp://127.0.0.1:5556"];

const PACKETS_A_DATAGRAM = 7;
/** 5 Mb/s: more in 30 s than the kernel's buffers of a connection hold. */
const PER_SECOND = 475;

interface Streams {
  readonly streams: readonly {
    readonly kind: string;
    readonly lostMessages: number;
    readonly restarts: number;
    readonly duplicates: number;
  }[];
}

/** Octets of the files in a folder, 0 while there is none. */
function folderBytes(path: string): number {
  try {
    return readdirSync(path).reduce((sum, name) => sum + statSync(`${path}/${name}`).size, 0);
  } catch {
    return 0;
  }
}

async function startRelay(rig: Rig): Promise<Running> {
  const ports = JSON.stringify([
    [5600, 5556],
    [5601, 5557],
  ]);
  const relay = rig.network.start(
    rig.network.rx,
    [process.execPath, `${PROJECT}tests/helpers/tcp-relay.ts`, ports],
    { limitMs: 120_000 },
  );
  await relay.says(/ready/);
  return relay;
}

/** Starts to send a file of so many seconds; resolves when all of it was sent. */
function sendFor(rig: Rig, seconds: number): { sent: Buffer; done: Promise<void> } {
  const sent = rig.tsFile("sent.ts", seconds * PER_SECOND * PACKETS_A_DATAGRAM);
  return { sent, done: rig.send({ file: rig.path("sent.ts"), perSecond: PER_SECOND }) };
}

/** What a stopped probe and then a stopped client say of messages. */
async function endOf(probe: Running, client: Running): Promise<{ published: PublishedReport } & Streams> {
  const { published } = reportOf(await probe.stop("SIGINT"));
  if (published === undefined) throw new Error("nothing was published");
  const { streams }: Streams = JSON.parse((await client.stop("SIGINT")).stdout);
  return { published, streams };
}

const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

describe("outages with --spool", () => {
  testWith(
    needsNetns,
    "a client that stands still for 30 s and a link that is cut lose nothing",
    async () => {
      await using rig = await Rig.open();
      const limit = { limitMs: 120_000 };
      const relay = await startRelay(rig);
      const probe = await rig.probe([...THROUGH_RELAY, "--spool", "spool", "--high-water-mark", "20"], limit);
      const client = await rig.client(CLIENT, limit);
      const { sent, done } = sendFor(rig, 36);
      await until(() => rig.size("capture.ts") > 0, "the stream has come");

      const gone = count(probe.stderr, /gone/g);
      client.kill("SIGSTOP");
      await Bun.sleep(30_000);
      expect(folderBytes(rig.path("spool"))).toBeGreaterThan(100_000);
      client.kill("SIGCONT");
      const before = rig.size("capture.ts");
      await until(() => rig.size("capture.ts") > before, "it goes on");
      // Nobody took a client for dead that only stood still.
      expect(count(probe.stderr, /gone/g)).toBe(gone);

      relay.kill("SIGUSR2");
      await relay.says(/cut/);
      await until(() => count(probe.stderr, /gone/g) > gone, "the probe has seen it");
      await Bun.sleep(1000);
      relay.kill("SIGUSR2");
      await done;
      await until(() => rig.size("capture.ts") >= sent.length, "all is written", 60_000).catch(() => {});
      const { published, streams } = await endOf(probe, client);
      expect(octetDifference(rig.read("capture.ts"), sent)).toBeNull();
      expect(sum(streams.map(({ lostMessages }) => lostMessages))).toBe(0);
      expect(sum(streams.map(({ restarts }) => restarts))).toBe(0);
      expect(published).toMatchObject({ dropped: 0, queued: 0, heldBackMs: 0 });
      expect(published.packets * PACKETS_A_DATAGRAM * 188).toBe(sent.length);
    },
    120_000,
  );

  testWith(
    needsNetns,
    "a spool that is too small: what was sent is what came and what was counted",
    async () => {
      await using rig = await Rig.open();
      const relay = await startRelay(rig);
      const probe = await rig.probe([
        ...THROUGH_RELAY,
        ...["--spool", "spool", "--spool-size", "200k", "--high-water-mark", "2"],
      ]);
      const client = await rig.client([...CLIENT, "--jsonl", "documents.jsonl"]);
      const { done } = sendFor(rig, 10);
      await until(() => rig.size("capture.ts") > 0, "the stream has come");
      // What is missing before the first report is no gap: another client may have had it.
      await until(() => rig.size("documents.jsonl") > 0, "a report has come");
      relay.kill("SIGUSR2");
      await probe.says(/has no room/, 20_000);
      relay.kill("SIGUSR2");
      await done;
      // What is sent once the spool is empty gets through, so that the client can see each gap.
      for (let before = -1; before < rig.size("capture.ts"); ) {
        before = rig.size("capture.ts");
        await Bun.sleep(2000);
      }
      await sendFor(rig, 1).done;
      const { published, streams } = await endOf(probe, client);
      expect(published.dropped).toBeGreaterThan(0);
      expect(published.queued).toBe(0);
      expect(sum(streams.map(({ lostMessages }) => lostMessages))).toBe(published.dropped);
      expect(published.packets * PACKETS_A_DATAGRAM * 188).toBe(rig.size("capture.ts"));
    },
    60_000,
  );

  testWith(
    needsNetns,
    "a network device that goes down and comes up again loses nothing",
    async () => {
      await using rig = await Rig.open();
      const { rx, tx } = rig.network;
      const peer = ["peer", "name", "k1", "netns", tx];
      await rig.network.run(rx, ["ip", "link", "add", "k0", "type", "veth", ...peer]);
      for (const [name, device, address] of [
        [rx, "k0", "10.79.0.1/24"],
        [tx, "k1", "10.79.0.2/24"],
      ] as const) {
        await rig.network.run(name, ["ip", "address", "add", address, "dev", device]);
        await rig.network.run(name, ["ip", "link", "set", device, "up"]);
      }
      const there = ["--transport", "push", "--endpoint", "tcp://10.79.0.2:5556"];
      const command = rscapCommand("client", "--report", "json", "-o", rig.path("capture.ts"), ...there);
      const client = rig.network.start(tx, command, { cwd: rig.folder });
      await client.says(/Waiting for probes/);
      const probe = await rig.probe([...there, "--spool", "spool", "--high-water-mark", "20"]);
      const { sent, done } = sendFor(rig, 10);
      await until(() => rig.size("capture.ts") > 0, "the stream has come");
      await rig.network.run(tx, ["ip", "link", "set", "k1", "down"]);
      await Bun.sleep(3000);
      await rig.network.run(tx, ["ip", "link", "set", "k1", "up"]);
      await done;
      await until(() => rig.size("capture.ts") >= sent.length, "all is written", 40_000).catch(() => {});
      const { published, streams } = await endOf(probe, client);
      expect(octetDifference(rig.read("capture.ts"), sent)).toBeNull();
      expect(sum(streams.map(({ lostMessages }) => lostMessages))).toBe(0);
      expect(published).toMatchObject({ dropped: 0, queued: 0, heldBackMs: 0 });
    },
    90_000,
  );

  testWith(
    needsNetns,
    "a client and a probe that are killed with SIGKILL in turn",
    async () => {
      await using rig = await Rig.open();
      const probe = await rig.probe(["--transport", "push", "--spool", "spool"]);
      const first = await rig.client(["--transport", "push", "-o", "first.ts"]);
      const { sent, done } = sendFor(rig, 6);
      await until(() => rig.size("first.ts") > 0, "the stream has come");
      await first.stop("SIGKILL");
      await Bun.sleep(500);
      const second = await rig.client(["--transport", "push", "-o", "second.ts"]);
      await done;
      const { published, streams } = await endOf(probe, second);
      expect(published).toMatchObject({ dropped: 0, queued: 0 });
      expect(sum(streams.map(({ lostMessages }) => lostMessages))).toBe(0);
      // What the first had acknowledged it has; what it had not comes to the second, some of it to both.
      const [a, b] = [rig.read("first.ts"), rig.read("second.ts")];
      expect(octetDifference(b, sent.subarray(sent.length - b.length))).toBeNull();
      expect(octetDifference(a, sent.subarray(0, a.length))).toBeNull();
      expect(a.length + b.length).toBeGreaterThanOrEqual(sent.length);
    },
    60_000,
  );
});
