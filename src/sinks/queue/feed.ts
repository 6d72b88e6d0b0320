import { monotonicNs } from "../../../ffi/libc/libc.ts";
import { parseTime } from "../../report/time.ts";
import type { Header } from "../../wire/header.ts";
import type { StreamTrack } from "../../wire/stream-track.ts";
import type { Topic } from "../../wire/topic.ts";
import type { TrackFacts } from "./packet-sink.ts";
import { RECORD, type RecordType, RingWriter, recordFacts } from "./ring.ts";

/** Octets of a TS packet. */
const TS_PACKET_BYTES = 188;

/** What a sink takes, and the memory of its queue. */
export interface FeedJob {
  readonly id: number;
  /** As the user named it, e.g. `--exec 'ffplay -'`. */
  readonly name: string;
  /** What is put in: packets, or reports, events and pictures. */
  readonly takes: "packets" | "documents";
  readonly ring: SharedArrayBuffer;
}

/** What was put into a sink's queue, and what found no room; totals, of documents by the piece. */
export interface FeedCounts {
  readonly id: number;
  readonly packets: number;
  readonly bytes: number;
  readonly droppedPackets: number;
  readonly droppedBytes: number;
  /** Octets that wait, now and at the most. */
  readonly queuedBytes: number;
  readonly peakBytes: number;
}

interface FeedTrack {
  readonly index: number;
  /** Restarts of the probe and messages lost when the last record went in; -1 restarts before the facts went in. */
  restarts: number;
  lostMessages: number;
  dropped: boolean;
}

/** The times of a message, taken apart once for all sinks. */
export interface MessageTimes {
  readonly first: ReturnType<typeof parseTime>;
  readonly last: ReturnType<typeof parseTime>;
}

/** The times that `header` tells; none for a message without header. */
export function messageTimes(header: Header | null): MessageTimes {
  return { first: parseTime(header?.firstTime ?? null), last: parseTime(header?.lastTime ?? null) };
}

/** Puts what comes in into the queue of one sink, and never waits: what finds no room is counted as dropped. */
export class SinkFeed {
  readonly id: number;
  readonly takes: FeedJob["takes"];
  readonly #ring: RingWriter;
  readonly #tracks = new Map<object, FeedTrack>();
  readonly #facts = recordFacts();
  readonly #encoder = new TextEncoder();
  #packets = 0;
  #bytes = 0;
  #droppedPackets = 0;
  #droppedBytes = 0;
  #peakBytes = 0;

  constructor(job: FeedJob) {
    this.id = job.id;
    this.takes = job.takes;
    this.#ring = new RingWriter(job.ring);
  }

  /** `bytes` octets of whole TS packets at the start of `buf`; `header` is null for a message without one. */
  ts(track: StreamTrack, header: Header | null, times: MessageTimes, buf: Uint8Array, bytes: number): void {
    this.#put(track, header, times, RECORD.ts, bytes / TS_PACKET_BYTES, null, buf, bytes);
  }

  /** The first `packets` RTP packets of a message, which take `bytes` octets. */
  rtp(
    track: StreamTrack,
    header: Header,
    times: MessageTimes,
    buf: Uint8Array,
    packets: number,
    bytes: number,
  ): void {
    this.#put(track, header, times, RECORD.rtp, packets, header.lengths ?? [], buf, bytes);
  }

  /** A document of `origin`, which is the same object for all documents of one kind and stream. */
  document(origin: Topic, octets: Uint8Array): void {
    const track = this.#trackOf(origin);
    if (track.restarts < 0) {
      if (!this.#announce(track, { ...factsOf(origin), source: null, destination: null, wall: false })) {
        this.#drop(1, octets.length);
        return;
      }
      track.restarts = 0;
    }
    this.#facts.type = RECORD.document;
    this.#facts.track = track.index;
    this.#facts.packets = 1;
    this.#facts.discontinuity = false;
    if (this.#ring.put(this.#facts, null, octets, 0, octets.length)) this.#took(1, octets.length);
    else this.#drop(1, octets.length);
  }

  /** Where the queue stands. */
  counts(): FeedCounts {
    return {
      id: this.id,
      packets: this.#packets,
      bytes: this.#bytes,
      droppedPackets: this.#droppedPackets,
      droppedBytes: this.#droppedBytes,
      queuedBytes: this.#ring.usedBytes,
      peakBytes: this.#peakBytes,
    };
  }

  #put(
    track: StreamTrack,
    header: Header | null,
    times: MessageTimes,
    type: RecordType,
    packets: number,
    lengths: readonly number[] | null,
    buf: Uint8Array,
    bytes: number,
  ): void {
    const fed = this.#trackOf(track);
    const facts = this.#facts;
    facts.discontinuity =
      fed.dropped ||
      (fed.restarts >= 0 && (fed.restarts !== track.restarts || fed.lostMessages !== track.lostMessages));
    if (fed.restarts !== track.restarts) {
      // A probe that starts again may send from another address.
      const { source = null, destination = null } = header ?? {};
      const wall = times.first?.wall ?? false;
      if (!this.#announce(fed, { ...factsOf(track), source, destination, wall })) {
        fed.dropped = true;
        this.#drop(packets, bytes);
        return;
      }
    }
    facts.type = type;
    facts.track = fed.index;
    facts.packets = packets;
    facts.firstSeconds = times.first?.seconds ?? Number.NaN;
    facts.firstNs = times.first?.nanoseconds ?? 0;
    facts.lastSeconds = times.last?.seconds ?? facts.firstSeconds;
    facts.lastNs = times.last?.nanoseconds ?? facts.firstNs;
    facts.putNs = monotonicNs();
    fed.dropped = !this.#ring.put(facts, lengths, buf, 0, bytes);
    if (fed.dropped) {
      this.#drop(packets, bytes);
      return;
    }
    fed.restarts = track.restarts;
    fed.lostMessages = track.lostMessages;
    this.#took(packets, bytes);
  }

  #trackOf(key: object): FeedTrack {
    const known = this.#tracks.get(key);
    if (known !== undefined) return known;
    const made = { index: this.#tracks.size, restarts: -1, lostMessages: 0, dropped: false };
    this.#tracks.set(key, made);
    return made;
  }

  #announce(track: FeedTrack, facts: TrackFacts): boolean {
    const octets = this.#encoder.encode(JSON.stringify(facts));
    const record = { ...recordFacts(), type: RECORD.track, track: track.index };
    return this.#ring.put(record, null, octets, 0, octets.length);
  }

  #took(packets: number, bytes: number): void {
    this.#packets += packets;
    this.#bytes += bytes;
    const { usedBytes } = this.#ring;
    if (usedBytes > this.#peakBytes) this.#peakBytes = usedBytes;
  }

  #drop(packets: number, bytes: number): void {
    this.#droppedPackets += packets;
    this.#droppedBytes += bytes;
  }
}

function factsOf({ probe, stream, kind }: Topic): Pick<TrackFacts, "probe" | "stream" | "kind"> {
  return { probe, stream, kind };
}
