import { SOCKET } from "../../ffi/libzmq/constants.ts";
import { ZmqContext, type ZmqSocket } from "../../ffi/libzmq/socket.ts";
import { ACKS_A_MESSAGE, type Ack, ackTopic, encodeAcks } from "./acks.ts";
import { setConnectionOptions } from "./connection.ts";
import { bindError, checkIpcFree, parseEndpoint } from "./endpoint.ts";
import type { WireLog } from "./log.ts";
import { type CurveSettings, SocketGuard } from "./security.ts";
import type { StreamTrack } from "./stream-track.ts";
import { buildTopic } from "./topic.ts";

/** All positions are told this often, even when nothing came: a probe may have missed the last time. */
const REPEAT_MS = 1000;

/** A probe that has just connected hears what was acknowledged last, too. */
const LINGER_MS = 500;

/** Largest message that is accepted: a subscription. */
const SUBSCRIPTION_MAX_BYTES = 4096;

/** How to acknowledge. */
export interface AcknowledgerOptions {
  /** Where to listen for probes. */
  readonly endpoint: string;
  /** Keys for CURVE; null for plain ZeroMQ. */
  readonly curve: CurveSettings | null;
  readonly log: WireLog;
}

/** Tells probes which of their messages have been taken, on an endpoint of its own. */
export class Acknowledger {
  // A context has one handler for keys: that of the messages has its own.
  readonly #context = new ZmqContext();
  readonly #socket: ZmqSocket;
  readonly #guard: SocketGuard;
  readonly #told = new Map<StreamTrack, number>();
  #repeatAtMs = Number.NEGATIVE_INFINITY;

  /** Binds the endpoint; throws a usage or an environment error. */
  constructor({ endpoint, curve, log }: AcknowledgerOptions) {
    try {
      checkIpcFree(endpoint);
      this.#socket = this.#context.socket(SOCKET.pub);
      this.#socket.setInt("ZMQ_LINGER", LINGER_MS);
      this.#socket.setInt64("ZMQ_MAXMSGSIZE", SUBSCRIPTION_MAX_BYTES);
      setConnectionOptions(this.#socket, parseEndpoint(endpoint));
      this.#guard = new SocketGuard(this.#context, this.#socket, { role: "bind", curve, peer: "Probe", log });
      const code = this.#guard.bind(endpoint);
      if (code !== 0) throw bindError(endpoint, code);
    } catch (error) {
      this.#context.close();
      throw error;
    }
    log("info", `Acknowledging to probes at ${endpoint}`);
  }

  /** Publishes how far each stream of a probe that wants to know has come; `nowMs` is of `performance.now()`. */
  tell(tracks: readonly StreamTrack[], nowMs: number): void {
    const repeat = nowMs >= this.#repeatAtMs;
    if (repeat) this.#repeatAtMs = nowMs + REPEAT_MS;
    const byProbe = new Map<string, Ack[]>();
    for (const track of tracks) {
      const { position, probe, stream, kind, messages, duplicates } = track;
      if (position === null || !track.source.acknowledged) continue;
      const taken = messages + duplicates;
      if (!repeat && this.#told.get(track) === taken) continue;
      this.#told.set(track, taken);
      const list = byProbe.get(probe) ?? [];
      list.push({ ...position, topic: buildTopic(probe, stream, kind) });
      byProbe.set(probe, list);
    }
    for (const [probe, acks] of byProbe) {
      for (let i = 0; i < acks.length; i += ACKS_A_MESSAGE) {
        this.#socket.sendText(ackTopic(probe), true);
        this.#socket.sendText(encodeAcks(acks.slice(i, i + ACKS_A_MESSAGE)), false);
      }
    }
  }

  /** Lets probes in; never waits. */
  poll(): void {
    this.#guard.poll(() => {});
  }

  /** Closes the endpoint, after what was told has left or half a second. */
  close(): void {
    this.#socket.close();
    this.#guard.close();
    this.#context.close();
  }
}
