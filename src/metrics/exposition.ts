import type { Metric, MetricGroup } from "./group.ts";

/** The forms that Prometheus reads: its own text format, version 0.0.4, and OpenMetrics 1.0. */
export type Exposition = "text" | "openmetrics";

/** Their media types, for the answer's header. */
export const MEDIA_TYPE: Readonly<Record<Exposition, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** Units that a name may end with, the longer first. */
const UNITS: readonly string[] = ["bytes_per_second", "packets_per_second", "bytes", "seconds", "ratio"];

/** Which form the `Accept` header of a request asks for (RFC 9110 12.5.1); OpenMetrics only where it is preferred. */
export function negotiate(accept: string): Exposition {
  let text = 0;
  let openMetrics = 0;
  for (const item of accept.toLowerCase().split(",")) {
    const [type = "", ...parameters] = item.split(";").map((part) => part.trim());
    const weight = weightOf(parameters);
    if (type === "application/openmetrics-text") {
      const version = parameters.find((parameter) => parameter.startsWith("version="));
      // 0.0.1 is the draft of the same format.
      if (version === undefined || /=(1\.0\.0|0\.0\.1)$/.test(version)) {
        openMetrics = Math.max(openMetrics, weight);
      }
    } else if (type === "text/plain" || type === "text/*" || type === "*/*") {
      text = Math.max(text, weight);
    }
  }
  return openMetrics > 0 && openMetrics >= text ? "openmetrics" : "text";
}

function weightOf(parameters: readonly string[]): number {
  const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? "1";
  const value = Number(weight);
  return value >= 0 && value <= 1 ? value : 0;
}

/** The unit that the name of a metric ends with, or null. */
function unitOf(name: string): string | null {
  return UNITS.find((unit) => name.endsWith(`_${unit}`)) ?? null;
}

function escapedHelp(help: string): string {
  return help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

/** The name that samples have. */
export function sampleName({ name, type }: Pick<Metric, "name" | "type">): string {
  if (type === "counter") return `${name}_total`;
  return type === "info" ? `${name}_info` : name;
}

function head(metric: Metric, form: Exposition): string {
  const { name, type, help } = metric;
  if (form === "text") {
    const shown = sampleName(metric);
    return `# HELP ${shown} ${escapedHelp(help)}\n# TYPE ${shown} ${type === "info" ? "gauge" : type}\n`;
  }
  const unit = unitOf(name);
  const unitLine = unit === null ? "" : `# UNIT ${name} ${unit}\n`;
  return `# TYPE ${name} ${type}\n${unitLine}# HELP ${name} ${escapedHelp(help)}\n`;
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value);
}

/** All figures of `groups`; metrics without a figure are left out. */
export function render(groups: readonly MetricGroup[], form: Exposition): string {
  let page = "";
  for (const group of groups) {
    for (const [column, metric] of group.metrics.entries()) {
      const name = sampleName(metric);
      let samples = "";
      group.each(column, (labels, value) => {
        samples += `${name}${labels === "" ? "" : `{${labels}}`} ${numberText(value)}\n`;
      });
      if (samples !== "") page += head(metric, form) + samples;
    }
  }
  return form === "openmetrics" ? `${page}# EOF\n` : page;
}
