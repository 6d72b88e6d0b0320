import type { Rule, RuleCounters } from "../report/finding.ts";

/** Rules of PTP messages, counted for all domains and networks together. */
export const PTP_RULES = {
  malformed: {
    code: "ptp-malformed",
    clause: "IEEE 1588-2008 13.3.2",
    severity: "error",
    text: "{count} PTP messages are too short for their type, or shorter than their messageLength says.",
  },
  version: {
    code: "ptp-version",
    clause: "ST 2059-2",
    severity: "warning",
    text: "{count} PTP messages are not of version 2 and were not looked at.",
  },
  reservedType: {
    code: "ptp-reserved-type",
    clause: "IEEE 1588-2008 13.3.2.2",
    severity: "warning",
    text: "{count} PTP messages have a messageType that the standard reserves.",
  },
  overflow: {
    code: "ptp-table-full",
    clause: "rscap ptp",
    severity: "warning",
    text: "{count} PTP messages came from more domains or clocks than are kept apart, and were not looked at.",
  },
  wrongPort: {
    code: "ptp-port",
    clause: "IEEE 1588-2008 D.2",
    severity: "error",
    text: "{count} PTP messages came on the wrong UDP port: event messages belong on 319, general messages on 320.",
  },
  domain: {
    code: "ptp-domain",
    clause: "ST 2059-2",
    severity: "warning",
    text: "{count} PTP messages are of another domain than expected: a receiver set to the expected one ignores them.",
  },
  reservedDomain: {
    code: "ptp-domain-reserved",
    clause: "IEEE 1588-2008 table 2",
    severity: "error",
    text: "{count} PTP messages have a domainNumber above 127, which is reserved.",
  },
  announceInterval: {
    code: "ptp-announce-interval",
    clause: "ST 2059-2",
    severity: "warning",
    text: "{count} Announce messages say a logMessageInterval outside -3 to 1.",
  },
  syncInterval: {
    code: "ptp-sync-interval",
    clause: "ST 2059-2",
    severity: "warning",
    text: "{count} Sync messages say a logMessageInterval outside -7 to -1.",
  },
  announceRate: {
    code: "ptp-announce-rate",
    clause: "IEEE 1588-2008 9.5.8",
    severity: "warning",
    text: "{count} {time|times} sixteen Announce messages in a row came more than 30 % off the interval that they say.",
  },
  syncRate: {
    code: "ptp-sync-rate",
    clause: "IEEE 1588-2008 9.5.9.2",
    severity: "warning",
    text: "{count} {time|times} sixteen Sync messages in a row came more than 30 % off the interval that they say.",
  },
  lost: {
    code: "ptp-lost",
    clause: "IEEE 1588-2008 7.3.7",
    severity: "warning",
    text: "{count} Sync or Announce messages are missing by their sequenceId.",
  },
  followUpMissing: {
    code: "ptp-follow-up-missing",
    clause: "IEEE 1588-2008 9.5.10",
    severity: "error",
    text: "{count} two-step Sync messages had no Follow_Up: their time is unknown.",
  },
  announceTimeout: {
    code: "ptp-announce-timeout",
    clause: "IEEE 1588-2008 9.2.6.11",
    severity: "error",
    text: "{count} {time|times} a master's Announce messages stayed away for three intervals: its receivers elect another.",
  },
  announceMissing: {
    code: "ptp-announce-missing",
    clause: "IEEE 1588-2008 9.5.8",
    severity: "error",
    text: "{count} Sync messages came from a clock that has sent no Announce: nobody can choose it as master.",
  },
  syncTimeout: {
    code: "ptp-sync-timeout",
    clause: "IEEE 1588-2008 9.5.9",
    severity: "error",
    text: "{count} {time|times} the Sync messages of an announcing master stayed away for ten of their intervals.",
  },
  grandmasterChange: {
    code: "ptp-grandmaster-change",
    clause: "IEEE 1588-2008 9.3",
    severity: "warning",
    text: "{count} {time|times} another clock became the grandmaster: media clocks may have stepped.",
  },
  twoGrandmasters: {
    code: "ptp-two-grandmasters",
    clause: "IEEE 1588-2008 9.3.2",
    severity: "error",
    text: "{count} Announce messages of a second grandmaster in the same domain: one of them does not hear the other.",
  },
  timescale: {
    code: "ptp-timescale",
    clause: "ST 2059-1",
    severity: "error",
    text: "{count} Announce messages say an arbitrary timescale: signals can't be aligned to the SMPTE epoch.",
  },
  utcOffset: {
    code: "ptp-utc-offset",
    clause: "IEEE 1588-2008 8.2.4.2",
    severity: "warning",
    text: "{count} Announce messages say another offset of TAI to UTC than the 37 s that have held since 2017.",
  },
  notTraceable: {
    code: "ptp-clock-class",
    clause: "IEEE 1588-2008 7.6.2.4",
    severity: "info",
    text: "{count} Announce messages come from a grandmaster whose class is not 6: it is not locked to a primary reference.",
  },
  delayRespMissing: {
    code: "ptp-delay-resp-missing",
    clause: "IEEE 1588-2008 11.3",
    severity: "warning",
    text: "{count} Delay_Req messages had no answer before the same clock asked again.",
  },
  synchronizationMetadata: {
    code: "ptp-sm-tlv-missing",
    clause: "ST 2059-2",
    severity: "info",
    text: "{count} domains have a master but carry no synchronization metadata TLV, so that receivers don't learn frame rate and daily jam.",
  },
} as const satisfies Record<string, Rule>;

/** One counter for each of PTP_RULES. */
export type PtpCounters = RuleCounters<keyof typeof PTP_RULES>;
