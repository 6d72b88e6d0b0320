import type { Rule } from "../report/finding.ts";

/** Frames lost between the wire and us: verdicts on continuity are then ours as much as the sender's. */
export const INPUT_KERNEL_DROPS: Rule = {
  code: "kernel-drops",
  clause: "rscap capture",
  severity: "error",
  text: "The kernel dropped {count} {frame|frames} because the capture could not keep up: losses reported for the streams may be our own. Raise --ring-size.",
};

/** IP fragments, which UDP streams of this kind must not have. */
export const INPUT_FRAGMENTS: Rule = {
  code: "ip-fragments",
  clause: "RFC 791 3.2",
  severity: "warning",
  text: "{count} IP {fragment was|fragments were} seen; fragments are not reassembled, so their datagrams are missing. Lower the sender's datagram size below the MTU.",
};

/** Frames that could not be decoded. */
export const INPUT_UNREADABLE: Rule = {
  code: "unreadable-frames",
  clause: "rscap capture",
  severity: "warning",
  text: "{count} {frame|frames} could not be decoded: headers damaged, cut by the snap length, or of an unknown link type.",
};

/** Media inside TCP is out of scope, and named so that nobody looks for it in vain. */
export const INPUT_RTSP: Rule = {
  code: "rtsp-over-tcp",
  clause: "RFC 7826 14",
  severity: "info",
  text: "{count} {frame|frames} of RTSP over TCP were seen: a transport stream carried inside TCP is not watched. Have the sender use UDP or RTP.",
};

/** More flows than there is room for. */
export const INPUT_TABLE_FULL: Rule = {
  code: "flow-table-full",
  clause: "rscap flow",
  severity: "warning",
  text: "{count} {datagram was|datagrams were} not analysed because the flow table is full. Raise --max-flows or narrow the filter.",
};

/** An input in which nothing could be judged must not pass for a clean one. */
export const INPUT_NO_STREAM: Rule = {
  code: "no-stream",
  clause: "rscap flow",
  severity: "warning",
  text: "The input holds no stream: no UDP datagram and no TS packet was found. Check the file or device, the filter and the sources.",
};
