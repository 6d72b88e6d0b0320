import { describe, expect, test } from "bun:test";
import { resolveConfig } from "../settings/config.ts";
import type { Config } from "../settings/table.ts";
import { commonJob, publishJob } from "./job.ts";
import { planLive } from "./live-inputs.ts";

function configOf(flags: Parameters<typeof resolveConfig>[0]["flags"]): Config {
  const around = { env: {}, folder: "/nonexistent", hostname: "desk" };
  return resolveConfig({ command: "probe", flags: { sourceDevice: "lo", ...flags }, ...around }).config;
}

describe("what a probe captures", () => {
  test("SOURCE_IP and SOURCE_PORT are one stream, joined on the device", () => {
    const plan = planLive(configOf({ sourceIp: "239.1.2.3", sourcePort: "5000" }));
    expect(plan.wanted).toEqual([{ destination: "239.1.2.3", port: 5000, source: "" }]);
    expect(plan.inputs).toHaveLength(1);
    const [input] = plan.inputs;
    expect(input?.options).toMatchObject({ device: "lo", filter: "", snaplen: 262_144 });
    expect(input?.options.sources).toEqual([{ destination: "239.1.2.3", port: 5000 }]);
    expect(input?.memberships).toMatchObject([{ group: "239.1.2.3" }]);
  });

  test("several sources on one device are one capture; unicast needs no membership", () => {
    const source = ["udp://10.0.0.5@232.1.1.1:5000", "udp://127.0.0.1:6000", "udp://[ff3e::1]:7000"];
    const plan = planLive(configOf({ source }));
    expect(plan.inputs).toHaveLength(1);
    const memberships = plan.inputs[0]?.memberships.map(({ group, source: from }) => [group, from]);
    expect(memberships).toEqual([
      ["232.1.1.1", "10.0.0.5"],
      ["ff3e::1", undefined],
    ]);
    expect(plan.wanted.map(({ source: from }) => from)).toEqual(["10.0.0.5", "", ""]);
  });

  test("each device that a source names has a capture of its own", () => {
    const plan = planLive(configOf({ source: ["udp://239.1.1.1:5000?iface=any", "udp://239.1.1.2:5000"] }));
    expect(plan.inputs.map(({ options }) => options.device)).toEqual(["any", "lo"]);
  });

  test("--discover takes all UDP, --filter whatever matches; neither joins anything by itself", () => {
    const all = planLive(configOf({ discover: true }));
    expect(all.wanted).toEqual([]);
    expect(all.inputs[0]?.memberships).toEqual([]);
    expect(all.inputs[0]?.options.sources).toEqual([{ destination: "", port: 0 }]);
    const filtered = planLive(configOf({ filter: "udp port 9" }));
    expect(filtered.wanted).toEqual([]);
    expect(filtered.inputs[0]?.options.filter).toBe("udp port 9");
  });

  test("--filter with sources joins their groups", () => {
    const plan = planLive(configOf({ filter: "udp", source: ["udp://239.1.1.1:5000"] }));
    expect(plan.inputs[0]?.memberships).toMatchObject([{ group: "239.1.1.1" }]);
    expect(plan.wanted).toEqual([]);
  });

  test("a block is not held back longer than a message may wait", () => {
    const plan = planLive(configOf({ blockTimeout: "100ms", batchTime: "15ms" }));
    expect(plan.inputs[0]?.options.blockTimeoutMs).toBe(15);
    const now = planLive(configOf({ immediate: true }));
    expect(now.inputs[0]?.options.blockTimeoutMs).toBe(1);
  });

  test("a device that is not there is an error of the environment", () => {
    expect(() => planLive(configOf({ sourceDevice: "nodev0" }))).toThrow("nodev0");
  });
});

describe("what the pipeline is told", () => {
  test("checks decide how much of the monitor runs", () => {
    expect(commonJob(configOf({})).monitor).toMatchObject({ decoderModel: true, tables: false });
    expect(commonJob(configOf({ checks: "no-tstd" })).monitor).toMatchObject({ decoderModel: false });
    expect(commonJob(configOf({ checks: "packets" })).monitor).toBeNull();
  });

  test("an HTML report needs tables and the rates over time, --tables the tables", () => {
    expect(commonJob(configOf({ report: ["html=/tmp/r.html"] })).monitor).toMatchObject({
      tables: true,
      series: true,
    });
    expect(commonJob(configOf({ tables: "text" })).monitor).toMatchObject({ tables: true, series: false });
  });

  test("one publishes on one endpoint", () => {
    expect(publishJob(configOf({ targetIp: "0.0.0.0", targetPort: "6000" })).endpoint).toBe(
      "tcp://0.0.0.0:6000",
    );
    expect(() => publishJob(configOf({ endpoint: ["tcp://*:1", "tcp://*:2"] }))).toThrow(
      "--endpoint (ENDPOINT)",
    );
  });
});
