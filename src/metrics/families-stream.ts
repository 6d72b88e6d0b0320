import { STREAMS } from "./families-probe.ts";
import { counter, gauge, info, MetricGroup } from "./group.ts";
import { figure, lengthOf } from "./read.ts";

const NS = 1e-9;
const MS = 1e-3;

/** Rows of the groups that a stream has many of. */
const PARTS = 10_000;

/** What is known of each stream. */
export function streamGroups() {
  return {
    streamInfo: new MetricGroup(
      "stream_info",
      ["probe", "stream", "kind", "media", "transport", "source", "destination"],
      STREAMS,
      [info("rscap_stream", "What the stream is")],
    ),
    stream: new MetricGroup("stream", ["probe", "stream"], STREAMS, [
      counter("rscap_stream_packets", "Datagrams", figure("packets")),
      counter("rscap_stream_bytes", "Octets of UDP payload", figure("bytes")),
      gauge(
        "rscap_stream_bytes_per_second",
        "Octets of UDP payload over the last second; eight times this is the bit rate",
        figure("recentBitrate", 1 / 8),
      ),
      gauge("rscap_stream_active", "1 while datagrams come", figure("active")),
      counter(
        "rscap_stream_sender_restarts",
        "Times that the same sender came back from another port",
        figure("senderRestarts"),
      ),
      counter("rscap_rtp_packets", "RTP packets", figure("rtp.packets")),
      counter("rscap_rtp_lost_packets", "RTP packets that never came", figure("rtp.lost")),
      counter(
        "rscap_rtp_reordered_packets",
        "RTP packets that were put back in order",
        figure("rtp.reordered"),
      ),
      counter("rscap_rtp_duplicate_packets", "RTP packets that came twice", figure("rtp.duplicates")),
      counter(
        "rscap_rtp_late_packets",
        "RTP packets that came too late to be put in order",
        figure("rtp.late"),
      ),
      counter("rscap_rtp_invalid_packets", "Datagrams of the flow that are no RTP", figure("rtp.invalid")),
      counter("rscap_rtp_restarts", "Sequence jumps too far to be loss", figure("rtp.restarts")),
      gauge(
        "rscap_rtp_jitter_seconds",
        "Interarrival jitter of RFC 3550 6.4.1",
        figure("network.rtpJitterMs", MS),
      ),
      gauge(
        "rscap_mdi_delay_factor_seconds",
        "Delay factor of RFC 4445",
        figure("network.mdi.delayFactorMs.current", MS),
      ),
      gauge(
        "rscap_mdi_media_loss_packets_per_second",
        "Media loss rate of RFC 4445",
        figure("network.mdi.mediaLossRate.current"),
      ),
      counter("rscap_ts_packets", "TS packets that were looked at", figure("mpegts.packets")),
      counter("rscap_ts_null_packets", "Null packets", figure("mpegts.nullPackets")),
      counter("rscap_ts_passed_packets", "TS packets that were passed on", figure("mpegts.passed")),
      counter("rscap_ts_sync_losses", "Times that the sync bytes were lost", figure("mpegts.syncLosses")),
      counter(
        "rscap_ts_skipped_bytes",
        "Octets passed over in search of packets",
        figure("mpegts.skippedBytes"),
      ),
      gauge("rscap_ts_pids", "PIDs seen", lengthOf("mpegts.pids")),
      gauge("rscap_ts_services", "Services", lengthOf("mpegts.services")),
      counter(
        "rscap_continuity_errors",
        "Continuity counter errors (TR 101 290 1.4), all PIDs",
        figure("mpegts.continuity.errors"),
      ),
      counter(
        "rscap_continuity_missing_packets",
        "TS packets missing by the continuity counter, modulo 16",
        figure("mpegts.continuity.missing"),
      ),
      counter(
        "rscap_continuity_duplicate_packets",
        "TS packets that came twice",
        figure("mpegts.continuity.duplicates"),
      ),
    ]),
    illegal: new MetricGroup("illegal", ["probe", "stream", "reason"], STREAMS * 4, [
      counter("rscap_ts_illegal_packets", "TS packets that are not legal, by reason", figure("count")),
    ]),
    indicators: new MetricGroup("indicators", ["probe", "stream", "indicator", "name", "priority"], PARTS, [
      counter(
        "rscap_tr101290_errors",
        "Errors of an indicator of TR 101 290; not there where it can't be measured",
        figure("count"),
      ),
    ]),
    pids: new MetricGroup("pids", ["probe", "stream", "pid"], PARTS, [
      counter("rscap_pid_packets", "TS packets of a PID", figure("packets")),
      counter(
        "rscap_pid_continuity_errors",
        "Continuity counter errors of a PID",
        figure("continuityErrors"),
      ),
      counter("rscap_pid_missing_packets", "TS packets missing on a PID, modulo 16", figure("missing")),
      counter("rscap_pid_scrambled_packets", "Scrambled TS packets of a PID", figure("scrambled")),
      gauge(
        "rscap_pid_bytes_per_second",
        "Octets of a PID over the last whole second",
        figure("rate.current", 1 / 8),
      ),
    ]),
    clocks: new MetricGroup("clocks", ["probe", "stream", "pid"], PARTS, [
      counter("rscap_pcrs", "PCRs of a PID", figure("count")),
      counter(
        "rscap_pcr_unsignalled_discontinuities",
        "Jumps of the PCR without discontinuity_indicator",
        figure("discontinuities.unsignalled"),
      ),
      gauge("rscap_pcr_interval_max_seconds", "Longest time between two PCRs", figure("intervalMs.max", MS)),
      gauge(
        "rscap_pcr_jitter_max_seconds",
        "Largest jitter of the PCRs against arrival",
        figure("jitterNs.max", NS),
      ),
      gauge(
        "rscap_pcr_accuracy_max_seconds",
        "Largest PCR accuracy error (TR 101 290 2.4)",
        figure("accuracy.accuracyNs.max", NS),
      ),
      gauge("rscap_pcr_drift_ratio", "Clock of the program against arrival times", figure("driftPpm", 1e-6)),
    ]),
    media: new MetricGroup("st2110", ["probe", "stream"], STREAMS, [
      counter("rscap_st2110_video_frames", "Frames of ST 2110-20", figure("video.frames")),
      counter(
        "rscap_st2110_video_complete_frames",
        "Frames of ST 2110-20 without a missing packet, line or sample",
        figure("video.completeFrames"),
      ),
      counter("rscap_st2110_video_lost_packets", "Packets missing in frames", figure("video.lost")),
      gauge(
        "rscap_st2110_cinst_peak",
        "Largest C_INST of ST 2110-21, packets",
        figure("video.timing.cinst.peak"),
      ),
      gauge(
        "rscap_st2110_vrx_peak",
        "Largest level of the gapped virtual receive buffer, packets",
        figure("video.timing.vrx.gapped.peak"),
      ),
      counter(
        "rscap_st2110_vrx_underflows",
        "Packets that came after their read time, gapped schedule",
        figure("video.timing.vrx.gapped.underflows"),
      ),
      gauge(
        "rscap_st2110_video_latency_max_seconds",
        "Largest time from RTP timestamp to first packet of a frame",
        figure("video.timing.latencyNs.max", NS),
      ),
      gauge(
        "rscap_st2110_audio_ts_df_max_seconds",
        "Largest timestamped delay factor of audio",
        figure("audio.timing.tsDf.maxNs", NS),
      ),
      counter(
        "rscap_st2110_ancillary_packets",
        "ANC data packets of ST 2110-40",
        figure("ancillary.ancPackets"),
      ),
    ]),
  };
}
