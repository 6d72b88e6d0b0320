import { Markup } from "./template.ts";

/** Colours of the layers of a stacked chart, light and dark; told apart by lightness too. */
const LAYERS: readonly (readonly [string, string])[] = [
  ["#2f6fc4", "#5b9bef"],
  ["#e0862a", "#f0a352"],
  ["#20958a", "#3fc0b3"],
  ["#b84a8f", "#de7fb8"],
  ["#6a55c2", "#9a88ee"],
  ["#5c9a3c", "#86c564"],
  ["#b5402f", "#e8796a"],
  ["#8a7a1f", "#c9b74a"],
];

const layerVariables = (scheme: 0 | 1): string =>
  LAYERS.map((colours, i) => `--s${i}:${colours[scheme]};`).join("");

const LIGHT = `--page:#f4f6f8;--card:#fff;--text:#18222d;--muted:#5a6875;--line:#d9dfe5;--soft:#eef1f4;
--ok:#1c7a3e;--ok-soft:#e3f4e9;--error:#b3261e;--error-soft:#fde9e7;--warning:#8a5a00;--warning-soft:#fdf1d8;
--link:#1f5fae;--rest:#93a0ad;--null:#cfd6dd;${layerVariables(0)}`;

const DARK = `--page:#0f151b;--card:#182028;--text:#e4eaf0;--muted:#9aa8b5;--line:#2f3b46;--soft:#212b35;
--ok:#6fd393;--ok-soft:#15331f;--error:#ff8a80;--error-soft:#43201e;--warning:#f2c063;--warning-soft:#3a2d12;
--link:#7db4f5;--rest:#75828f;--null:#3d4954;${layerVariables(1)}`;

const LAYER_FILLS = LAYERS.map((_, i) => `.s${i}{fill:var(--s${i})}`).join("");

/** The style sheet of the page. */
export const STYLE = new Markup(`
:root{color-scheme:light dark;${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans",sans-serif;-webkit-text-size-adjust:100%}
main{max-width:1180px;margin:0 auto;padding:20px 16px}
header,article,main>section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:20px 24px;margin:0 0 20px}
article>section{border-top:1px solid var(--line);margin-top:22px;padding-top:4px}
h1,h2,h3,h4{line-height:1.25;margin:0;overflow-wrap:anywhere}
h1{font-size:24px}h2{font-size:20px}h3{font-size:16px;margin:14px 0 8px}h4{font-size:14px;margin:16px 0 8px}
small{font-size:12.5px;color:var(--muted);font-weight:400}
em{font-style:normal;font-weight:600;font-size:12.5px}
a{color:var(--link)}
.kind{margin:2px 0 10px;color:var(--muted)}
.verdict{display:inline-block;margin:10px 0 4px;padding:4px 14px;border-radius:999px;font-weight:600}
.badge{display:inline-block;font-size:12px;font-weight:600;line-height:1;padding:4px 9px;border-radius:999px;background:var(--soft);color:var(--muted);vertical-align:middle;white-space:nowrap}
.ok{color:var(--ok)}.bad{color:var(--error)}
.badge.ok,.verdict.ok{background:var(--ok-soft);color:var(--ok)}
.badge.error,.verdict.error{background:var(--error-soft);color:var(--error)}
.badge.warning,.verdict.warning{background:var(--warning-soft);color:var(--warning)}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(210px,1fr));gap:10px 24px;margin:10px 0}
.facts dt{font-size:12.5px;color:var(--muted)}.facts dd{margin:0;overflow-wrap:anywhere}
nav ul,.plain,.legend,.lamps{list-style:none;margin:0;padding:0}
nav{margin-top:14px;border-top:1px solid var(--line);padding-top:12px}
nav li{padding:3px 0;overflow-wrap:anywhere}
.lamps{display:grid;grid-template-columns:repeat(auto-fill,minmax(250px,1fr));gap:6px}
.lamp{display:flex;gap:10px;align-items:flex-start;padding:7px 10px;border-radius:8px;background:var(--soft);color:var(--muted);break-inside:avoid}
.lamp .sign{flex:none;width:20px;height:20px;border-radius:50%;background:var(--line);color:var(--muted);font-size:12px;line-height:20px;text-align:center}
.lamp .name{color:var(--text);font-size:13.5px;line-height:1.35;min-width:0;overflow-wrap:anywhere}
.lamp .detail{display:block;font-size:12.5px;color:var(--muted)}
.lamp.ok .sign{background:var(--ok);color:var(--card)}
.lamp.bad{background:var(--error-soft)}.lamp.bad .sign{background:var(--error);color:var(--card)}.lamp.bad .detail{color:var(--error)}
.lamp.unknown .name,.lamp.absent .name{color:var(--muted)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13.5px}
th{font-size:12.5px;font-weight:600;color:var(--muted);text-align:left;white-space:nowrap}
th,td{padding:6px 12px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td:first-child,time{white-space:nowrap}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,420px),1fr));gap:8px 28px}
.chart{margin:8px 0;min-width:0;break-inside:avoid}
.chart figcaption{font-weight:600;font-size:13.5px;margin-bottom:4px}
.chart .scroll>svg{display:block;width:100%;min-width:440px;height:auto}
.chart.wide .scroll>svg{min-width:900px}.chart.wide svg text{font-size:12.5px}
.rule{min-width:260px}.plain{min-width:220px}
.chart svg text{font-size:11.5px;fill:var(--muted);font-variant-numeric:tabular-nums}
.grid{stroke:var(--line);stroke-width:1}.axis{stroke:var(--muted);stroke-width:1}
.bar{fill:var(--s0)}.limit{stroke:var(--error);stroke-width:1.5;stroke-dasharray:5 3}.track{fill:var(--line)}.outline{fill:none;stroke:var(--text);stroke-width:1;opacity:.55}
${LAYER_FILLS}.rest{fill:var(--rest)}.null{fill:var(--null)}
.legend{display:flex;flex-wrap:wrap;gap:2px 20px;font-size:13px}
.legend svg{width:12px;height:12px;margin-right:7px;vertical-align:-1px}
.figures{margin:2px 0 0;font-size:13px;font-variant-numeric:tabular-nums}
.figures span{margin-right:12px;white-space:nowrap}.figures i{font-style:normal;color:var(--muted)}
.meter{display:inline-block;width:110px;height:8px;border-radius:4px;vertical-align:middle}
.note{font-size:13px}
details.table{border:1px solid var(--line);border-radius:8px;margin:6px 0;padding:0 12px}
details.table>summary{padding:8px 0}
summary{cursor:pointer;overflow-wrap:anywhere}
.tree,.tree ul{list-style:none;margin:0 0 6px;padding-left:18px;border-left:1px solid var(--line);font-size:13.5px}
.tree li{padding:1px 0;overflow-wrap:anywhere}
.key{color:var(--muted)}
footer{max-width:1180px;margin:0 auto;padding:0 16px 28px;color:var(--muted);font-size:12.5px}
@media (max-width:600px){header,article,main>section{padding:14px 14px;border-radius:8px}main{padding:10px 8px}.facts{grid-template-columns:repeat(auto-fill,minmax(140px,1fr))}.lamps{grid-template-columns:1fr}}
@media print{:root{color-scheme:light;${LIGHT}}body{background:#fff;font-size:11px}main{max-width:none;padding:0}header,article,main>section{border:0;padding:0}article{break-before:page}.scroll{overflow:visible}.chart .scroll>svg,.chart.wide .scroll>svg{min-width:0}.lamps{grid-template-columns:repeat(3,1fr)}.rule,.plain{min-width:0}table{font-size:10px}.badge,.verdict,.lamp,.sign,svg{-webkit-print-color-adjust:exact;print-color-adjust:exact}a{color:inherit;text-decoration:none}thead{display:table-header-group}tr{break-inside:avoid}h2,h3,h4{break-after:avoid}}
`);
