import { expect } from "bun:test";
import { redundancySchema } from "../../report/st2110-redundancy-schema.ts";
import { NO_WALL_CLOCK } from "../../report/time.ts";
import { type LegIndex, Redundancy2022, type RedundancyOptions } from "./redundancy.ts";

/** What the packets of tests are captured with. */
export const TIMESTAMPS = { kind: "savefile", resolutionNs: 1 } as const;
/** Nanoseconds in a millisecond. */
export const MS = 1e6;

/** One packet on one leg. */
export interface Sent {
  leg: LegIndex;
  /** Its place in the stream; the sequence number is its low 16 bits unless told. */
  n: number;
  atNs: number;
  sequence?: number;
  timestamp?: number;
  ssrc?: number;
  marker?: boolean;
  payload?: number;
  octets?: number;
}

/** Its octets, of RTP. */
export function octetsOf({ n, sequence, timestamp, ssrc, marker, payload, octets = 40 }: Sent): Uint8Array {
  const packet = new Uint8Array(12 + octets).fill(payload ?? n & 0xff, 12);
  const view = new DataView(packet.buffer);
  view.setUint16(0, marker ? 0x80e0 : 0x8060);
  view.setUint16(2, (sequence ?? n) & 0xffff);
  view.setUint32(4, (timestamp ?? n * 6) >>> 0);
  view.setUint32(8, ssrc ?? 0x01020304);
  return packet;
}

/** A packet each millisecond on both legs, the second `skewNs` later; `change` alters it or takes it away. */
export function pair(
  count: number,
  skewNs = 2 * MS,
  change: (sent: Sent) => Partial<Sent> | null = () => ({}),
): Sent[] {
  const sent: Sent[] = [];
  for (let n = 0; n < count; n++) {
    for (const leg of [0, 1] as const) {
      const packet: Sent = { leg, n: n + 65500, atNs: n * MS + leg * skewNs + 10 * MS };
      const altered = change({ ...packet, n });
      if (altered !== null) sent.push({ ...packet, ...altered });
    }
  }
  return sent.sort((a, b) => a.atNs - b.atNs);
}

/** What is made of packets on two legs, each given in a buffer that is used again. */
export function play(sent: readonly Sent[], options: Partial<RedundancyOptions> = {}) {
  const merged: { sequence: number; lost: number; leg: LegIndex; payload: number; atNs: number }[] = [];
  const redundancy = new Redundancy2022({
    timestamps: TIMESTAMPS,
    deliver: (buf, off, len, wireLength, lost, timeNs, leg) => {
      expect(len).toBeLessThanOrEqual(wireLength);
      const sequence = ((buf[off + 2] as number) << 8) | (buf[off + 3] as number);
      merged.push({ sequence, lost, leg, payload: buf[off + 12] as number, atNs: timeNs });
    },
    ...options,
  });
  for (const packet of sent) {
    const octets = octetsOf(packet);
    redundancy.packet(packet.leg, octets, 0, octets.length, octets.length, packet.atNs);
    octets.fill(0xee);
  }
  redundancy.close();
  const report = redundancySchema.parse(redundancy.report());
  const findings = redundancy.findings("pair", NO_WALL_CLOCK);
  return { redundancy, report, merged, codes: findings.map(({ code }) => code), findings };
}

/** True when each number follows the one before, but for those said to be lost. */
export function inOrder(merged: readonly { sequence: number; lost: number }[]): boolean {
  return merged.every(({ sequence, lost }, i) => {
    const before = merged[i - 1];
    return before === undefined || ((before.sequence + 1 + lost) & 0xffff) === sequence;
  });
}
