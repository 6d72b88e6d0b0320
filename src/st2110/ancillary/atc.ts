import type { AncDecoded } from "../../report/st2110-ancillary-schema.ts";
import { type Epoch, formatTime } from "../../report/time.ts";
import type { AncContent } from "./content.ts";
import type { AncCounters } from "./rules.ts";

/** Words of an ancillary time code packet (ST 12-2). */
const ATC_WORDS = 16;

/** Distributed binary bits 1 tell which time code it is; other values are kept under their number. */
const KINDS: readonly string[] = ["LTC", "VITC1", "VITC2"];

/** Different values of DBB1 that are kept apart: the three of above and what users define. */
const KIND_COUNT = 256;

/** Values of DBB1 that say film, production or video tape data: hexadecimal digits, and no time (ST 12-2 table 2). */
const NO_TIME: readonly number[] = [0x06, 0x07, 0x7d, 0x7e, 0x7f];

/** The last time code of one kind. */
class Track {
  packets = 0;
  /** Frames since midnight at 100 a second, so that any rate fits: comparable, not a time. */
  last = -1;
  hours = 0;
  minutes = 0;
  seconds = 0;
  frames = 0;
  dropFrame = false;
  userBits = 0;
  dbb2 = 0;
  jumps = 0;
  lastNs = Number.NaN;
}

/** Time code of ST 12-2: LTC and VITC in 16 words, a nibble and a distributed binary bit each. */
export class AtcContent implements AncContent {
  readonly #counters: AncCounters;
  readonly #tracks: (Track | null)[] = new Array<Track | null>(KIND_COUNT).fill(null);

  constructor(counters: AncCounters) {
    this.#counters = counters;
  }

  packet(octets: Uint8Array, count: number, timeNs: number): void {
    if (count !== ATC_WORDS) {
      this.#counters.atc.hit(timeNs);
      return;
    }
    let dbb1 = 0;
    let dbb2 = 0;
    let userBits = 0;
    for (let index = 0; index < 8; index += 1) {
      dbb1 |= (((octets[index] as number) >>> 3) & 1) << index;
      dbb2 |= (((octets[index + 8] as number) >>> 3) & 1) << index;
      userBits += nibble(octets, index * 2 + 1) * 16 ** index;
    }
    if (NO_TIME.includes(dbb1)) return;
    const frames = nibble(octets, 0) + (nibble(octets, 2) & 3) * 10;
    const seconds = nibble(octets, 4) + (nibble(octets, 6) & 7) * 10;
    const minutes = nibble(octets, 8) + (nibble(octets, 10) & 7) * 10;
    const hours = nibble(octets, 12) + (nibble(octets, 14) & 3) * 10;
    const digits =
      nibble(octets, 0) < 10 && nibble(octets, 4) < 10 && nibble(octets, 8) < 10 && nibble(octets, 12) < 10;
    if (!digits || seconds > 59 || minutes > 59 || hours > 23) {
      // Of the values that users define, and those to come, nobody says that they are a time.
      if (dbb1 < KINDS.length) this.#counters.atc.hit(timeNs);
      return;
    }
    let track = this.#tracks[dbb1] ?? null;
    if (track === null) {
      track = new Track();
      this.#tracks[dbb1] = track;
    }
    track.dropFrame = (nibble(octets, 2) & 4) !== 0;
    const now = ((hours * 60 + minutes) * 60 + seconds) * 100 + frames;
    if (track.last >= 0 && !follows(track.last, now, track.dropFrame)) track.jumps += 1;
    track.last = now;
    track.hours = hours;
    track.minutes = minutes;
    track.seconds = seconds;
    track.frames = frames;
    track.userBits = userBits;
    track.dbb2 = dbb2;
    track.packets += 1;
    track.lastNs = timeNs;
  }

  gap(): void {
    for (const track of this.#tracks) if (track) track.last = -1;
  }

  report(epoch: Epoch): AncDecoded {
    return {
      kind: "timecode",
      timecodes: this.#tracks.flatMap((track, dbb1) =>
        track === null
          ? []
          : [
              {
                type: KINDS[dbb1] ?? `DBB1 0x${dbb1.toString(16).padStart(2, "0")}`,
                packets: track.packets,
                last: text(track),
                lastTime: Number.isNaN(track.lastNs) ? null : formatTime(epoch, track.lastNs),
                dropFrame: track.dropFrame,
                userBits: track.userBits.toString(16).padStart(8, "0"),
                jumps: track.jumps,
                vitcLine: dbb1 === 1 || dbb1 === 2 ? track.dbb2 & 0x1f : null,
                valid: (track.dbb2 & 0x40) === 0,
              },
            ],
      ),
    };
  }
}

function nibble(octets: Uint8Array, index: number): number {
  return (octets[index] as number) >>> 4;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function text(track: Track): string {
  const frames = `${track.dropFrame ? ";" : ":"}${two(track.frames)}`;
  return `${two(track.hours)}:${two(track.minutes)}:${two(track.seconds)}${frames}`;
}

/**
 * True when the time code stands still (it repeats at 50 and 60 Hz, and in the second field) or goes on by a frame.
 * The rate is not known here: a second may end with any frame from 22 on, and a minute of drop-frame begins with 2.
 */
function follows(last: number, now: number, dropFrame: boolean): boolean {
  if (now === last || now === last + 1) return true;
  const frames = now % 100;
  const seconds = (now - frames) / 100;
  const lastFrames = last % 100;
  const lastSeconds = (last - lastFrames) / 100;
  if (seconds !== (lastSeconds + 1) % 86_400 || lastFrames < 22) return false;
  return frames === 0 || (dropFrame && frames === 2 && seconds % 60 === 0);
}
