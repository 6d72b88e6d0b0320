import { rtpSequence } from "../../src/net/rtp.ts";
import type { Epoch } from "../../src/report/time.ts";
import type { RtpAnalyser } from "../../src/st2110/analyser.ts";
import { playUdp } from "./play-udp.ts";

/** What was played, and the moment that its times count from. */
export interface Played {
  readonly packets: number;
  readonly epoch: Epoch;
  readonly lastNs: number;
}

/** Gives each RTP packet of the capture `path`, in its order, to `analyser`; `lost` by the gaps of the sequence. */
export async function playRtp(path: string, analyser: RtpAnalyser): Promise<Played> {
  let packets = 0;
  let sequence = -1;
  const end = await playUdp(path, (buf, { payloadOff, payloadLength, capturedPayloadLength }, timeNs) => {
    const next = rtpSequence(buf, payloadOff);
    const lost = sequence < 0 ? 0 : (next - sequence - 1) & 0xffff;
    analyser.packet(buf, payloadOff, capturedPayloadLength, payloadLength, lost, timeNs);
    sequence = next;
    packets += 1;
  });
  return { packets, ...end };
}
