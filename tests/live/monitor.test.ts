/**
 * The conformance monitor on real senders: ffmpeg's constant bit rate mux over multicast, whole and through a relay
 * that does known things to it. A machine under load makes pauses of its own; so what depends on times is held
 * against the times at which the datagrams really left.
 */
import { describe, expect } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { mpegtsTruth } from "../../fixtures/lib/fixture.ts";
import { judge, pidOf } from "../../fixtures/lib/oracle.ts";
import { hasPcr, PCR_MODULUS, pcr27MHz } from "../../src/mpegts/packet.ts";
import { eventSchema, type FindingEvent } from "../../src/report/event.ts";
import type { IndicatorReport } from "../../src/report/mpegts-schema.ts";
import { type Report, reportSchema, type StreamReport } from "../../src/report/schema.ts";
import { FFMPEG_MUX_BPS, FFMPEG_PIDS, ffmpegCbr } from "../helpers/ffmpeg.ts";
import { differences } from "../helpers/match.ts";
import { TX_ADDRESS } from "../helpers/netns.ts";
import { tsPackets } from "../helpers/octets.ts";
import { type Moment, type Pauses, pauses } from "../helpers/pauses.ts";
import type { RelayOptions } from "../helpers/relay-plan.ts";
import { type Running, reportOf, until } from "../helpers/run.ts";
import { needsFfmpeg, needsNetns, testWith } from "../helpers/skip.ts";
import { tripped } from "../indicators/monitor.ts";
import { GROUP, journalOf, onlyStream, PORT, Rig } from "./rig.ts";

const NEEDS = [needsNetns, needsFfmpeg];
/** Smooths what ffmpeg sends: a mux that leaves in bursts of a picture would show as jitter. */
const SMOOTH = `pkt_size=1316&bitrate=${FFMPEG_MUX_BPS}&burst_bits=10528`;
/** Datagrams of ffmpeg's mux a second, at 7 TS packets each. */
const DATAGRAMS_A_SECOND = FFMPEG_MUX_BPS / (1316 * 8);
/** Time for which a sound stream is listened to: longer than the 5 s after which a PID counts as missing. */
const LISTEN_MS = 6000;
/** How long an event may be on its way, and how much later than it left a datagram may be stamped. */
const SLACK_MS = 1000;

/** Rows that hold for a sound stream however late its packets come. */
const TIMELESS = ["1.1", "1.2", "1.4", "2.1", "2.2", "2.3.b", "3.3", "3.4", "3.4.a", "3.9", "3.10"];
/** The others that this stream can be judged by, with the pause that it may bear beside its own repetition. */
const BEAR_MS: Readonly<Record<string, number>> = {
  "1.3": 350,
  "1.3.a": 350,
  "1.5": 350,
  "1.5.a": 350,
  "1.6": 4500,
  "2.3": 60,
  "2.3.a": 60,
  "2.5": 400,
  "3.2": 350,
  "3.5": 350,
  "3.5.a": 350,
};

function rowsOf(stream: StreamReport): Map<string, IndicatorReport> {
  const rows = stream.mpegts?.tr101290 ?? [];
  expect(rows).toHaveLength(34);
  return new Map(rows.map((row) => [row.number, row]));
}

const msOf = (time: string | null): number => Date.parse(time ?? "");

/** Events that the client has written so far. */
function eventsIn(path: string): FindingEvent[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines
    .map((line) => JSON.parse(line) as { kind: string; document: unknown })
    .filter(({ kind }) => kind === "event")
    .map(({ document }) => eventSchema.parse(document));
}

/** Count of each finding: by the report, and what its events add up to. */
function told(
  findings: readonly { code: string; stream: string; pid?: number | undefined; count: number }[],
) {
  const sums = new Map<string, number>();
  for (const { code, stream, pid, count } of findings) {
    const key = `${stream} ${code} ${pid ?? ""}`;
    sums.set(key, (sums.get(key) ?? 0) + count);
  }
  return Object.fromEntries([...sums].sort());
}

/** The sums, that of 2.3.a by itself. */
function split(sums: Record<string, number>): { "2.3.a": number } & Record<string, number> {
  const key = Object.keys(sums).find((name) => name.includes("tr101290-2-3-a "));
  const { [key ?? ""]: repetition = 0, ...others } = sums;
  return { ...others, "2.3.a": repetition };
}

/** The probe's last report, once the client has all of its events: they must add up to it. */
async function lastReport(rig: Rig, probe: Running, client: Running): Promise<Report> {
  const ended = await probe.stop("SIGINT");
  const report = reportSchema.parse(reportOf(ended));
  const path = rig.path("events.jsonl");
  const received = () => told(eventsIn(path).map(({ finding, added }) => ({ ...finding, count: added })));
  // Only an open pause is told that may turn out to be none of its rule: 2.3.a before the PCR has come, 2.3.b after.
  const { "2.3.a": final, ...wanted } = split(told(report.findings));
  const sums = () => {
    const { "2.3.a": _, ...others } = split(received());
    return others;
  };
  const complete = () => JSON.stringify(sums()) === JSON.stringify(wanted);
  await until(complete, "all events are there", 5000).catch(() => {});
  await client.stop("SIGINT");
  expect(sums()).toEqual(wanted);
  expect(split(received())["2.3.a"]).toBeGreaterThanOrEqual(final);
  for (const event of eventsIn(path)) expect(event.added).toBeLessThanOrEqual(event.finding.count);
  expect(report.input.drops.kernel).toBe(0);
  return report;
}

/** Sends `seconds` of ffmpeg's mux through a relay; what left it, and what the probe made of that. */
async function relayed(seconds: number, options: RelayOptions) {
  await using rig = await Rig.open();
  const probe = await rig.probe([]);
  const client = await rig.client(["--jsonl", "events.jsonl"]);
  const relay = await rig.relay(options);
  const file = rig.path("sent.ts");
  const url = `udp\\://127.0.0.1\\:7000?${SMOOTH.replaceAll("&", "\\&")}`;
  // Whole datagrams of seven packets, whatever a picture fills.
  const mux = `f=mpegts:muxrate=${FFMPEG_MUX_BPS}:flush_packets=0`;
  const [program, ...args] = ffmpegCbr(seconds, `[${mux}]${file}|[${mux}]${url}`, true);
  const tee = args.map((arg, i) => (args[i - 1] === "-f" && arg === "mpegts" ? "tee" : arg));
  const maps = ["-map", "0:v", "-map", "1:a"];
  const at = tee.indexOf("-t");
  await rig.network.run(rig.network.tx, [String(program), ...tee.slice(0, at), ...maps, ...tee.slice(at)]);
  const journal = await journalOf(relay);
  const report = await lastReport(rig, probe, client);
  const stream = onlyStream(report);

  const sent = rig.read("sent.ts");
  const offsets = [0];
  for (const octets of journal.octets) offsets.push((offsets.at(-1) as number) + octets);
  expect(offsets.at(-1)).toBe(sent.length);
  const datagrams = journal.sent.map((number, i) => ({
    packets: tsPackets(sent.subarray(offsets[number], offsets[number + 1])),
    leftMs: journal.leftMs[i] as Moment,
  }));
  const packets = datagrams.flatMap((datagram) => datagram.packets);
  // Whatever was done to it: every packet that left was counted, and rightly.
  expect(stream.packets).toBe(datagrams.length);
  expect(differences(stream.mpegts, mpegtsTruth(packets))).toEqual([]);
  const endMs = msOf(report.time);
  const pausesOf = (pid: number, limitMs: number): Pauses =>
    pauses(
      datagrams
        .filter((datagram) => datagram.packets.some((packet) => pidOf(packet) === pid))
        .map(({ leftMs }) => leftMs),
      limitMs,
      endMs,
    );
  return { report, stream, rows: rowsOf(stream), journal, datagrams, packets, pausesOf };
}

function expectAt(time: string | null, moment: Moment | null | undefined): void {
  if (moment === null || moment === undefined) return;
  expect(msOf(time)).toBeWithin(moment[0] - 1, moment[1] + SLACK_MS);
}

function expectPauses(row: IndicatorReport | undefined, { least, most, first, last }: Pauses): void {
  expect(row?.count).toBeWithin(least, most + 1);
  expectAt(row?.first ?? null, first);
  expectAt(row?.last ?? null, last);
}

describe("TR 101 290 live", () => {
  testWith(
    NEEDS,
    "ffmpeg's mux over multicast: every indicator is ok",
    async () => {
      await using rig = await Rig.open();
      const probe = await rig.probe([]);
      const client = await rig.client(["--jsonl", "events.jsonl"]);
      const url = `udp://${GROUP}:${PORT}?${SMOOTH}&localaddr=${TX_ADDRESS}&ttl=4`;
      const sender = rig.network.start(rig.network.tx, ffmpegCbr(60, url, true));
      await Bun.sleep(LISTEN_MS);
      const report = await lastReport(rig, probe, client);
      expect(sender.process.exitCode).toBeNull();
      await sender.stop("SIGKILL");
      const stream = onlyStream(report);
      const rows = rowsOf(stream);
      const idleMs = msOf(report.time) - msOf(stream.lastTime);
      const pauseMs = Math.max((stream.network?.interArrivalUs.max ?? 0) / 1000, idleMs);
      const must = Object.keys(BEAR_MS).filter((number) => pauseMs < (BEAR_MS[number] as number));
      const states = (numbers: readonly string[]) =>
        numbers.map((number) => [number, rows.get(number)?.state]);
      expect(states(TIMELESS)).toEqual(TIMELESS.map((number) => [number, "ok"]));
      expect(states(must)).toEqual(must.map((number) => [number, "ok"]));
      // Arrival over a network that nobody paces may well be too rough to measure PCRs by; wrong they are not.
      expect(rows.get("2.4")?.count).toBe(0);
      if (must.length === Object.keys(BEAR_MS).length) expect(tripped([...rows.values()])).toEqual({});
      expect(stream.network?.mdi?.mediaLossRate.max).toBe(0);
      expect((stream.network?.mdi?.mediaRate ?? 0) / FFMPEG_MUX_BPS - 1).toBeWithin(-1e-3, 1e-3);
      expect(stream.network?.interArrivalUs.count).toBe(stream.packets - 1);
      expect(stream.mpegts?.services).toMatchObject([
        { program: 1, name: "Service01", components: [{ kind: "video" }, { kind: "audio" }] },
      ]);
    },
    40_000,
  );

  testWith(
    NEEDS,
    "1.6, 1.3, 1.5: an interruption of over 5 s, each at its time, and told as events",
    async () => {
      const from = Math.round(2 * DATAGRAMS_A_SECOND);
      const blackout = [from, from + Math.round(6 * DATAGRAMS_A_SECOND)] as const;
      const { rows, pausesOf, journal, stream } = await relayed(10, { seed: 51, blackout });
      expect(journal.dropped).toHaveLength(blackout[1] - blackout[0]);

      const silent = [pausesOf(FFMPEG_PIDS.video, 5000), pausesOf(FFMPEG_PIDS.audio, 5000)];
      const [video, audio] = silent as [Pauses, Pauses];
      expect([video.least, audio.least]).toEqual([1, 1]);
      const row = rows.get("1.6");
      expect(row?.count).toBeWithin(2, video.most + audio.most + 1);
      expect(row?.state).toBe("error");
      if (video.first !== null && audio.first !== null) {
        const [a, b] = [video.first, audio.first].sort((x, y) => x[0] - y[0]) as [Moment, Moment];
        expectAt(row?.first ?? null, a);
        expectAt(row?.last ?? null, b);
      }
      for (const number of ["1.3", "1.3.a"]) expectPauses(rows.get(number), pausesOf(0, 500));
      for (const number of ["1.5", "1.5.a"]) expectPauses(rows.get(number), pausesOf(FFMPEG_PIDS.pmt, 500));
      expect(rows.get("1.3.a")?.count).toBeGreaterThanOrEqual(1);
      expect(rows.get("1.5.a")?.count).toBeGreaterThanOrEqual(1);
      // One jump of the PCR, by value, however the times were.
      expect(rows.get("2.3.b")?.count).toBe(1);
      expect(stream.mpegts?.pcr?.[0]?.discontinuities.unsignalled).toBe(1);
    },
    40_000,
  );

  testWith(
    NEEDS,
    "1.4, 2.3.b, MDI, inter-arrival: loss, duplication and jitter, the counts exact",
    async () => {
      const chances = { seed: 52, drop: 0.02, duplicate: 0.01, jitterMs: 15 };
      const { rows, stream, journal, datagrams, packets } = await relayed(6, chances);
      expect(journal.dropped.length).toBeGreaterThan(3);
      expect(journal.duplicated.length).toBeGreaterThan(1);

      const errors = judge(packets).errors;
      const continuity = rows.get("1.4");
      expect(continuity?.count).toBe(errors);
      // The datagram with which the n-th error has come.
      const upTo = (count: number) => judge(datagrams.slice(0, count).flatMap((one) => one.packets)).errors;
      const datagramOf = (error: number): Moment | undefined => {
        let [low, high] = [0, datagrams.length];
        while (low < high) {
          const middle = (low + high) >> 1;
          if (upTo(middle + 1) >= error) high = middle;
          else low = middle + 1;
        }
        return datagrams[low]?.leftMs;
      };
      expectAt(continuity?.first ?? null, datagramOf(1));
      expectAt(continuity?.last ?? null, datagramOf(errors));

      // Duplicates come late, so PCRs go back; and none is over 100 ms ahead.
      let jumps = 0;
      let jumpedAt: Moment | null = null;
      let last = Number.NaN;
      for (const { packets: some, leftMs } of datagrams) {
        for (const packet of some) {
          if (!hasPcr(packet, 0)) continue;
          const pcr = pcr27MHz(packet, 0);
          const step = (pcr - last + PCR_MODULUS) % PCR_MODULUS;
          last = pcr;
          if (!(step > 2_700_000)) continue;
          jumps += 1;
          jumpedAt ??= leftMs;
        }
      }
      expect(rows.get("2.3.b")?.count).toBe(jumps);
      expectAt(rows.get("2.3.b")?.first ?? null, jumpedAt);

      const { interArrivalUs, mdi } = stream.network ?? {};
      const gaps = datagrams
        .slice(1)
        .map(({ leftMs }, i) => [leftMs, datagrams[i]?.leftMs] as [Moment, Moment]);
      expect(interArrivalUs?.count).toBe(datagrams.length - 1);
      const longest = Math.max(...gaps.map(([now, before]) => now[0] - before[1]));
      expect((interArrivalUs?.max ?? 0) / 1000).toBeWithin(longest, longest + SLACK_MS);
      const jitterNs = stream.mpegts?.pcr?.[0]?.jitterNs;
      expect((jitterNs?.max ?? 0) - (jitterNs?.min ?? 0)).toBeGreaterThan(5e6);

      // RFC 4445: packets lost a second, over whole intervals of a second.
      const missing = stream.mpegts?.continuity.missing ?? 0;
      expect(mdi?.mediaLossRate.max).toBeGreaterThan(0);
      expect(mdi?.mediaLossRate.max).toBeLessThanOrEqual(missing);
      expect(mdi?.mediaLossRate.mean).toBeLessThanOrEqual(mdi?.mediaLossRate.max ?? 0);
      expect(mdi?.delayFactorMs.max).toBeGreaterThan(5);
    },
    40_000,
  );
});
