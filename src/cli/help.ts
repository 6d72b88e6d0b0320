import type { CommandName } from "../settings/setting.ts";

/** One line of each command's help and of the README. */
export const COMMAND_SUMMARY: Readonly<Record<CommandName, string>> = {
  probe: "capture streams from the network, check them and publish the legal packets",
  client: "subscribe to probes and write what they publish to a file",
  replay: "run capture and transport stream files through the same checks",
  devices: "list the network devices to capture on",
  keygen: "make a CURVE key pair for encrypted ZeroMQ",
};

/** A command line that someone would type, and what it is for. */
export interface Example {
  readonly line: string;
  readonly what: string;
}

/** Examples of each command, simplest first. */
export const EXAMPLES: Readonly<Record<CommandName, readonly Example[]>> = {
  probe: [
    { line: "rscap probe --source udp://239.1.1.1:5000", what: "watch and publish one multicast stream" },
    {
      line: "rscap probe -s udp://10.0.0.5@232.1.1.1:5000?iface=eth1 -s udp://239.1.1.2:5000",
      what: "a source-specific stream on eth1, and a second one",
    },
    {
      line: "rscap probe --discover -i eth1 --no-zmq",
      what: "what is on this wire? show all, publish nothing",
    },
    {
      line: "rscap probe -i eth2 --promiscuous --filter 'udp and net 239.1.0.0/16'",
      what: "a mirror (SPAN) port",
    },
    {
      line: "rscap probe -s udp://239.1.1.1:5000 --duration 10min --fail-on error --json > report.json",
      what: "ten minutes, then a report and an exit code",
    },
    {
      line: "rscap probe -s hls+https://origin.example/live.m3u8",
      what: "follow a live HLS playlist, and publish its segments as a stream",
    },
    {
      line: "rscap probe -s udp://239.1.1.1:5000 --header none",
      what: "and elsewhere: ffmpeg -i zmq:tcp://127.0.0.1:5556",
    },
  ],
  client: [
    { line: "rscap client --target-ip 10.0.0.7", what: "write capture.ts from the probe on that machine" },
    { line: "rscap client --stream 239.1.1.1-5000 -o - | ffplay -", what: "watch one stream" },
    {
      line: "rscap client --endpoint tcp://10.0.0.7:5556 --endpoint tcp://10.0.0.8:5556",
      what: "two probes, one file for each stream",
    },
    { line: "rscap client --duration 1min -o sample.ts", what: "one minute, then stop" },
    {
      line: "rscap client --segments /srv/tv --playlist vod --segment-max-age 72h --segment-min-free 10G",
      what: "the last three days in segments with HLS playlists, as long as 10 GiB stay free",
    },
    {
      line: "rscap client --stream 239.1.1.1-5000 --exec 'gst-launch-1.0 fdsrc fd=0 ! tsdemux ! fakesink' -o copy.ts",
      what: "into GStreamer, and into a file beside it",
    },
    {
      line: "rscap client --jsonl findings.jsonl -o /dev/null",
      what: "collect findings and reports as JSON lines, write no packets",
    },
  ],
  replay: [
    { line: "rscap replay capture.pcap", what: "check a capture file and print the report" },
    { line: "rscap replay --json capture.pcapng.zst > report.json", what: "one JSON document" },
    {
      line: "rscap replay --report text --report html=report.html recording.ts",
      what: "a page with lamps, charts and tables beside the text",
    },
    {
      line: "rscap replay --fail-on p1 --report junit=rscap.xml recording.ts",
      what: "in CI: a case for each indicator, exit code 1 on any of priority 1",
    },
    { line: "rscap replay --tables text recording.ts", what: "PAT, PMT, SDT … with their descriptors" },
    { line: "rscap replay https://origin.example/vod.m3u8", what: "an HLS playlist and all of its segments" },
    { line: "rscap replay capture.pcap --output-file legal.ts", what: "write the legal packets" },
    {
      line: "rscap replay capture.pcap --send 'udp://239.9.9.9:5000?iface=eth1&ttl=4' --loop 0",
      what: "play it onto the network with its own timing, for ever",
    },
    {
      line: "rscap replay --generate st2110-20:1920x1080p59.94,fault=marker-missing",
      what: "no capture at hand: a stream of ST 2110 with one fault, made on the exact schedule",
    },
    {
      line: "rscap replay --generate st2110-30:L24/48000/8,redundant=239.21.0.1:5004 --send udp://?iface=eth1",
      what: "all streams at once, each to its own address: both legs of a pair",
    },
    { line: "rscap replay --publish --realtime capture.pcap", what: "stand in for a probe" },
  ],
  devices: [
    { line: "rscap devices", what: "a table for people" },
    { line: "rscap devices --json", what: "the same for a script" },
  ],
  keygen: [
    { line: "rscap keygen --curve-keys /etc/rscap/keys probe-1", what: "probe-1.key and probe-1.key_secret" },
  ],
};

/** What the exit codes mean, for the help of the whole program. */
export const EXIT_CODE_HELP = `Exit codes:
  0    clean
  1    findings at or above --fail-on
  2    wrong usage or setting
  3    input unreadable or damaged
  4    environment: permission, device, address in use, library, disk
  130  stopped by SIGINT, after everything was flushed`;

/** Examples as the end of a command's help. */
export function examplesText(command: CommandName): string {
  const lines = EXAMPLES[command].map((example) => `  # ${example.what}\n  ${example.line}`);
  return `\nExamples:\n${lines.join("\n")}`;
}
