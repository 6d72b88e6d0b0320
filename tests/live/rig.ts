import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { smallMux, type TsMux } from "../../fixtures/lib/mux.ts";
import type { Report, StreamReport } from "../../src/report/schema.ts";
import { Network, RX_DEVICE, TX_ADDRESS } from "../helpers/netns.ts";
import type { RelayProcessOptions, TimedJournal } from "../helpers/relay.ts";
import { PROJECT, type Running, rscapCommand, type StartOptions, until } from "../helpers/run.ts";
import type { SenderOptions } from "../helpers/sender.ts";

/** The two ways to capture; every live test of capturing runs over both. */
export const BACKENDS = ["ring", "libpcap"] as const;
/** The usual group and port. */
export const GROUP = "239.77.1.1";
/** See GROUP. */
export const PORT = 5000;
/** Where probe and client meet, inside the capturing namespace. */
export const ENDPOINT = "tcp://127.0.0.1:5556";

/** Time between two looks at the probe's sockets. */
const SETTLING_MS = 100;

/** Scripts that stand in for a sender and for the network between. */
const SENDER = `${PROJECT}tests/helpers/sender.ts`;
const RELAY = `${PROJECT}tests/helpers/relay.ts`;

/** A network, a folder for files, and the programs that run in them. `await using` it. */
export class Rig implements AsyncDisposable {
  readonly network: Network;
  readonly folder: string;

  private constructor(network: Network) {
    this.network = network;
    this.folder = mkdtempSync(join(tmpdir(), "rscap-live-"));
  }

  /** Makes the network. */
  static async open(): Promise<Rig> {
    return new Rig(await Network.open());
  }

  /** Path of a file in the rig's folder. */
  path(name: string): string {
    return join(this.folder, name);
  }

  /** Octets of a file in the rig's folder. */
  read(name: string): Buffer {
    return readFileSync(this.path(name));
  }

  /** Size of a file in the rig's folder, 0 when there is none. */
  size(name: string): number {
    return existsSync(this.path(name)) ? statSync(this.path(name)).size : 0;
  }

  /** Writes `count` packets of a valid transport stream. */
  tsFile(name: string, count: number, mux: TsMux = smallMux(99)): Buffer {
    const octets = Buffer.concat(mux.packets(count));
    writeFileSync(this.path(name), octets);
    return octets;
  }

  /** Starts rscap in the capturing namespace, in the rig's folder. */
  rscap(args: readonly string[], options: StartOptions = {}): Running {
    return this.network.start(this.network.rx, rscapCommand(...args), { cwd: this.folder, ...options });
  }

  /** Starts a probe and waits until it captures and, unless `joins` is false, has joined its groups. */
  async probe(args: readonly string[], options: StartOptions & { joins?: boolean } = {}): Promise<Running> {
    const before = await this.#packetSockets();
    const sources = args.includes("--source") ? [] : ["--source", `udp://${GROUP}:${PORT}`];
    const common = ["--source-device", RX_DEVICE, "--report", "json"];
    const probe = this.rscap(["probe", ...common, ...sources, ...args], options);
    const joined = async () =>
      options.joins === false || /239\.77|232\.|ff15:/.test(await this.#memberships());
    let seen: string[] = [];
    // A socket that only compiles the filter goes away again: the one that stays is the capture's.
    const captures = async () => {
      const now = (await this.#packetSockets()).filter((inode) => !before.includes(inode));
      const stayed = now.some((inode) => seen.includes(inode));
      seen = now;
      await Bun.sleep(SETTLING_MS);
      return stayed && (await joined());
    };
    await Promise.race([
      until(captures, "the probe captures"),
      probe.ended().then(({ exitCode, stderr }) => {
        throw new Error(`the probe ended with ${exitCode}: ${stderr}`);
      }),
    ]);
    return probe;
  }

  /** Starts a client and waits until its connection stands. */
  async client(args: readonly string[], options: StartOptions = {}): Promise<Running> {
    const before = await this.connections();
    const client = this.rscap(["client", "--report", "json", ...args], options);
    await until(async () => (await this.connections()) > before, "the client is connected");
    await Bun.sleep(200); // the subscription goes over the connection once it stands
    return client;
  }

  /** Established connections to port 5556. */
  async connections(): Promise<number> {
    const command = ["ss", "-Htn", "state", "established", "( sport = :5556 )"];
    return (await this.network.run(this.network.rx, command)).split("\n").length - 1;
  }

  /** Sends a file from the sending namespace; ends when all of it is sent. */
  async send(options: Omit<SenderOptions, "to" | "port"> & Partial<SenderOptions>): Promise<void> {
    const all: SenderOptions = { to: GROUP, port: PORT, from: TX_ADDRESS, ...options };
    await this.network.run(this.network.tx, [process.execPath, SENDER, JSON.stringify(all)]);
  }

  /** Sends a file within the capturing namespace, over its loopback device. */
  async sendWithin(options: SenderOptions): Promise<void> {
    await this.network.run(this.network.rx, [process.execPath, SENDER, JSON.stringify(options)]);
  }

  /** Starts a relay from port 7000 of the sending namespace's loopback device to the group. */
  async relay(
    options: Omit<RelayProcessOptions, "listenPort" | "group" | "port" | "from">,
  ): Promise<Running> {
    const all = { listenPort: 7000, group: GROUP, port: PORT, from: TX_ADDRESS, ...options };
    const relay = this.network.start(this.network.tx, [process.execPath, RELAY, JSON.stringify(all)]);
    await relay.says(/ready/);
    return relay;
  }

  /** Inodes of the packet sockets in the capturing namespace. */
  async #packetSockets(): Promise<string[]> {
    const lines = (await this.network.run(this.network.rx, ["cat", "/proc/net/packet"])).trim().split("\n");
    return lines.slice(1).map((line) => line.trim().split(/\s+/).at(-1) ?? "");
  }

  async #memberships(): Promise<string> {
    return await this.network.run(this.network.rx, ["ip", "maddress", "show", "dev", RX_DEVICE]);
  }

  /** Ends everything and removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.network[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The report's only stream. */
export function onlyStream(report: Report): StreamReport {
  const [stream, other] = report.streams;
  if (stream === undefined || other !== undefined) {
    throw new Error(`expected one stream, got ${JSON.stringify(report.streams)}`);
  }
  return stream;
}

/** Codes that tell of packets lost, changed or out of order between the sender and the analyser. */
const TRANSFER =
  /^(ts-|rtp-(loss|late|reordered|duplicate|invalid|restart)$|kernel-|unreadable-|ip-|flow-|snap-|sender-)/;

/**
 * Findings about the way of the packets. What the analysers say of a stream's timing is left out: on a
 * machine that is shared with other work a sender's clock is not the matter of these tests.
 */
export function transferFindings({ findings }: Report): Report["findings"] {
  return findings.filter(({ code }) => TRANSFER.test(code));
}

/** The journal that a relay prints when it is stopped. */
export async function journalOf(relay: Running): Promise<TimedJournal> {
  const { stdout } = await relay.stop("SIGTERM");
  return JSON.parse(stdout.split("\n")[1] ?? "");
}
