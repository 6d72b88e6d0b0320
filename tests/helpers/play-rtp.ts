import { END_OF_INPUT, FrameBatch } from "../../src/capture/batch.ts";
import { openFile } from "../../src/capture/open-file.ts";
import { Datagram, parseFrame, STATUS } from "../../src/net/datagram.ts";
import { rtpSequence } from "../../src/net/rtp.ts";
import type { Epoch } from "../../src/report/time.ts";
import type { RtpAnalyser } from "../../src/st2110/analyser.ts";

/** What was played, and the moment that its times count from. */
export interface Played {
  readonly packets: number;
  readonly epoch: Epoch;
  readonly lastNs: number;
}

/** Gives each RTP packet of the capture `path`, in its order, to `analyser`; `lost` by the gaps of the sequence. */
export async function playRtp(path: string, analyser: RtpAnalyser): Promise<Played> {
  const source = await openFile(path);
  const batch = new FrameBatch(256);
  const datagram = new Datagram();
  let packets = 0;
  let sequence = -1;
  let lastNs = 0;
  try {
    while ((await source.next(batch, 100)) !== END_OF_INPUT) {
      for (let i = 0; i < batch.count; i++) {
        const off = batch.offset[i] as number;
        const captured = batch.capturedLength[i] as number;
        const wire = batch.wireLength[i] as number;
        const link = batch.linkType[i] as number;
        if (parseFrame(batch.buf, off, captured, wire, link, -1, 0, datagram) !== STATUS.udp) continue;
        const { payloadOff, payloadLength, capturedPayloadLength } = datagram;
        const next = rtpSequence(batch.buf, payloadOff);
        const lost = sequence < 0 ? 0 : (next - sequence - 1) & 0xffff;
        lastNs = batch.timeNs[i] as number;
        analyser.packet(batch.buf, payloadOff, capturedPayloadLength, payloadLength, lost, lastNs);
        sequence = next;
        packets += 1;
      }
    }
    return { packets, epoch: source.epoch, lastNs };
  } finally {
    source.close();
  }
}
