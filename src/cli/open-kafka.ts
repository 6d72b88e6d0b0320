import { readFileSync } from "node:fs";
import { environmentError, usageError } from "../report/error.ts";
import type { Config } from "../settings/table.ts";
import { KafkaSink } from "../sinks/kafka/kafka-sink.ts";
import type { LinkOptions } from "../sinks/kafka/link.ts";
import { DiskSpool } from "../spool/disk-spool.ts";
import type { WireLog } from "../wire/log.ts";

/** Where the earlier rscap sent to when no broker was named. */
const DEFAULT_BROKER = "localhost:9092";

/** Larger is no certificate. */
const PEM_MAX_OCTETS = 1024 * 1024;

/** The settings of the Kafka sink. */
export type KafkaConfig = Pick<Config, Extract<keyof Config, `kafka${string}`>>;

/**
 * Opens the Kafka sink when the settings ask for it, or gives null. A usage error where they contradict each other,
 * an environment error where a file or the spool can't be used; a broker that does not answer is none.
 */
export async function openKafka(config: KafkaConfig, log: WireLog): Promise<KafkaSink | null> {
  const { kafka, kafkaBroker } = config;
  if (kafka === "off" || (kafka === "auto" && kafkaBroker.length === 0)) return null;
  const sasl = saslOf(config);
  const tls = tlsOf(config);
  if (sasl?.mechanism === "PLAIN" && tls === null) {
    log(
      "warning",
      "The Kafka password goes over the network as it is: use --kafka-tls, or SCRAM (--kafka-sasl).",
    );
  }
  const { kafkaSpool: folder, kafkaSpoolSize: maxBytes } = config;
  const spool =
    folder === "" ? null : new DiskSpool({ folder, maxBytes, setting: "--kafka-spool (KAFKA_SPOOL)", log });
  return new KafkaSink({
    brokers: kafkaBroker.length === 0 ? [DEFAULT_BROKER] : kafkaBroker,
    topic: config.kafkaTopic,
    format: config.kafkaFormat,
    key: config.kafkaKey,
    intervalMs: config.kafkaInterval,
    run: Math.floor(Math.random() * 2 ** 48)
      .toString(16)
      .padStart(12, "0"),
    acks: config.kafkaAcks,
    compression: config.kafkaCompression,
    requestTimeoutMs: config.kafkaRequestTimeout,
    backoffMs: config.kafkaBackoff,
    sasl,
    tls,
    queueBytes: config.kafkaQueue,
    spool,
    spoolFolder: folder,
    log,
  });
}

function saslOf({ kafkaSasl, kafkaUser, kafkaPassword }: KafkaConfig): LinkOptions["sasl"] {
  const user = "--kafka-user (KAFKA_USER)";
  const password = "KAFKA_PASSWORD, or --kafka-password-file (KAFKA_PASSWORD_FILE)";
  if (kafkaUser === "") {
    if (kafkaSasl === "auto" && kafkaPassword === "") return null;
    const given = kafkaPassword === "" ? `--kafka-sasl ${kafkaSasl}` : "a password";
    throw usageError("bad-setting", `${user}: expected a user name, because there is ${given}; got none.`);
  }
  if (kafkaPassword === "") {
    throw usageError("bad-setting", `${password}: expected the password of ${kafkaUser}, got none.`);
  }
  const mechanisms = {
    auto: "SCRAM-SHA-512",
    plain: "PLAIN",
    "scram-sha-256": "SCRAM-SHA-256",
    "scram-sha-512": "SCRAM-SHA-512",
  } as const;
  return { mechanism: mechanisms[kafkaSasl], user: kafkaUser, password: kafkaPassword };
}

function tlsOf({ kafkaTls, kafkaTlsCa, kafkaTlsCert, kafkaTlsKey }: KafkaConfig): LinkOptions["tls"] {
  if (!kafkaTls && kafkaTlsCa === "" && kafkaTlsCert === "" && kafkaTlsKey === "") return null;
  if ((kafkaTlsCert === "") !== (kafkaTlsKey === "")) {
    const [there, missing] =
      kafkaTlsKey === ""
        ? ["--kafka-tls-cert", "--kafka-tls-key (KAFKA_TLS_KEY)"]
        : ["--kafka-tls-key", "--kafka-tls-cert (KAFKA_TLS_CERT)"];
    throw usageError("bad-setting", `${missing}: expected a file, because there is ${there}; got none.`);
  }
  return {
    ...(kafkaTlsCa === "" ? {} : { ca: pem("--kafka-tls-ca (KAFKA_TLS_CA)", kafkaTlsCa, "CERTIFICATE") }),
    ...(kafkaTlsCert === ""
      ? {}
      : {
          cert: pem("--kafka-tls-cert (KAFKA_TLS_CERT)", kafkaTlsCert, "CERTIFICATE"),
          key: pem("--kafka-tls-key (KAFKA_TLS_KEY)", kafkaTlsKey, "PRIVATE KEY"),
        }),
  };
}

/** The text of a PEM file that holds `what`; no message has any of it. */
function pem(setting: string, path: string, what: string): string {
  let text: string;
  try {
    text = readFileSync(path, "latin1");
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw environmentError("kafka.tls", `${setting}: can't read ${path} (${why}).`, error);
  }
  if (text.length > PEM_MAX_OCTETS || !new RegExp(`-----BEGIN [A-Z ]*${what}-----`).test(text)) {
    throw environmentError(
      "kafka.tls",
      `${setting}: expected a PEM file with a ${what}, got ${path}, which has none.`,
    );
  }
  return text;
}
