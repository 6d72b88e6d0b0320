import type { StreamInfo } from "../report/output.ts";
import { type Epoch, NO_WALL_CLOCK } from "../report/time.ts";
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
    const firstNs = sinceNs(header.firstTime, epoch);
    const lastNs = sinceNs(header.lastTime, epoch);
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
    const epoch =
      time === null ? NO_WALL_CLOCK : { seconds: time.seconds, nanoseconds: 0, wallClock: time.wall };
    const [sourceAddress, sourcePort] = endpointOf(header.source);
    const [destinationAddress, destinationPort] = endpointOf(header.destination);
    const info: StreamInfo = {
      id: track.stream,
      kind: "rtp",
      sourceAddress,
      sourcePort,
      destinationAddress,
      destinationPort,
    };
    const made = { flow: this.#files.flow(track.probe, info, () => epoch), epoch };
    this.#tracks.set(track, made);
    return made;
  }
}

/** A time of a header in whole seconds and nanoseconds; null for none. See `formatTime`. */
function parseTime(text: string | null): { seconds: number; nanoseconds: number; wall: boolean } | null {
  const wall = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{9})Z$/.exec(text ?? "");
  if (wall !== null) {
    const seconds = Date.parse(`${wall[1]}Z`) / 1000;
    return Number.isNaN(seconds) ? null : { seconds, nanoseconds: Number(wall[2]), wall: true };
  }
  const plain = /^([+-]\d{1,12})\.(\d{9})s$/.exec(text ?? "");
  return plain === null ? null : { seconds: Number(plain[1]), nanoseconds: Number(plain[2]), wall: false };
}

function sinceNs(text: string | null, epoch: Epoch): number {
  const time = parseTime(text);
  return time === null ? Number.NaN : (time.seconds - epoch.seconds) * 1e9 + time.nanoseconds;
}

/** `239.1.1.1:5000` or `[ff3e::1]:5000` in its parts. */
function endpointOf(text: string | null): [address: string, port: number] {
  const parts = /^\[?([0-9A-Fa-f.:%a-z-]*?)\]?:(\d{1,5})$/.exec(text ?? "");
  return parts === null ? ["", 0] : [parts[1] as string, Number(parts[2]) & 0xffff];
}
