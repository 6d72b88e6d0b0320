/**
 * A seeded relay between a sender and the probe: `bun relay.ts '<JSON of RelayProcessOptions>'`. It
 * forwards datagrams from a unicast port to a group and does to them what relay-plan.ts decides. It prints
 * `ready`, and on SIGTERM its journal as JSON.
 */
import { createSocket } from "node:dgram";
import { type RelayOptions, RelayPlan } from "./relay-plan.ts";

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
  let dueMs = 0;

  const send = (datagrams: Buffer[]): void => {
    for (const datagram of datagrams) {
      const now = performance.now();
      const jitter = plan.jitterMs();
      if (jitter === 0 && dueMs <= now) {
        output.send(datagram, options.port, options.group);
        continue;
      }
      // Never before an earlier one: jitter must not become reordering.
      dueMs = Math.max(dueMs, now + jitter);
      setTimeout(() => output.send(datagram, options.port, options.group), dueMs - now);
    }
  };

  output.bind(0, options.from, () => {
    output.setMulticastInterface(options.from);
    output.setMulticastTTL(4);
    input.on("message", (datagram) => send(plan.take(datagram)));
    input.bind(options.listenPort, "127.0.0.1", () => {
      input.setRecvBufferSize(RECEIVE_BUFFER);
      process.stdout.write("ready\n");
    });
  });
  process.once("SIGTERM", () => {
    send(plan.end());
    setTimeout(
      () => {
        process.stdout.write(`${JSON.stringify(plan.journal)}\n`);
        process.exit(0);
      },
      Math.max(dueMs - performance.now(), 0) + 50,
    );
  });
}

main(JSON.parse(process.argv[2] ?? "{}"));
