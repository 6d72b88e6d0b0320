import type { HlsReport } from "../../report/hls-schema.ts";
import { hlsFacts } from "../text-hls.ts";
import { facts, html, type Markup, NOTHING } from "./template.ts";

/** A section on the playlist that is the input. */
export function hlsSection(hls: HlsReport | undefined): Markup {
  if (hls === undefined) return NOTHING;
  const pairs = hlsFacts(hls).map(([label, value]) => [label.toLowerCase(), value] as const);
  return html`<section><h3>Playlist ${hls.address}</h3>${facts(pairs)}</section>\n`;
}
