import { type Finding, FindingCounter } from "../report/finding.ts";
import type { PtpReport } from "../report/ptp-schema.ts";
import type { StreamReport } from "../report/schema.ts";
import type { AcrossReport } from "../report/st2110-across-schema.ts";
import { type Epoch, NS_PER_SECOND } from "../report/time.ts";
import { acrossStreams } from "../st2110/across.ts";
import { notPtpTime } from "../st2110/reference-clock.ts";
import type { Flow } from "./flow.ts";
import { ptpBeside } from "./ptp-network.ts";
import { checkAgainstSdp } from "./sdp-check.ts";
import { NET_TWO_SENDERS, sharedDestinations } from "./shared-destinations.ts";

/** Streams that receivers of their destination get mixed with others. */
export function sharedDestinationFindings(flows: readonly Flow[], epoch: Epoch): Finding[] {
  return [...sharedDestinations(flows)].flatMap(([id, { others, firstNs, lastNs }]) => {
    const counter = new FindingCounter(NET_TWO_SENDERS);
    counter.hit(firstNs, others);
    counter.hit(lastNs, 0);
    return counter.toFinding(id, epoch) ?? [];
  });
}

/** Where flows, whose reports stand in `streams` in the same order, are not what was described. */
export function describedFindings(
  flows: readonly Flow[],
  streams: readonly StreamReport[],
  ptp: PtpReport | undefined,
  devices?: readonly string[],
): Finding[] {
  return flows.flatMap(({ said, firstNs, lastNs, recentTimestamps, address: { vlan } }, i) => {
    const stream = streams[i];
    if (said === null || stream === undefined) return [];
    const seconds = (lastNs - firstNs) / NS_PER_SECOND;
    return checkAgainstSdp(
      said,
      stream,
      ptpBeside(ptp, vlan, devices),
      seconds,
      recentTimestamps?.measuredHz ?? null,
    );
  });
}

/** Streams whose RTP timestamps are not of PTP's time, where there is PTP. */
export function ptpTimeFindings(
  streams: readonly StreamReport[],
  ptp: PtpReport | undefined,
  epoch: Epoch,
): Finding[] {
  if (ptp === undefined) return [];
  return streams.flatMap(({ id, st2110 }) => (st2110 ? (notPtpTime(id, st2110, ptp, epoch) ?? []) : []));
}

/** Flows of ST 2110 against each other; those of `without` say nothing that their first legs do not. */
export function flowsAcross(
  flows: readonly Flow[],
  streams: readonly StreamReport[],
  without: ReadonlySet<string>,
): AcrossReport[] {
  return acrossStreams(
    flows.flatMap(({ address: { id }, recentTimestamps }, i) => {
      const report = streams[i]?.st2110;
      return report && recentTimestamps && !without.has(id) ? [{ id, report, recent: recentTimestamps }] : [];
    }),
  );
}
