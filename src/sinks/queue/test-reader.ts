/** The other thread of a test: takes everything out of a ring and tells what it saw. */
import { RECORD, RingReader } from "./ring.ts";

declare const self: Worker;

self.onmessage = (event: MessageEvent<SharedArrayBuffer>) => {
  const reader = new RingReader(event.data);
  const seen = { records: 0, bytes: 0, disorder: 0, wrong: 0 };
  let last = -1;
  while (!reader.ended) {
    if (reader.next(100) === RECORD.none) continue;
    seen.records++;
    seen.bytes += reader.len;
    if (reader.packets <= last) seen.disorder++;
    last = reader.packets;
    for (let i = reader.off; i < reader.off + reader.len; i++) {
      if (reader.buf[i] !== (reader.packets & 0xff)) seen.wrong++;
    }
  }
  postMessage(seen);
};
