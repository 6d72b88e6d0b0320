import type { StreamInfo } from "../report/output.ts";
import type { Epoch } from "../report/time.ts";
import { frameLayout } from "../st2110/video/frame.ts";
import { AncWriter } from "./anc-writer.ts";
import type { ByteFile } from "./byte-file.ts";
import { JxsWriter } from "./jxs-writer.ts";
import { PcapWriter } from "./pcap-writer.ts";
import type { RtpWriter } from "./rtp-file.ts";
import type { Found } from "./rtp-probe.ts";
import { VideoWriter } from "./video-writer.ts";
import { WavWriter } from "./wav-writer.ts";
import type { WriteFormat } from "./write-format.ts";

/** What makes the writer of a flow; null when its packets do not show enough of their format. */
export function writerOf(
  format: Exclude<WriteFormat, "ts">,
  found: Found,
  info: StreamInfo,
  epoch: () => Epoch,
): ((out: ByteFile) => RtpWriter) | null {
  const { audio, video } = found;
  if (format === "pcap") return (out) => new PcapWriter(out, info, epoch);
  if (format === "jsonl") return (out) => new AncWriter(out, epoch);
  if (format === "jxs") return (out) => new JxsWriter(out);
  if (format === "wav") {
    const encoding = audio?.encoding ?? null;
    const sampleRateHz = audio?.sampleRateHz ?? null;
    if (audio === null || encoding === null || sampleRateHz === null || audio.channels === 0) return null;
    return (out) => new WavWriter(out, encoding, sampleRateHz, audio.channels);
  }
  const layout = video === null ? null : frameLayout(video);
  if (video === null || layout === null) return null;
  return (out) => new VideoWriter(out, video, layout, format === "y4m");
}
