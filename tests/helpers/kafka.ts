/** A real Kafka broker for tests: Apache Kafka in KRaft mode, one node, its jars from scripts/kafka.sh. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT, type Running, runOk, start, until } from "./run.ts";
import { needsProgram, type Requirement } from "./skip.ts";

const KAFKA = join(PROJECT, ".cache", "kafka");

/** Jars of the broker, and Java. */
export const needsKafka: readonly Requirement[] = [
  { met: existsSync(join(KAFKA, "version")), why: "no Kafka broker (./scripts/kafka.sh)" },
  needsProgram("java", "default-jre-headless"),
  needsProgram("kcat"),
];

/** User who may do everything, by PLAIN and SCRAM. */
export const ALICE = { user: "alice", password: "open sesame" };
/** User who may do nothing. */
export const BOB = { user: "bob", password: "bobs word" };

const HEAP = ["-Xmx256m", "-Xss512k", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
const START_MS = 60_000;

/** A message as kcat saw it. */
export interface SeenMessage {
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestampMs: number;
  readonly value: string;
}

/** `count` TCP ports that are free now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      server.once("error", reject).listen(0, "127.0.0.1", () => {
        const address = server.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
      return { server, port: await promise };
    }),
  );
  for (const { server } of servers) server.close();
  return servers.map(({ port }) => port);
}

/** True when something listens at a port of this machine. */
export async function listens(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, "127.0.0.1", () => resolve(true));
  socket.on("error", () => resolve(false));
  const open = await promise;
  socket.destroy();
  return open;
}

/** A broker with a listener each for plain text, SASL, and TLS. */
export class KafkaBroker {
  readonly folder: string;
  readonly plain: string;
  readonly sasl: string;
  readonly tls: string;
  readonly #ports: readonly number[];
  #java: Running | null = null;

  private constructor(folder: string, ports: readonly number[]) {
    this.folder = folder;
    this.#ports = ports;
    const [plain, sasl, tls] = ports.map((port) => `127.0.0.1:${port}`) as [string, string, string];
    this.plain = plain;
    this.sasl = sasl;
    this.tls = tls;
  }

  /** Starts a broker with a data folder of its own, that ends by itself after `limitMs`. */
  static async open(limitMs = 600_000): Promise<KafkaBroker> {
    const folder = mkdtempSync(join(tmpdir(), "rscap-kafka-"));
    const broker = new KafkaBroker(folder, await freePorts(4));
    broker.#makeCertificates();
    writeFileSync(broker.#file("server.properties"), broker.#properties());
    const scram = ["SCRAM-SHA-256", "SCRAM-SHA-512"].flatMap((mechanism) =>
      [ALICE, BOB].flatMap(({ user, password }) => [
        "--add-scram",
        `${mechanism}=[name=${user},password="${password}"]`,
      ]),
    );
    const octets = crypto.getRandomValues(new Uint8Array(16));
    // Else one in 64 begins with a dash, which Kafka takes for an option; its own ids never do.
    octets[0] = (octets[0] ?? 0) & 0x7f;
    const id = Buffer.from(octets).toString("base64url");
    const format = ["format", "-t", id, "-c", broker.#file("server.properties"), ...scram];
    await runOk(broker.#command("kafka.tools.StorageTool", format));
    await broker.start(limitMs);
    return broker;
  }

  /** Starts the broker, on the data it had; returns when it answers. */
  async start(limitMs = 600_000): Promise<void> {
    const java = start(this.#command("kafka.Kafka", [this.#file("server.properties")]), { limitMs });
    this.#java = java;
    const answers = (): boolean =>
      spawnSync("kcat", ["-b", this.plain, "-L", "-m", "2"], { stdio: "ignore" }).status === 0;
    const [port = 0] = this.#ports;
    const deadline = Date.now() + START_MS;
    while (!(await listens(port)) || !answers()) {
      if (Date.now() > deadline || java.process.exitCode !== null) {
        throw new Error(`Kafka did not start: ${java.stdout}\n${java.stderr}`);
      }
      await Bun.sleep(100);
    }
  }

  /** Ends the broker as a power cut would. */
  async kill(): Promise<void> {
    await this.#java?.stop("SIGKILL");
    this.#java = null;
  }

  /** Ends the broker and removes its data. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Path of the certificate that signs the broker's, or of another file of the TLS listener. */
  file(name: "ca.pem" | "client.pem" | "client.key"): string {
    return this.#file(name);
  }

  /** All messages of a topic, in the order of each partition, as kcat reads them. */
  async read(topic: string): Promise<SeenMessage[]> {
    const folder = mkdtempSync(join(this.folder, "read-"));
    // Partition, offset, time, key, headers, and the value's length before the value, which may hold anything.
    const format = "%p %o %T %K %S\\n%k\\n%h\\n%s\\n";
    const file = join(folder, "messages");
    writeFileSync(file, "");
    const command = ["sh", "-c", `kcat -b "$1" -C -q -e -t "$2" -f '${format}' > "$3"`, "sh"];
    await runOk([...command, this.plain, topic, file]);
    const octets = readFileSync(file);
    rmSync(folder, { recursive: true });
    return parseMessages(octets);
  }

  /** Octets on disk of the log of partition `partition`. */
  logOctets(topic: string, partition: number): number {
    const path = join(this.folder, "data", `${topic}-${partition}`, "00000000000000000000.log");
    return existsSync(path) ? readFileSync(path).length : 0;
  }

  #file(name: string): string {
    return join(this.folder, name);
  }

  #command(main: string, args: readonly string[]): string[] {
    return ["java", ...HEAP, "-cp", `${KAFKA}/libs/*`, main, ...args];
  }

  #makeCertificates(): void {
    const ssl = (...args: string[]): void => {
      const { status, stderr } = spawnSync("openssl", args, { cwd: this.folder, encoding: "utf8" });
      if (status !== 0) throw new Error(`openssl ${args.join(" ")}: ${stderr}`);
    };
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    ssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=test-ca");
    for (const [name, san] of [
      ["server", "IP:127.0.0.1"],
      ["client", "DNS:client"],
    ] as const) {
      ssl(
        "req",
        "-new",
        ...key,
        "-keyout",
        `${name}.key`,
        "-out",
        `${name}.csr`,
        "-subj",
        `/CN=rscap-${name}`,
      );
      writeFileSync(this.#file("san"), `subjectAltName=${san}\n`);
      const sign = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "san"];
      ssl("x509", "-req", "-in", `${name}.csr`, ...sign, "-out", `${name}.pem`);
    }
    const store =
      readFileSync(this.#file("server.key"), "utf8") + readFileSync(this.#file("server.pem"), "utf8");
    writeFileSync(this.#file("keystore.pem"), store);
    mkdirSync(this.#file("data"));
  }

  #properties(): string {
    const [plain, sasl, tls, controller] = this.#ports;
    const login = "org.apache.kafka.common.security";
    const users = [ALICE, BOB].map(({ user, password }) => `user_${user}="${password}"`).join(" ");
    return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controller}
controller.listener.names=CONTROLLER
listeners=PLAIN://127.0.0.1:${plain},SASL://127.0.0.1:${sasl},TLS://127.0.0.1:${tls},CONTROLLER://127.0.0.1:${controller}
listener.security.protocol.map=PLAIN:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAIN
log.dirs=${this.#file("data")}
num.partitions=3
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=2500
offsets.topic.replication.factor=1
auto.create.topics.enable=true
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.sasl.plain.sasl.jaas.config=${login}.plain.PlainLoginModule required ${users};
listener.name.sasl.scram-sha-256.sasl.jaas.config=${login}.scram.ScramLoginModule required;
listener.name.sasl.scram-sha-512.sasl.jaas.config=${login}.scram.ScramLoginModule required;
listener.name.tls.ssl.keystore.type=PEM
listener.name.tls.ssl.keystore.location=${this.#file("keystore.pem")}
listener.name.tls.ssl.truststore.type=PEM
listener.name.tls.ssl.truststore.location=${this.#file("ca.pem")}
listener.name.tls.ssl.client.auth=requested
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:alice;User:CN=rscap-client
`;
  }
}

function parseMessages(octets: Buffer): SeenMessage[] {
  const messages: SeenMessage[] = [];
  let at = 0;
  const line = (): string => {
    const end = octets.indexOf(10, at);
    const text = octets.toString("utf8", at, end);
    at = end + 1;
    return text;
  };
  while (at < octets.length) {
    const [partition, offset, timestampMs, , length] = line().split(" ").map(Number) as number[];
    const key = line();
    const headers = Object.fromEntries(
      line()
        .split(",")
        .map((header) => header.split("=")),
    );
    const value = octets.toString("latin1", at, at + (length ?? 0));
    at += (length ?? 0) + 1;
    messages.push({
      partition: partition ?? -1,
      offset: offset ?? -1,
      timestampMs: timestampMs ?? -1,
      key,
      headers,
      value: Buffer.from(value, "latin1").toString("utf8"),
    });
  }
  return messages;
}

/** Waits until a sink has nothing left to send. */
export async function delivered(
  sink: { counts(): { readonly queued: number } },
  what = "all is delivered",
  timeoutMs = 60_000,
): Promise<void> {
  await until(() => sink.counts().queued === 0, what, timeoutMs);
}
