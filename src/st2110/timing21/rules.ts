import type { Rule } from "../../report/finding.ts";

/** The rules of ST 2110-21. */
export const TIMING21_RULES = {
  /** The bucket holds more than CMAX. */
  cinst: {
    code: "st2110-21-cinst",
    clause: "ST 2110-21 7.1",
    severity: "error",
    text: "{count} packets filled the network bucket over CMAX of every sender type that may apply: the sender bursts, and switches may drop.",
  },
  /** The virtual receiver has nothing to read. */
  underflow: {
    code: "st2110-21-vrx-underflow",
    clause: "ST 2110-21 7.1",
    severity: "error",
    text: "{count} frames had packets that came after their read time on every schedule that may apply: receivers of this type run dry.",
  },
  /** The virtual receiver holds more than VRXFULL. */
  overflow: {
    code: "st2110-21-vrx-overflow",
    clause: "ST 2110-21 7.1",
    severity: "error",
    text: "{count} frames held more packets in the receive buffer than VRXFULL of every sender type that may apply.",
  },
} as const satisfies Record<string, Rule>;

/** Name of one of `TIMING21_RULES`. */
export type Timing21Rule = keyof typeof TIMING21_RULES;
