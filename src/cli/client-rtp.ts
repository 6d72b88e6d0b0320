import { type Epoch, parseTime } from "../report/time.ts";
import { epochOf, sinceNs, streamInfoOf } from "../sinks/queue/packet-sink.ts";
import type { RtpFiles } from "../sinks/rtp-files.ts";
import type { RtpFlow } from "../sinks/rtp-flow.ts";
import type { Header } from "../wire/header.ts";
import type { StreamTrack } from "../wire/stream-track.ts";

/** One flow as it comes in, and what its times count from. */
interface Track {
  readonly flow: RtpFlow;
  readonly epoch: Epoch;
}

/** Hands the RTP packets of messages to the files. A message has two times; those of the packets between are spread evenly. */
export class ClientRtp {
  readonly #files: RtpFiles;
  readonly #tracks = new Map<StreamTrack, Track>();

  constructor(files: RtpFiles) {
    this.#files = files;
  }

  /** Takes the first `most` packets of a message, whose lengths add up to its payload. */
  take(track: StreamTrack, header: Header, octets: Uint8Array, most: number): void {
    const { flow, epoch } = this.#track(track, header);
    const lengths = header.lengths ?? [];
    const firstNs = moment(header.firstTime, epoch);
    const lastNs = moment(header.lastTime, epoch);
    const stepNs = lengths.length > 1 ? (lastNs - firstNs) / (lengths.length - 1) : 0;
    let at = 0;
    for (const [i, length] of lengths.entries()) {
      if (i >= most) return;
      flow.packet(octets, at, length, Math.round(firstNs + i * stepNs));
      at += length;
    }
  }

  #track(track: StreamTrack, header: Header): Track {
    const known = this.#tracks.get(track);
    if (known !== undefined) return known;
    const time = parseTime(header.firstTime);
    const epoch = epochOf(time?.seconds ?? Number.NaN, time?.wall ?? false);
    const { source, destination } = header;
    const info = streamInfoOf({ stream: track.stream, source, destination });
    const made = { flow: this.#files.flow(track.probe, info, () => epoch), epoch };
    this.#tracks.set(track, made);
    return made;
  }
}

function moment(text: string | null, epoch: Epoch): number {
  const time = parseTime(text);
  return time === null ? Number.NaN : sinceNs(time.seconds, time.nanoseconds, epoch);
}
