import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../tests/helpers/kafka.ts";
import { LogLines } from "../../tests/helpers/wire.ts";
import { EXIT, RscapError } from "../report/error.ts";
import { type Environment, resolveConfig } from "../settings/config.ts";
import { openKafka } from "./open-kafka.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-open-kafka-"));
afterAll(() => rmSync(folder, { recursive: true }));

const [port = 0] = await freePorts(1);
const BROKER = `127.0.0.1:${port}`;

/** Opens by these variables, and ends at once; the name it has in the summary, and what it logged. */
async function open(env: Environment): Promise<{ name: string | null; lines: readonly string[] }> {
  const { lines, log } = new LogLines();
  const { config } = resolveConfig({ command: "client", flags: {}, env, folder, hostname: "studio" });
  const sink = await openKafka(config, log);
  await sink?.close(0);
  return { name: sink?.counts().name ?? null, lines };
}

async function refusal(env: Environment): Promise<RscapError> {
  try {
    await open({ KAFKA_BROKER: BROKER, ...env });
  } catch (error) {
    if (error instanceof RscapError) return error;
    throw error;
  }
  throw new Error("no error came");
}

describe("the settings of Kafka", () => {
  test("on when a broker is named, unless it is switched off; the earlier names do the same", async () => {
    const name = `kafka rscap at ${BROKER}`;
    expect((await open({})).name).toBeNull();
    expect((await open({ KAFKA_BROKER: BROKER })).name).toBe(name);
    expect((await open({ KAFKA_BROKER: BROKER, SEND_TO_KAFKA: "false" })).name).toBeNull();
    expect((await open({ SEND_TO_KAFKA: "true" })).name).toBe("kafka rscap at localhost:9092");
    const earlier = { KAFKA_TOPIC: "t", KAFKA_KEY: "k", KAFKA_INTERVAL: "500", KAFKA_TIMEOUT: "100" };
    expect((await open({ KAFKA_BROKER: BROKER, ...earlier })).name).toBe(`kafka t at ${BROKER}`);
    const { config } = resolveConfig({
      command: "client",
      flags: {},
      env: earlier,
      folder,
      hostname: "studio",
    });
    expect([config.kafkaKey, config.kafkaInterval, config.kafkaRequestTimeout]).toEqual(["k", 500, 10_000]);
  });

  test("a login needs both halves; PLAIN without TLS is warned of", async () => {
    expect((await refusal({ KAFKA_USER: "alice" })).message).toContain("KAFKA_PASSWORD");
    expect((await refusal({ KAFKA_PASSWORD: "hunter2" })).message).toContain("--kafka-user (KAFKA_USER)");
    expect((await refusal({ KAFKA_SASL: "plain" })).message).toContain("--kafka-user (KAFKA_USER)");
    const login = { KAFKA_BROKER: BROKER, KAFKA_USER: "alice", KAFKA_PASSWORD: "hunter2" };
    const { lines } = await open({ ...login, KAFKA_SASL: "plain" });
    expect(lines.filter((line) => line.includes("goes over the network as it is"))).toHaveLength(1);
    expect(lines.join()).not.toContain("hunter2");
    for (const sasl of ["scram-sha-256", "scram-sha-512", "auto"]) {
      expect((await open({ ...login, KAFKA_SASL: sasl })).lines.join()).not.toContain("as it is");
    }
    expect((await open({ ...login, KAFKA_SASL: "plain", KAFKA_TLS: "true" })).lines.join()).not.toContain(
      "as it is",
    );
  });

  test("files of TLS: there, and what they are said to be; a key goes with a certificate", async () => {
    const cert = join(folder, "cert.pem");
    writeFileSync(cert, "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n");
    const key = join(folder, "key.pem");
    writeFileSync(key, "-----BEGIN EC PRIVATE KEY-----\n");
    expect(
      (await open({ KAFKA_BROKER: BROKER, KAFKA_TLS_CERT: cert, KAFKA_TLS_KEY: key })).name,
    ).not.toBeNull();
    const missing = await refusal({ KAFKA_TLS_CA: join(folder, "nowhere.pem") });
    expect([missing.exitCode, missing.message]).toEqual([
      EXIT.environment,
      `--kafka-tls-ca (KAFKA_TLS_CA): can't read ${join(folder, "nowhere.pem")} (ENOENT).`,
    ]);
    expect((await refusal({ KAFKA_TLS_CA: key })).message).toContain(
      "expected a PEM file with a CERTIFICATE",
    );
    expect((await refusal({ KAFKA_TLS_CERT: cert })).message).toContain(
      "--kafka-tls-key (KAFKA_TLS_KEY): expected",
    );
    expect((await refusal({ KAFKA_TLS_KEY: key })).message).toContain(
      "--kafka-tls-cert (KAFKA_TLS_CERT): expected",
    );
  });

  test.each([
    [{ KAFKA_BROKER: "kafka" }, "host:port"],
    [{ KAFKA_BROKER: "kafka:0" }, "host:port"],
    [{ KAFKA_BROKER: "*:9092" }, "host:port"],
    [{ KAFKA_BROKER: "[10.0.0.1]:9092" }, "IPv6"],
    [{ KAFKA_TOPIC: "a topic" }, "at most 249"],
    [{ KAFKA_SPOOL: "/dev/null/spool" }, "--kafka-spool (KAFKA_SPOOL)"],
  ])("%j is refused", async (env, words) => {
    expect((await refusal(env)).message).toContain(words);
  });

  test("IPv6 and several brokers", async () => {
    expect((await open({ KAFKA_BROKER: `[::1]:${port},${BROKER}` })).name).toBe(
      `kafka rscap at [::1]:${port}, ${BROKER}`,
    );
  });
});
