import { expect } from "bun:test";
import { formatAddress } from "../../src/net/addresses.ts";
import { Datagram, parseFrame, STATUS } from "../../src/net/datagram.ts";
import { RtpReorder } from "../../src/net/reorder.ts";
import {
  rtpHeaderLength,
  rtpMarker,
  rtpPayloadType,
  rtpSequence,
  rtpSsrc,
  rtpTimestamp,
} from "../../src/net/rtp.ts";
import { frameRecords } from "../helpers/frame-records.ts";
import { runOk } from "../helpers/run.ts";
import { needsShared, needsTshark, testWith } from "../helpers/skip.ts";
import { sharedData } from "../shared-data.ts";

const CAPTURES = [
  "pcap/tsduck-102.pcapng",
  "pcap/tsduck-162.pcap",
  "pcap/tsduck-171.11.pcapng",
  "pcap/tsduck-176.pcapng",
  "st2110/list-1080i59.pcap",
  "st2110/list-2022-7-audio-dropped.pcap",
  "st2110/list-anc-5994i.pcap",
  "st2110/list-audio-l24-8ch-125us.pcap",
  "st2110/list-jpegxs-125mbps.pcap",
  "st2110/list-mac-multicast.pcap",
  "st2110/list-ptp-clock.pcap",
  "st2110/list-ttml.pcap",
  "st2110/zoo-anc-closed-captions.pcap",
];

const FIELDS = [
  ...[
    "ip.src",
    "ip.dst",
    "ipv6.src",
    "ipv6.dst",
    "ip.ttl",
    "ipv6.hlim",
    "ip.dsfield.dscp",
    "ipv6.tclass.dscp",
  ],
  ...["vlan.id", "udp.srcport", "udp.dstport", "udp.length"],
  ...["rtp.marker", "rtp.p_type", "rtp.seq", "rtp.timestamp", "rtp.ssrc"],
  // ICMP errors quote the headers of the datagram that they are about.
  ...["icmp.type", "icmpv6.type"],
];

/** What tshark reads in each frame, one line a frame, the fields apart by tabs. */
async function tshark(path: string): Promise<string[][]> {
  // Fragments stay fragments; only the outermost of repeated headers counts.
  const options = ["-n", "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE"];
  const fields = ["-T", "fields", "-E", "occurrence=f", ...FIELDS.flatMap((field) => ["-e", field])];
  const text = await runOk(["tshark", "-r", path, ...options, "--enable-heuristic", "rtp_udp", ...fields]);
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split("\t"));
}

for (const capture of CAPTURES) {
  testWith(
    [needsShared(capture), needsTshark],
    `${capture}: each frame's addresses, ports, length, VLAN and RTP header are those of tshark`,
    async () => {
      const path = sharedData(capture) as string;
      const { buf, frames } = frameRecords(path);
      const expected = await tshark(path);
      expect(frames.length).toBe(expected.length);
      const out = new Datagram();
      for (const [i, { off, captured, wire, linkType }] of frames.entries()) {
        const status = parseFrame(buf, off, captured, wire, linkType, -1, 0, out);
        const row: Record<string, string> = Object.fromEntries(
          FIELDS.map((field, f) => [field, expected[i]?.[f] ?? ""]),
        );
        const isUdp = row["udp.length"] !== "" && row["icmp.type"] === "" && row["icmpv6.type"] === "";
        if ((status === STATUS.udp) !== isUdp) throw new Error(`frame ${i + 1}: status ${status}`);
        if (!isUdp) continue;
        const found = {
          source: formatAddress(buf, out.sourceOff, out.ipVersion),
          destination: formatAddress(buf, out.destinationOff, out.ipVersion),
          ttl: out.ttl,
          dscp: out.dscp,
          vlan: out.vlanCount > 0 ? String(out.vlan0) : "",
          ports: [out.sourcePort, out.destinationPort],
          length: out.payloadLength + 8,
        };
        expect(found).toEqual({
          source: (row["ip.src"] || row["ipv6.src"]) ?? "",
          destination: (row["ip.dst"] || row["ipv6.dst"]) ?? "",
          ttl: Number(row["ip.ttl"] || row["ipv6.hlim"]),
          dscp: Number(row["ip.dsfield.dscp"] || row["ipv6.tclass.dscp"]),
          vlan: row["vlan.id"] ?? "",
          ports: [Number(row["udp.srcport"]), Number(row["udp.dstport"])],
          length: Number(row["udp.length"]),
        });
        expect(out.payloadOff + out.capturedPayloadLength).toBeLessThanOrEqual(off + captured);
        if (captured === wire) expect(out.capturedPayloadLength).toBe(out.payloadLength);
        if (row["rtp.ssrc"] === "") continue;
        const rtp = out.payloadOff;
        expect(rtpHeaderLength(buf, rtp, out.capturedPayloadLength)).toBeGreaterThanOrEqual(12);
        expect([rtpPayloadType(buf, rtp), rtpSequence(buf, rtp), rtpTimestamp(buf, rtp)]).toEqual([
          Number(row["rtp.p_type"]),
          Number(row["rtp.seq"]),
          Number(row["rtp.timestamp"]),
        ]);
        expect(rtpSsrc(buf, rtp)).toBe(Number(row["rtp.ssrc"]));
        expect(rtpMarker(buf, rtp) === 1).toBe(/^(1|true)$/i.test(row["rtp.marker"] as string));
      }
    },
    60_000,
  );
}

/** Runs each destination's RTP packets through a window of its own. */
function reorder(
  capture: string,
): Map<string, { window: RtpReorder; delivered: number[]; received: number[] }> {
  const { buf, frames } = frameRecords(sharedData(capture) as string);
  const flows = new Map<string, { window: RtpReorder; delivered: number[]; received: number[] }>();
  const out = new Datagram();
  for (const { off, captured, wire, linkType } of frames) {
    if (parseFrame(buf, off, captured, wire, linkType, -1, 0, out) !== STATUS.udp) continue;
    const group = formatAddress(buf, out.destinationOff, out.ipVersion);
    let flow = flows.get(group);
    if (!flow) {
      const delivered: number[] = [];
      const deliver = (packet: Uint8Array, at: number) => delivered.push(rtpSequence(packet, at));
      flow = { window: new RtpReorder({ deliver, release: () => {} }), delivered, received: [] };
      flows.set(group, flow);
    }
    flow.received.push(rtpSequence(buf, out.payloadOff));
    flow.window.push(buf, out.payloadOff, out.capturedPayloadLength, Number.NaN);
  }
  for (const { window } of flows.values()) window.flush();
  return flows;
}

const REDUNDANT = "st2110/list-2022-7-audio-dropped.pcap";
testWith(
  needsShared(REDUNDANT),
  `${REDUNDANT}: the loss of each leg, 189 and 185 packets of which came`,
  () => {
    const legs = reorder(REDUNDANT);
    expect([...legs.values()].map(({ window }) => window.packets)).toEqual([189, 185]);
    for (const { window, delivered, received } of legs.values()) {
      const span = Math.max(...received) - Math.min(...received) + 1;
      expect(delivered).toEqual([...received].sort((a, b) => a - b));
      expect(window.lost).toBe(span - received.length);
      expect(window.lost).toBeGreaterThan(0);
      expect(window.duplicates + window.late + window.invalid + window.restarts).toBe(0);
    }
  },
);

for (const [capture, packets] of [
  ["st2110/list-1080i59.pcap", 21600],
  ["st2110/list-audio-l24-8ch-125us.pcap", 10000],
] as const) {
  testWith(needsShared(capture), `${capture}: ${packets} RTP packets, in order and none lost`, () => {
    const flows = [...reorder(capture).values()];
    expect(flows.map(({ received, delivered }) => [received.length, delivered])).toEqual(
      flows.map(({ received }) => [packets, received]),
    );
    for (const { window } of flows) {
      expect(window).toMatchObject({
        packets,
        lost: 0,
        reordered: 0,
        duplicates: 0,
        invalid: 0,
        restarts: 0,
      });
    }
    expect(flows).toHaveLength(1);
  });
}
