/** Keys made by the command line, between real processes: a probe's stand-in, clients, and a subscriber in Python. */
import { afterAll, expect, test } from "bun:test";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT, type Running, reportOf, rscapCommand, run, runOk, start } from "../helpers/run.ts";
import { needsPythonZmq, pythonWithZmq, testWith } from "../helpers/skip.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-curve-live-"));
afterAll(() => rmSync(folder, { recursive: true }));

let serial = 0;

/** Folders with the keys of both ends, who know each other, and where they meet. */
async function meeting(): Promise<{ probe: string; client: string; endpoint: string }> {
  const base = join(folder, String(serial++));
  const [probe, client] = [join(base, "probe"), join(base, "client")];
  for (const [keys, name] of [
    [probe, "truck"],
    [client, "studio"],
  ] as const) {
    const printed = await runOk(rscapCommand("keygen", "--curve-keys", keys, name));
    expect(printed).toMatch(/^\S{40}\n$/);
    expect(statSync(join(keys, `${name}.key_secret`)).mode & 0o777).toBe(0o600);
  }
  copyFileSync(join(client, "studio.key"), join(probe, "studio.key"));
  return { probe, client, endpoint: `ipc://${base}/s` };
}

/** A replay that publishes for as long as it is let. */
function publishing(keys: string, endpoint: string): Running {
  const play = ["--publish", "--realtime", "--loop", "0", "--endpoint", endpoint, "--report", "json"];
  return start(rscapCommand("replay", `${PROJECT}fixtures/clean.m2ts`, ...play, "--curve-keys", keys));
}

test("a client with a known key writes the stream; one without is told why, and both ends count it", async () => {
  const { probe, client, endpoint } = await meeting();
  const from = publishing(probe, endpoint);
  const known = ["--curve-keys", client, "--curve-server-key", join(probe, "truck.key")];
  const file = join(folder, "out.ts");
  const limits = ["--packet-count", "70", "--duration", "30", "--report", "json"];
  const written = await run(rscapCommand("client", "--endpoint", endpoint, ...known, "-o", file, ...limits));
  expect(written.exitCode).toBe(0);
  expect(readFileSync(file).length).toBe(70 * 188);
  expect(JSON.parse(written.stdout)).toMatchObject({ packets: 70, failedConnections: 0 });
  await from.says(/has the key studio/);

  const plain = start(rscapCommand("client", "--endpoint", endpoint, "-o", "/dev/null", "--report", "json"));
  await plain.says(/CURVE.*--curve-keys/);
  const refused = await plain.stop();
  expect(JSON.parse(refused.stdout)).toMatchObject({ packets: 0, messages: 0 });
  expect(JSON.parse(refused.stdout).failedConnections).toBeGreaterThan(0);
  await from.says(/came without CURVE/);

  const ended = await from.stop();
  expect(reportOf(ended).published?.failedConnections).toBeGreaterThan(0);
  const secret =
    /secret-key = "(.{40})"/.exec(readFileSync(join(probe, "truck.key_secret"), "utf8"))?.[1] ?? "";
  expect(secret).not.toBe("");
  for (const text of [ended.stderr, ended.stdout, refused.stderr]) expect(text).not.toContain(secret);
});

const SUBSCRIBER = `
import sys, zmq, zmq.auth
sub = zmq.Context().socket(zmq.SUB)
sub.curve_publickey, sub.curve_secretkey = zmq.auth.load_certificate(sys.argv[1])
sub.curve_serverkey, _ = zmq.auth.load_certificate(sys.argv[2])
sub.connect(sys.argv[3])
sub.subscribe(b"rscap/1/")
sub.RCVTIMEO = 20000
topic, header, payload = sub.recv_multipart()
print(topic.decode().split("/")[0], len(payload) > 0)
`;

testWith(
  [needsPythonZmq],
  "pyzmq reads the certificates of keygen and subscribes with them",
  async () => {
    const { probe, client, endpoint } = await meeting();
    const from = publishing(probe, endpoint);
    const certificates = [join(client, "studio.key_secret"), join(probe, "truck.key")];
    const said = await runOk([pythonWithZmq ?? "", "-c", SUBSCRIBER, ...certificates, endpoint]);
    expect(said).toBe("rscap True\n");
    await from.stop();
  },
  60_000,
);

test("keygen overwrites nothing", async () => {
  const keys = join(folder, "twice");
  await runOk(rscapCommand("keygen", "--curve-keys", keys, "a"));
  const again = await run(rscapCommand("keygen", "--curve-keys", keys, "a"));
  expect([again.exitCode, again.stdout]).toEqual([2, ""]);
  expect(again.stderr).toContain("a.key_secret exists");
});
