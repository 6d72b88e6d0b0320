import { type Finding, FindingCounter, findingsOf, ruleCounters } from "../report/finding.ts";
import type { PtpReport } from "../report/ptp-schema.ts";
import type { Epoch } from "../report/time.ts";
import { PtpDomain, type PtpRoom } from "./domain.ts";
import {
  isEventMessage,
  minOctets,
  PTP_EVENT_PORT,
  PTP_GENERAL_PORT,
  PTP_HEADER_OCTETS,
  ptpDomain,
  ptpMessageLength,
  ptpMessageType,
  ptpVersion,
} from "./message.ts";
import { PTP_RULES, type PtpCounters } from "./rules.ts";

/** Domains that are kept apart, of all networks together. */
export const MAX_DOMAINS = 64;
/** Masters, and clocks asking for their path delay, that are kept apart in all domains together. */
export const MAX_ALL_MASTERS = 256;
const MAX_ALL_REQUESTERS = 4096;

/** Domain numbers above this are reserved (IEEE 1588-2008 table 2). */
const MAX_DOMAIN = 127;

/** How PTP is to be judged. */
export interface PtpMonitorOptions {
  /** Where capture times come from, in words, e.g. `kernel`. */
  readonly timestampSource: string;
  /** Smallest step of the capture times in ns. */
  readonly timestampResolutionNs: number;
  /** The only domain expected, e.g. 127, the default of ST 2059-2; without it any is fine. */
  readonly domain?: number;
  /** Name of the network of a number, for reports on several. */
  readonly networkName?: (network: number) => string;
}

/** True for a UDP destination port of PTP. */
export function isPtpPort(port: number): boolean {
  return port === PTP_EVENT_PORT || port === PTP_GENERAL_PORT;
}

/**
 * Listens to PTP version 2 over UDP (IEEE 1588-2008 annex D, E) and judges it by that standard and ST 2059-2, each
 * domain of each network by itself. Takes no part, reads no clock: offsets compare the capture's times with the
 * master's. Memory: 64 domains, 256 masters (35 kB each at most, mostly histograms), 4096 requesters (some 100 octets).
 */
export class PtpMonitor {
  messages = 0;
  readonly #options: PtpMonitorOptions;
  readonly #counters: PtpCounters = ruleCounters(PTP_RULES);
  readonly #domains: PtpDomain[] = [];
  readonly #room: PtpRoom = { masters: MAX_ALL_MASTERS, requesters: MAX_ALL_REQUESTERS };

  constructor(options: PtpMonitorOptions) {
    this.#options = options;
  }

  /**
   * Takes the UDP payload `buf[off, off + len)` of a datagram to `port`, of which `wireLength` >= `len` octets stood
   * on the wire, captured at `timeNs` after `epoch` on the network of the number `network`; `address` is
   * a number for the destination address. Any octets are fine.
   */
  datagram(
    buf: Uint8Array,
    off: number,
    len: number,
    wireLength: number,
    port: number,
    timeNs: number,
    epoch: Epoch,
    network = 0,
    address = 0,
  ): void {
    const counters = this.#counters;
    this.messages++;
    if (len < PTP_HEADER_OCTETS) {
      counters.malformed.hit(timeNs);
      return;
    }
    if (ptpVersion(buf, off) !== 2) {
      counters.version.hit(timeNs);
      return;
    }
    const type = ptpMessageType(buf, off);
    const least = minOctets(type);
    if (least === 0) {
      counters.reservedType.hit(timeNs);
      return;
    }
    const messageLength = ptpMessageLength(buf, off);
    if (messageLength < least || messageLength > wireLength || len < least) {
      counters.malformed.hit(timeNs);
      return;
    }
    if (isEventMessage(type) !== (port === PTP_EVENT_PORT)) counters.wrongPort.hit(timeNs);
    const number = ptpDomain(buf, off);
    if (number > MAX_DOMAIN) counters.reservedDomain.hit(timeNs);
    else if (number !== (this.#options.domain ?? number)) counters.domain.hit(timeNs);
    const domain = this.#domain(number, network);
    if (domain === null) counters.overflow.hit(timeNs);
    else domain.message(buf, off, Math.min(len, messageLength), address, timeNs, epoch);
  }

  /** It is `nowNs` by packet time: masters may have fallen silent. */
  expire(nowNs: number): void {
    for (const domain of this.#domains) domain.expire(nowNs);
  }

  /** The input starts again: what follows is not compared with what was before. */
  gap(): void {
    for (const domain of this.#domains) domain.gap();
  }

  /** All domains as report data. */
  report(epoch: Epoch): PtpReport {
    const { timestampSource, timestampResolutionNs, networkName = String } = this.#options;
    const domains = this.#domains;
    // Of one network there is nothing to tell.
    const several = domains.some(({ network }) => network !== domains[0]?.network);
    return {
      messages: this.messages,
      timestampSource,
      timestampResolutionNs,
      domains: domains.map((domain) => domain.report(epoch, several ? networkName(domain.network) : null)),
    };
  }

  /** Everything that was found wrong so far. */
  findings(streamId: string, epoch: Epoch): Finding[] {
    const lacking = new FindingCounter(PTP_RULES.synchronizationMetadata);
    for (const domain of this.#domains) if (domain.lacksMetadata) lacking.hit(Number.NaN);
    const counters = [...Object.values(this.#counters), lacking];
    return findingsOf(counters, streamId, epoch);
  }

  #domain(number: number, network: number): PtpDomain | null {
    for (const domain of this.#domains) {
      if (domain.number === number && domain.network === network) return domain;
    }
    if (this.#domains.length >= MAX_DOMAINS) return null;
    const domain = new PtpDomain(number, network, this.#counters, this.#room);
    this.#domains.push(domain);
    return domain;
  }
}
