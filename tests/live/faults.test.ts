import { describe, expect } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { differences } from "../helpers/match.ts";
import { RX_DEVICE, TX_DEVICE } from "../helpers/netns.ts";
import { octetDifference } from "../helpers/octets.ts";
import { PROJECT, reportOf, rscapCommand, runOk, until } from "../helpers/run.ts";
import { needsNetns, needsProgram, needsRoot, needsTcpreplay, testWith } from "../helpers/skip.ts";
import { BACKENDS, GROUP, onlyStream, PORT, Rig } from "./rig.ts";

/** SIGTERM is a service manager's ordinary stop; SIGINT tells that someone broke it off. */
const SIGNALS = [
  ["SIGINT", 130],
  ["SIGTERM", 0],
] as const;

describe("a probe and a client that come and go", () => {
  testWith(needsNetns, "the client lives through a restart of the probe and says so", async () => {
    await using rig = await Rig.open();
    const first = await rig.probe([]);
    const client = await rig.client([]);
    const sent = rig.tsFile("sent.ts", 350);
    await rig.send({ file: rig.path("sent.ts"), perSecond: 400 });
    await until(() => rig.size("capture.ts") >= sent.length, "the first half is written");
    await first.stop("SIGTERM");
    await until(async () => (await rig.connections()) === 0, "the connection is gone");
    const second = await rig.probe([]);
    await until(async () => (await rig.connections()) > 0, "the client has come back");
    await Bun.sleep(200);
    await rig.send({ file: rig.path("sent.ts"), perSecond: 400 });
    await until(() => rig.size("capture.ts") >= 2 * sent.length, "the second half is written").catch(
      () => {},
    );
    await second.stop("SIGTERM");
    const { exitCode, stderr } = await client.stop("SIGINT");
    expect(exitCode).toBe(130);
    expect(octetDifference(rig.read("capture.ts"), Buffer.concat([sent, sent]))).toBeNull();
    expect(stderr).toMatch(/disconnect|lost|gone|again|restart/i);
  });

  testWith(needsNetns, "kill -9 of the client leaves whole packets", async () => {
    await using rig = await Rig.open();
    const probe = await rig.probe([]);
    const client = await rig.client([]);
    const sent = rig.tsFile("sent.ts", 7000);
    const sending = rig.send({ file: rig.path("sent.ts"), perSecond: 1000 });
    await until(() => rig.size("capture.ts") > 188_000, "some is written");
    expect((await client.stop("SIGKILL")).exitCode).toBe(137);
    const size = rig.size("capture.ts");
    expect(size % 188).toBe(0);
    expect(octetDifference(rig.read("capture.ts"), sent.subarray(0, size))).toBeNull();
    await sending;
    const { exitCode, ...ended } = await probe.stop("SIGINT");
    expect(exitCode).toBe(130);
    expect(onlyStream(reportOf({ exitCode, ...ended })).packets).toBe(1000);
  });

  for (const [signal, code] of SIGNALS) {
    testWith(needsNetns, `${signal}: probe and client flush, report and end with ${code}`, async () => {
      await using rig = await Rig.open();
      const probe = await rig.probe(["--batch-time", "10s", "--batch-size", "4096"]);
      const client = await rig.client(["--flush-time", "60s"]);
      const sent = rig.tsFile("sent.ts", 35);
      await rig.send({ file: rig.path("sent.ts"), perSecond: 400 });
      await Bun.sleep(200);
      const probeEnded = await probe.stop(signal);
      await Bun.sleep(200);
      const clientEnded = await client.stop(signal);
      expect([probeEnded.exitCode, clientEnded.exitCode]).toEqual([code, code]);
      expect(onlyStream(reportOf(probeEnded)).packets).toBe(5);
      expect(JSON.parse(clientEnded.stdout)).toBeObject();
      expect(octetDifference(rig.read("capture.ts"), sent)).toBeNull();
    });

    testWith(
      needsNetns,
      `${signal}: replay at the capture's own pace flushes, reports and ends with ${code}`,
      async () => {
        await using rig = await Rig.open();
        const sent = rig.tsFile("sent.ts", 20_000); // 20 s
        const replay = rig.rscap(["replay", "--realtime", "--report", "json", "-o", "out.ts", "sent.ts"]);
        await until(() => rig.size("out.ts") > 0, "some is written");
        const ended = await replay.stop(signal);
        expect(ended.exitCode).toBe(code);
        const { passed } = onlyStream(reportOf(ended)).mpegts ?? { passed: 0 };
        expect(passed).toBeGreaterThan(0);
        expect(passed).toBeLessThan(20_000);
        expect(octetDifference(rig.read("out.ts"), sent.subarray(0, passed * 188))).toBeNull();
      },
    );
  }
});

describe("faults of the environment have a clear sentence and exit code 4", () => {
  testWith([needsNetns, needsProgram("mount")], "a full disk keeps whole packets", async () => {
    await using rig = await Rig.open();
    mkdirSync(rig.path("disk"));
    const { network } = rig;
    // A mount inside the namespace's own mount namespace ends with it.
    const mounted = ["sh", "-c", `mount -t tmpfs -o size=256k none ${rig.path("disk")} && exec "$@"`, "sh"];
    const probe = await rig.probe([]);
    const before = await rig.connections();
    const copyOut = `cp ${rig.path("disk/capture.ts")} ${rig.path("kept.ts")}`;
    const command = rscapCommand("client", "--report", "json", "--output-file", rig.path("disk/capture.ts"));
    const shell = ["sh", "-c", `"$@"; code=$?; ${copyOut}; exit $code`, "sh", ...command];
    const client = network.start(network.rx, [...mounted, ...shell], { cwd: rig.folder });
    await until(async () => (await rig.connections()) > before, "the client is connected");
    await Bun.sleep(200);
    const sent = rig.tsFile("sent.ts", 3500);
    await rig.send({ file: rig.path("sent.ts"), perSecond: 1500 });
    const { exitCode, stderr } = await client.ended();
    await probe.stop("SIGTERM");
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 4 });
    expect(stderr).toMatch(/space|full/i);
    expect(stderr).toContain("capture.ts");
    const size = rig.size("kept.ts");
    expect(size).toBeGreaterThan(200_000);
    expect(size % 188).toBe(0);
    expect(octetDifference(rig.read("kept.ts"), sent.subarray(0, size))).toBeNull();
  });

  testWith([needsNetns, needsProgram("mount")], "replay onto a full disk keeps whole packets", async () => {
    await using rig = await Rig.open();
    mkdirSync(rig.path("disk"));
    const sent = rig.tsFile("sent.ts", 3500);
    const command = rscapCommand("replay", "-o", rig.path("disk/out.ts"), rig.path("sent.ts"));
    const script = `mount -t tmpfs -o size=256k none disk && { "$@"; code=$?; cp disk/out.ts kept.ts; exit $code; }`;
    const shell = ["sh", "-c", script, "sh", ...command];
    const replay = rig.network.start(rig.network.rx, shell, { cwd: rig.folder });
    const { exitCode, stderr } = await replay.ended();
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 4 });
    expect(stderr).toMatch(/space|full/i);
    const size = rig.size("kept.ts");
    expect(size % 188).toBe(0);
    expect(octetDifference(rig.read("kept.ts"), sent.subarray(0, size))).toBeNull();
  });

  for (const backend of BACKENDS) {
    testWith(
      [needsNetns, needsProgram("setpriv", "util-linux")],
      `${backend}: no permission names CAP_NET_RAW`,
      async () => {
        await using rig = await Rig.open();
        chmodSync(rig.folder, 0o755);
        const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"];
        const args = ["probe", "--capture-backend", backend, "--source-device", RX_DEVICE, "--no-zmq"];
        const command = [...nobody, ...rscapCommand(...args)];
        const options = { cwd: rig.folder, env: { HOME: "/nonexistent" } };
        const { exitCode, stderr } = await rig.network.start(rig.network.rx, command, options).ended();
        expect({ exitCode, stderr }).toMatchObject({ exitCode: 4 });
        expect(stderr).toContain("CAP_NET_RAW");
      },
    );

    testWith(needsNetns, `${backend}: a missing device is named, beside those that exist`, async () => {
      await using rig = await Rig.open();
      const args = ["probe", "--capture-backend", backend, "--source-device", "nope0", "--no-zmq"];
      const { exitCode, stderr } = await rig.rscap(args).ended();
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 4 });
      expect(stderr).toContain("nope0");
      expect(stderr).toContain(RX_DEVICE);
    });

    testWith(
      needsNetns,
      `${backend}: a filter that does not compile is wrong usage, in libpcap's words`,
      async () => {
        await using rig = await Rig.open();
        const device = ["--source-device", RX_DEVICE, "--no-zmq"];
        const args = ["probe", "--capture-backend", backend, ...device, "--filter", "udp prot 5"];
        const { exitCode, stderr } = await rig.rscap(args).ended();
        expect({ exitCode, stderr }).toMatchObject({ exitCode: 2 });
        expect(stderr).toContain("udp prot 5");
        expect(stderr).toMatch(/syntax error/);
      },
    );

    testWith(needsNetns, `${backend}: silence is told with what to check`, async () => {
      await using rig = await Rig.open();
      const args = ["--capture-backend", backend, "--silence-time", "500ms", "--no-zmq"];
      const probe = await rig.probe(args);
      await probe.says(/no packet/i, 5000);
      const { stderr } = await probe.stop("SIGTERM");
      for (const thing of [RX_DEVICE, GROUP, "filter"]) expect(stderr).toContain(thing);
    });
  }

  testWith(needsNetns, "an address in use", async () => {
    await using rig = await Rig.open();
    const probe = await rig.probe([]);
    const args = ["probe", "--source-device", RX_DEVICE, "--source", `udp://${GROUP}:${PORT}`];
    const { exitCode, stderr } = await rig.rscap(args).ended();
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 4 });
    expect(stderr).toMatch(/in use/i);
    expect(stderr).toContain("5556");
    expect((await probe.stop("SIGINT")).exitCode).toBe(130);
  });
});

describe.each(BACKENDS)("foreign datagrams, live by %s", (backend) => {
  testWith([needsNetns, needsTcpreplay], `${backend}: strays on the stream's port do no harm`, async () => {
    await using rig = await Rig.open();
    const source = ["--source", "udp://239.1.1.1:5000", "--no-zmq"];
    const probe = await rig.probe(["--capture-backend", backend, ...source], { joins: false });
    const fixture = `${PROJECT}fixtures/stray-datagrams.pcap`;
    await rig.network.run(rig.network.tx, ["tcpreplay", "-q", "-i", TX_DEVICE, fixture]);
    await Bun.sleep(300);
    const report = reportOf(await probe.stop("SIGTERM"));
    const { runs } = JSON.parse(readFileSync(`${fixture}.expected.json`, "utf8"));
    expect(differences(report.streams, runs[0].report.streams)).toEqual([]);
  });

  testWith(needsNetns, `${backend}: random octets of every size from the stream's own sender`, async () => {
    await using rig = await Rig.open();
    const probe = await rig.probe(["--capture-backend", backend, "--no-zmq"]);
    rig.tsFile("sent.ts", 700);
    const noise = new Uint8Array(1316 * 20);
    crypto.getRandomValues(noise.subarray(0, 20_000));
    writeFileSync(rig.path("noise.bin"), noise);
    const fromPort = 4444;
    await rig.send({ file: rig.path("sent.ts"), perSecond: 500, fromPort });
    await rig.send({ file: rig.path("noise.bin"), perSecond: 500, fromPort });
    await rig.send({ file: rig.path("sent.ts"), perSecond: 500, fromPort });
    await Bun.sleep(200);
    const stream = onlyStream(reportOf(await probe.stop("SIGTERM")));
    expect(stream).toMatchObject({ kind: "mpegts", packets: 220 });
    expect(stream.mpegts?.passed).toBeGreaterThanOrEqual(1399);
  });
});

testWith([needsRoot, needsNetns], "nothing of these tests stays behind", async () => {
  const left = (await runOk(["ip", "netns", "list"]))
    .split("\n")
    .filter((name) => name.includes(`rscap-${process.pid}-`));
  expect(left).toEqual([]);
});
