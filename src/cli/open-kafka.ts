import { usageError } from "../report/error.ts";
import type { Config } from "../settings/table.ts";
import { KafkaSink } from "../sinks/kafka/kafka-sink.ts";
import type { LinkOptions } from "../sinks/kafka/link.ts";
import { DiskSpool } from "../spool/disk-spool.ts";
import type { WireLog } from "../wire/log.ts";
import { readPem } from "./read-pem.ts";

/** Where the earlier rscap sent to when no broker was named. */
const DEFAULT_BROKER = "localhost:9092";

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
    ...(kafkaTlsCa === ""
      ? {}
      : { ca: readPem("kafka.tls", "--kafka-tls-ca (KAFKA_TLS_CA)", kafkaTlsCa, "CERTIFICATE") }),
    ...(kafkaTlsCert === ""
      ? {}
      : {
          cert: readPem("kafka.tls", "--kafka-tls-cert (KAFKA_TLS_CERT)", kafkaTlsCert, "CERTIFICATE"),
          key: readPem("kafka.tls", "--kafka-tls-key (KAFKA_TLS_KEY)", kafkaTlsKey, "PRIVATE KEY"),
        }),
  };
}
