/** Classes of receivers by the path differential that they bear (ST 2022-7 7). */
export type SkewClass = "A" | "B" | "C" | "D";

/** From this bit rate on class C bears less. */
const HIGH_RATE_BPS = 270e6;
const CLASS_D_NS = 150e3;
const CLASS_A_NS = 10e6;
const CLASS_B_NS = 50e6;
const CLASS_C_NS = 450e6;
const CLASS_C_HIGH_RATE_NS = 150e6;

/** The path differential that class `name` bears at `bitrateBps`, ns. */
export function classLimitNs(name: SkewClass, bitrateBps: number): number {
  if (name === "D") return CLASS_D_NS;
  if (name === "A") return CLASS_A_NS;
  if (name === "B") return CLASS_B_NS;
  return bitrateBps < HIGH_RATE_BPS ? CLASS_C_NS : CLASS_C_HIGH_RATE_NS;
}

/** The narrowest class whose receivers bear `skewNs` (of either sign) at `bitrateBps`; null when none does. */
export function skewClass(skewNs: number, bitrateBps: number): SkewClass | null {
  const names: SkewClass[] = ["D", "A", "B", "C"];
  return names.find((name) => Math.abs(skewNs) <= classLimitNs(name, bitrateBps)) ?? null;
}
