import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FAULTY_REPORT } from "../report/fixture.ts";
import { SunkDocument } from "../sinks/document-sink.ts";
import { openClientMetrics, openProbeMetrics } from "./open-metrics.ts";
import { RunHealth } from "./run-health.ts";

const NONE = { metrics: "", httpToken: "", httpCert: "", httpKey: "", probeId: "p", reportInterval: 1000 };

const folder = mkdtempSync(join(tmpdir(), "rscap-metrics-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Takes log lines; gives the URL that one of them names. */
function urlLog(): { log: (level: string, text: string) => void; url: () => string } {
  let url = "";
  return {
    log: (_, text) => {
      url = /https?:\/\/[^/]+/.exec(text)?.[0] ?? url;
    },
    url: () => url,
  };
}

describe("--metrics", () => {
  test("not asked for, is not there", async () => {
    expect(openProbeMetrics(NONE, () => {})).toBeNull();
    expect(await openClientMetrics(NONE, () => {})).toBeNull();
  });

  test("of a probe: its reports; ready with the first", async () => {
    const { log, url } = urlLog();
    const metrics = openProbeMetrics({ ...NONE, metrics: ":0" }, log);
    expect((await fetch(`${url()}/readyz`)).status).toBe(503);
    expect((await fetch(`${url()}/healthz`)).status).toBe(200);
    metrics?.report(FAULTY_REPORT);
    expect((await fetch(`${url()}/readyz`)).status).toBe(200);
    const page = await (await fetch(`${url()}/metrics`)).text();
    expect(page).toContain('\nrscap_input_packets_total{probe="p"} 13346\n');
    expect(page).toContain('command="probe"');
    expect(page).toMatch(/\nprocess_resident_memory_bytes \d+\n/);
    await metrics?.close();
  });

  test("of a client: ready while a probe is connected", async () => {
    const { log, url } = urlLog();
    const sink = await openClientMetrics({ ...NONE, metrics: "127.0.0.1:0" }, log);
    sink?.look?.({ peers: 0 });
    const waiting = await fetch(`${url()}/readyz`);
    expect([waiting.status, await waiting.text()]).toEqual([503, "no probe is connected\n"]);
    sink?.look?.({ peers: 1 });
    expect((await fetch(`${url()}/readyz`)).status).toBe(200);
    const origin = { probe: "q", stream: "-", kind: "report", receivedMs: 0 } as const;
    sink?.take(new SunkDocument(origin, FAULTY_REPORT));
    expect(sink?.counts().taken).toBe(1);
    const page = await (await fetch(`${url()}/metrics`)).text();
    expect(page).toContain('\nrscap_probe_up{probe="q"} 1\n');
    expect(page).toContain("\nrscap_client_probes 1\n");
    await sink?.close(0);
  });

  test("names the setting whose file can't be read, or holds no certificate", () => {
    const tls = {
      ...NONE,
      metrics: ":0",
      httpCert: join(folder, "cert.pem"),
      httpKey: join(folder, "key.pem"),
    };
    expect(() => openProbeMetrics(tls, () => {})).toThrow("--http-cert (HTTP_CERT): expected a file in PEM");
    writeFileSync(tls.httpCert, "x");
    expect(() => openProbeMetrics(tls, () => {})).toThrow("--http-key (HTTP_KEY): expected a file in PEM");
    writeFileSync(tls.httpKey, "x");
    expect(() => openProbeMetrics(tls, () => {})).toThrow(
      "--metrics (METRICS): cannot listen at 127.0.0.1:0",
    );
  });
});

describe("health of a run", () => {
  test("by its signs of life", () => {
    let now = 0;
    const health = new RunHealth(1000, () => now);
    now = 30_000;
    expect(health.alive()).toBeNull();
    expect(health.ready()).toBe("has not begun");
    now = 31_000;
    expect(health.alive()).toBe("no sign of life for 31 s");
    health.sign(null);
    expect([health.alive(), health.ready()]).toEqual([null, null]);
    health.sign("no probe is connected");
    expect([health.alive(), health.ready()]).toEqual([null, "no probe is connected"]);
    now += 11_000;
    expect(health.ready()).toBe("no sign of life for 11 s");
  });

  test("a probe that reports once an hour may be silent for hours", () => {
    let now = 0;
    const health = new RunHealth(3_600_000, () => now);
    health.sign(null);
    now = 4 * 3_600_000;
    expect(health.ready()).toBeNull();
  });
});
