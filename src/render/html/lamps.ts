import type { IndicatorReport } from "../../report/mpegts-schema.ts";
import { PRIORITIES } from "../lamps.ts";
import { formatNumber, formatReportTime } from "../units.ts";
import { html, type Markup, NOTHING, pidText, when } from "./template.ts";

const LOOK: Readonly<Record<IndicatorReport["state"], readonly [string, string]>> = {
  ok: ["ok", "✓"],
  error: ["bad", "✕"],
  "not measurable": ["unknown", "?"],
  "not present": ["absent", "–"],
};

/** A long name may be broken after each underscore. */
function breakable(name: string): Markup[] {
  return name.split("_").map((word, i) => (i === 0 ? html`${word}` : html`_<wbr>${word}`));
}

function lamp(row: IndicatorReport): Markup {
  const [colour, sign] = LOOK[row.state];
  const pid = row.lastPid === null ? "" : `, last on PID ${pidText(row.lastPid)}`;
  const times =
    row.state === "error" && row.last !== null ? html`<br>last ${formatReportTime(row.last)}` : NOTHING;
  const detail =
    row.state === "error"
      ? html`<span class="detail">${formatNumber(row.count, "error")}${pid}${times}</span>`
      : when(row.state !== "ok", () => html`<span class="detail">${row.reason ?? row.state}</span>`);
  return html`<li class="lamp ${colour}" title="${`${row.clause}: ${row.text}`}"><b class="sign" aria-label="${row.state}">${sign}</b><span class="name"><b>${row.number}</b> ${breakable(row.name)}${detail}</span></li>\n`;
}

/** A lamp for each indicator, by priority. */
export function lampsSection(rows: readonly IndicatorReport[]): Markup {
  if (rows.length === 0) return NOTHING;
  const groups = PRIORITIES.map(({ priority, words }) => {
    const own = rows.filter((row) => row.priority === priority);
    const bad = own.filter(({ state }) => state === "error").length;
    const verdict =
      bad === 0 ? html`<em class="ok">no error</em>` : html`<em class="bad">${bad} in error</em>`;
    return own.length === 0
      ? NOTHING
      : html`<h4>Priority ${priority} <small>${words}</small> ${verdict}</h4><ul class="lamps">${own.map(lamp)}</ul>`;
  });
  return html`<section><h3>TR 101 290</h3>${groups}</section>`;
}
