import type { NetworkReport } from "../../report/mpegts-schema.ts";
import type { RtpReport } from "../../report/schema.ts";
import { formatBitrate, formatCount, formatFigure, formatOctets } from "../units.ts";
import { histogramChart } from "./histogram-chart.ts";
import { dataTable, facts, html, type Markup, NOTHING, type Part } from "./template.ts";

function rtpFacts(rtp: RtpReport): (readonly [string, Part])[] {
  return [
    ["RTP", `payload type ${rtp.payloadType}, SSRC 0x${rtp.ssrc.toString(16).padStart(8, "0")}`],
    ["RTP packets", formatCount(rtp.packets)],
    ["lost", rtp.lost > 0 ? html`<span class="bad">${formatCount(rtp.lost)}</span>` : "0"],
    [
      "reordered, duplicate, late",
      `${formatCount(rtp.reordered)}, ${formatCount(rtp.duplicates)}, ${formatCount(rtp.late)}`,
    ],
  ];
}

function networkFacts(network: NetworkReport): (readonly [string, Part])[] {
  const { mdi, rtpJitterMs, ssrcChanges, partialDatagrams, fec } = network;
  const pairs: (readonly [string, Part])[] = [];
  if (mdi !== null) {
    const { delayFactorMs, mediaLossRate } = mdi;
    pairs.push(
      [
        "MDI delay factor",
        `${formatFigure(delayFactorMs.mean)} ms mean, ${formatFigure(delayFactorMs.max)} ms max`,
      ],
      [
        "MDI media loss rate",
        `${formatFigure(mediaLossRate.mean)} packets/s mean, ${formatFigure(mediaLossRate.max)} max`,
      ],
      ["MDI media rate", formatBitrate(mdi.mediaRate)],
    );
  }
  if (rtpJitterMs !== null) pairs.push(["RTP jitter", `${formatFigure(rtpJitterMs)} ms`]);
  if (ssrcChanges > 0) pairs.push(["SSRC changes", formatCount(ssrcChanges)]);
  if (partialDatagrams > 0) pairs.push(["datagrams not whole packets", formatCount(partialDatagrams)]);
  if (fec !== "none") pairs.push(["FEC", fec]);
  return pairs;
}

/** Arrival of the datagrams: MDI, RTP, inter-arrival histogram, bursts. */
export function networkSection(network: NetworkReport | undefined, rtp: RtpReport | undefined): Markup {
  if (network === undefined && rtp === undefined) return NOTHING;
  const pairs = [
    ...(rtp === undefined ? [] : rtpFacts(rtp)),
    ...(network === undefined ? [] : networkFacts(network)),
  ];
  const bursts = network?.bursts ?? [];
  const burstTable =
    bursts.length === 0
      ? NOTHING
      : html`<figure class="chart"><figcaption>Microbursts <small>most in any window of that length</small></figcaption>${dataTable(
          [
            { title: "window", figures: true },
            { title: "octets", figures: true },
            { title: "bit rate", figures: true },
          ],
          bursts.map(({ windowMs, maxOctets, maxBitrate }) => [
            `${windowMs} ms`,
            formatOctets(maxOctets),
            formatBitrate(maxBitrate),
          ]),
        )}</figure>`;
  const chart =
    network === undefined ? NOTHING : histogramChart("Inter-arrival time", network.interArrivalUs);
  return html`<section><h3>Network</h3>${facts(pairs)}<div class="charts">${chart}${burstTable}</div></section>`;
}
