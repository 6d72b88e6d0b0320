import { describe, expect, test } from "bun:test";
import { runLegs, type Sent } from "../../tests/helpers/legs.ts";
import type { Report } from "../report/schema.ts";
import { parseGenerated } from "../st2110/generator/spec.ts";

const TAI_SECONDS = 1_700_000_037;
const SECOND = 1e9;
const SEQUENCE_AT = 2;
/** Video and ancillary data have a sequence number that goes beyond 16 bits (RFC 4175 4.1, RFC 8331 2.1). */
const EXTENDED = /^st2110-[24]0:/;
const EXTENDED_AT = 12;

/** `seconds` of a generated stream from `startNs` on, numbered from `first` on. */
function sent(spec: string, startNs: number, seconds: number, first: number): Sent[] {
  const [leg] = parseGenerated(spec).legs;
  if (leg === undefined) throw new Error(`no stream of ${spec}`);
  const stream = leg.make({ taiSeconds: TAI_SECONDS, startNs, place: 0 });
  const packets: Sent[] = [];
  for (;;) {
    for (const packet of stream.next()) {
      if (packet.timeNs >= startNs + seconds * SECOND) return packets;
      const payload = new Uint8Array(packet.length);
      packet.write(payload, 0);
      const view = new DataView(payload.buffer);
      view.setUint16(SEQUENCE_AT, first + packets.length);
      if (EXTENDED.test(spec)) view.setUint16(EXTENDED_AT, 0);
      packets.push({ leg: 0, payload, timeNs: packet.timeNs });
    }
  }
}

function codes({ findings }: Report): string[] {
  return findings.map(({ code, count }) => `${code}:${count}`);
}

/** Streams that end in the middle of a frame or a field, and how long they must be to be known. */
const STREAMS = [
  ["st2110-20:320x240p50", 0.607],
  ["st2110-20:720x576i25", 0.607],
  ["st2110-22:1920x1080p50,mbps=20", 0.607],
  ["st2110-22:1920x1080i25,mbps=20", 0.627],
  ["st2110-30:L24/48000/2", 0.607],
  ["st2110-31:AM824/48000/2", 0.607],
  ["st2110-40:1920x1080i25", 2.01],
] as const;

describe("RFC 3550 A.1: a sender that starts again with the same SSRC is one finding, and no fault of its media", () => {
  for (const [spec, seconds] of STREAMS) {
    test(spec, () => {
      const restarted = sent(spec, 3.21e9, seconds, 100);
      const { report } = runLegs([...sent(spec, 0, seconds, 30_000), ...restarted]);
      expect(codes(report)).toEqual(["rtp-restart:1"]);
    });
  }

  test("also before it is known what it carries", () => {
    const spec = "st2110-30:L24/48000/2";
    const { report } = runLegs([...sent(spec, 0, 0.05, 100), ...sent(spec, 0.1e9, 1, 30_000)]);
    expect(codes(report)).toEqual(["rtp-restart:1"]);
    expect(report.streams[0]?.st2110).toMatchObject({ kind: "audio", notJudged: 0 });
  });
});
