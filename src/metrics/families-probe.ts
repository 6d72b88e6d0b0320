import { counter, gauge, info, MetricGroup } from "./group.ts";
import { figure, lengthOf } from "./read.ts";

/** Probes that are told apart. */
const PROBES = 256;

/** Streams of all probes that are told apart. */
export const STREAMS = 1000;

/** What is known of each probe as a whole, and of the machine it runs on. */
export function probeGroups() {
  return {
    probe: new MetricGroup("probe", ["probe"], PROBES, [
      gauge("rscap_probe_up", "1 while the probe's reports come", figure("up")),
      gauge(
        "rscap_probe_last_report_timestamp_seconds",
        "Unix time at which the last report of the probe came",
        figure("lastSeconds"),
      ),
      counter("rscap_probe_reports", "Reports of the probe", figure("reports")),
      counter("rscap_probe_restarts", "Times that the probe's counters began anew", figure("restarts")),
    ]),
    inputInfo: new MetricGroup("input_info", ["probe", "version", "input", "kind", "timestamps"], PROBES, [
      info("rscap_input", "What the probe captures from"),
    ]),
    input: new MetricGroup("input", ["probe"], PROBES, [
      counter("rscap_input_packets", "Frames captured", figure("input.packets")),
      counter("rscap_input_bytes", "Octets of the captured frames on the wire", figure("input.bytes")),
      counter(
        "rscap_input_ring_freezes",
        "Times that the packet ring stood still because it was full",
        figure("input.drops.ringFreezes"),
      ),
      gauge("rscap_input_ring_blocks", "Blocks of the packet ring", figure("input.ring.blocks")),
      gauge(
        "rscap_input_ring_waiting_blocks",
        "Blocks of the packet ring that wait to be worked off",
        figure("input.ring.waiting"),
      ),
      counter(
        "rscap_input_forgotten_flows",
        "Silent flows taken out of the full flow table",
        figure("input.forgottenFlows"),
      ),
      gauge("rscap_streams", "Streams that the probe sees", lengthOf("streams")),
      gauge(
        "rscap_finding_errors",
        "Findings of severity error in the last report",
        figure("summary.errors"),
      ),
      gauge(
        "rscap_finding_warnings",
        "Findings of severity warning in the last report",
        figure("summary.warnings"),
      ),
    ]),
    drops: new MetricGroup("drops", ["probe", "reason"], PROBES * 8, [
      counter(
        "rscap_input_dropped_packets",
        "Frames that did not reach the analysers, by reason",
        figure("count"),
      ),
    ]),
    hls: new MetricGroup("hls", ["probe"], PROBES, [
      counter(
        "rscap_hls_bytes",
        "Octets of transport stream loaded from the playlist's segments",
        figure("bytes"),
      ),
      counter("rscap_hls_playlist_loads", "Playlists loaded", figure("playlistLoads")),
      counter("rscap_hls_playlist_failures", "Loads of the playlist that failed", figure("playlistFailures")),
      counter("rscap_hls_retries", "Requests that were made again", figure("retries")),
      gauge(
        "rscap_hls_peak_segment_bytes_per_second",
        "Peak segment bit rate (RFC 8216), in octets",
        figure("peakBps", 1 / 8),
      ),
    ]),
    hlsSegments: new MetricGroup("hls_segments", ["probe", "outcome"], PROBES * 6, [
      counter("rscap_hls_segments", "Segments of the playlist, by what became of them", figure("count")),
    ]),
    published: new MetricGroup("published", ["probe"], PROBES, [
      counter("rscap_published_messages", "Messages sent over ZeroMQ", figure("messages")),
      counter("rscap_published_bytes", "Octets of payload sent over ZeroMQ", figure("bytes")),
      counter("rscap_published_packets", "Datagrams sent over ZeroMQ", figure("packets")),
      counter("rscap_published_dropped_messages", "Messages dropped for a full queue", figure("dropped")),
      counter(
        "rscap_published_held_back_seconds",
        "Time that the pipeline has stood still for a full queue",
        figure("heldBackMs", 1e-3),
      ),
      gauge("rscap_published_subscribers", "Subscribers connected now", figure("subscribers")),
      gauge("rscap_published_queued_messages", "Messages held back now", figure("queued")),
      gauge("rscap_published_queue_limit_messages", "Messages that can be held back", figure("queueLimit")),
    ]),
    findings: new MetricGroup("findings", ["probe", "stream", "code", "severity"], 5000, [
      counter(
        "rscap_finding_occurrences",
        "Times that a rule was broken, all PIDs together; the severities are those of the report",
        figure("count"),
      ),
    ]),
    // The network is told where there are several.
    ptp: new MetricGroup("ptp", ["probe", "domain", "grandmaster", "network"], PROBES * 4, [
      gauge(
        "rscap_ptp_offset_seconds",
        "Capture clock against PTP, without the whole seconds between UTC and TAI",
        figure("remainderNs", 1e-9),
      ),
    ]),
    redundancy: new MetricGroup("redundancy", ["probe", "first", "second"], STREAMS, [
      counter(
        "rscap_redundancy_lost_in_both_packets",
        "Packets of a pair by ST 2022-7 that came on neither leg",
        figure("lostInBoth"),
      ),
      counter(
        "rscap_redundancy_first_leg_lost_packets",
        "Packets missing on the first leg",
        figure("legs.0.lost"),
      ),
      counter(
        "rscap_redundancy_second_leg_lost_packets",
        "Packets missing on the second leg",
        figure("legs.1.lost"),
      ),
      gauge(
        "rscap_redundancy_skew_seconds",
        "Second leg minus first, the largest since the report before",
        figure("recentSkewNs", 1e-9),
      ),
    ]),
  };
}

/** What is known of the machine that each probe runs on. */
export function systemGroups() {
  return {
    hostInfo: new MetricGroup("host_info", ["probe", "host", "os", "kernel", "machine"], PROBES, [
      info("rscap_host", "The machine that the probe runs on"),
    ]),
    host: new MetricGroup("host", ["probe"], PROBES, [
      gauge("rscap_host_cpus", "Cores that are switched on", figure("host.cores")),
      gauge("rscap_host_cpu_busy_ratio", "Part of all cores that is busy", figure("cpu.busyPercent", 0.01)),
      gauge(
        "rscap_host_cpu_interrupt_ratio",
        "Part of all cores that handles interrupts, such as those of received packets",
        figure("cpu.interruptPercent", 0.01),
      ),
      gauge(
        "rscap_host_cpu_steal_ratio",
        "Part of all cores taken by the host",
        figure("cpu.stealPercent", 0.01),
      ),
      gauge(
        "rscap_host_load1",
        "Mean number of processes that run or want to, over 1 minute",
        figure("load.one"),
      ),
      gauge("rscap_host_load5", "The same over 5 minutes", figure("load.five")),
      gauge("rscap_host_load15", "The same over 15 minutes", figure("load.fifteen")),
      gauge("rscap_host_memory_bytes", "Memory", figure("memory.totalBytes")),
      gauge(
        "rscap_host_memory_available_bytes",
        "Memory that can be had without swapping",
        figure("memory.availableBytes"),
      ),
      gauge("rscap_host_swap_bytes", "Swap space", figure("memory.swapTotalBytes")),
      gauge("rscap_host_swap_used_bytes", "Swap space in use", figure("memory.swapUsedBytes")),
      gauge(
        "rscap_clock_synchronised",
        "1 while a time service keeps the clock",
        figure("clock.synchronised"),
      ),
      gauge(
        "rscap_clock_offset_seconds",
        "Still to be corrected in the clock",
        figure("clock.offsetNs", 1e-9),
      ),
      gauge("rscap_clock_max_error_seconds", "Bound of the clock's error", figure("clock.maxErrorNs", 1e-9)),
      gauge(
        "rscap_clock_tai_offset_seconds",
        "TAI - UTC as the kernel has it",
        figure("clock.taiOffsetSeconds"),
      ),
    ]),
    process: new MetricGroup("process", ["probe"], PROBES, [
      counter("rscap_probe_cpu_seconds", "CPU time of the probe", figure("cpuSeconds")),
      gauge("rscap_probe_resident_memory_bytes", "Memory of the probe", figure("residentBytes")),
    ]),
    threads: new MetricGroup("threads", ["probe", "thread"], PROBES * 16, [
      counter(
        "rscap_probe_thread_cpu_seconds",
        "CPU time of the probe's threads of this name",
        figure("cpuSeconds"),
      ),
    ]),
    devices: new MetricGroup("devices", ["probe", "device"], PROBES * 8, [
      counter(
        "rscap_interface_received_packets",
        "Packets that the device received",
        figure("receivedPackets"),
      ),
      counter("rscap_interface_received_bytes", "Octets that the device received", figure("receivedBytes")),
      counter(
        "rscap_interface_receive_errors",
        "Damaged frames that the device received",
        figure("receiveErrors"),
      ),
      counter(
        "rscap_interface_receive_dropped_packets",
        "Packets dropped without damage, those of unknown protocols too",
        figure("receiveDropped"),
      ),
      counter(
        "rscap_interface_receive_missed_packets",
        "Packets dropped because the device had no buffer left",
        figure("receiveMissed"),
      ),
      counter("rscap_interface_carrier_losses", "Times that the link went away", figure("carrierLosses")),
      gauge("rscap_interface_carrier", "1 while the link is there", figure("carrier")),
      gauge("rscap_interface_speed_bytes_per_second", "Speed of the link", figure("speedBps", 1 / 8)),
    ]),
    disks: new MetricGroup("disks", ["probe", "path"], PROBES * 4, [
      gauge("rscap_disk_size_bytes", "Size of a file system that is written to", figure("totalBytes")),
      gauge("rscap_disk_free_bytes", "Free space of a file system that is written to", figure("freeBytes")),
    ]),
  };
}
