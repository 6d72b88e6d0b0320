import { spawnSync } from "node:child_process";
import { type Running, runOk, type StartOptions, start } from "./run.ts";

let serial = 0;

/** Addresses of the two ends. */
export const TX_ADDRESS = "10.77.0.1";
/** A second address of the sending end, for source-specific joins. */
export const TX_OTHER_ADDRESS = "10.77.0.9";
/** The capturing end. */
export const RX_ADDRESS = "10.77.0.2";
const RX_MAC = "02:77:00:00:00:02";
/** IPv6 of the sending end. */
export const TX_ADDRESS6 = "fd77::1";
/** Device of the sending end, in its namespace. */
export const TX_DEVICE = "tx0";
/** Device of the capturing end, in its namespace. */
export const RX_DEVICE = "rx0";

/**
 * Two network namespaces joined by a veth pair: `tx` sends, `rx` captures. Multicast is routed onto the
 * pair; nothing leaves the machine. Close it, also on failure: `await using`.
 */
export class Network implements AsyncDisposable {
  readonly tx: string;
  readonly rx: string;
  readonly #running: Running[] = [];

  private constructor(name: string) {
    this.tx = `${name}-tx`;
    this.rx = `${name}-rx`;
  }

  /** Makes the namespaces, addresses and routes. */
  static async open(): Promise<Network> {
    const network = new Network(`rscap-${process.pid}-${++serial}`);
    try {
      await network.#setUp();
    } catch (error) {
      await network[Symbol.asyncDispose]();
      throw error;
    }
    return network;
  }

  async #setUp(): Promise<void> {
    const { tx, rx } = this;
    for (const name of [tx, rx]) await runOk(["ip", "netns", "add", name]);
    const peer = ["peer", "name", RX_DEVICE, "address", RX_MAC, "netns", rx];
    await runOk(["ip", "-n", tx, "link", "add", TX_DEVICE, "type", "veth", ...peer]);
    for (const [name, device, address, address6] of [
      [tx, TX_DEVICE, TX_ADDRESS, TX_ADDRESS6],
      [rx, RX_DEVICE, RX_ADDRESS, "fd77::2"],
    ] as const) {
      const batch = [
        "link set lo up",
        `address add ${address}/24 dev ${device}`,
        `address add ${address6}/64 dev ${device} nodad`,
        `link set ${device} up`,
        `route add 224.0.0.0/4 dev ${device}`,
      ];
      if (name === tx) {
        batch.push(`address add ${TX_OTHER_ADDRESS}/24 dev ${device}`);
        // Datagrams that wait for an ARP answer may be dropped: no test wants to count those.
        batch.push(`neighbour add ${RX_ADDRESS} lladdr ${RX_MAC} dev ${device} nud permanent`);
      }
      const input = new TextEncoder().encode(batch.join("\n"));
      await runOk(["ip", "-n", name, "-batch", "-"], { stdin: input });
    }
  }

  /** Starts a program in a namespace; it is killed when the network is closed. */
  start(namespace: string, command: readonly string[], options: StartOptions = {}): Running {
    const running = start(["ip", "netns", "exec", namespace, ...command], options);
    this.#running.push(running);
    return running;
  }

  /** Runs a program in a namespace, which must succeed. */
  async run(namespace: string, command: readonly string[], options: StartOptions = {}): Promise<string> {
    return await runOk(["ip", "netns", "exec", namespace, ...command], options);
  }

  /** Ends what still runs and removes the namespaces, and with them the devices. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#running) {
      running.kill("SIGKILL");
      await running.ended();
    }
    for (const name of [this.tx, this.rx]) spawnSync("ip", ["netns", "del", name], { stdio: "ignore" });
  }
}
