import { afterEach, describe, expect, test } from "bun:test";
import { FAULTY_REPORT } from "../report/fixture.ts";
import { SunkDocument } from "./document-sink.ts";
import { MetricsEndpoint, type MetricsOptions } from "./metrics-endpoint.ts";

const endpoints: MetricsEndpoint[] = [];
afterEach(async () => {
  for (const endpoint of endpoints.splice(0)) await endpoint.close();
});

function open(change: Partial<MetricsOptions> = {}): MetricsEndpoint {
  const endpoint = new MetricsEndpoint({
    host: "127.0.0.1",
    port: 0,
    loopback: true,
    tls: null,
    token: "",
    setting: "--metrics (METRICS)",
    version: "1.2.3",
    command: "client",
    own: () => ({ cpuSeconds: 1.5, residentBytes: 1000, startSeconds: 100 }),
    health: { ready: () => "no probe is connected", alive: () => null },
    now: () => 0,
    ...change,
  });
  endpoints.push(endpoint);
  return endpoint;
}

const document = (kind: SunkDocument["kind"], content: object | Uint8Array) =>
  new SunkDocument({ probe: "p", stream: "-", kind, receivedMs: 0 }, content);

const STATE = {
  messages: 7,
  packets: 70,
  bytes: 13_160,
  peers: 1,
  failedConnections: 2,
  skippedBytes: 0,
  documentsDropped: 0,
  refused: { parts: 3, topic: 0 },
  streams: [
    {
      probe: "p",
      stream: "s",
      kind: "ts",
      messages: 7,
      packets: 70,
      bytes: 13_160,
      gaps: 1,
      lostMessages: 2,
    },
  ],
  files: [{ probe: "p", stream: "s", path: "a.ts", packets: 70, lostPackets: 4 }],
  sinks: [{ name: "webhook", taken: 5, done: 3, dropped: 1, queued: 1 }],
  outputs: [{ name: "exec cat", packets: 70, bytes: 13_160, lost: 0, droppedPackets: 6, queuedBytes: 0 }],
};

describe("metrics endpoint", () => {
  test("shows what was taken, itself, and where the client stands", async () => {
    const endpoint = open();
    endpoint.take(document("report", FAULTY_REPORT));
    endpoint.take(document("event", { schema: "rscap.event/1" }));
    endpoint.take(document("report", new TextEncoder().encode("no JSON")));
    endpoint.look(STATE);
    await (await fetch(`${endpoint.url}/nothing`)).text();
    const answer = await fetch(`${endpoint.url}/metrics`);
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const page = await answer.text();
    for (const line of [
      'rscap_build_info{version="1.2.3",command="client"} 1',
      "process_cpu_seconds_total 1.5",
      "process_start_time_seconds 100",
      'rscap_http_answers_total{code="404"} 1',
      'rscap_input_packets_total{probe="p"} 13346',
      "rscap_client_messages_total 7",
      "rscap_client_failed_connections_total 2",
      'rscap_client_refused_messages_total{reason="parts"} 3',
      'rscap_client_stream_lost_messages_total{probe="p",stream="s",kind="ts"} 2',
      'rscap_client_file_lost_packets_total{probe="p",stream="s"} 4',
      'rscap_sink_dropped_documents_total{sink="webhook"} 1',
      'rscap_output_dropped_packets_total{sink="exec cat"} 6',
    ]) {
      expect(page).toContain(`\n${line}\n`);
    }
    expect(endpoint.counts()).toMatchObject({ taken: 2, done: 1, dropped: 1, queued: 0 });
    expect(endpoint.counts().name).toBe(`metrics at ${endpoint.url}`);
  });

  test("speaks OpenMetrics to who prefers it", async () => {
    const accept = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5";
    const answer = await fetch(`${open().url}/metrics`, { headers: { accept } });
    expect(answer.headers.get("content-type")).toStartWith("application/openmetrics-text; version=1.0.0");
    expect(await answer.text()).toEndWith("# EOF\n");
  });

  test("tells how the run is, to everybody", async () => {
    const { url } = open({ token: "0123456789abcdef" });
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([503, "no probe is connected\n"]);
  });
});
