import { rscapCommand } from "../../tests/helpers/run.ts";
import type { BenchCapture } from "../make-capture.ts";
import { type Cost, measure, median } from "./measure.ts";
import { table } from "./table.ts";

/** Datagrams that tshark gets. */
const TSHARK_DATAGRAMS = 100_000;

interface Contestant {
  readonly name: string;
  readonly command: readonly string[];
  /** Octets and TS packets that it reads. */
  readonly octets: number;
  readonly packets: number;
  /** Throws unless the output says that all packets were counted. */
  readonly check?: (stdout: string) => void;
}

function contestants(capture: BenchCapture): Contestant[] {
  const { pcap, ts, packets, datagrams } = capture;
  const savefile = { octets: Bun.file(pcap).size, packets };
  const stream = { octets: Bun.file(ts).size, packets };
  // tshark takes a minute for what the others do in a second: it gets a part, and is compared by rate.
  const part = Math.min(datagrams, TSHARK_DATAGRAMS);
  const share = { octets: (savefile.octets * part) / datagrams, packets: part * 7 };
  const replay = (file: string, checks: string) =>
    rscapCommand("replay", "--report", "json", "--no-progress", "--checks", checks, file);
  const counted = (stdout: string): void => {
    const { streams, input } = JSON.parse(stdout);
    const [stream] = streams;
    if (stream.mpegts.packets !== packets || stream.mpegts.continuity.errors !== 0) {
      throw new Error(`rscap counted ${stream.mpegts.packets} TS packets of ${packets} in ${input.name}`);
    }
  };
  const all: Contestant[] = [
    { name: "rscap, savefile, packets", command: replay(pcap, "packets"), ...savefile, check: counted },
    { name: "rscap, .ts file, packets", command: replay(ts, "packets"), ...stream, check: counted },
    { name: "rscap, savefile, no T-STD", command: replay(pcap, "no-tstd"), ...savefile, check: counted },
    { name: "rscap, savefile, all checks", command: replay(pcap, "full"), ...savefile, check: counted },
  ];
  const countPackets = [
    "-v",
    "error",
    "-count_packets",
    "-show_entries",
    "stream=id,nb_read_packets",
    "-of",
    "csv",
  ];
  const peers: Contestant[] = [
    { name: "ffprobe -count_packets, .ts file", command: ["ffprobe", ...countPackets, ts], ...stream },
    {
      name: "tcpdump -r, savefile to savefile",
      command: ["tcpdump", "-r", pcap, "-w", "/dev/null", "udp and dst port 9999"],
      ...savefile,
    },
    {
      name: "tshark -z io,stat, savefile",
      command: [
        "tshark",
        "-r",
        pcap,
        "-c",
        String(part),
        "-q",
        "-d",
        "udp.port==9999,mp2t",
        "-z",
        "io,stat,0,mp2t",
      ],
      ...share,
      check: (stdout) => {
        if (!stdout.includes(String(part))) throw new Error(`tshark did not count all: ${stdout}`);
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
      const cost = await measure(command);
      check?.(cost.stdout);
      if (round > 0) costs.get(name)?.push(cost);
    }
  }
  const rate = ({ name, packets }: Contestant, of: (cost: Cost) => number) =>
    packets / median((costs.get(name) ?? []).map(of)) / 1e6;
  const wallRates = everyone.map((one) => rate(one, ({ wallSeconds }) => wallSeconds));
  const rows = everyone.map((one, i) => {
    const own = wallRates[i] ?? Number.NaN;
    const seconds = one.packets / 1e6 / own;
    return [
      one.name,
      seconds.toFixed(3),
      own.toFixed(2),
      rate(one, ({ cpuSeconds }) => cpuSeconds).toFixed(2),
      ((one.octets * 8) / seconds / 1e9).toFixed(1),
      ((wallRates[0] ?? Number.NaN) / own).toFixed(2),
    ];
  });
  const title = `### Replay with full counting: ${capture.datagrams} datagrams, ${capture.packets} TS packets, median of ${runs}`;
  const head = ["tool", "s", "M TS packets/s", "M TS packets/CPU s", "Gb/s", "rscap's rate / its"];
  return table(title, head, rows);
}
