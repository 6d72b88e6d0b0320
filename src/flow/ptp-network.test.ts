import { describe, expect, test } from "bun:test";
import { udpFrame } from "../../fixtures/lib/frames.ts";
import { PIPELINE_EPOCH, pipelineOptions } from "../../tests/helpers/pipeline-options.ts";
import { makePtp } from "../../tests/helpers/ptp.ts";
import { emptyStats, FrameBatch } from "../capture/batch.ts";
import { LINKTYPE } from "../net/linktype.ts";
import { PTP } from "../report/fixture-st2110-other.ts";
import { type Report, reportSchema } from "../report/schema.ts";
import { Pipeline } from "./pipeline.ts";
import { ptpBeside, ptpNetwork, ptpNetworkName } from "./ptp-network.ts";

const MS = 1e6;

/**
 * Report on Announces of the clocks `clocks`, every 250 ms for 10 s, each with the VLAN ids that it gives; or of one
 * clock to each of the addresses `receivers`; each clock on a device of its own where there are `devices`.
 */
function heard(
  clocks: ((i: number) => readonly number[])[],
  receivers?: readonly string[],
  devices?: readonly string[],
): Report {
  const pipeline = new Pipeline(
    pipelineOptions({
      inputName: "ptp",
      ...(devices ? { devices } : {}),
    }),
  );
  const batch = new FrameBatch(1);
  for (let i = 0; i < 40; i++) {
    for (const [clock, vids] of clocks.entries()) {
      const from = { address: `10.0.0.${clock + 1}`, port: 320 };
      const vlans = vids(i).map((vid) => ({ tpid: 0x8100, vid }));
      const to = receivers?.[clock] ?? "224.0.1.129";
      const made = receivers ? { sequence: i + clock * 100 } : { sequence: i, clock: clock + 1 };
      const announce = makePtp({ type: 11, ...made });
      if (to.includes(":")) from.address = "fd00::1";
      const octets = udpFrame({ from, to: { address: to, port: 320 }, vlans }, announce);
      batch.buf = new Uint8Array(octets);
      batch.count = 1;
      batch.device = devices ? clock : 0;
      batch.capturedLength[0] = octets.length;
      batch.wireLength[0] = octets.length;
      batch.timeNs[0] = (i * 250 + clock) * MS;
      batch.linkType[0] = LINKTYPE.ethernet;
      pipeline.batch(batch);
    }
  }
  pipeline.end();
  const input = { kind: "pcap", name: "ptp", timestampSource: "test", epoch: PIPELINE_EPOCH } as const;
  return reportSchema.parse(pipeline.report({ ...input, stats: emptyStats() }, pipeline.lastNs, true));
}

function codes(report: Report): string[] {
  return report.findings.map(({ code }) => code).filter((code) => code.startsWith("ptp-"));
}

describe("PTP of several VLANs", () => {
  test("IEEE 1588-2008 9.3.2: a grandmaster on each VLAN is one a network", () => {
    const report = heard([() => [10], () => [20], () => [20, 10]]);
    expect(codes(report)).toEqual(["ptp-sm-tlv-missing"]);
    expect(report.ptp?.domains.map(({ domain, network }) => [domain, network])).toEqual([
      [127, "VLAN 10"],
      [127, "VLAN 20"],
      [127, "VLAN 20 in 10"],
    ]);
  });

  test("two on one VLAN are two grandmasters, and no network is named", () => {
    const report = heard([() => [10], () => [10]]);
    expect(codes(report)).toContain("ptp-two-grandmasters");
    expect(report.ptp?.domains.map((domain) => [domain.domain, "network" in domain])).toEqual([[127, false]]);
  });

  test("802.1Q 6.9: a tag with VLAN 0 gives a priority and is no network of its own", () => {
    const report = heard([(i) => (i % 2 === 0 ? [] : [0])]);
    expect(codes(report)).toEqual(["ptp-sm-tlv-missing"]);
    expect(report.ptp?.domains).toHaveLength(1);
    expect(ptpNetwork({ vlanCount: 2, vlan0: 0, vlan1: 7 }, 0)).toBe(7);
    expect(ptpNetworkName(0)).toBe("no VLAN");
  });
});

describe("PTP on several devices", () => {
  test("IEEE 1588-2008 9.3.2: a grandmaster on each device is one a network", () => {
    const report = heard([() => [], () => [], () => [10]], undefined, ["eth0", "eth1", "eth2"]);
    expect(codes(report)).toEqual(["ptp-sm-tlv-missing"]);
    expect(report.ptp?.domains.map(({ network }) => network)).toEqual(["eth0", "eth1", "eth2, VLAN 10"]);
  });

  test("with PTP on one of them alone nothing is named", () => {
    const report = heard([() => [10]], undefined, ["eth0", "eth1"]);
    expect(report.ptp?.domains.map((domain) => "network" in domain)).toEqual([false]);
  });
});

test.each([[["10.0.0.8", "10.0.0.9"]], [["fd00::8", "fd00::9"]]])(
  "IEEE 1588-2008 7.3.7: sequenceIds are those of the destination, %p",
  (receivers) => {
    const report = heard([() => [], () => []], receivers);
    expect(codes(report)).toEqual(["ptp-sm-tlv-missing"]);
    expect(report.ptp?.domains[0]?.masters).toMatchObject([{ announces: 80, announcesLost: 0 }]);
  },
);

describe("what streams are held to", () => {
  const [domain] = PTP.domains;
  if (domain === undefined) throw new Error("no domain");

  test("PTP of the only network, whatever the VLAN of the stream", () =>
    expect(ptpBeside(PTP, [10])).toBe(PTP));

  test("of several networks, that of the stream", () => {
    const domains = ["no VLAN", "VLAN 10", "VLAN 20 in 10"].map((network) => ({ ...domain, network }));
    const beside = (vlan: number[]): (string | undefined)[] =>
      (ptpBeside({ ...PTP, domains }, vlan)?.domains ?? []).map(({ network }) => network);
    expect(beside([])).toEqual(["no VLAN"]);
    expect(beside([10])).toEqual(["VLAN 10"]);
    expect(beside([20, 10])).toEqual(["VLAN 20 in 10"]);
    expect(beside([30])).toEqual([]);
  });

  test("of several devices, that of the only one with PTP on the stream's VLAN", () => {
    const devices = ["eth0", "eth1"];
    const networks = ["eth0", "eth1", "eth1, VLAN 10"].map((network) => ({ ...domain, network }));
    const beside = (vlan: number[]): (string | undefined)[] =>
      (ptpBeside({ ...PTP, domains: networks }, vlan, devices)?.domains ?? []).map(({ network }) => network);
    expect(beside([])).toEqual([]);
    expect(beside([10])).toEqual(["eth1, VLAN 10"]);
  });
});
