import type { StreamInfo } from "../../report/output.ts";
import { type Epoch, NO_WALL_CLOCK, NS_PER_SECOND } from "../../report/time.ts";
import type { Kind } from "../../wire/topic.ts";
import type { RecordFacts } from "./ring.ts";

/** What a sink is told of a track before its first packets, and again when its probe has started again. */
export interface TrackFacts {
  readonly probe: string;
  /** Stream id; empty for messages without topic and header. */
  readonly stream: string;
  readonly kind: Kind;
  /** Address and port of sender and group, null where they are not known. */
  readonly source: string | null;
  readonly destination: string | null;
  /** The times are of a wall clock. */
  readonly wall: boolean;
}

/** A record as a sink gets it; valid during the call. */
export interface SinkRecord extends RecordFacts {
  readonly buf: Uint8Array;
  readonly off: number;
  readonly len: number;
  /** Octets of RTP packet `i`. */
  packetBytes(i: number): number;
}

/** Where a sink writes a stream to. */
export interface SinkFile {
  readonly probe: string;
  readonly stream: string;
  readonly path: string;
  readonly packets: number;
  readonly lostPackets: number;
}

/** What a sink did; totals. */
export interface SinkFigures {
  /** Packets (of a sink of documents: documents) that it passed on, and their octets. */
  readonly packets: number;
  readonly bytes: number;
  /** Packets that it took and could not pass on. */
  readonly lost: number;
  /** Packets of streams that it does not take. */
  readonly unwanted: number;
  readonly files: readonly SinkFile[];
  /** Further things to know, in sentences. */
  readonly notes: readonly string[];
}

/**
 * What one sink thread runs: takes records, one at a time, and may take its time over them. Throws an RscapError where
 * it can't go on at all; what it can get over, it counts.
 */
export interface PacketSink {
  /** Facts of track `index`. */
  track(index: number, facts: TrackFacts): void;
  /** A record of a track whose facts came before. */
  take(record: SinkRecord): void;
  /** Called several times a second, with `performance.now()`. */
  poll(nowMs: number): void;
  figures(): SinkFigures;
  /** Passes on what is pending and ends. */
  close(): void | Promise<void>;
}

/** Nanoseconds after the whole second `epoch`; NaN where the time is not known. */
export function sinceNs(seconds: number, nanoseconds: number, epoch: Epoch): number {
  return (seconds - epoch.seconds) * NS_PER_SECOND + nanoseconds;
}

/** What the times of a track count from: the whole second of its first packet. */
export function epochOf(firstSeconds: number, wall: boolean): Epoch {
  return Number.isNaN(firstSeconds)
    ? NO_WALL_CLOCK
    : { seconds: firstSeconds, nanoseconds: 0, wallClock: wall };
}

/** The track as outputs of the pipeline know a stream. */
export function streamInfoOf(facts: Pick<TrackFacts, "stream" | "source" | "destination">): StreamInfo {
  const [sourceAddress, sourcePort] = endpointOf(facts.source);
  const [destinationAddress, destinationPort] = endpointOf(facts.destination);
  return { id: facts.stream, kind: "rtp", sourceAddress, sourcePort, destinationAddress, destinationPort };
}

/** `239.1.1.1:5000` or `[ff3e::1]:5000` in its parts. */
function endpointOf(text: string | null): [address: string, port: number] {
  const parts = /^\[?([0-9A-Fa-f.:%a-z-]*?)\]?:(\d{1,5})$/.exec(text ?? "");
  return parts === null ? ["", 0] : [parts[1] as string, Number(parts[2]) & 0xffff];
}
