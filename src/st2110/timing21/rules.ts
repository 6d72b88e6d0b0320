import type { Rule } from "../../report/finding.ts";

/** ST 2110-21 7.1: the bucket holds more than CMAX. */
export const CINST_OVERFLOW: Rule = {
  code: "st2110-21-cinst",
  clause: "ST 2110-21 7.1",
  severity: "error",
  text: "{count} packets filled the network bucket over CMAX of every sender type that may apply: the sender bursts, and switches may drop.",
};

/** ST 2110-21 7.1: the virtual receiver has nothing to read. */
export const VRX_UNDERFLOW: Rule = {
  code: "st2110-21-vrx-underflow",
  clause: "ST 2110-21 7.1",
  severity: "error",
  text: "{count} frames had packets that came after their read time on every schedule that may apply: receivers of this type run dry.",
};

/** ST 2110-21 7.1: the virtual receiver holds more than VRXFULL. */
export const VRX_OVERFLOW: Rule = {
  code: "st2110-21-vrx-overflow",
  clause: "ST 2110-21 7.1",
  severity: "error",
  text: "{count} frames held more packets in the receive buffer than VRXFULL of every sender type that may apply.",
};
