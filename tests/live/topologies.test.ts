import { describe, expect } from "bun:test";
import { octetDifference } from "../helpers/octets.ts";
import { type Running, reportOf, until } from "../helpers/run.ts";
import { needsNetns, testWith } from "../helpers/skip.ts";
import { ENDPOINT, Rig } from "./rig.ts";

interface Summary {
  readonly probes: readonly {
    readonly probe: string;
    readonly silences: number;
    readonly silentMs: number;
  }[];
  readonly streams: readonly {
    readonly kind: string;
    readonly messages: number;
    readonly packets: number;
    readonly lostMessages: number;
    readonly elsewhere: number;
  }[];
}

async function summaryOf(client: Running): Promise<Summary> {
  return JSON.parse((await client.stop("SIGINT")).stdout);
}

const ts = ({ streams }: Summary): Summary["streams"] => streams.filter(({ kind }) => kind === "ts");

describe("topologies", () => {
  testWith(
    needsNetns,
    "workers share one stream: each message goes to one of them, and all of them arrive",
    async () => {
      await using rig = await Rig.open();
      const share = ["--transport", "share", "--endpoint", ENDPOINT];
      const probe = await rig.probe([...share, "--batch-size", "2"]);
      const workers = [
        await rig.client([...share, "-o", "one.ts"]),
        await rig.client([...share, "-o", "two.ts"]),
      ];
      const sent = rig.tsFile("sent.ts", 1400);
      await rig.send({ file: rig.path("sent.ts"), perSecond: 200 });
      const written = () => rig.size("one.ts") + rig.size("two.ts") >= sent.length;
      await until(written, "all is written").catch(() => {});
      const { published } = reportOf(await probe.stop("SIGINT"));
      const summaries = [await summaryOf(workers[0] as Running), await summaryOf(workers[1] as Running)];
      let packets = 0;
      for (const summary of summaries) {
        const [stream] = ts(summary);
        packets += stream?.packets ?? 0;
        // What went to the other one is no loss.
        expect(stream?.lostMessages).toBe(0);
        expect(stream?.elsewhere).toBeGreaterThan(0);
      }
      expect(packets).toBe(1400);
      expect(published).toMatchObject({ transport: "share", dropped: 0, subscribers: 2 });
    },
  );

  testWith(needsNetns, "a forwarder stands between one probe and two clients, one of them late", async () => {
    await using rig = await Rig.open();
    const probe = await rig.probe([]);
    const forwarder = rig.rscap([
      "client",
      "--endpoint",
      ENDPOINT,
      "--forward",
      "tcp://127.0.0.1:6000",
      "--report",
      "json",
    ]);
    await forwarder.says(/Connected to probe/);
    const through = ["client", "--endpoint", "tcp://127.0.0.1:6000", "--report", "json"];
    const first = rig.rscap([...through, "-o", "first.ts"]);
    // The subscription has travelled when reports come.
    const count = (text: string): number => text.match(/Subscriber \S+ connected/g)?.length ?? 0;
    await until(() => count(forwarder.stderr) === 1, "the first is connected");
    await Bun.sleep(500);
    const sent = rig.tsFile("sent.ts", 2100);
    const sending = rig.send({ file: rig.path("sent.ts"), perSecond: 100 });
    await until(() => rig.size("first.ts") > 0, "the first has packets");
    const second = rig.rscap([...through, "-o", "second.ts"]);
    await sending;
    await until(() => rig.size("first.ts") >= sent.length, "all is written").catch(() => {});
    const [a, b] = [await summaryOf(first), await summaryOf(second)];
    const ended = await forwarder.stop("SIGINT");
    await probe.stop("SIGTERM");
    expect(octetDifference(rig.read("first.ts"), sent)).toBeNull();
    const late = rig.read("second.ts");
    expect(late.length).toBeGreaterThan(0);
    expect(octetDifference(late, sent.subarray(sent.length - late.length))).toBeNull();
    for (const summary of [a, b]) expect(ts(summary)[0]?.lostMessages).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({ schema: "rscap.forward/1", slow: 0, refused: 0 });
    expect(ended.exitCode).toBe(130);
  });

  testWith(needsNetns, "two probes push to one client", async () => {
    await using rig = await Rig.open();
    const push = ["--transport", "push"];
    const clientArgs = ["client", "--report", "json", "--jsonl", "documents.jsonl", ...push];
    const client = rig.rscap(clientArgs);
    await client.says(/Waiting for probes/);
    const probes = [
      await rig.probe([...push, "--probe-id", "north"]),
      await rig.probe([...push, "--probe-id", "south"]),
    ];
    rig.tsFile("sent.ts", 700);
    await rig.send({ file: rig.path("sent.ts"), perSecond: 200 });
    for (const probe of probes) await probe.stop("SIGINT");
    const summary = await summaryOf(client);
    expect(summary.probes.map(({ probe }) => probe).toSorted()).toEqual(["north", "south"]);
    expect(ts(summary).map(({ packets }) => packets)).toEqual([700, 700]);
    expect(ts(summary).map(({ lostMessages }) => lostMessages)).toEqual([0, 0]);
  });

  testWith(needsNetns, "a probe that stands still is told, and for how long when it is back", async () => {
    await using rig = await Rig.open();
    const probe = await rig.probe(["--probe-id", "studio"]);
    const client = await rig.client(["--probe-timeout", "2s"]);
    // Reports come without packets, too.
    await Bun.sleep(1500);
    probe.kill("SIGSTOP");
    await client.says(/Probe studio silent since \d{4}-/, 20_000);
    probe.kill("SIGCONT");
    await client.says(/Probe studio is back after [\d.]+ s of silence/, 20_000);
    const { probes } = await summaryOf(client);
    await probe.stop("SIGTERM");
    expect(probes[0]?.probe).toBe("studio");
    expect(probes[0]?.silences).toBeGreaterThanOrEqual(1);
    expect(probes[0]?.silentMs).toBeGreaterThanOrEqual(2000);
  });

  testWith(
    needsNetns,
    "a subscriber whose heartbeats stay unanswered gives the probe up, and finds it again",
    async () => {
      await using rig = await Rig.open();
      const probe = await rig.probe(["--heartbeat", "500ms"]);
      const client = await rig.client(["--heartbeat", "500ms"]);
      probe.kill("SIGSTOP");
      await client.says(/is gone; waiting for it to come back/, 20_000);
      probe.kill("SIGCONT");
      const sent = rig.tsFile("sent.ts", 70);
      await until(() => (client.stderr.match(/Connected to probe/g)?.length ?? 0) >= 2, "it is back", 20_000);
      // The subscription goes over the connection once it stands.
      await Bun.sleep(500);
      await rig.send({ file: rig.path("sent.ts"), perSecond: 50 });
      await until(() => rig.size("capture.ts") >= sent.length, "all is written").catch(() => {});
      await client.stop("SIGINT");
      await probe.stop("SIGTERM");
      expect(octetDifference(rig.read("capture.ts"), sent)).toBeNull();
    },
  );
});
