import { describe, expect, test } from "bun:test";
import { EMPTY_REPORT, FAULTY_REPORT } from "../report/fixture.ts";
import { INDICATORS, MONITOR_REPORT, MONITORED_STREAM } from "../report/fixture-monitor.ts";
import { ST2110_REPORT, VIDEO_STREAM } from "../report/fixture-st2110.ts";
import { type Report, reportSchema } from "../report/schema.ts";
import { renderJunit } from "./junit.ts";

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
}

/** Reads the markup strictly: every element closed, every attribute quoted, nothing but one root. */
function parse(xml: string): Element {
  const root: Element = { name: "", attributes: {}, children: [] };
  const open: Element[] = [root];
  const body = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, "");
  const token = /<(\/?)([\w-]+)((?: [\w-]+="[^"<]*")*)(\/?)>|[^<]+/gy;
  let end = 0;
  for (let match = token.exec(body); match !== null; match = token.exec(body)) {
    end = token.lastIndex;
    const [, closing, name, texts = "", empty] = match;
    if (name === undefined) continue;
    if (closing === "/") {
      expect(open.pop()?.name).toBe(name);
      continue;
    }
    const attributes = Object.fromEntries(
      [...texts.matchAll(/ ([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key as string, value as string]),
    );
    const element: Element = { name, attributes, children: [] };
    open.at(-1)?.children.push(element);
    if (empty !== "/") open.push(element);
  }
  expect(end).toBe(body.length);
  expect(open).toHaveLength(1);
  return root.children[0] as Element;
}

function suitesOf(report: Report, damages: readonly string[] = []): Element[] {
  return parse(renderJunit([report], damages)).children;
}

const casesOf = (suite: Element | undefined): Element[] =>
  (suite?.children ?? []).filter(({ name }) => name === "testcase");

describe("JUnit", () => {
  test("a flow of ST 2110 is no empty suite: what it is, whether it is of a sender type", () => {
    const [, video, audio] = suitesOf(ST2110_REPORT);
    expect(casesOf(video).map(({ attributes }) => attributes.name)).toEqual([
      "what the RTP flow carries is known",
      "ST 2110-21 7.1 a sender type is met",
      "rscap capture snap-length",
    ]);
    expect(casesOf(audio).map(({ attributes }) => attributes.name)).toEqual([
      "what the RTP flow carries is known",
    ]);
    expect(audio?.attributes).toMatchObject({ tests: "1", failures: "0", skipped: "0" });
    const { st2110 } = VIDEO_STREAM;
    const timing = st2110?.video?.timing;
    if (st2110?.video === undefined || timing === null || timing === undefined) throw new Error("no timing");
    const verdicts = timing.verdicts.map((one) => ({ ...one, conclusive: false }));
    const media = { ...st2110, video: { ...st2110.video, timing: { ...timing, verdicts } } };
    const unsure = { ...ST2110_REPORT, streams: [{ ...VIDEO_STREAM, st2110: media }] };
    expect(suitesOf(unsure)[1]?.attributes).toMatchObject({ tests: "3", failures: "1", skipped: "1" });
    const none = { ...st2110, kind: "unknown" as const, video: undefined };
    const unknown = { ...ST2110_REPORT, streams: [{ ...VIDEO_STREAM, st2110: none }] };
    expect(suitesOf(unknown)[1]?.attributes).toMatchObject({ tests: "2", skipped: "1" });
  });

  test("what the schemas of Ant and Jenkins ask of each suite and case", () => {
    const suites = suitesOf(MONITOR_REPORT, ["a.pcap is cut"]);
    for (const [i, suite] of suites.entries()) {
      const { attributes } = suite;
      expect(Number(attributes.id)).toBe(i);
      for (const name of ["name", "package", "hostname"]) expect(attributes[name]).toMatch(/^\S(.*\S)?$/);
      expect(attributes.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
      expect(attributes.time).toMatch(/^\d+\.\d{3}$/);
      const order = suite.children.map(({ name }) => name);
      expect([order[0], ...order.slice(-2)]).toEqual(["properties", "system-out", "system-err"]);
      expect(new Set(order.slice(1, -2)).size).toBeLessThanOrEqual(1);
      const cases = casesOf(suite);
      const having = (name: string): number =>
        cases.filter(({ children }) => children.some((child) => child.name === name)).length;
      expect(Number(attributes.tests)).toBe(cases.length);
      expect(Number(attributes.failures)).toBe(having("failure"));
      expect(Number(attributes.errors)).toBe(having("error"));
      expect(Number(attributes.skipped)).toBe(having("skipped"));
      for (const { attributes: own, children } of cases) {
        expect(own.name).toMatch(/^\S/);
        expect(own.classname).toMatch(/^rscap\.[^.]+$/);
        expect(own.time).toBe("0");
        expect(children.length).toBeLessThanOrEqual(1);
        if (children[0] !== undefined && children[0].name !== "skipped") {
          expect(children[0].attributes.type).not.toBe("");
        }
      }
    }
  });

  test("a case for each indicator: passed, failed with its text, or skipped with the reason", () => {
    const suite = suitesOf(MONITOR_REPORT)[1];
    const cases = casesOf(suite);
    expect(suite?.attributes.name).toBe(MONITORED_STREAM.id);
    expect(cases.map(({ attributes }) => attributes.name).slice(0, INDICATORS.length)).toEqual(
      INDICATORS.map(({ number, name }) => `${number} ${name}`),
    );
    const named = (name: string): Element | undefined =>
      cases.find(({ attributes }) => attributes.name?.startsWith(name));
    expect(named("1.1 ")?.children).toEqual([]);
    expect(named("1.4 ")?.children[0]?.attributes).toEqual({
      type: "p1",
      message: "1.4 Continuity_count_error: 4 errors, last on PID 256",
    });
    expect(named("2.4 ")?.children[0]?.attributes.message).toBe(
      "not measurable: arrival times are not good enough",
    );
    expect(renderJunit([MONITOR_REPORT], [])).toContain("last 2026-03-01 10:00:20.500 UTC</failure>");
  });

  test("a finding of another rule is a case too, once; one of an indicator is told by its indicator", () => {
    const names = casesOf(suitesOf(MONITOR_REPORT)[1]).map(({ attributes }) => attributes.name);
    expect(names.slice(INDICATORS.length)).toEqual(["RFC 3550 A.1 rtp-restart"]);
    const plain = casesOf(suitesOf(FAULTY_REPORT)[1]).map(({ attributes }) => attributes.name);
    expect(plain).toEqual(["RFC 3550 A.1 rtp-restart", "TR 101 290 1.4 ts-continuity"]);
  });

  test("frames lost in the capture fail, a damaged input is an error, no stream is skipped", () => {
    const [input] = suitesOf(FAULTY_REPORT);
    expect(input?.attributes.failures).toBe("1");
    const empty = suitesOf(EMPTY_REPORT, ["empty.pcap: cut"]);
    expect(empty[0]?.attributes).toMatchObject({
      skipped: "1",
      failures: "0",
      timestamp: "1970-01-01T00:00:00",
    });
    expect(casesOf(empty[1])[0]?.children[0]?.attributes).toEqual({
      type: "damaged",
      message: "empty.pcap: cut",
    });
  });

  test("hostile text stays text", () => {
    const id = `"><testcase name='x'\u0000\u202e]]>`;
    const report: Report = {
      ...FAULTY_REPORT,
      input: { ...FAULTY_REPORT.input, name: `a"b<c>\n\u001b[2J&amp;` },
      streams: [{ ...MONITORED_STREAM, id }],
      findings: FAULTY_REPORT.findings.map((finding) => ({
        ...finding,
        stream: id,
        text: "<![CDATA[ & ]]>",
      })),
    };
    expect(reportSchema.safeParse(report).success).toBe(true);
    const suites = suitesOf(report, ["<!-- \u0007"]);
    expect(suites).toHaveLength(3);
    expect(casesOf(suites[1])).toHaveLength(INDICATORS.length + 1);
    expect(suites[1]?.attributes.name).toContain("&quot;&gt;&lt;testcase name=&#39;x&#39;??]]&gt;");
  });
});
