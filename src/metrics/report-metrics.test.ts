import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { EMPTY_REPORT, FAULTY_REPORT, FAULTY_STREAM } from "../report/fixture.ts";
import { HLS_REPORT } from "../report/fixture-hls.ts";
import { MONITOR_REPORT } from "../report/fixture-monitor.ts";
import { ST2110_REPORT } from "../report/fixture-st2110.ts";
import { SYSTEM } from "../report/fixture-system.ts";
import type { Report } from "../report/schema.ts";
import { render, sampleName } from "./exposition.ts";
import { ReportMetrics } from "./report-metrics.ts";

const STREAM = FAULTY_STREAM.id;

/** The page as figures by name and labels. */
function figures(metrics: ReportMetrics, nowMs: number): Map<string, number> {
  metrics.refresh(nowMs);
  const lines = render(metrics.groups, "text").split("\n");
  return new Map(
    lines
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => {
        const cut = line.lastIndexOf(" ");
        return [line.slice(0, cut), Number(line.slice(cut + 1))];
      }),
  );
}

/** The report of one stream, at `packets` datagrams, of a run that began at `firstTime`. */
function report(packets: number, firstTime = "t1", change: Partial<Report> = {}): Report {
  const streams = [{ ...FAULTY_STREAM, packets, firstTime }];
  return { ...FAULTY_REPORT, input: { ...FAULTY_REPORT.input, packets, firstTime }, streams, ...change };
}

const PACKETS = `rscap_stream_packets_total{probe="p",stream="${STREAM}"}`;

describe("a report as metrics", () => {
  test("a playlist's segments, by what became of them", () => {
    const metrics = new ReportMetrics();
    metrics.take("p", { ...EMPTY_REPORT, hls: HLS_REPORT }, 0, 0);
    const all = figures(metrics, 0);
    const of = (outcome: string) => all.get(`rscap_hls_segments_total{probe="p",outcome="${outcome}"}`);
    expect(["loaded", "failed", "passed_over", "marked_missing", "left_out"].map(of)).toEqual([
      12, 1, 2, 3, 4,
    ]);
    expect(all.get('rscap_hls_peak_segment_bytes_per_second{probe="p"}')).toBe(2.5e6 / 8);
  });

  test("PTP's offset by domain, and by network where there are several", () => {
    const metrics = new ReportMetrics();
    const ptp = ST2110_REPORT.ptp ?? { domains: [] };
    metrics.take("p", ST2110_REPORT, 0, 0);
    const [red, blue] = ["VLAN 10", "VLAN 20"].map((network, i) =>
      ptp.domains.map((domain) => ({ ...domain, network, remainderNs: i })),
    );
    metrics.take(
      "q",
      { ...ST2110_REPORT, ptp: { ...ptp, domains: [...(red ?? []), ...(blue ?? [])] } },
      0,
      0,
    );
    const offsets = [...figures(metrics, 0)].filter(([name]) => name.startsWith("rscap_ptp_offset_seconds"));
    const labels = 'domain="0",grandmaster="39-A7-94-FF-FE-07-CB-D0"';
    expect(offsets.map(([name]) => name.replace("rscap_ptp_offset_seconds", ""))).toEqual([
      `{probe="p",${labels}}`,
      `{probe="q",${labels},network="VLAN 10"}`,
      `{probe="q",${labels},network="VLAN 20"}`,
    ]);
    expect(offsets.map(([, value]) => value)).toEqual([expect.closeTo(-0.2048, 3), 0, 1e-9]);
  });

  test("each figure under its name, in base units", () => {
    const metrics = new ReportMetrics();
    metrics.take("p", { ...FAULTY_REPORT, system: SYSTEM }, 1_000_000, 0);
    const all = figures(metrics, 0);
    const of = (name: string, labels = "") => all.get(`${name}{probe="p"${labels}}`);
    const ofStream = (name: string, labels = "") => of(name, `,stream="${STREAM}"${labels}`);
    expect(of("rscap_probe_up")).toBe(1);
    expect(of("rscap_probe_last_report_timestamp_seconds")).toBe(1000);
    expect(of("rscap_input_packets_total")).toBe(13_346);
    expect(of("rscap_input_dropped_packets_total", ',reason="kernel"')).toBe(5);
    expect(of("rscap_input_dropped_packets_total", ',reason="other_traffic"')).toBe(40);
    expect(of("rscap_published_messages_total")).toBe(209);
    expect(of("rscap_streams")).toBe(3);
    expect(ofStream("rscap_stream_packets_total")).toBe(12_345);
    expect(ofStream("rscap_stream_bytes_per_second")).toBe(4_963_000 / 8);
    expect(ofStream("rscap_rtp_lost_packets_total")).toBe(3);
    expect(ofStream("rscap_continuity_errors_total")).toBe(4);
    expect(ofStream("rscap_ts_illegal_packets_total", ',reason="transport_error"')).toBe(12);
    expect(ofStream("rscap_pid_continuity_errors_total", ',pid="256"')).toBe(4);
    expect(ofStream("rscap_finding_occurrences_total", ',code="ts-continuity",severity="error"')).toBe(4);
    expect(of("rscap_host_cpu_busy_ratio")).toBe(0.255);
    expect(of("rscap_probe_thread_cpu_seconds_total", ',thread="Worker"')).toBe(12);
    expect(of("rscap_interface_speed_bytes_per_second", ',device="eth1"')).toBe(1.25e9);
    expect(of("rscap_disk_free_bytes", ',path="/var/lib/rscap"')).toBe(6e10);
    expect(of("rscap_clock_max_error_seconds")).toBeCloseTo(250e-6, 9);
  });

  test("indicators that can't be measured are not there", () => {
    const metrics = new ReportMetrics();
    metrics.take("p", MONITOR_REPORT, 0, 0);
    const rows = MONITOR_REPORT.streams.flatMap(({ mpegts }) => mpegts?.tr101290 ?? []);
    const measured = rows.filter(({ state }) => state === "ok" || state === "error");
    expect(measured.length).toBeLessThan(rows.length);
    const shown = [...figures(metrics, 0).keys()].filter((name) =>
      name.startsWith("rscap_tr101290_errors_total{"),
    );
    expect(shown).toHaveLength(measured.length);
  });

  test("names are used once, and counters end as they should", () => {
    const names = new ReportMetrics().groups.flatMap(({ metrics }) => metrics.map(sampleName));
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^rscap(_[a-z0-9]+)+$/);
  });

  test("counters go on when a probe or a stream starts again", () => {
    const metrics = new ReportMetrics();
    metrics.take("p", report(100), 0, 0);
    metrics.take("p", report(40, "t2"), 0, 1000);
    expect(figures(metrics, 1000).get(PACKETS)).toBe(140);
    // Another run that has more packets than the one before it.
    metrics.take("p", report(500, "t3"), 0, 2000);
    expect(figures(metrics, 2000).get(PACKETS)).toBe(640);
    // A file that is played again has the same first time.
    metrics.take("p", report(10, "t3"), 0, 3000);
    expect(figures(metrics, 3000).get(PACKETS)).toBe(650);
    expect(figures(metrics, 3000).get('rscap_probe_restarts_total{probe="p"}')).toBe(3);
    // Only the stream is another one.
    const again = report(20, "t3");
    metrics.take("p", { ...again, streams: [{ ...FAULTY_STREAM, packets: 5, firstTime: "t4" }] }, 0, 4000);
    expect(figures(metrics, 4000).get(PACKETS)).toBe(655);
  });

  test("the first packet of a probe that waited is no new run", () => {
    const metrics = new ReportMetrics();
    metrics.take("p", EMPTY_REPORT, 0, 0);
    metrics.take("p", report(3), 0, 1000);
    expect(figures(metrics, 1000).get('rscap_probe_restarts_total{probe="p"}')).toBe(0);
  });

  test("streams that no report tells of disappear, a silent probe is down", () => {
    const metrics = new ReportMetrics();
    metrics.take("p", report(100), 0, 0);
    for (let ms = 1000; ms <= 70_000; ms += 1000) metrics.take("p", { ...report(100), streams: [] }, 0, ms);
    const all = figures(metrics, 70_000);
    expect(all.has(PACKETS)).toBe(false);
    expect(all.get('rscap_input_packets_total{probe="p"}')).toBe(100);
    expect(figures(metrics, 75_000).get('rscap_probe_up{probe="p"}')).toBe(1);
    const later = figures(metrics, 81_000);
    expect(later.get('rscap_probe_up{probe="p"}')).toBe(0);
    expect(figures(metrics, 200_000).has('rscap_input_packets_total{probe="p"}')).toBe(false);
    expect(figures(metrics, 200_000).get('rscap_probe_up{probe="p"}')).toBe(0);
  });

  test("a probe that reports seldom is not taken for silent", () => {
    const metrics = new ReportMetrics();
    metrics.take("p", report(100), 0, 0);
    metrics.take("p", report(200), 0, 60_000);
    expect(figures(metrics, 150_000).get('rscap_probe_up{probe="p"}')).toBe(1);
    expect(figures(metrics, 150_000).get(PACKETS)).toBe(200);
  });

  test("probes, streams and PIDs are bounded, and what is left out is counted", () => {
    const metrics = new ReportMetrics();
    const pid = FAULTY_STREAM.mpegts?.pids[0];
    const pids = Array.from({ length: 300 }, (_, i) => ({ ...pid, pid: i }));
    const many = Array.from({ length: 1200 }, (_, i) => ({ id: `s${i}`, packets: 1 }));
    const streams = [{ id: "s", mpegts: { pids } }, ...many];
    metrics.take("p", { input: {}, streams }, 0, 0);
    for (let i = 0; i < 300; i++) metrics.take(`q${i}`, { input: {} }, 0, 0);
    const left = new Map(metrics.groups.map(({ name, leftOut }) => [name, leftOut]));
    expect(left.get("pids")).toBe(44);
    expect(left.get("stream")).toBe(201);
    expect(left.get("probe")).toBe(45);
    const sizes = metrics.groups.map(({ size }) => size);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1000);
  });

  test("any JSON in place of a report, or in a place of one, is no exception", () => {
    const places = ["input", "streams", "findings", "system", "ptp", "redundancy", "published", "summary"];
    const metrics = new ReportMetrics();
    let ms = 0;
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue(), fc.jsonValue(), (place, value, whole) => {
        metrics.take("p", { ...FAULTY_REPORT, system: SYSTEM, [place]: value }, 0, ms++);
        metrics.take(
          "p",
          { ...FAULTY_REPORT, streams: [value, { ...FAULTY_STREAM, mpegts: value }] },
          0,
          ms++,
        );
        if (typeof whole === "object" && whole !== null) metrics.take("q", whole, 0, ms++);
        for (const value of figures(metrics, ms).values()) expect(Number.isNaN(value)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
});
