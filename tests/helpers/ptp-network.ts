import { PtpMonitor, type PtpMonitorOptions } from "../../src/ptp/monitor.ts";
import type { Epoch } from "../../src/report/time.ts";
import { type MadePtp, makeMetadata, makePtp } from "./ptp.ts";

/** What the times of the made messages count from. */
export const EPOCH: Epoch = { seconds: 1_700_000_000, nanoseconds: 250, wallClock: true };
/** How the made networks are judged. */
export const OPTIONS: PtpMonitorOptions = { timestampSource: "savefile", timestampResolutionNs: 1 };
/** messageType of an Announce. */
export const ANNOUNCE = 11;
/** messageType of a Sync. */
export const SYNC = 0;
/** messageType of a Follow_Up. */
export const FOLLOW_UP = 8;
/** messageType of a Delay_Req. */
export const DELAY_REQ = 1;
/** messageType of a Delay_Resp. */
export const DELAY_RESP = 9;

/** A message, and what happens to it. */
export interface Sent extends MadePtp {
  atNs: number;
  udpPort?: number;
  /** Number of the network that it comes from, 0 unless told. */
  network?: number;
  /** Number of the address that it goes to, 0 unless told. */
  to?: number;
}

/** Path from the master to the capture, ns. */
export const PATH_NS = 3000;

/** Two Announces of a quarter of a second and four Syncs an eighth apart, each second; a request a second. */
export function network(seconds: number, change: Partial<MadePtp> = {}): Sent[] {
  const sent: Sent[] = [];
  for (let i = 0; i < seconds * 4; i++)
    sent.push({ type: ANNOUNCE, sequence: i, atNs: i * 250e6 + 1e6, ...change });
  for (let i = 0; i < seconds * 8; i++) {
    const atNs = i * 125e6 + 2e6;
    // In TAI, as the capture would be with a path of PATH_NS: its own clock counts UTC.
    const tai = {
      seconds: EPOCH.seconds + 37 + Math.floor((atNs + 250) / 1e9),
      nanoseconds: (atNs + 250) % 1e9,
    };
    sent.push({ type: SYNC, sequence: i, twoStep: true, atNs: atNs + PATH_NS, ...change });
    sent.push({ type: FOLLOW_UP, sequence: i, ...tai, atNs: atNs + 50_000, ...change });
    if (i % 8 !== 4) continue;
    const receivedNs = (atNs + 250 + 10e6 + PATH_NS) % 1e9;
    sent.push({ type: DELAY_REQ, sequence: i, clock: 9, atNs: atNs + 10e6 });
    const response = { ...tai, nanoseconds: receivedNs, requester: 9 };
    sent.push({ type: DELAY_RESP, sequence: i, ...response, atNs: atNs + 11e6, ...change });
  }
  return sent.sort((a, b) => a.atNs - b.atNs);
}

/** A monitor that has taken `sent`, and the synchronization metadata unless told not to. */
export function play(
  sent: readonly Sent[],
  options: Partial<PtpMonitorOptions> = {},
  metadata = true,
): PtpMonitor {
  const monitor = new PtpMonitor({ ...OPTIONS, ...options });
  for (const { atNs, udpPort, network = 0, to = 0, ...made } of sent) {
    const octets = makePtp(made);
    const port = udpPort ?? (made.type < 8 ? 319 : 320);
    monitor.datagram(octets, 0, octets.length, octets.length, port, atNs, EPOCH, network, to);
  }
  if (metadata) {
    const octets = makeMetadata(0, sent[0]?.domain ?? 127);
    monitor.datagram(
      octets,
      0,
      octets.length,
      octets.length,
      320,
      sent.at(-1)?.atNs ?? 0,
      EPOCH,
      sent[0]?.network,
    );
  }
  return monitor;
}

/** True for an Announce. */
export function isAnnounce({ type }: Sent): boolean {
  return type === ANNOUNCE;
}

/** Codes of what was found. */
export function codes(monitor: PtpMonitor): string[] {
  return monitor.findings("ptp", EPOCH).map(({ code }) => code);
}

/** The network, each message changed by `change` or left out where that gives null. */
export function changed(seconds: number, change: (sent: Sent) => Partial<Sent> | null): Sent[] {
  return network(seconds).flatMap((sent) => {
    const altered = change(sent);
    return altered === null ? [] : [{ ...sent, ...altered }];
  });
}
