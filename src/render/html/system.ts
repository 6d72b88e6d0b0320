import type { SystemReport } from "../../report/system-schema.ts";
import { systemFacts } from "../text-system.ts";
import { facts, html, type Markup, NOTHING } from "./template.ts";

/** A section on the machine that captured. */
export function systemSection(system: SystemReport | undefined): Markup {
  if (system === undefined) return NOTHING;
  return html`<section><h3>System ${system.host.name}</h3>${facts(systemFacts(system))}</section>\n`;
}
