import { describe, expect, test } from "bun:test";
import type { Report, StreamReport } from "../src/report/schema.ts";
import { parseGenerated } from "../src/st2110/generator/spec.ts";
import { runLegs, type Sent } from "./helpers/legs.ts";

const EPOCH_SECONDS = 1_700_000_000;
const TAI_UTC_SECONDS = 37;
const MS = 1e6;
const MERGED = /-merged$/;

/** Every packet of a generated stream of so many seconds. */
function generated(spec: string, seconds: number): { payload: Uint8Array; timeNs: number }[] {
  const [leg] = parseGenerated(spec).legs;
  if (leg === undefined) throw new Error(`no stream of ${spec}`);
  const stream = leg.make({
    taiSeconds: EPOCH_SECONDS + TAI_UTC_SECONDS,
    startNs: 0,
    place: 0,
  });
  const packets: { payload: Uint8Array; timeNs: number }[] = [];
  for (;;) {
    const unit = stream.next();
    if ((unit[0]?.timeNs ?? 0) >= seconds * 1e9) return packets;
    for (const packet of unit) {
      const payload = new Uint8Array(packet.length);
      packet.write(payload, 0);
      packets.push({ payload, timeNs: packet.timeNs });
    }
  }
}

/** Two legs, the second 7 ms later, each losing packets by turns: never both the same. */
function legs(packets: readonly { payload: Uint8Array; timeNs: number }[], every: number): Sent[] {
  return packets.flatMap(({ payload, timeNs }, i) =>
    ([0, 1] as const)
      .filter((leg) => i < 30 || i % every !== leg + 1)
      .map((leg) => ({ leg, payload, timeNs: timeNs + leg * 7 * MS })),
  );
}

function judged(sent: readonly Sent[]): Report {
  return runLegs(sent, "merge", "", { output: null }).report;
}

function mergedOf(report: Report): StreamReport {
  const stream = report.streams.find(({ id }) => MERGED.test(id));
  if (stream === undefined) throw new Error("no merged stream");
  return stream;
}

/** Codes found of the merged stream itself, not of its legs. */
function ownCodes({ findings }: Report): string[] {
  return findings
    .filter(({ stream, code }) => MERGED.test(stream) && !code.startsWith("st2022-7-lost-on"))
    .map(({ code }) => code);
}

const STREAMS = [
  { spec: "st2110-20:320x240p50", seconds: 0.3, part: "video" },
  { spec: "st2110-20:720x576i25", seconds: 0.3, part: "video" },
  { spec: "st2110-30:L24/48000/2", seconds: 1, part: "audio" },
  { spec: "st2110-31:AM824/48000/2", seconds: 1, part: "audio" },
  { spec: "st2110-40:1920x1080p50", seconds: 3, part: "ancillary" },
  { spec: "st2110-22:1920x1080p50", seconds: 0.5, part: "jpegxs" },
] as const;

describe("what is merged of two legs with losses is judged as the stream that was sent", () => {
  for (const { spec, seconds, part } of STREAMS) {
    test(spec, () => {
      const packets = generated(spec, seconds);
      const alone = judged(packets.map((packet) => ({ leg: 0, ...packet }))).streams[0]?.st2110;
      const report = judged(legs(packets, 9));
      const { st2110, rtp, network } = mergedOf(report);
      expect(ownCodes(report)).toEqual([]);
      expect(rtp?.lost).toBe(0);
      expect(network).toBeUndefined();
      expect(st2110?.kind).toBe(alone?.kind as NonNullable<typeof alone>["kind"]);
      expect(st2110?.timingNotMeasured).toContain("two legs");
      // Everything but the timing is as of the stream by itself.
      const { timing: _, list: __, ...sent } = { list: null, timing: null, ...alone?.[part] };
      const { timing, list: ___, ...merged } = { list: null, timing: null, ...st2110?.[part] };
      expect(timing).toBeNull();
      const untimed = {
        ...(part === "ancillary"
          ? { clock: "unknown", latencyNs: null, timestamps: { source: "merged", resolutionNs: 0 } }
          : {}),
        ...(part === "jpegxs" ? { traffic: null } : {}),
      };
      expect(withoutTimes(merged)).toEqual(withoutTimes({ ...sent, ...untimed }));
      // The legs themselves are judged with their times.
      expect(
        report.streams.filter(({ id }) => !MERGED.test(id)).every(({ rtp }) => (rtp?.lost ?? 0) > 0),
      ).toBe(true);
    });
  }
});

/** The same without moments: a packet lost on the first leg came when it did on the second. */
function withoutTimes(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, each) => (/time$|^first|^last|^audioTime/i.test(key) ? 0 : each)),
  );
}

describe("faults of the stream that was sent are those of the merged one, but for its timing", () => {
  const cases = [
    ["st2110-20:320x240p50,fault=row-order", 0.3, ["st2110-20-row-order"]],
    ["st2110-20:320x240p50,fault=marker-missing", 0.3, ["st2110-20-marker-missing"]],
    ["st2110-20:1280x720p50,fault=cinst", 0.2, []],
    ["st2110-40:1920x1080p50,fault=header-parity", 3, ["anc-header-parity"]],
  ] as const;
  for (const [spec, seconds, codes] of cases) {
    test(spec, () => {
      const report = judged(legs(generated(spec, seconds), 50));
      expect(ownCodes(report)).toEqual([...codes]);
      const at = report.findings.find(({ stream, code }) => MERGED.test(stream) && code === codes[0]);
      expect(at?.first ?? null).toEqual(
        codes.length === 0 ? null : expect.stringMatching(/^2023-11-14T22:13:2/),
      );
    });
  }

  test("what is lost on both legs is missing in the picture", () => {
    const packets = generated("st2110-20:320x240p50", 0.3);
    const sent = legs(packets, 1e9).filter(({ payload }) => {
      const sequence = ((payload[2] as number) << 8) | (payload[3] as number);
      const first = ((packets[0]?.payload[2] as number) << 8) | (packets[0]?.payload[3] as number);
      return ((sequence - first) & 0xffff) !== 500;
    });
    const report = judged(sent);
    const { st2110 } = mergedOf(report);
    const video = st2110?.video;
    expect(video?.lost).toBe(1);
    expect((video?.frames ?? 0) - (video?.completeFrames ?? 0)).toBe(1);
    expect(ownCodes(report)).toEqual(["st2022-7-lost-in-both", "rtp-loss"]);
  });
});
