import { END_OF_INPUT, FrameBatch } from "../../src/capture/batch.ts";
import { openFile } from "../../src/capture/open-file.ts";
import { Datagram, parseFrame, STATUS } from "../../src/net/datagram.ts";
import type { Epoch } from "../../src/report/time.ts";

/** One UDP datagram as captured; its headers stand in `datagram`, whose object is reused. */
export type TakeDatagram = (buf: Uint8Array, datagram: Datagram, timeNs: number, epoch: Epoch) => void;

/** Gives each UDP datagram of the capture `path`, in its order, to `take`; returns the epoch and the last time. */
export async function playUdp(path: string, take: TakeDatagram): Promise<{ epoch: Epoch; lastNs: number }> {
  const source = await openFile(path);
  const batch = new FrameBatch(256);
  const datagram = new Datagram();
  let lastNs = 0;
  try {
    while ((await source.next(batch, 100)) !== END_OF_INPUT) {
      for (let i = 0; i < batch.count; i++) {
        const off = batch.offset[i] as number;
        const captured = batch.capturedLength[i] as number;
        const wire = batch.wireLength[i] as number;
        const link = batch.linkType[i] as number;
        if (parseFrame(batch.buf, off, captured, wire, link, -1, 0, datagram) !== STATUS.udp) continue;
        lastNs = batch.timeNs[i] as number;
        take(batch.buf, datagram, lastNs, source.epoch);
      }
    }
    return { epoch: source.epoch, lastNs };
  } finally {
    source.close();
  }
}
