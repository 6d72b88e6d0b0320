import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { EMPTY_REPORT, FAULTY_REPORT } from "../../report/fixture.ts";
import { HLS_REPORT } from "../../report/fixture-hls.ts";
import { INDICATORS, MONITOR_REPORT, MONITORED_STREAM } from "../../report/fixture-monitor.ts";
import { ST2110_REPORT, TTML_STREAM } from "../../report/fixture-st2110.ts";
import { SYSTEM } from "../../report/fixture-system.ts";
import { type Report, reportSchema, type StreamReport } from "../../report/schema.ts";
import { renderHtml } from "./page.ts";

/** Elements that have no end tag in HTML. */
const VOID = new Set(["meta", "br", "wbr"]);

/** Reads the page strictly and counts its elements: each opened and closed in order, attributes quoted. */
function elementsOf(page: string): Map<string, number> {
  const style = /<style>([^<]*)<\/style>/;
  const body = page.replace("<!doctype html>", "").replace(style, "<style></style>");
  const token = /<(\/?)([a-z][a-z0-9]*)((?: [\w-]+(?:="[^"<]*")?)*)(\/?)>|[^<]+/giy;
  const open: string[] = [];
  const counts = new Map<string, number>();
  let end = 0;
  for (let match = token.exec(body); match !== null; match = token.exec(body)) {
    end = token.lastIndex;
    const [, closing, name, , empty] = match;
    if (name === undefined) continue;
    if (closing === "/") expect(open.pop()).toBe(name);
    else {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      if (empty !== "/" && !VOID.has(name)) open.push(name);
    }
  }
  expect(body.slice(end)).toBe("");
  expect(open).toEqual([]);
  return counts;
}

function withText(text: string): Report {
  const mpegts = MONITORED_STREAM.mpegts as NonNullable<StreamReport["mpegts"]>;
  const stream: StreamReport = {
    ...MONITORED_STREAM,
    id: text,
    source: text,
    mpegts: {
      ...mpegts,
      tr101290: INDICATORS.map((row) => ({ ...row, name: text, text, clause: text })),
      pids: mpegts.pids.map((pid) => ({ ...pid, codec: text })),
      services: (mpegts.services ?? []).map((service) => ({ ...service, name: text, provider: text })),
      tables: (mpegts.tables ?? []).map((table) => ({ ...table, name: text, content: { [text]: [text] } })),
    },
  };
  return {
    ...MONITOR_REPORT,
    rscap: text,
    input: { ...MONITOR_REPORT.input, name: text, timestampSource: text },
    streams: [stream],
    findings: FAULTY_REPORT.findings.map((finding) => ({ ...finding, stream: text, text, clause: text })),
  };
}

describe("HTML", () => {
  const page = renderHtml([MONITOR_REPORT], ["second.pcap: cut"]);

  test("one well-formed page without anything from elsewhere", () => {
    expect(reportSchema.safeParse(MONITOR_REPORT).error).toBeUndefined();
    const elements = elementsOf(page);
    for (const name of ["script", "link", "img", "iframe", "object", "base", "form", "image", "use"]) {
      expect(elements.has(name)).toBe(false);
    }
    expect(page).not.toMatch(/https?:|url\(|@import|javascript:/);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).toContain("prefers-color-scheme:dark");
    expect(page).toContain("@media print");
  });

  test("a lamp for each indicator, with its state as a sign and in words", () => {
    const lamps = page.match(/<li class="lamp (\w+)"/g) ?? [];
    expect(lamps).toHaveLength(INDICATORS.length);
    expect(lamps.filter((lamp) => lamp.includes("bad"))).toHaveLength(4);
    expect(page).toContain('aria-label="error">✕</b><span class="name"><b>1.4</b>');
    expect(page).toContain("arrival times are not good enough");
  });

  test("bit rate by PID, histograms, services, buffers, findings with times, tables as trees", () => {
    for (const text of [
      "Bit rate over time, by PID",
      "4 smaller PIDs",
      "null <small>600.0 kb/s",
      "PCR interval",
      "PCR jitter against arrival",
      "PCR accuracy (PCR_AC)",
      "Inter-arrival time",
      "Microbursts",
      "Première &lt;HD&gt; &amp; 24",
      "not modelled: no system information",
      "<time>2026-03-01 10:00:03.100 UTC</time>",
      "Stopped: PID 0x0203",
      "second.pcap: cut",
    ]) {
      expect(page).toContain(text);
    }
    expect(page).toMatch(/<summary><b>PAT<\/b>.*<span class="key">program_map_PID<\/span> 256/s);
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  });

  test("ST 2110 and PTP: verdicts, Cinst, VRX, margin and TS-DF over time, levels, the ancillary map", () => {
    const media = renderHtml([ST2110_REPORT], []);
    elementsOf(media);
    for (const text of [
      "<h3>PTP domain 0</h3>",
      "capture in UTC, PTP in TAI",
      "ST 2110-20 video",
      '<span class="badge ok">yes, not conclusive</span>',
      '<span class="badge ">no, not conclusive</span>',
      'aria-label="Cinst"',
      'aria-label="VRX, gapped schedule"',
      'aria-label="VRX, linear schedule"',
      'aria-label="Margin over time"',
      'aria-label="TS-DF over time"',
      "one packet time 125 us",
      'aria-label="Packet interval (PIT)"',
      'aria-label="Ancillary map"',
      "LTC 10:19:50;11, drop-frame, 0 jumps",
      "Main444.12",
      "Timed text",
    ]) {
      expect(media).toContain(text);
    }
    expect(media).not.toMatch(/NaN|Infinity|undefined/);
    expect(media).not.toContain("<th>PID</th>");
  });

  test("timed text cannot become markup", () => {
    const { st2110 } = TTML_STREAM;
    if (st2110?.ttml === undefined) throw new Error("no timed text");
    const ttml = { ...st2110.ttml, lastText: "</p><script>1</script>", language: "<b>" };
    const streams = [{ ...TTML_STREAM, st2110: { ...st2110, ttml } }];
    expect(elementsOf(renderHtml([{ ...ST2110_REPORT, streams }], [])).has("script")).toBe(false);
  });

  test("an empty report, none at all, several", () => {
    elementsOf(renderHtml([], ["a: cut"]));
    const empty = renderHtml([EMPTY_REPORT], []);
    elementsOf(empty);
    expect(empty).toContain("No stream was found.");
    const several = renderHtml([MONITOR_REPORT, EMPTY_REPORT], []);
    elementsOf(several);
    expect(several).toContain("<title>rscap: eth1 and 1 more</title>");
  });

  test("no text from outside becomes markup", () => {
    const plain = elementsOf(renderHtml([withText("x")], []));
    const hostile = `"><script>alert('1')</script><!-- & \u0000\u202e</style></title>`;
    const counts = elementsOf(renderHtml([withText(hostile)], []));
    plain.delete("wbr");
    counts.delete("wbr");
    expect(counts).toEqual(plain);
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        elementsOf(renderHtml([withText(text)], [text]));
      }),
      { numRuns: 20 },
    );
  });
});

test("the machine, and the playlist that is the input", () => {
  const plain = renderHtml([EMPTY_REPORT], []);
  expect(plain).not.toContain("System probe-1");
  const page = renderHtml([{ ...EMPTY_REPORT, system: SYSTEM, hls: HLS_REPORT }], []);
  elementsOf(page);
  expect(page).toContain("<h3>System probe-1</h3>");
  expect(page).toContain("Debian GNU/Linux 12 (bookworm), kernel 6.1.0, x86_64");
  expect(page).toContain("<h3>Playlist https://host/m.m3u8</h3>");
  expect(page).toContain("4 left out (fragmented MP4)");
});
