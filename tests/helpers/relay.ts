/**
 * A seeded relay between a sender and the probe: `bun relay.ts '<JSON of RelayProcessOptions>'`. It
 * forwards datagrams from a unicast port to a group and does to them what relay-plan.ts decides. It prints
 * `ready`, and on SIGTERM its journal (TimedJournal) as JSON.
 */
import { createSocket } from "node:dgram";
import { type Journal, type RelayOptions, RelayPlan } from "./relay-plan.ts";

/** The plan's journal, and when things happened by the system's clock, in milliseconds. */
export interface TimedJournal extends Journal {
  /** Octets of each datagram as it came. */
  readonly octets: number[];
  /** For each of `sent`: a moment just before and one just after it left. */
  readonly leftMs: [before: number, after: number][];
}

/** Where the relay listens and sends to, and what it does in between. */
export interface RelayProcessOptions extends RelayOptions {
  readonly listenPort: number;
  readonly group: string;
  readonly port: number;
  /** Address of the device to send from. */
  readonly from: string;
}

const RECEIVE_BUFFER = 8 << 20;

function main(options: RelayProcessOptions): void {
  const plan = new RelayPlan<Buffer>(options);
  const input = createSocket("udp4");
  const output = createSocket("udp4");
  const queue: { datagram: Buffer; dueMs: number }[] = [];
  let lastDueMs = 0;
  const octets: number[] = [];
  const leftMs: [number, number][] = [];

  // One queue and one pump: jitter must not become reordering, whatever order timers fire in.
  const pump = (): void => {
    const now = performance.now();
    while (queue.length > 0 && (queue[0]?.dueMs ?? 0) <= now) {
      const next = queue.shift();
      if (!next) continue;
      const before = Date.now();
      output.send(next.datagram, options.port, options.group);
      // Whole milliseconds: the next one has certainly not come yet.
      leftMs.push([before, Date.now() + 1]);
    }
    if (queue.length > 0) setTimeout(pump, Math.max((queue[0]?.dueMs ?? 0) - now, 0));
  };
  const send = (datagrams: Buffer[]): void => {
    const idle = queue.length === 0;
    for (const datagram of datagrams) {
      lastDueMs = Math.max(lastDueMs, performance.now() + plan.jitterMs());
      queue.push({ datagram, dueMs: lastDueMs });
    }
    if (idle) pump();
  };

  output.bind(0, options.from, () => {
    output.setMulticastInterface(options.from);
    output.setMulticastTTL(4);
    input.on("message", (datagram) => {
      octets.push(datagram.length);
      send(plan.take(datagram));
    });
    input.bind(options.listenPort, "127.0.0.1", () => {
      input.setRecvBufferSize(RECEIVE_BUFFER);
      process.stdout.write("ready\n");
    });
  });
  process.once("SIGTERM", () => {
    send(plan.end());
    const finish = (): void => {
      if (queue.length > 0) {
        setTimeout(finish, 5);
        return;
      }
      output.close(() => {
        const journal: TimedJournal = { ...plan.journal, octets, leftMs };
        process.stdout.write(`${JSON.stringify(journal)}\n`);
        process.exit(0);
      });
    };
    finish();
  });
}

main(JSON.parse(process.argv[2] ?? "{}"));
