import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { dashboardQueries } from "../scripts/grafana-dashboard.ts";
import { ClientMetrics } from "../src/metrics/client-metrics.ts";
import { sampleName } from "../src/metrics/exposition.ts";
import { OwnMetrics } from "../src/metrics/own-metrics.ts";
import { ReportMetrics } from "../src/metrics/report-metrics.ts";
import { PROJECT, run } from "./helpers/run.ts";
import { needsProgram, testWith } from "./helpers/skip.ts";

const needsPromtool = needsProgram("promtool", "prometheus");

const folder = mkdtempSync(join(tmpdir(), "rscap-rules-"));
afterAll(() => rmSync(folder, { recursive: true }));

const DASHBOARD = readFileSync(`${PROJECT}docs/grafana.json`, "utf8");
const ALERTS = `${PROJECT}docs/alerts.yml`;

/** Labels of each metric, by the name of its samples. */
const LABELS = new Map(
  [new ReportMetrics(), new ClientMetrics(), new OwnMetrics()].flatMap(({ groups }) =>
    groups.flatMap(({ metrics, labels }) => metrics.map((metric) => [sampleName(metric), labels] as const)),
  ),
);

/** What of `query` no metric of ours has: names, and labels in their braces. */
function unknownIn(query: string): string[] {
  const names = [...query.matchAll(/\brscap_[a-z0-9_]+/g)].map(([name]) => name);
  const unknown = names.filter((name) => !LABELS.has(name));
  for (const [, name = "", braces = ""] of query.matchAll(/\b(rscap_[a-z0-9_]+)\{([^}]*)\}/g)) {
    for (const [, label = ""] of braces.matchAll(/([a-z_]+)=/g)) {
      if (LABELS.get(name)?.includes(label) === false) unknown.push(`${name}{${label}}`);
    }
  }
  const grouped = /\bby \(([^)]*)\)/.exec(query)?.[1]?.split(/, */) ?? [];
  for (const label of grouped) {
    if (!names.some((name) => LABELS.get(name)?.includes(label))) unknown.push(`by (${label})`);
  }
  return names.length === 0 ? [`no metric in ${query}`] : unknown;
}

const gridPos = z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() });

/** What Grafana needs of a dashboard to import it. */
const dashboardSchema = z.object({
  uid: z.string(),
  title: z.string(),
  schemaVersion: z.int(),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
  panels: z.array(
    z.discriminatedUnion("type", [
      z.object({ type: z.literal("row"), id: z.int(), title: z.string(), gridPos }),
      z.object({
        type: z.literal("timeseries"),
        id: z.int(),
        title: z.string(),
        gridPos,
        fieldConfig: z.object({ defaults: z.object({ unit: z.string() }) }),
        targets: z.array(z.object({ refId: z.string(), expr: z.string(), legendFormat: z.string() })).min(1),
      }),
    ]),
  ),
});

describe("the dashboard for Grafana", () => {
  const { panels, templating } = dashboardSchema.parse(JSON.parse(DASHBOARD));

  test("asks only for metrics and labels that there are", () => {
    const queries = panels.flatMap((panel) =>
      panel.type === "row" ? [] : panel.targets.map(({ expr }) => expr),
    );
    expect(queries).toEqual(dashboardQueries());
    expect(queries.flatMap(unknownIn)).toEqual([]);
    const variables = JSON.stringify(templating);
    for (const [name] of variables.matchAll(/rscap_[a-z0-9_]+/g)) expect([...LABELS.keys()]).toContain(name);
  });

  test("uses the variables that it has, and legends of labels that there are", () => {
    const known = templating.list.map(({ name }) => name);
    for (const [, name = ""] of DASHBOARD.matchAll(/\$\{?([a-z]\w*)/g)) expect(known).toContain(name);
    for (const panel of panels) {
      if (panel.type === "row") continue;
      for (const { expr, legendFormat } of panel.targets) {
        for (const [, label = ""] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
          const names = [...expr.matchAll(/\brscap_[a-z0-9_]+/g)].map(([name]) => name);
          expect([expr, label, names.some((name) => LABELS.get(name)?.includes(label))]).toEqual([
            expr,
            label,
            true,
          ]);
        }
      }
    }
  });

  test("no panel covers another", () => {
    const taken = new Set<string>();
    for (const { gridPos: place } of panels) {
      expect(place.x + place.w).toBeLessThanOrEqual(24);
      for (let x = place.x; x < place.x + place.w; x++) {
        for (let y = place.y; y < place.y + place.h; y++) {
          expect(taken.has(`${x} ${y}`)).toBe(false);
          taken.add(`${x} ${y}`);
        }
      }
    }
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });

  testWith(needsPromtool, "has queries that Prometheus can read", async () => {
    const rules = dashboardQueries().map((query, i) => ({
      record: `panel:query${i}`,
      expr: query.replaceAll("$__rate_interval", "1m"),
    }));
    const file = join(folder, "dashboard.yml");
    // YAML has JSON in it.
    writeFileSync(file, JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
    expect(await run(["promtool", "check", "rules", file])).toMatchObject({ exitCode: 0 });
  });
});

describe("the examples of alerts", () => {
  const expressions = [...readFileSync(ALERTS, "utf8").matchAll(/^ +expr: (.*)$/gm)].map(
    ([, expr = ""]) => expr,
  );

  test("ask only for metrics and labels that there are", () => {
    expect(expressions.length).toBeGreaterThan(5);
    expect(expressions.flatMap(unknownIn)).toEqual([]);
  });

  testWith(needsPromtool, "are sound, and go off when they should", async () => {
    expect(await run(["promtool", "check", "rules", ALERTS])).toMatchObject({ exitCode: 0 });
    const series = (metric: string, values: string) => ({ series: metric, values });
    const stream = 'probe="p",stream="s"';
    const alert = (alertname: string, labels: object | null) => ({
      eval_time: "4m",
      alertname,
      exp_alerts: labels === null ? [] : [{ exp_labels: { severity: "critical", ...labels } }],
    });
    const tests = {
      rule_files: [ALERTS],
      evaluation_interval: "10s",
      tests: [
        {
          interval: "10s",
          input_series: [
            series('rscap_probe_up{probe="p"}', "1x30"),
            series('rscap_probe_up{probe="q"}', "0x30"),
            series(`rscap_stream_active{${stream}}`, "1x18 0x12"),
            series(`rscap_continuity_errors_total{${stream}}`, "7x30"),
            series('rscap_continuity_errors_total{probe="p",stream="t"}', "0+1x30"),
          ],
          alert_rule_test: [
            alert("RscapProbeDown", { probe: "q" }),
            alert("RscapStreamStopped", { probe: "p", stream: "s" }),
            alert("RscapContinuityErrors", { severity: "warning", probe: "p", stream: "t" }),
            alert("RscapRtpLoss", null),
          ].map((test) => ({
            ...test,
            exp_alerts: test.exp_alerts.map((expected) => ({
              ...expected,
              exp_annotations: SUMMARIES[test.alertname],
            })),
          })),
        },
      ],
    };
    const file = join(folder, "alerts-test.yml");
    writeFileSync(file, JSON.stringify(tests));
    const { exitCode, stdout, stderr } = await run(["promtool", "test", "rules", file]);
    expect([exitCode, stdout + stderr]).toEqual([0, expect.stringContaining("SUCCESS")]);
  });
});

/** What the alerts of the test say. */
const SUMMARIES: Readonly<Record<string, { readonly summary: string }>> = {
  RscapProbeDown: { summary: "No report of probe q comes to the client." },
  RscapStreamStopped: { summary: "s on p has stopped." },
  RscapContinuityErrors: { summary: "t on p: 6 continuity errors in a minute." },
};
