import { ProbeTrack } from "./probe-track.ts";
import type { Kind, Topic } from "./topic.ts";

/** The number of a message says that its probe has started again. */
export const RESTARTED = -1;

/** The message has come before. */
export const DUPLICATE = -2;

/** Runs whose numbers are remembered: messages of the run before may come once more. */
const RUNS = 4;

/** What the receiving end knows of one stream of one probe: totals since the start. */
export class StreamTrack {
  readonly probe: string;
  /** Stream id; empty for messages without topic and header. */
  readonly stream: string;
  readonly kind: Kind;
  messages = 0;
  packets = 0;
  bytes = 0;
  /** Places where messages are missing. */
  gaps = 0;
  /** Messages missing there. */
  lostMessages = 0;
  /** Messages that came once more after a connection broke, and were left out. */
  duplicates = 0;
  /** Of a shared stream: messages that went to other workers, or were lost. */
  elsewhere = 0;
  /** Other workers take messages of this stream, too. */
  readonly shared: boolean;
  /** Where it comes from. */
  readonly source: ProbeTrack;
  /** Times the probe has started again. */
  restarts = 0;
  /** Messages of an earlier run that came in between those of a later one: two probes have one name. */
  interleaved = 0;
  #run = "";
  #next = -1;
  #inPart = false;
  /** Next number of earlier runs, the newest last. */
  readonly #earlier: { readonly run: string; readonly next: number }[] = [];

  constructor(topic: Topic, source: ProbeTrack = new ProbeTrack(topic.probe), shared = false) {
    this.source = source;
    this.shared = shared;
    this.probe = topic.probe;
    this.stream = topic.stream;
    this.kind = topic.kind;
  }

  /** True when a header says the same as the topic. */
  matches(header: Topic): boolean {
    return header.probe === this.probe && header.stream === this.stream && header.kind === this.kind;
  }

  /** The run that messages came from last, and the number that is next in it; null before the first. */
  get position(): { readonly run: string; readonly next: number } | null {
    return this.#next < 0 ? null : { run: this.#run, next: this.#next - (this.#inPart ? 1 : 0) };
  }

  /** Not all of the message that has just come was taken: somebody else is to have it. */
  tookInPart(): void {
    this.#inPart = true;
  }

  /**
   * Takes the sequence number of a message that has come. Messages missing before it; RESTARTED when the probe
   * has started again (another `run`, or a number that goes back), which is no gap; DUPLICATE when the probe
   * sends again what was not acknowledged and this one is known. A message that goes on an earlier run is counted from
   * there, so that two probes under one name hide no loss.
   */
  arrived(run: string, sequence: number): number {
    const expected = this.#next;
    const sameRun = this.#run === run;
    if (this.source.acknowledged && this.#known(run, sequence)) {
      this.duplicates++;
      return DUPLICATE;
    }
    const from = sameRun ? expected : this.#leftAt(run, sequence);
    if (!sameRun && expected >= 0) this.#remember();
    this.#run = run;
    this.#next = sequence + 1;
    this.#inPart = false;
    if (expected < 0) return 0;
    if (!sameRun && from >= 0) this.interleaved++;
    if (from < 0 || sequence < from) {
      this.restarts++;
      return RESTARTED;
    }
    const missing = sequence - from;
    if (missing > 0 && this.shared) {
      this.elsewhere += missing;
      return 0;
    }
    if (missing > 0) {
      this.gaps++;
      this.lostMessages += missing;
    }
    return missing;
  }

  #known(run: string, sequence: number): boolean {
    if (run === this.#run) return sequence < this.#next;
    return this.#earlier.some((each) => each.run === run && sequence < each.next);
  }

  /** The next number of an earlier run that this message goes on; -1 for none. */
  #leftAt(run: string, sequence: number): number {
    const at = this.#earlier.findIndex((each) => each.run === run && sequence >= each.next);
    return at < 0 ? -1 : (this.#earlier.splice(at, 1)[0]?.next ?? -1);
  }

  #remember(): void {
    this.#earlier.push({ run: this.#run, next: this.#next });
    if (this.#earlier.length > RUNS) this.#earlier.shift();
  }
}
