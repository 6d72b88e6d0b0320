import { describe, expect } from "bun:test";
import { smallMux } from "../../fixtures/lib/mux.ts";
import { metricFigures } from "../helpers/metrics-page.ts";
import { TX_DEVICE } from "../helpers/netns.ts";
import { type Ended, reportOf, run, until } from "../helpers/run.ts";
import { needsNetns, needsProgram, testWith } from "../helpers/skip.ts";
import { ENDPOINT, GROUP, PORT, Rig } from "./rig.ts";

const needsPromtool = needsProgram("promtool", "prometheus");
const needsCurl = needsProgram("curl");

/** TS packets that are sent, a datagram each seven; one datagram in the middle is left out. */
const PACKETS = 700;
const LOST = 7;
const STREAM = `${GROUP}-${PORT}`;
const TOKEN = "0123456789abcdef0123456789abcdef";

/** `promtool check metrics` on a page: its exit code and what it said. */
async function checked(page: string): Promise<Ended> {
  return await run(["promtool", "check", "metrics"], { stdin: new TextEncoder().encode(page) });
}

/** Reads a page within the capturing namespace. */
async function scrape(rig: Rig, port: number, path = "/metrics", more: string[] = []): Promise<string> {
  const url = `http://127.0.0.1:${port}${path}`;
  return await rig.network.run(rig.network.rx, ["curl", "-sS", "-m", "5", ...more, url]);
}

describe("metrics of a live run", () => {
  testWith(
    [needsNetns, needsPromtool, needsCurl],
    "probe and client show what the probe's report says, in a form that Prometheus takes",
    async () => {
      await using rig = await Rig.open();
      const octets = rig.tsFile("stream.ts", PACKETS, smallMux(7));
      const half = Math.floor(octets.length / 188 / 2 / 7) * 7 * 188;
      await Bun.write(
        rig.path("holed.ts"),
        Buffer.concat([octets.subarray(0, half), octets.subarray(half + LOST * 188)]),
      );
      const env = { HTTP_TOKEN: TOKEN };
      const probe = await rig.probe(["--probe-id", "p", "--metrics", ":9464"], { env });
      const client = await rig.client(["--metrics", ":9465", "-o", "out.ts", "--endpoint", ENDPOINT]);
      const token = ["-H", `Authorization: Bearer ${TOKEN}`];
      await until(async () => (await scrape(rig, 9464, "/readyz")) === "ok\n", "the probe is ready");
      await until(async () => (await scrape(rig, 9465, "/readyz")) === "ok\n", "the client is ready");
      await rig.send({ file: rig.path("holed.ts"), perSecond: 100 });

      const packets = `rscap_ts_packets_total{probe="p",stream="${STREAM}"}`;
      const pages = { probe: "", client: "" };
      await until(
        async () => {
          pages.probe = await scrape(rig, 9464, "/metrics", token);
          pages.client = await scrape(rig, 9465);
          const own = metricFigures(pages.client).get("rscap_client_packets_total");
          const all = [own, ...[pages.probe, pages.client].map((page) => metricFigures(page).get(packets))];
          return all.every((count) => count === PACKETS - LOST);
        },
        "both pages show all packets",
        20_000,
      );
      for (const page of [pages.probe, pages.client]) {
        expect(await checked(page)).toMatchObject({ exitCode: 0, stderr: "" });
      }
      expect(await scrape(rig, 9464)).toBe("a bearer token is needed\n");

      const report = reportOf(await probe.stop("SIGTERM"));
      const summary = JSON.parse((await client.stop("SIGTERM")).stdout);
      const stream = report.streams.find(({ id }) => id === STREAM);
      if (stream?.mpegts === undefined) throw new Error("no transport stream in the report");
      expect(stream.mpegts.continuity.errors).toBeGreaterThan(0);
      for (const page of [metricFigures(pages.probe), metricFigures(pages.client)]) {
        const of = (name: string, labels = "") => page.get(`${name}{probe="p",stream="${STREAM}"${labels}}`);
        expect(of("rscap_stream_packets_total")).toBe(stream.packets);
        expect(of("rscap_stream_bytes_total")).toBe(stream.bytes);
        expect(of("rscap_continuity_errors_total")).toBe(stream.mpegts.continuity.errors);
        for (const { pid, packets, continuityErrors } of stream.mpegts.pids) {
          expect(of("rscap_pid_packets_total", `,pid="${pid}"`)).toBe(packets);
          expect(of("rscap_pid_continuity_errors_total", `,pid="${pid}"`)).toBe(continuityErrors);
        }
        expect(page.get('rscap_probe_up{probe="p"}')).toBe(1);
        expect(page.get('rscap_host_cpus{probe="p"}')).toBe(report.system?.host.cores ?? Number.NaN);
        expect(page.get('rscap_interface_carrier{probe="p",device="rx0"}')).toBe(1);
      }
      const received = metricFigures(pages.client);
      expect(received.get("rscap_client_packets_total")).toBe(summary.packets);
      expect(received.get("rscap_client_packets_total")).toBe(PACKETS - LOST);
    },
    60_000,
  );

  testWith(
    [needsNetns, needsCurl],
    "a client whose probe goes is not ready, and shows it down",
    async () => {
      await using rig = await Rig.open();
      const probe = await rig.probe(["--probe-id", "p"]);
      await rig.client(["--metrics", ":9465", "--endpoint", ENDPOINT]);
      await until(
        async () => (await scrape(rig, 9465)).includes('rscap_probe_up{probe="p"} 1'),
        "the probe is up",
      );
      await probe.stop("SIGTERM");
      const gone = "no probe is connected\n";
      await until(
        async () => (await scrape(rig, 9465, "/readyz")) === gone,
        "the client is not ready",
        20_000,
      );
      expect(await scrape(rig, 9465, "/healthz")).toBe("ok\n");
      const down = 'rscap_probe_up{probe="p"} 0';
      await until(async () => (await scrape(rig, 9465)).includes(down), "the probe is down", 30_000);
    },
    90_000,
  );

  testWith(
    [needsNetns, needsCurl],
    "a link that goes away is seen, counted and told",
    async () => {
      await using rig = await Rig.open();
      const probe = await rig.probe(["--probe-id", "p", "--no-zmq", "--metrics", ":9464"]);
      const carrier = (value: number) => `rscap_interface_carrier{probe="p",device="rx0"} ${value}\n`;
      const link = (state: string) =>
        rig.network.run(rig.network.tx, ["ip", "link", "set", TX_DEVICE, state]);
      await until(async () => (await scrape(rig, 9464)).includes(carrier(1)), "the link is there");
      await link("down");
      await until(async () => (await scrape(rig, 9464)).includes(carrier(0)), "the link is gone");
      await link("up");
      await until(async () => (await scrape(rig, 9464)).includes(carrier(1)), "the link is back");
      const { findings, system } = reportOf(await probe.stop("SIGTERM"));
      expect(findings.find(({ code }) => code === "carrier-lost")).toMatchObject({
        severity: "warning",
        count: 1,
      });
      expect(system?.interfaces).toMatchObject([{ name: "rx0", carrier: true }]);
    },
    60_000,
  );
});
