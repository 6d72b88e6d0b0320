/** Rules of ST 2110-10, and of the RFCs it builds on, which hold for other media too. */
import { filterNames, isMulticast, isSourceSpecific, parseSourceFilter } from "./addresses.ts";
import { isSt2110 } from "./format.ts";
import {
  attribute,
  quoted,
  type SdpAttribute,
  type SdpFault,
  type SdpMedia,
  type SdpSession,
  wholeNumber,
} from "./parse.ts";
import type { SdpRuleName } from "./rules.ts";

/** Tells of a fault at a line. */
export type Tell = (rule: SdpRuleName, line: number, found: string) => void;

/** Everything that concerns transport, clocks and grouping. */
export function checkSession(session: SdpSession, faults: SdpFault[]): void {
  const tell: Tell = (rule, line, found) => faults.push({ rule, line, found });
  for (const media of session.media) {
    checkTransport(media, tell);
    checkConnection(media, session, tell);
    if (!isSt2110(media)) continue;
    checkReferenceClock(media, session, tell);
    checkMediaClock(media, session, tell);
  }
  checkSessionFilters(session, tell);
  checkGroups(session, tell);
}

function checkTransport(media: SdpMedia, tell: Tell): void {
  const { line, port, protocol, payloadType } = media;
  if (port === null || port < 1 || port > 65535) tell("port", line, port === null ? "none" : String(port));
  const st2110 = isSt2110(media);
  if (st2110 && protocol !== "RTP/AVP") tell("protocol", line, quoted(protocol));
  // Only with RTP is the format of m= a payload type (RFC 8866 5.14).
  if (!st2110 && !protocol.includes("RTP/")) return;
  const dynamic = payloadType !== null && payloadType >= 96 && payloadType <= 127;
  const assigned = payloadType !== null && payloadType < 96 && (!st2110 || isStaticL16(media));
  if (!dynamic && !assigned) {
    tell("payloadType", line, payloadType === null ? "none" : String(payloadType));
  } else if (dynamic && media.encoding === null && !media.attributes.some(({ name }) => name === "rtpmap")) {
    tell("noRtpmap", line, String(payloadType));
  }
}

/** The payload types that RFC 3551 6 gives to L16, which ST 2110-10 6.2 excepts: 10 has two channels, 11 has one. */
function isStaticL16({ payloadType, encoding, clockRate, channels }: SdpMedia): boolean {
  if (encoding?.toUpperCase() !== "L16" || clockRate !== 44100) return false;
  return (payloadType === 10 && channels === 2) || (payloadType === 11 && (channels ?? 1) === 1);
}

function checkConnection(media: SdpMedia, session: SdpSession, tell: Tell): void {
  const { connection } = media;
  if (connection === null) {
    if (!media.connectionUnreadable) tell("noConnection", media.line, "");
    return;
  }
  const { address, family, ttl, line } = connection;
  if (family === 4 && isMulticast(address) && (ttl === null || ttl > 255)) tell("ttl", line, quoted(address));
  const own = sourceFilters(media);
  for (const { value, line: at } of own) {
    const filter = parseSourceFilter(value);
    if (filter === null || !filterNames(filter, connection)) tell("sourceFilter", at, quoted(value));
  }
  const named = sourceFilters(session).some(({ value }) => {
    const filter = parseSourceFilter(value);
    // One that can't be read is a finding of its own.
    return filter === null || filterNames(filter, connection);
  });
  if (own.length === 0 && !named && isSourceSpecific(address))
    tell("sourceFilterMissing", line, quoted(address));
}

/** A filter of the session is for any of its connections, not for each (RFC 4570 3.1). */
function checkSessionFilters(session: SdpSession, tell: Tell): void {
  const all = [session, ...session.media].flatMap(({ connection }) => connection ?? []);
  const unreadable = session.media.some(({ connection }) => connection === null);
  for (const { value, line } of sourceFilters(session)) {
    const filter = parseSourceFilter(value);
    const fits = filter !== null && (unreadable || all.some((connection) => filterNames(filter, connection)));
    if (!fits) tell("sourceFilter", line, quoted(value));
  }
}

function sourceFilters({ attributes }: { attributes: readonly SdpAttribute[] }): SdpAttribute[] {
  return attributes.filter(({ name }) => name === "source-filter");
}

function checkReferenceClock(media: SdpMedia, session: SdpSession, tell: Tell): void {
  const clocks = media.attributes.filter(({ name }) => name === "ts-refclk");
  if (clocks.length === 0) {
    const found = attribute(session, "ts-refclk") ? "there is one for the session alone" : "";
    tell("refclkMissing", media.line, found);
  }
  for (const { value, line } of clocks) {
    if (/^localmac=([0-9a-f]{2}-){5}[0-9a-f]{2}$/i.test(value)) continue;
    if (/^ptp=IEEE1588-20(08|19):traceable$/.test(value)) continue;
    const match = /^ptp=IEEE1588-20(?:08|19):(?:[0-9a-f]{2}-){7}[0-9a-f]{2}(?::(.*))?$/i.exec(value);
    if (match === null) {
      tell("refclk", line, quoted(value));
      continue;
    }
    const domain = wholeNumber(match[1]?.replace(/^domain-nmbr=/, ""));
    if (domain === null || domain > 127) tell("refclkDomain", line, quoted(value));
  }
}

function checkMediaClock(media: SdpMedia, session: SdpSession, tell: Tell): void {
  const clock = attribute(media, "mediaclk");
  if (clock === null) {
    const found = attribute(session, "mediaclk") ? "there is one for the session alone" : "";
    tell("mediaclkMissing", media.line, found);
    return;
  }
  if (clock.value === "sender") return;
  const match = /^direct=(\d+)( +rate=\d+(\/\d+)?)?$/.exec(clock.value);
  if (match === null) {
    tell("mediaclk", clock.line, quoted(clock.value));
    return;
  }
  const byPtp = media.attributes.some(({ name, value }) => name === "ts-refclk" && value.startsWith("ptp="));
  if (byPtp && Number(match[1]) !== 0) tell("mediaclkOffset", clock.line, quoted(clock.value));
}

function checkGroups(session: SdpSession, tell: Tell): void {
  const byMid = new Map<string, SdpMedia>();
  for (const media of session.media) {
    for (const { value, line } of media.attributes.filter(({ name }) => name === "mid")) {
      if (!/^\S+$/.test(value) || byMid.has(value)) tell("mid", line, quoted(value));
      else byMid.set(value, media);
    }
  }
  for (const { value, line } of session.attributes.filter(({ name }) => name === "group")) {
    const [semantics, ...mids] = value.split(/ +/);
    if (semantics !== "DUP") continue;
    const legs = mids.flatMap((mid) => byMid.get(mid) ?? []);
    if (legs.length !== mids.length) tell("group", line, quoted(value));
    else checkLegs(legs, line, tell);
  }
}

function checkLegs(legs: readonly SdpMedia[], line: number, tell: Tell): void {
  // A group may have more than two (RFC 7104 4.2, RFC 5888 8).
  if (legs.length < 2) {
    tell("groupLegs", line, `${legs.length} legs`);
    return;
  }
  if (new Set(legs.map(description)).size > 1) tell("groupLegs", line, "their formats differ");
  else if (new Set(legs.map(path)).size < legs.length) tell("groupLegs", line, "two have the same addresses");
  if (legs.length > 2) tell("groupMoreLegs", line, `${legs.length} legs`);
}

/** What all legs must have alike; the payload types may differ (RFC 7104 4.2). */
function description(media: SdpMedia): string {
  const parameters = media.parameters.map(({ name, value }) => `${name}=${value}`).sort();
  return JSON.stringify([media.kind, media.encoding, media.clockRate, media.channels, parameters]);
}

function path(media: SdpMedia): string {
  const filter = attribute(media, "source-filter");
  const sources = filter === null ? [] : (parseSourceFilter(filter.value)?.sources ?? []);
  return JSON.stringify([media.connection?.address, media.port, sources]);
}
