import { formatAddress, parseAddress } from "../net/addresses.ts";
import type { Finding, Rule } from "../report/finding.ts";
import { ruleText } from "../report/finding.ts";
import type { SdpReport } from "../report/sdp-schema.ts";
import { readSdp, type SdpDescription, type SdpStream, sdpFindings } from "../st2110/sdp/description.ts";

/** A session description as it was given. */
export interface SdpFile {
  readonly name: string;
  readonly text: string;
}

/** The two flows that a description makes legs of one stream (ST 2022-7), first and second. */
export type DescribedLegs = readonly [SdpStream, SdpStream];

const SDP_SILENT: Rule = {
  code: "sdp-stream-silent",
  clause: "ST 2110-10 8",
  severity: "warning",
  text: "{count} of the described {stream|streams} did not come:",
};

interface Session {
  readonly file: string;
  readonly stream: string;
  readonly description: SdpDescription;
  /** Id of the flow that each media was found in. */
  readonly found: (string | null)[];
}

/** The session descriptions that were given, and which flow is which of their media. */
export class SdpSessions {
  readonly #sessions: readonly Session[];

  constructor(files: readonly SdpFile[]) {
    this.#sessions = files.map(({ name, text }) => {
      const description = readSdp(text);
      const stream = files.length === 1 ? "sdp" : `sdp:${name.replace(/^.*\//, "")}`;
      return { file: name, stream, description, found: description.streams.map(() => null) };
    });
  }

  /** The media that a flow is by its addresses, the one that names its sender before one for any; null for none. */
  match(id: string, source: string, destination: string, port: number): SdpStream | null {
    let found: { session: Session; media: SdpStream } | null = null;
    for (const session of this.#sessions) {
      for (const media of session.description.streams) {
        if (media.destinationPort !== port || canonical(media.destinationAddress) !== destination) continue;
        const senders = media.sourceAddresses.map(canonical);
        // A sender that is named by its host name may be any.
        if (senders.length > 0 && !senders.includes(source) && !senders.includes(null)) continue;
        if (found === null || (found.media.sourceAddresses.length === 0 && senders.length > 0)) {
          found = { session, media };
        }
      }
    }
    if (found === null) return null;
    found.session.found[found.media.index] ??= id;
    return found.media;
  }

  /** The pair that `media` is a leg of; null for none. */
  legsOf(media: SdpStream): DescribedLegs | null {
    for (const { description } of this.#sessions) {
      for (const [a, b] of description.pairs) {
        const first = description.streams[a];
        const second = description.streams[b];
        if (first && second && (first === media || second === media)) return [first, second];
      }
    }
    return null;
  }

  /** What is wrong with the descriptions themselves; with `silent` also what they describe and did not come. */
  findings(silent: boolean): Finding[] {
    return this.#sessions.flatMap(({ description, stream, found }) => {
      const list = sdpFindings(description, stream);
      const missing = description.streams.filter(({ index }) => found[index] === null);
      if (!silent || missing.length === 0) return list;
      const { code, clause, severity } = SDP_SILENT;
      const names = missing.map((media) => mediaText(media)).join(", ");
      const text = `${ruleText(SDP_SILENT, missing.length)} ${names}.`;
      return [
        ...list,
        { code, clause, severity, stream, count: missing.length, first: null, last: null, text },
      ];
    });
  }

  /** The descriptions and where their media were found, as report data. */
  report(): SdpReport[] {
    return this.#sessions.map(({ file, description, found }) => ({
      file,
      media: description.streams.map((media) => ({
        format: media.format,
        destination: endpoint(media),
        stream: found[media.index] ?? null,
      })),
    }));
  }
}

function canonical(address: string | null): string | null {
  const octets = address === null ? null : parseAddress(address);
  return octets === null ? null : formatAddress(octets, 0, octets.length === 4 ? 4 : 6);
}

function endpoint({ destinationAddress, destinationPort }: SdpStream): string | null {
  const address = canonical(destinationAddress);
  if (address === null || destinationPort === null) return null;
  return address.includes(":") ? `[${address}]:${destinationPort}` : `${address}:${destinationPort}`;
}

function mediaText(media: SdpStream): string {
  return `${media.format} to ${endpoint(media) ?? "no readable address"}`;
}
