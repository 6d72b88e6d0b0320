import { END_OF_INPUT, FrameBatch } from "../../src/capture/batch.ts";
import { openFile } from "../../src/capture/open-file.ts";
import { Datagram, parseFrame, STATUS } from "../../src/net/datagram.ts";
import { rtpSequence } from "../../src/net/rtp.ts";
import type { Epoch } from "../../src/report/time.ts";
import type { RtpAnalyser, TimestampQuality } from "../../src/st2110/analyser.ts";

/** One UDP payload of a capture, copied. */
export interface RtpPacket {
  readonly octets: Uint8Array;
  readonly wireLength: number;
  readonly timeNs: number;
  /** IPv4 source address: tells the legs of ST 2022-7 apart. */
  readonly source: string;
}

/** All UDP payloads of a capture file, with what its times are. */
export interface RtpCapture {
  readonly epoch: Epoch;
  readonly timestamps: TimestampQuality;
  readonly packets: RtpPacket[];
}

/** Reads every UDP payload of a capture that fits in memory. */
export async function readRtp(path: string): Promise<RtpCapture> {
  const source = await openFile(path);
  const batch = new FrameBatch(256);
  const datagram = new Datagram();
  const packets: RtpPacket[] = [];
  while ((await source.next(batch, 100)) !== END_OF_INPUT) {
    for (let i = 0; i < batch.count; i += 1) {
      const off = batch.offset[i] as number;
      const captured = batch.capturedLength[i] as number;
      const wire = batch.wireLength[i] as number;
      const linkType = batch.linkType[i] as number;
      if (parseFrame(batch.buf, off, captured, wire, linkType, -1, 0, datagram) !== STATUS.udp) continue;
      const { payloadOff, payloadLength, capturedPayloadLength, sourceOff } = datagram;
      packets.push({
        octets: batch.buf.slice(payloadOff, payloadOff + capturedPayloadLength),
        wireLength: payloadLength,
        timeNs: batch.timeNs[i] as number,
        source: batch.buf.subarray(sourceOff, sourceOff + 4).join("."),
      });
    }
  }
  const { epoch, timestampSource } = source;
  source.close();
  return { epoch, timestamps: timestampSource, packets };
}

/** Gives the packets to an analyser in the order they stand, with what their sequence numbers say is missing. */
export function feedRtp(analyser: RtpAnalyser, packets: readonly RtpPacket[]): void {
  let expected = -1;
  for (const { octets, wireLength, timeNs } of packets) {
    const sequence = rtpSequence(octets, 0);
    const lost = expected < 0 ? 0 : (sequence - expected) & 0xffff;
    analyser.packet(octets, 0, octets.length, wireLength, lost, timeNs);
    expected = (sequence + 1) & 0xffff;
  }
}
