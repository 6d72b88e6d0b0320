import { rscapCommand } from "../../tests/helpers/run.ts";
import type { BenchCapture } from "../make-capture.ts";
import { type Cost, measure, median } from "./measure.ts";
import { table } from "./table.ts";

interface Contestant {
  readonly name: string;
  readonly command: readonly string[];
  /** Octets of the file it reads. */
  readonly file: string;
  /** Throws unless the output says that all packets were counted. */
  readonly check?: (stdout: string) => void;
}

function contestants(capture: BenchCapture): Contestant[] {
  const { pcap, ts, packets, datagrams } = capture;
  const replay = (file: string) => rscapCommand("replay", "--report", "json", "--no-progress", file);
  const counted = (stdout: string): void => {
    const { streams, input } = JSON.parse(stdout);
    const [stream] = streams;
    if (stream.mpegts.packets !== packets || stream.mpegts.continuity.errors !== 0) {
      throw new Error(`rscap counted ${stream.mpegts.packets} TS packets of ${packets} in ${input.name}`);
    }
  };
  const all: Contestant[] = [
    { name: "rscap replay, savefile", command: replay(pcap), file: pcap, check: counted },
    { name: "rscap replay, .ts file", command: replay(ts), file: ts, check: counted },
  ];
  const peers: Contestant[] = [
    {
      name: "ffprobe -count_packets, .ts file",
      command: [
        "ffprobe",
        "-v",
        "error",
        "-count_packets",
        "-show_entries",
        "stream=id,nb_read_packets",
        "-of",
        "csv",
        ts,
      ],
      file: ts,
    },
    {
      name: "tcpdump -r, savefile to savefile",
      command: ["tcpdump", "-r", pcap, "-w", "/dev/null", "udp and dst port 9999"],
      file: pcap,
    },
    {
      name: "tshark -z io,stat, savefile",
      command: ["tshark", "-r", pcap, "-q", "-d", "udp.port==9999,mp2t", "-z", "io,stat,0,mp2t"],
      file: pcap,
      check: (stdout) => {
        if (!stdout.includes(String(datagrams))) throw new Error(`tshark did not count all: ${stdout}`);
      },
    },
  ];
  return [...all, ...peers.filter(({ command }) => Bun.which(command[0] ?? "") !== null)];
}

/** Full counting of a capture beside the peers that read the same file: medians of `runs` rounds. */
export async function benchReplay(capture: BenchCapture, runs: number): Promise<string> {
  const everyone = contestants(capture);
  const costs = new Map<string, Cost[]>(everyone.map(({ name }) => [name, []]));
  // The first round fills the page cache and does not count; then all take turns, so that a slow minute
  // of the machine is everybody's.
  for (let round = 0; round <= runs; round++) {
    for (const { name, command, check } of everyone) {
      const slow = command[0] === "tshark";
      if (slow && round > 1) continue;
      const cost = await measure(command);
      check?.(cost.stdout);
      if (round > 0 || slow) costs.get(name)?.push(cost);
    }
  }
  const seconds = (name: string, of: (cost: Cost) => number) => median((costs.get(name) ?? []).map(of));
  const base = seconds(everyone[0]?.name ?? "", ({ wallSeconds }) => wallSeconds);
  const rows = everyone.map(({ name, file }) => {
    const wall = seconds(name, ({ wallSeconds }) => wallSeconds);
    const cpu = seconds(name, ({ cpuSeconds }) => cpuSeconds);
    const gigabits = (Bun.file(file).size * 8) / wall / 1e9;
    const rate = capture.packets / wall / 1e6;
    return [
      name,
      wall.toFixed(3),
      cpu.toFixed(3),
      rate.toFixed(2),
      gigabits.toFixed(1),
      (wall / base).toFixed(2),
    ];
  });
  const title = `### Replay with full counting: ${capture.datagrams} datagrams, ${capture.packets} TS packets, median of ${runs}`;
  return table(title, ["tool", "s", "CPU s", "M TS packets/s", "Gb/s", "time / rscap's"], rows);
}
