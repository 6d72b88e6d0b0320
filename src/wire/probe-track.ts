/** What the receiving end knows of one probe. */
export class ProbeTrack {
  readonly probe: string;
  /** Messages of all its streams. */
  messages = 0;
  /** It keeps its messages until they are acknowledged, and has said so. */
  acknowledged = false;

  constructor(probe: string) {
    this.probe = probe;
  }
}
