/**
 * Soak: `bun bench/soak.ts [--minutes 30] [--streams 20] [--megabits 10] [--kafka]`, as root. A sender, a probe and two
 * clients with all sinks in network namespaces of their own; one client is killed (kill -9) and started again each
 * minute. Ends with a table and exit code 1 when a packet is missing that nothing counts, memory grows, or a program ends
 * by itself. RSCAP_BIN names the executable; without it the source runs.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { smallMux } from "../fixtures/lib/mux.ts";
import type { Report } from "../src/report/schema.ts";
import { KafkaBroker } from "../tests/helpers/kafka.ts";
import { Network, RX_DEVICE, TX_ADDRESS } from "../tests/helpers/netns.ts";
import { type Ended, PROJECT, type Running, rscapCommand, run, start, until } from "../tests/helpers/run.ts";

const TS_PACKETS = 7;
const PAYLOAD = TS_PACKETS * 188;
const BATCH_DATAGRAMS = 64;
const ENDPOINT = "tcp://127.0.0.1:5556";
const WEBHOOK_PORT = 8099;
const KILL_EVERY_MS = 60_000;
const SAMPLE_MS = 1000;
/** Memory may settle for this part of the run; what is fitted after it may grow by GROWTH_MIB or GROWTH_PART of the mean. */
const WARM_UP_PART = 0.3;
const GROWTH_MIB = 24;
const GROWTH_PART = 0.1;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    streams: { type: "string", default: "20" },
    megabits: { type: "string", default: "10" },
    kafka: { type: "boolean", default: false },
    role: { type: "string", default: "" },
  },
});
const durationMs = Number(values.minutes) * 60_000;
const streams = Number(values.streams);

const groupOf = (index: number): string => `239.77.2.${index + 1}`;
const idOf = (index: number): string => `${groupOf(index)}-5000`;

/** Sends every stream at its rate, late datagrams at once; prints how many datagrams each got. */
async function send(): Promise<void> {
  const octets = Buffer.concat(smallMux(99).packets(TS_PACKETS * 16 * 64));
  const count = Math.floor(octets.length / PAYLOAD);
  const socket = await Bun.udpSocket({ hostname: TX_ADDRESS });
  const perSecond = (Number(values.megabits) * 1e6) / 8 / PAYLOAD;
  const startMs = performance.now();
  let sent = 0;
  for (let nowMs = 0; nowMs < durationMs; nowMs = performance.now() - startMs) {
    const due = Math.floor((nowMs * perSecond) / 1000);
    for (; sent < due; sent++) {
      const at = (sent % count) * PAYLOAD;
      const payload = octets.subarray(at, at + PAYLOAD);
      for (let i = 0; i < streams; i++) {
        while (!socket.send(payload, 5000, groupOf(i))) await Bun.sleep(0);
      }
    }
    await Bun.sleep(1);
  }
  socket.close();
  process.stdout.write(`${sent}\n`);
}

/** Takes webhooks and scrapes the metrics of probe and clients; prints what it counted when it is told to end. */
async function peer(): Promise<void> {
  let webhooks = 0;
  let scrapes = 0;
  let failedScrapes = 0;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: WEBHOOK_PORT,
    fetch: async (request) => {
      await request.arrayBuffer();
      webhooks++;
      return new Response("ok");
    },
  });
  process.stdout.write("ready\n");
  process.on("SIGTERM", () => {
    process.stdout.write(`${JSON.stringify({ webhooks, scrapes, failedScrapes })}\n`);
    server.stop(true).finally(() => process.exit(0));
  });
  for (;;) {
    for (const port of [9464, 9465, 9466]) {
      try {
        const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(5000) });
        if (answer.ok && (await answer.text()).includes("rscap_")) scrapes++;
        else failedScrapes++;
      } catch {
        failedScrapes++;
      }
    }
    await Bun.sleep(5000);
  }
}

interface ClientSummary {
  readonly messages: number;
  readonly streams: readonly {
    readonly stream: string;
    readonly kind: string;
    readonly packets: number;
    readonly lostMessages: number;
    readonly gaps: number;
  }[];
  readonly outputs: readonly {
    readonly name: string;
    readonly failure: string;
    readonly packets: number;
    readonly droppedPackets: number;
    readonly lost: number;
    readonly discarded: number;
    readonly unwanted: number;
  }[];
  readonly sinks: readonly {
    readonly name: string;
    readonly taken: number;
    readonly done: number;
    readonly dropped: number;
    readonly queued: number;
  }[];
}

/** Resident memory of a process over the run. */
class Memory {
  readonly #times: number[] = [];
  readonly #mib: number[] = [];

  look(pid: number, atMs: number): void {
    const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    if (kib === undefined) return;
    this.#times.push(atMs);
    this.#mib.push(Number(kib) / 1024);
  }

  /** Growth of the least-squares line from the end of the warm-up to the end, with mean and most, in MiB. */
  verdict(): { growth: number; mean: number; most: number; flat: boolean } {
    const last = this.#times.at(-1) ?? 0;
    const from = Math.max(
      0,
      this.#times.findIndex((time) => time >= last * WARM_UP_PART),
    );
    const x = this.#times.slice(from);
    const y = this.#mib.slice(from);
    const meanX = x.reduce((sum, value) => sum + value, 0) / x.length;
    const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
    const over = x.reduce((sum, value, i) => sum + (value - meanX) * ((y[i] ?? mean) - mean), 0);
    const under = x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
    const growth = under > 0 ? (over / under) * (last - (x[0] ?? 0)) : Number.NaN;
    const flat = growth <= Math.max(GROWTH_MIB, mean * GROWTH_PART);
    return { growth, mean, most: this.#mib.reduce((most, value) => Math.max(most, value), 0), flat };
  }
}

async function soak(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "rscap-soak-"));
  const faults: string[] = [];
  try {
    await using network = await Network.open();
    const limitMs = durationMs + 300_000;
    const help = (await run(rscapCommand("client", "--help"))).stdout;
    const startIn = (namespace: string, command: readonly string[], env: Record<string, string> = {}) =>
      network.start(namespace, command, { cwd: folder, limitMs, env });
    const self = (role: string) => [
      process.execPath,
      `${PROJECT}bench/soak.ts`,
      "--role",
      role,
      "--minutes",
      values.minutes,
      "--streams",
      values.streams,
      "--megabits",
      values.megabits,
    ];

    await using broker = values.kafka ? await KafkaBroker.open(limitMs) : null;
    if (broker !== null) await bridge(network, broker.plain, join(folder, "kafka.socket"), limitMs);
    const other = startIn(network.rx, self("peer"));
    await other.says(/ready/);
    const sources = Array.from({ length: streams }, (_, i) => [
      "--source",
      `udp://${groupOf(i)}:5000`,
    ]).flat();
    const probe = startIn(
      network.rx,
      rscapCommand(
        "probe",
        "--source-device",
        RX_DEVICE,
        "--endpoint",
        ENDPOINT,
        "--report",
        "json",
        "--batch-size",
        String(BATCH_DATAGRAMS),
        "--metrics",
        ":9464",
        "--quiet",
        ...sources,
      ),
    );
    const client = (name: string, port: number): Running =>
      startIn(
        network.rx,
        rscapCommand(
          "client",
          "--endpoint",
          ENDPOINT,
          "--report",
          "json",
          "--quiet",
          "-o",
          "/dev/null",
          "--jsonl",
          `${name}.jsonl`,
          "--exec",
          "cat >/dev/null",
          "--segments",
          `${name}-segments`,
          "--segment-max-size",
          "100M",
          "--metrics",
          `:${port}`,
          ...(help.includes("--sqlite") ? ["--sqlite", `${name}.db`] : []),
          ...(help.includes("--udp") ? ["--udp", "udp://127.0.0.1:6000"] : []),
          ...(broker === null ? [] : ["--kafka-broker", broker.plain, "--kafka-spool", `${name}-spool`]),
        ),
        { WEBHOOK: `http://127.0.0.1:${WEBHOOK_PORT}/` },
      );
    const joined = async () =>
      (await network.run(network.rx, ["ip", "maddress", "show", "dev", RX_DEVICE])).includes(
        groupOf(streams - 1),
      );
    await until(joined, "the probe has joined its groups", 30_000);
    const steady = client("steady", 9465);
    let killed = client("killed", 9466);
    const connections = async () =>
      (await network.run(network.rx, ["ss", "-Htn", "state", "established", "( sport = :5556 )"])).split("\n")
        .length - 1;
    await until(async () => (await connections()) >= 2, "both clients are connected", 30_000);
    await Bun.sleep(1000);

    const sender = startIn(network.tx, self("send"));
    const memory = { probe: new Memory(), steady: new Memory(), killed: new Memory() };
    const startMs = performance.now();
    let kills = 0;
    let over = false;
    // Stopped from outside, the run still removes its namespaces and files.
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => sender.kill(signal));
    const senderEnd = sender.ended().finally(() => {
      over = true;
    });
    while (!over) {
      await Bun.sleep(SAMPLE_MS);
      const atMs = performance.now() - startMs;
      for (const [name, running] of [
        ["probe", probe],
        ["steady", steady],
        ["killed", killed],
      ] as const) {
        if (running.process.exitCode !== null || running.process.signalCode !== null) {
          throw new Error(`${name} ended by itself after ${Math.round(atMs / 1000)} s: ${running.stderr}`);
        }
        memory[name].look(running.process.pid, atMs);
      }
      if (!over && atMs >= (kills + 1) * KILL_EVERY_MS) {
        kills++;
        await killed.stop("SIGKILL");
        killed = client("killed", 9466);
      }
    }
    const { exitCode, stdout, stderr } = await senderEnd;
    if (exitCode !== 0) throw new Error(`the sender ended with ${exitCode}: ${stderr}`);
    const sent = Number(stdout);
    await Bun.sleep(3000);
    const steadyEnd = await steady.stop();
    const killedEnd = await killed.stop();
    const probeEnd = await probe.stop();
    const counts = (await other.stop()).stdout.trim().split("\n").at(-1) ?? "";
    for (const [name, end] of [
      ["steady", steadyEnd],
      ["killed", killedEnd],
      ["probe", probeEnd],
    ] as const) {
      if (![0, 1].includes(end.exitCode))
        faults.push(`${name} ended with ${end.exitCode}: ${end.stderr.slice(-500)}`);
    }
    judge(sent, JSON.parse(probeEnd.stdout), steadyEnd, killedEnd, faults);
    for (const [name, samples] of Object.entries(memory)) {
      const { growth, mean, most, flat } = samples.verdict();
      say(
        `memory ${name}: mean ${mean.toFixed(0)} MiB, most ${most.toFixed(0)}, growth ${growth.toFixed(1)} after the warm-up`,
      );
      // The killed client starts from nothing each minute.
      if (!flat && name !== "killed") faults.push(`${name}: memory grew by ${growth.toFixed(1)} MiB`);
    }
    say(`${kills} kills; webhook and scrapes: ${counts}`);
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const fault of faults) say(`FAULT ${fault}`);
  say(faults.length === 0 ? "passed" : `failed: ${faults.length} faults`);
  return faults.length === 0 ? 0 : 1;
}

/** The broker listens here, the clients are in the namespace. */
async function bridge(network: Network, address: string, socket: string, limitMs: number): Promise<void> {
  const port = address.split(":").at(-1) ?? "";
  const command = (role: string) => [
    process.execPath,
    `${PROJECT}bench/lib/namespace-bridge.ts`,
    role,
    port,
    socket,
  ];
  const leave = start(command("leave"), { limitMs });
  await leave.says(/ready/);
  const enter = network.start(network.rx, command("enter"), { limitMs });
  await enter.says(/ready/);
}

/** Sent = received + counted, stream by stream. */
function judge(sent: number, report: Report, steady: Ended, killed: Ended, faults: string[]): void {
  const lives = {
    steady: JSON.parse(steady.stdout) as ClientSummary,
    killed: JSON.parse(killed.stdout) as ClientSummary,
  };
  const { drops } = report.input;
  const counted = drops.kernel + drops.interface + drops.flowTableFull;
  let probeMissing = 0;
  say(
    "stream                 sent datagrams  probe  steady TS packets  messages lost  last life TS packets  messages lost",
  );
  for (let i = 0; i < streams; i++) {
    const seen = report.streams.find(({ id }) => id === idOf(i));
    const of = (life: ClientSummary) =>
      life.streams.find(({ stream, kind }) => stream === idOf(i) && kind === "ts");
    const one = of(lives.steady);
    const two = of(lives.killed);
    say(
      [
        idOf(i).padEnd(22),
        sent,
        seen?.packets,
        one?.packets,
        one?.lostMessages,
        two?.packets,
        two?.lostMessages,
      ].join("  "),
    );
    probeMissing += sent - (seen?.packets ?? 0);
    const passed = seen?.mpegts?.passed ?? 0;
    const missing = passed - (one?.packets ?? 0);
    const most = (one?.lostMessages ?? 0) * BATCH_DATAGRAMS * TS_PACKETS;
    if (one === undefined || missing < 0 || missing > most) {
      faults.push(
        `${idOf(i)}: steady client misses ${missing} TS packets, ${one?.lostMessages ?? 0} messages are counted as lost`,
      );
    }
    if ((one?.lostMessages ?? 0) > 0 && missing === 0)
      faults.push(`${idOf(i)}: losses counted that were none`);
    if (two === undefined || two.packets === 0) faults.push(`${idOf(i)}: nothing after the last restart`);
  }
  if (probeMissing !== counted) {
    faults.push(`probe: ${probeMissing} datagrams did not come, ${counted} drops are counted`);
  }
  for (const [name, life] of Object.entries(lives)) {
    const all = life.streams
      .filter(({ kind }) => kind === "ts")
      .reduce((sum, { packets }) => sum + packets, 0);
    for (const output of life.outputs) {
      const { name: sink, packets, droppedPackets, lost, discarded, unwanted, failure } = output;
      say(
        `${name} ${sink}: ${packets} done, ${droppedPackets} dropped at its queue, ${lost} lost, ${discarded} left, ${unwanted} unwanted of ${all}`,
      );
      if (failure !== "") faults.push(`${name} ${sink}: ${failure}`);
    }
    for (const { name: sink, taken, done, dropped, queued } of life.sinks) {
      say(`${name} ${sink}: ${taken} documents taken, ${done} done, ${dropped} dropped, ${queued} queued`);
      if (done + dropped + queued !== taken) faults.push(`${name} ${sink}: its counts do not add up`);
    }
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (values.role === "send") await send();
else if (values.role === "peer") await peer();
else process.exitCode = await soak();
