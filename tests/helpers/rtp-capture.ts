import { END_OF_INPUT, FrameBatch, type TimestampSource } from "../../src/capture/batch.ts";
import { openFile } from "../../src/capture/open-file.ts";
import { Datagram, parseFrame, STATUS } from "../../src/net/datagram.ts";
import { rtpSequence } from "../../src/net/rtp.ts";
import type { Epoch } from "../../src/report/time.ts";
import type { RtpAnalyser } from "../../src/st2110/analyser.ts";

/** A capture's RTP packets of one source, as an analyser is given them. */
export interface RtpCapture {
  readonly epoch: Epoch;
  readonly timestamps: TimestampSource;
  readonly packets: RtpPacket[];
}

/** One packet: the octets captured from the RTP header on, what stood on the wire, its time and source address. */
export interface RtpPacket {
  readonly octets: Uint8Array;
  readonly wireLength: number;
  readonly timeNs: number;
  readonly source: string;
}

/** Every UDP datagram of the capture at `path`, which must hold nothing but RTP. */
export async function readRtp(path: string): Promise<RtpCapture> {
  const source = await openFile(path);
  const batch = new FrameBatch(1024);
  const datagram = new Datagram();
  const packets: RtpPacket[] = [];
  for (;;) {
    const count = await source.next(batch, 1000);
    if (count === END_OF_INPUT) break;
    for (let at = 0; at < count; at += 1) {
      const { buf } = batch;
      const status = parseFrame(
        buf,
        batch.offset[at] as number,
        batch.capturedLength[at] as number,
        batch.wireLength[at] as number,
        batch.linkType[at] as number,
        -1,
        0,
        datagram,
      );
      if (status !== STATUS.udp) continue;
      const { payloadOff, capturedPayloadLength, payloadLength, sourceOff } = datagram;
      packets.push({
        octets: buf.slice(payloadOff, payloadOff + capturedPayloadLength),
        wireLength: payloadLength,
        timeNs: batch.timeNs[at] as number,
        source: buf.subarray(sourceOff, sourceOff + 4).join("."),
      });
    }
  }
  const { epoch, timestampSource } = source;
  source.close();
  return { epoch, timestamps: timestampSource, packets };
}

/** Gives packets to an analyser, saying how many are missing before each by their sequence numbers. */
export function feed(analyser: RtpAnalyser, packets: readonly RtpPacket[]): void {
  let last = -1;
  for (const { octets, wireLength, timeNs } of packets) {
    const sequence = rtpSequence(octets, 0);
    const lost = last < 0 ? 0 : (sequence - last - 1) & 0xffff;
    last = sequence;
    analyser.packet(octets, 0, octets.length, wireLength, lost, timeNs);
  }
}
