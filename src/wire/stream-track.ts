import type { Kind, Topic } from "./topic.ts";

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
  /** Times the probe has started again. */
  restarts = 0;
  #run = "";
  #next = -1;

  constructor(topic: Topic) {
    this.probe = topic.probe;
    this.stream = topic.stream;
    this.kind = topic.kind;
  }

  /** True when a header says the same as the topic. */
  matches(header: Topic): boolean {
    return header.probe === this.probe && header.stream === this.stream && header.kind === this.kind;
  }

  /**
   * Takes the sequence number of a message that has come. Messages missing before it; -1 when the probe has
   * started again (another `run`, or a number that goes back), which is no gap.
   */
  arrived(run: string, sequence: number): number {
    const expected = this.#next;
    const sameRun = this.#run === run;
    this.#run = run;
    this.#next = sequence + 1;
    if (expected < 0) return 0;
    if (!sameRun || sequence < expected) {
      this.restarts++;
      return -1;
    }
    const missing = sequence - expected;
    if (missing > 0) {
      this.gaps++;
      this.lostMessages += missing;
    }
    return missing;
  }
}
