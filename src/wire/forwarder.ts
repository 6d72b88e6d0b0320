import { SOCKET, ZMQ_DONTWAIT, ZMQ_SNDMORE } from "../../ffi/libzmq/constants.ts";
import { ReceivedPart } from "../../ffi/libzmq/message.ts";
import { ZmqPoller } from "../../ffi/libzmq/poller.ts";
import { ZmqContext, type ZmqSocket } from "../../ffi/libzmq/socket.ts";
import { addressOf, alloc } from "../../ffi/memory.ts";
import { setConnectionOptions } from "./connection.ts";
import { bindError, checkIpcFree, connectError, parseEndpoint } from "./endpoint.ts";
import { PAYLOAD_MAX_BYTES } from "./header.ts";
import type { WireLog } from "./log.ts";
import { type CurveSettings, SocketGuard } from "./security.ts";
import type { Transport } from "./transport.ts";

/** Part of a message at which libzmq disconnects the sender. */
const PART_MAX_BYTES = 4 * PAYLOAD_MAX_BYTES;

/** Parts of one message at most; the rest of a longer one is dropped. */
const PARTS_MAX = 16;

/** Largest subscription. */
const SUBSCRIPTION_MAX_BYTES = 4096;

/** Subscriptions handled in one turn. */
const SUBSCRIPTIONS_A_TURN = 256;

/** First octet of a subscription, and of its end. */
const SUBSCRIBE = 1;
const UNSUBSCRIBE = 0;

/** How to forward. */
export interface ForwarderOptions {
  /** Where probes are: pub and share connect to each, push binds the one. */
  readonly endpoints: readonly string[];
  readonly transport: Transport;
  /** Where subscribers connect to. */
  readonly forward: string;
  /** Most messages queued from one probe, and for one subscriber. */
  readonly highWaterMark: number;
  /** Time in ms between heartbeats, 0 for none. */
  readonly heartbeatMs: number;
  /** Keys of the side of the probes, and of that of the subscribers; null for plain ZeroMQ. */
  readonly curve: CurveSettings | null;
  readonly forwardCurve: CurveSettings | null;
  readonly log: WireLog;
}

/** What was forwarded; totals. */
export interface ForwardCounts {
  messages: number;
  /** Octets of all parts. */
  bytes: number;
  /** Messages for which at least one subscriber had no room: those did not get them. */
  slow: number;
  /** Messages that came while nobody was connected to take them. */
  unheard: number;
  /** Messages of more parts than any of ours has: dropped. */
  refused: number;
  /** Topics that are subscribed to at the moment. */
  subscriptions: number;
}

/**
 * Takes messages from probes and publishes them again, so that one connection leaves a site however many
 * subscribers there are. Messages are passed on as they are, without a copy and without a look into them;
 * subscriptions go the other way, so that nothing comes that nobody wants.
 */
export class Forwarder {
  readonly counts: ForwardCounts = {
    messages: 0,
    bytes: 0,
    slow: 0,
    unheard: 0,
    refused: 0,
    subscriptions: 0,
  };
  readonly #options: ForwarderOptions;
  // One context a side: each has its own handler of keys.
  readonly #inContext = new ZmqContext();
  readonly #outContext = new ZmqContext();
  readonly #in: ZmqSocket;
  readonly #out: ZmqSocket;
  readonly #inGuard: SocketGuard;
  readonly #outGuard: SocketGuard;
  readonly #poller: ZmqPoller;
  readonly #part = new ReceivedPart();
  readonly #subscription = alloc(SUBSCRIPTION_MAX_BYTES);
  readonly #subscriptionAt = addressOf(this.#subscription);

  /** Opens both sides; throws a usage or an environment error. */
  constructor(options: ForwarderOptions) {
    this.#options = options;
    const { transport, endpoints, forward, highWaterMark, heartbeatMs, log } = options;
    const binds = transport === "push";
    try {
      this.#out = this.#outContext.socket(SOCKET.xpub);
      this.#out.setInt("ZMQ_LINGER", 0);
      this.#out.setInt("ZMQ_SNDHWM", highWaterMark);
      this.#out.setInt64("ZMQ_MAXMSGSIZE", SUBSCRIPTION_MAX_BYTES);
      this.#out.setInt("ZMQ_XPUB_NODROP", 1);
      checkIpcFree(forward);
      setConnectionOptions(this.#out, parseEndpoint(forward), heartbeatMs);
      const curve = options.forwardCurve;
      this.#outGuard = new SocketGuard(this.#outContext, this.#out, {
        role: "bind",
        curve,
        peer: "Subscriber",
        log,
      });
      const code = this.#outGuard.bind(forward);
      if (code !== 0) throw bindError(forward, code);

      this.#in = this.#inContext.socket(transport === "pub" ? SOCKET.xsub : SOCKET.pull);
      this.#in.setInt("ZMQ_LINGER", 0);
      this.#in.setInt("ZMQ_RCVHWM", highWaterMark);
      this.#in.setInt64("ZMQ_MAXMSGSIZE", PART_MAX_BYTES);
      const role = binds ? "bind" : "connect";
      this.#inGuard = new SocketGuard(this.#inContext, this.#in, {
        role,
        curve: options.curve,
        peer: "Probe",
        log,
      });
      for (const endpoint of endpoints) this.#open(endpoint, binds);
    } catch (error) {
      this.#inContext.close();
      this.#outContext.close();
      throw error;
    }
    this.#poller = new ZmqPoller([this.#in, this.#out]);
  }

  /** Where subscribers connect to, with the port that the system chose for `*`. */
  get forwardEndpoint(): string {
    return this.#out.lastEndpoint();
  }

  /** Where it is bound to (push), with the port that the system chose for `*`. */
  get boundEndpoint(): string {
    return this.#in.lastEndpoint();
  }

  /** Probes connected, as of the last `poll`. */
  get probes(): number {
    return this.#inGuard.peers;
  }

  /** Subscribers connected, as of the last `poll`. */
  get subscribers(): number {
    return this.#outGuard.peers;
  }

  /** Connections that were refused or failed in their handshake. */
  get failedConnections(): number {
    return this.#inGuard.failed + this.#outGuard.failed;
  }

  /** Waits up to `timeoutMs`, then passes on at most `most` messages; how many. */
  turn(most: number, timeoutMs: number): number {
    if (!this.#poller.wait(timeoutMs)) return 0;
    for (let i = 0; i < SUBSCRIPTIONS_A_TURN && this.#passSubscription(); i++);
    let passed = 0;
    while (passed < most && this.#passMessage()) passed++;
    return passed;
  }

  /** Logs the probes and subscribers that came, went or failed; never waits. */
  poll(): void {
    const { log } = this.#options;
    this.#inGuard.poll((kind, address) => {
      const peers = this.probes;
      if (kind === "came") log("info", `Connected to probe at ${address}`, { address, peers });
      else log("warning", `Probe at ${address} is gone; waiting for it to come back`, { address, peers });
    });
    this.#outGuard.poll((kind, address) => {
      const how = kind === "came" ? "connected" : "gone";
      log("info", `Subscriber ${address} ${how}`, { address, peers: this.subscribers });
    });
  }

  /** Closes both sides; what libzmq still holds is dropped. */
  close(): void {
    this.#in.close();
    this.#inGuard.close();
    this.#inContext.close();
    this.#out.close();
    this.#outGuard.close();
    this.#outContext.close();
  }

  #open(endpoint: string, binds: boolean): void {
    const { transport, heartbeatMs } = this.#options;
    if (binds) checkIpcFree(endpoint);
    setConnectionOptions(this.#in, parseEndpoint(endpoint), transport === "pub" ? heartbeatMs : 0);
    const code = binds ? this.#inGuard.bind(endpoint) : this.#inGuard.connect(endpoint);
    if (code !== 0) throw binds ? bindError(endpoint, code) : connectError(endpoint, code);
  }

  /** Passes one subscription on to the probes; false when there is none. */
  #passSubscription(): boolean {
    const bytes = this.#out.receive(this.#subscriptionAt, SUBSCRIPTION_MAX_BYTES);
    if (bytes < 0) return false;
    const [first] = this.#subscription;
    // XPUB hands out everything that subscribers send; only this means something.
    const known = first === SUBSCRIBE || first === UNSUBSCRIBE;
    if (bytes === 0 || bytes > SUBSCRIPTION_MAX_BYTES || !known) return true;
    this.counts.subscriptions += first === SUBSCRIBE ? 1 : -1;
    if (this.#options.transport === "pub") this.#in.send(this.#subscription.subarray(0, bytes), false);
    return true;
  }

  /** Passes one message on; false when there is none. */
  #passMessage(): boolean {
    const { counts } = this;
    let bytes = this.#part.receive(this.#in.handle, ZMQ_DONTWAIT);
    if (bytes < 0) return false;
    counts.messages++;
    if (this.subscribers === 0) counts.unheard++;
    let more = this.#in.more();
    let lossy = false;
    for (let part = 1; ; part++) {
      counts.bytes += bytes;
      // A message that goes on beyond PARTS_MAX ends here: none of ours does.
      const goesOn = more && part < PARTS_MAX;
      const flags = goesOn ? ZMQ_DONTWAIT | ZMQ_SNDMORE : ZMQ_DONTWAIT;
      if (this.#part.send(this.#out.handle, flags) < 0) {
        // A subscriber has no room: it alone goes without, and the message is counted.
        lossy = true;
        this.#out.setInt("ZMQ_XPUB_NODROP", 0);
        this.#part.send(this.#out.handle, flags);
      }
      if (!goesOn) break;
      bytes = this.#part.receive(this.#in.handle, ZMQ_DONTWAIT);
      more = this.#in.more();
    }
    if (lossy) {
      counts.slow++;
      this.#out.setInt("ZMQ_XPUB_NODROP", 1);
    }
    if (more) this.#dropRest();
    return true;
  }

  #dropRest(): void {
    this.counts.refused++;
    do this.#part.receive(this.#in.handle, ZMQ_DONTWAIT);
    while (this.#in.more());
  }
}
