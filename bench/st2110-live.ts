/**
 * 1080p59.94 of ST 2110-20 live on a veth pair, in full and with headers alone: `rscap probe` and tshark look on in
 * the same run. Run as root: bun bench/st2110-live.ts [SECONDS]; RSCAP_BIN=dist/rscap measures the executable.
 */
import { RX_DEVICE, TX_DEVICE } from "../tests/helpers/netns.ts";
import { reportOf, rscapCommand } from "../tests/helpers/run.ts";
import { Rig } from "../tests/live/rig.ts";
import { processCpuSeconds, whichRscap } from "./lib/measure.ts";
import { table } from "./lib/table.ts";

const SPEC = "st2110-20:1920x1080p59.94";
const GROUP = "239.77.20.1";
const PORT = 5004;
const SNAP_LENGTH = 96;
/** tshark has no ring of its own size: both get room for what comes while they wait for a core. */
const BUFFER_MIB = 64;

/** What the process that captures for tshark has as its command. */
async function childrenCpu(pid: number): Promise<number> {
  const children = (await Bun.file(`/proc/${pid}/task/${pid}/children`).text()).trim();
  let seconds = processCpuSeconds(pid);
  for (const child of children === "" ? [] : children.split(" ")) seconds += await childrenCpu(Number(child));
  return seconds;
}

/** One run: `who` look on while the stream is sent. */
async function run(
  seconds: number,
  snapLength: number,
  who: readonly ("rscap" | "tshark")[],
): Promise<string[][]> {
  await using rig = await Rig.open();
  const limitMs = (seconds + 60) * 1000;
  const snap = snapLength === 0 ? [] : [String(snapLength)];
  const probe = who.includes("rscap")
    ? await rig.probe(
        [
          ...["--source", `udp://${GROUP}:${PORT}`, "--no-zmq", "--no-progress", "--fail-on", "never"],
          ...["--ring-size", `${BUFFER_MIB}M`, ...snap.flatMap((size) => ["--snaplen", size])],
        ],
        { joins: false, limitMs },
      )
    : null;
  const options = [
    "-q",
    "-B",
    String(BUFFER_MIB),
    "-f",
    `udp port ${PORT}`,
    ...snap.flatMap((size) => ["-s", size]),
  ];
  const tshark = who.includes("tshark")
    ? rig.network.start(
        rig.network.rx,
        ["tshark", "-i", RX_DEVICE, ...options, "-d", `udp.port==${PORT},rtp`, "-z", "rtp,streams"],
        { limitMs, cwd: rig.folder },
      )
    : null;
  await tshark?.says(/Capturing on/);
  await Bun.sleep(1000);
  const probeBefore = probe === null ? 0 : await childrenCpu(probe.process.pid);
  const tsharkBefore = tshark === null ? 0 : await childrenCpu(tshark.process.pid);
  const spec = `${SPEC},to=${GROUP}:${PORT},seconds=${seconds}`;
  const way = [
    "--send",
    `udp://?iface=${TX_DEVICE}`,
    "--report",
    "none",
    "--fail-on",
    "never",
    "--checks",
    "packets",
  ];
  const told = await rig.network
    .start(rig.network.tx, rscapCommand("replay", "--generate", spec, ...way), { limitMs })
    .ended();
  const sent = Number(
    /Sent ([\d,.\s]+) datagrams/.exec(told.stderr + told.stdout)?.[1]?.replace(/\D/g, "") ?? Number.NaN,
  );
  await Bun.sleep(1000);
  const name = (of: string): string =>
    `${of}, ${snapLength === 0 ? "whole" : `${snapLength} octets`}, ${who.length > 1 ? "together" : "alone"}`;
  const rows: string[][] = [];
  const row = (of: string, counted: number, dropped: string, cpu: number): void => {
    rows.push([
      name(of),
      String(sent),
      String(counted),
      dropped,
      cpu.toFixed(2),
      ((cpu * 1e6) / sent).toFixed(2),
    ]);
  };
  const probeCpu = probe === null ? 0 : (await childrenCpu(probe.process.pid)) - probeBefore;
  const tsharkCpu = tshark === null ? 0 : (await childrenCpu(tshark.process.pid)) - tsharkBefore;
  if (probe !== null) {
    const report = reportOf(await probe.stop("SIGTERM"));
    const counted = report.streams.reduce((sum, { packets }) => sum + packets, 0);
    row("rscap probe", counted, String(report.input.drops.kernel), probeCpu);
  }
  if (tshark !== null) {
    const { stdout, stderr } = await tshark.stop("SIGINT");
    const line = stdout.split("\n").find((text) => text.includes(GROUP)) ?? "";
    const counted = Number(/\s(\d+)\s+-?\d+ \(-?[\d.]+%\)/.exec(line)?.[1] ?? 0);
    row("tshark -z rtp,streams", counted, /(\d+) packets? dropped/.exec(stderr)?.[1] ?? "0", tsharkCpu);
  }
  return rows;
}

const seconds = Number(process.argv[2] ?? "10");
const rows: string[][] = [];
const watchers = Bun.which("tshark") === null ? (["rscap"] as const) : (["rscap", "tshark"] as const);
for (const snapLength of [0, SNAP_LENGTH]) {
  for (const who of watchers) rows.push(...(await run(seconds, snapLength, [who])));
  if (watchers.length > 1) rows.push(...(await run(seconds, snapLength, watchers)));
}
const head = ["who looks on", "sent", "counted", "dropped", "CPU s", "CPU us/packet"];
process.stdout.write(table(`${SPEC} for ${seconds} s on veth, ${whichRscap()}`, head, rows));
