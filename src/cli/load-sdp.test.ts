import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveConfig } from "../settings/config.ts";
import type { Config } from "../settings/table.ts";
import { planLive } from "./live-inputs.ts";
import { loadSdp } from "./load-sdp.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-sdp-"));
afterAll(() => rmSync(folder, { recursive: true }));

const path = join(folder, "two.sdp");
writeFileSync(
  path,
  [
    "v=0\no=- 1 1 IN IP4 10.0.0.1\ns=two\nt=0 0",
    "m=audio 5004 RTP/AVP 97\nc=IN IP4 239.7.7.1/32\na=source-filter: incl IN IP4 239.7.7.1 10.0.0.1 10.0.0.2",
    "m=audio 5006 RTP/AVP 97\nc=IN IP6 ff15::1",
    "m=audio 5008 RTP/AVP 97",
  ].join("\n"),
);

function config(...flags: [string, string][]): Config {
  return resolveConfig({
    command: "probe",
    flags: {
      sdp: [path],
      sourceDevice: "lo",
      ...Object.fromEntries(flags.map(([key, value]) => [key, [value]])),
    },
    env: { ENV_FILE: "/dev/null" },
    folder,
    hostname: "test",
  }).config;
}

describe("--sdp", () => {
  test("reads the files, and says which one can't be read", () => {
    expect(loadSdp([path])[0]).toMatchObject({ name: path, text: expect.stringContaining("s=two") });
    expect(() => loadSdp([join(folder, "none.sdp")])).toThrow(/--sdp \(SDP\).*none\.sdp.*no such file/);
  });

  test("a probe captures what is described, once for each sender, and joins the groups", () => {
    const { wanted, inputs } = planLive(config());
    expect(wanted).toEqual([
      { destination: "239.7.7.1", port: 5004, source: "10.0.0.1" },
      { destination: "239.7.7.1", port: 5004, source: "10.0.0.2" },
      { destination: "ff15::1", port: 5006, source: "" },
    ]);
    expect(inputs.flatMap(({ memberships }) => memberships.map(({ group }) => group))).toEqual([
      "239.7.7.1",
      "239.7.7.1",
      "ff15::1",
    ]);
  });

  test("beside sources that are named, each once", () => {
    const { wanted } = planLive(config(["source", "udp://[ff15::1]:5006"]));
    expect(wanted).toHaveLength(3);
    expect(wanted[0]).toEqual({ destination: "ff15::1", port: 5006, source: "" });
  });
});
