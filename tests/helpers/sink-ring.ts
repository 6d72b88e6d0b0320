/** The queue of a sink, filled as the client's receiving thread does. */

import { formatTime } from "../../src/report/time.ts";
import { messageTimes, SinkFeed } from "../../src/sinks/queue/feed.ts";
import { closeRing, ringMemory } from "../../src/sinks/queue/ring.ts";
import type { Header } from "../../src/wire/header.ts";
import { StreamTrack } from "../../src/wire/stream-track.ts";
import type { Kind } from "../../src/wire/topic.ts";

/** Times in tests count from here. */
export const EPOCH = { seconds: 1_700_000_000, nanoseconds: 0, wallClock: true };

/** One queue and its feed. */
export class SinkRing {
  readonly memory: SharedArrayBuffer;
  readonly feed: SinkFeed;
  readonly #tracks = new Map<string, StreamTrack>();

  constructor(takes: "packets" | "documents" = "packets", bytes = 16 * 1024 * 1024) {
    this.memory = ringMemory(bytes);
    this.feed = new SinkFeed({ id: 0, name: "a sink", takes, ring: this.memory });
  }

  /** The track of a stream, to count gaps and restarts in. */
  track(stream: string, kind: Kind = "ts", probe = "studio"): StreamTrack {
    const key = `${probe}/${stream}/${kind}`;
    const track = this.#tracks.get(key) ?? new StreamTrack({ probe, stream, kind });
    this.#tracks.set(key, track);
    return track;
  }

  /** Whole TS packets that came at `firstNs` to `lastNs`, in messages of at most 64 datagrams. */
  ts(stream: string, octets: Uint8Array, firstNs: number, lastNs: number, probe = "studio"): void {
    const track = this.track(stream, "ts", probe);
    const most = 188 * 7 * 64;
    for (let off = 0; off < octets.length; off += most) {
      const part = octets.subarray(off, off + most);
      const at = (o: number): number => Math.round(firstNs + ((lastNs - firstNs) * o) / octets.length);
      const header = this.#header(track, part.length / 188, at(off), at(off + part.length));
      this.feed.ts(track, header, messageTimes(header), part.slice(), part.length);
    }
  }

  /** RTP packets in one message. */
  rtp(stream: string, packets: readonly Uint8Array[], firstNs: number, lastNs: number): void {
    const track = this.track(stream, "rtp");
    const lengths = packets.map(({ length }) => length);
    const header = { ...this.#header(track, packets.length, firstNs, lastNs), lengths };
    const octets = Buffer.concat(packets);
    this.feed.rtp(track, header, messageTimes(header), octets, packets.length, octets.length);
  }

  /** A report or an event. */
  document(stream: string, kind: "report" | "event", document: unknown): void {
    this.feed.document(this.track(stream, kind), new TextEncoder().encode(JSON.stringify(document)));
  }

  /** Nothing more comes. */
  close(): void {
    closeRing(this.memory);
  }

  #header(track: StreamTrack, packets: number, firstNs: number, lastNs: number): Header {
    const { probe, stream, kind } = track;
    return {
      rscap: 1,
      probe,
      run: "1",
      stream,
      kind,
      source: "192.0.2.1:1234",
      destination: "239.1.1.1:5000",
      timestampSource: "kernel, 1 ns",
      sequence: 0,
      firstTime: formatTime(EPOCH, firstNs),
      lastTime: formatTime(EPOCH, lastNs),
      datagrams: 1,
      packets,
    };
  }
}
