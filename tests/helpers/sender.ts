/**
 * Sends datagrams at a steady rate: `bun sender.ts '<JSON of SenderOptions>'`. Prints the number sent.
 */
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { rtpPacket } from "../../fixtures/lib/frames.ts";

/** What to send, and where. */
export interface SenderOptions {
  /** File whose octets are sent, 1316 at a time. */
  readonly file: string;
  readonly to: string;
  readonly port: number;
  /** Address of the device to send from; unset for the routing table's choice. */
  readonly from?: string;
  /** Interface for an IPv6 group, e.g. `::%tx0`. */
  readonly multicastInterface?: string;
  readonly fromPort?: number;
  readonly perSecond: number;
  /** Puts an RTP header before each, numbered from this sequence on. */
  readonly rtpSequence?: number;
}

const PAYLOAD = 1316;
const RTP_CLOCK_HZ = 90_000;

async function main(options: SenderOptions): Promise<void> {
  const octets = readFileSync(options.file);
  const count = Math.ceil(octets.length / PAYLOAD);
  const socket = createSocket(options.to.includes(":") ? "udp6" : "udp4");
  await new Promise<void>((resolve) => socket.bind(options.fromPort ?? 0, options.from, resolve));
  const device = options.multicastInterface ?? options.from;
  if (device !== undefined && !options.to.startsWith("127.")) {
    socket.setMulticastInterface(device);
    socket.setMulticastTTL(4);
  }
  const startMs = performance.now();
  for (let i = 0; i < count; i++) {
    const dueMs = startMs + (i * 1000) / options.perSecond;
    const waitMs = dueMs - performance.now();
    if (waitMs > 1) await Bun.sleep(waitMs);
    const payload = octets.subarray(i * PAYLOAD, (i + 1) * PAYLOAD);
    const timestamp = Math.round((i * RTP_CLOCK_HZ) / options.perSecond);
    const datagram =
      options.rtpSequence === undefined
        ? payload
        : rtpPacket({ sequence: options.rtpSequence + i, timestamp }, payload);
    // Nobody listens on the port: the answer to an earlier datagram (ICMP) fails this one, unsent.
    const sent = () =>
      new Promise<boolean>((resolve) =>
        socket.send(datagram, options.port, options.to, (error) => resolve(!error)),
      );
    for (let attempt = 0; !(await sent()); attempt++) if (attempt > 10) throw new Error("cannot send");
  }
  socket.close();
  process.stdout.write(`${count}\n`);
}

await main(JSON.parse(process.argv[2] ?? "{}"));
