import { statSync } from "node:fs";
import { RX_DEVICE, TX_ADDRESS, TX_DEVICE } from "../../tests/helpers/netns.ts";
import { reportOf } from "../../tests/helpers/run.ts";
import { BACKENDS, Rig } from "../../tests/live/rig.ts";
import type { BenchCapture } from "../make-capture.ts";
import { processCpuSeconds, processRssBytes, threadCpuSeconds } from "./measure.ts";
import { table } from "./table.ts";

const SOURCE = ["--source", "udp://239.9.9.9:9999", "--source-device", RX_DEVICE];

/** Datagrams that let the compiler see the hot path before it counts, at a rate that a cold start can take. */
const WARM_UP = ["--mbps=300", "--limit=100000"];

/** As the README advises for high rates: what comes while the probe waits for a core has room. */
const LARGE_RING = "512M";

/** One flood: the first after the start of the probe, or after a warm-up. */
async function flood(
  capture: BenchCapture,
  backend: string,
  publish: boolean,
  warm: boolean,
  checks: "packets" | "full",
  ringSize = "",
): Promise<string[]> {
  await using rig = await Rig.open();
  const limitMs = 300_000;
  const zmq = publish ? [] : ["--no-zmq"];
  const ring = ringSize === "" ? [] : ["--ring-size", ringSize];
  const args = [
    ...SOURCE,
    "--capture-backend",
    backend,
    "--checks",
    checks,
    "--no-progress",
    ...zmq,
    ...ring,
  ];
  const probe = await rig.probe(args, { joins: false, limitMs });
  const client = publish
    ? await rig.client(["--output-file", "/dev/null", "--no-progress"], { limitMs })
    : null;
  const replay = ["tcpreplay", "-q", "-K", "-i", TX_DEVICE];
  if (warm) await rig.network.run(rig.network.tx, [...replay, ...WARM_UP, capture.pcap], { limitMs });
  await Bun.sleep(300);
  const { pid } = probe.process;
  const cpuBefore = threadCpuSeconds(pid);
  const told = await rig.network.run(rig.network.tx, [...replay, "--topspeed", capture.pcap], { limitMs });
  await Bun.sleep(1000);
  const cpu = threadCpuSeconds(pid);
  const rss = processRssBytes(pid);
  const used = (of: (name: string) => boolean): string => {
    let seconds = 0;
    for (const [name, total] of cpu) if (of(name)) seconds += total - (cpuBefore.get(name) ?? 0);
    return ((seconds * 1e6) / capture.datagrams).toFixed(2);
  };
  const report = reportOf(await probe.stop("SIGTERM"));
  await client?.stop("SIGTERM");
  const [, megabits = "?"] = /([\d.]+) Mbps/.exec(told) ?? [];
  const expected = capture.datagrams + (warm ? 100_000 : 0);
  const counted = report.streams[0]?.packets ?? 0;
  return [
    `${backend}, ${publish ? "publishing" : "no ZeroMQ"}, ${warm ? "warm" : "cold"}, ${checks}${ringSize === "" ? "" : `, ring ${ringSize}`}`,
    (Number(megabits) / 1000).toFixed(2),
    String(expected),
    String(counted),
    String(report.input.drops.kernel),
    String(expected - counted - report.input.drops.kernel),
    used(() => true),
    used((name) => name === "Worker"),
    used((name) => name.startsWith("ZMQ")),
    (rss / 1e6).toFixed(0),
  ];
}

/**
 * Capture, validation and publishing to one subscriber on a veth pair, flooded by tcpreplay: CPU for each
 * datagram, and whether one was lost anywhere. Sender, probe and client share the machine's cores.
 */
export async function benchLive(capture: BenchCapture): Promise<string> {
  const rows: string[][] = [];
  for (const checks of ["packets", "full"] as const) {
    for (const backend of BACKENDS) {
      rows.push(await flood(capture, backend, true, true, checks));
      rows.push(await flood(capture, backend, false, true, checks));
    }
  }
  rows.push(await flood(capture, "ring", true, false, "packets"));
  rows.push(await flood(capture, "ring", false, true, "full", LARGE_RING));
  rows.push(await flood(capture, "ring", true, true, "full", LARGE_RING));
  const head = [
    "probe",
    "Gb/s",
    "sent",
    "counted",
    "dropped",
    "missing",
    "CPU us/datagram",
    "capture thread",
    "ZeroMQ thread",
    "RSS MB",
  ];
  return table("### Live on veth under tcpreplay --topspeed, one subscriber", head, rows);
}

/** `replay --publish --transport push` into a client that writes a file: end to end, by depth of the checks. */
export async function benchPush(capture: BenchCapture): Promise<string> {
  const rows: string[][] = [];
  for (const checks of ["packets", "full"]) rows.push(await pushRow(capture, checks));
  const title =
    "### Replay --publish --transport push to a client's file (in memory), start of replay included";
  return table(title, ["way", "s", "Gb/s", "messages", "TS packets lost", "file equal"], rows);
}

async function pushRow(capture: BenchCapture, checks: string): Promise<string[]> {
  await using rig = await Rig.open();
  const folder = "/dev/shm";
  const file = `${folder}/rscap-bench-${process.pid}.ts`;
  try {
    const client = rig.rscap(["client", "--transport", "push", "--output-file", file, "--report", "json"], {
      limitMs: 120_000,
    });
    await Bun.sleep(700);
    const startMs = performance.now();
    const args = [
      "replay",
      "--publish",
      "--transport",
      "push",
      "--report",
      "json",
      "--no-progress",
      "--checks",
      checks,
      capture.pcap,
    ];
    const replayEnded = await rig.rscap(args, { limitMs: 120_000 }).ended();
    while (statSync(file, { throwIfNoEntry: false })?.size !== capture.packets * 188) {
      if (performance.now() - startMs > 60_000) break;
      await Bun.sleep(2);
    }
    const seconds = (performance.now() - startMs) / 1000;
    await client.stop("SIGTERM");
    const { published } = reportOf(replayEnded);
    const octets = statSync(file).size;
    const same = (await Bun.$`cmp ${file} ${capture.ts}`.nothrow().quiet()).exitCode === 0;
    return [
      `push, tcp, ${checks}`,
      seconds.toFixed(2),
      ((octets * 8) / seconds / 1e9).toFixed(2),
      String(published?.messages ?? 0),
      String(capture.packets - octets / 188),
      same ? "yes" : "NO",
    ];
  } finally {
    await Bun.$`rm -f ${file}`.quiet();
  }
}

/** From the start of the process to the first packet captured, with a stream already on the wire. */
export async function benchStart(runs: number): Promise<string> {
  await using rig = await Rig.open();
  rig.tsFile("sent.ts", 7 * 1000 * (runs * 2 + 2));
  const sending = rig
    .send({ file: rig.path("sent.ts"), to: "239.9.9.9", port: 9999, from: TX_ADDRESS, perSecond: 1000 })
    .catch(() => {});
  await Bun.sleep(300);
  const rows: string[][] = [];
  for (const backend of BACKENDS) {
    const delays: number[] = [];
    for (let i = 0; i < runs; i++) {
      const startMs = performance.timeOrigin + performance.now();
      const args = [
        "probe",
        ...SOURCE,
        "--capture-backend",
        backend,
        "--report",
        "json",
        "--duration",
        "0.3s",
      ];
      const { input } = reportOf(await rig.rscap([...args, "--no-progress"]).ended());
      delays.push(Date.parse(input.firstTime ?? "") - startMs);
    }
    delays.sort((a, b) => a - b);
    rows.push([
      backend,
      ...[delays[0], delays[delays.length >> 1], delays.at(-1)].map((ms) => (ms ?? 0).toFixed(0)),
    ]);
  }
  await rig[Symbol.asyncDispose]();
  await sending;
  return table(
    "### Start of the probe to its first packet",
    ["backend", "least ms", "median ms", "most ms"],
    rows,
  );
}

/** Resident memory of a probe under a steady 100 Mb/s with a subscriber, sampled for `minutes`. */
export async function benchSoak(capture: BenchCapture, minutes: number): Promise<string> {
  await using rig = await Rig.open();
  const limitMs = (minutes + 2) * 60_000;
  const probe = await rig.probe([...SOURCE, "--no-progress"], { joins: false, limitMs });
  const client = await rig.client(["--output-file", "/dev/null", "--no-progress"], { limitMs });
  const { pid } = probe.process;
  const flood = ["tcpreplay", "-q", "-K", "--mbps=100", "--loop=0", "-i", TX_DEVICE, capture.pcap];
  const sender = rig.network.start(rig.network.tx, flood, { limitMs });
  const rows: string[][] = [];
  const samples = Math.max(2, Math.ceil(minutes * 2));
  const startMs = performance.now();
  for (let i = 0; i <= samples; i++) {
    await Bun.sleep(Math.max(0, startMs + (i * minutes * 60_000) / samples - performance.now()));
    const cpu = processCpuSeconds(pid);
    rows.push([
      ((i * minutes) / samples).toFixed(1),
      (processRssBytes(pid) / 1e6).toFixed(1),
      cpu.toFixed(1),
    ]);
  }
  await sender.stop("SIGTERM");
  const report = reportOf(await probe.stop("SIGTERM"));
  await client.stop("SIGTERM");
  const lost = `${report.streams[0]?.packets ?? 0} datagrams counted, ${report.input.drops.kernel} dropped by the kernel`;
  return `${table("### Memory of the probe at 100 Mb/s", ["minute", "RSS MB", "CPU s"], rows)}\n${lost}\n`;
}
