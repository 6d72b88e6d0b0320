import { CLOCK_MONOTONIC, ERRNO } from "../../ffi/libc/constants.ts";
import { errno, errorText, type Libc, libc } from "../../ffi/libc/libc.ts";
import { addressOf, alloc } from "../../ffi/memory.ts";
import { PlayClock } from "../capture/play-clock.ts";
import { environmentError } from "../report/error.ts";
import { openSendSocket, socketAddress } from "./send-socket.ts";
import { formatSendTarget, type SendTarget } from "./send-target.ts";
import { TimingError } from "./send-timing.ts";

/** Datagrams that go to the kernel in one call at most. */
const GROUP_DATAGRAMS = 64;
/** Datagrams due within this of the first leave with it: less than a switch's own jitter. */
const GROUP_NS = 10_000;
/** The last part of a wait is spent looking at the clock: the kernel wakes a sleeper up to this late. */
const SPIN_NS = 80_000;
/** Longest single sleep: the stop flag is looked at as often. */
const SLEEP_STEP_NS = 20_000_000;
/** Further behind than this, the lost time is not caught up: the rest moves by as much. */
const MAX_BEHIND_NS = 100_000_000;
/** How often a full queue of the device is tried again, 50 us apart, before the datagram counts as dropped. */
const FULL_QUEUE_TRIES = 20_000;
const FULL_QUEUE_WAIT_NS = 50_000;

/** Octets of struct mmsghdr and struct iovec on 64-bit Linux, and where their fields stand. */
const MMSGHDR_OCTETS = 64;
const MSG_NAMELEN = 8;
const MSG_IOV = 16;
const MSG_IOVLEN = 24;
const IOVEC_OCTETS = 16;

/** errno values that only sending meets. */
const EMSGSIZE = 90;
const ECONNREFUSED = 111;

/** How datagrams are played onto the network. */
export interface UdpSenderOptions {
  readonly target: SendTarget;
  /** False to send to more than `target`: see `UdpSender.destination`. */
  readonly connect?: boolean;
  /** Factor on the capture's own timing, 1 unless told; 0 for as fast as the network takes them. */
  readonly speed?: number;
  /** The first datagram is due this long after it is given, 0 unless told: for senders that give them in lumps. */
  readonly delayNs?: number;
  /** Word 0 becomes 1 when sending is to stop; nothing is waited for or sent from then on. */
  readonly stop: Int32Array;
}

/** What was sent, and how well in time. */
export interface SendStats {
  readonly datagrams: number;
  /** Octets of their payload. */
  readonly bytes: number;
  /** Datagrams that the kernel refused for their size, or whose device queue stayed full for a second. */
  readonly dropped: number;
  /** Datagrams not sent because the stop flag went up. */
  readonly abandoned: number;
  /** Times the receiver's host answered that nobody listens (unicast only). */
  readonly refused: number;
  /** Times that more than 100 ms were lost, so that the rest was moved instead of caught up. */
  readonly stalls: number;
  readonly stalledNs: number;
  /** Steps of the capture's own clock (over an hour on, over a second back) that were not waited for. */
  readonly clockSteps: number;
  /** Size of the difference between a datagram's moment and its due one. */
  readonly meanErrorNs: number;
  readonly p99ErrorNs: number;
  readonly maxErrorNs: number;
}

/**
 * Plays datagrams to one destination with the timing of the capture, to the microsecond: it waits by sleeping,
 * the last 80 us by watching the clock, and hands datagrams due at the same moment to the kernel in one call,
 * straight from the caller's buffer. So `flush` must be called before that buffer is used again.
 */
export class UdpSender {
  readonly #target: SendTarget;
  readonly #clock: PlayClock | null;
  /** Still to be added to the first due time. */
  #delayNs: number;
  readonly #stop: Int32Array;
  readonly #libc: Libc = libc();
  readonly #fd: number;
  readonly #messages = alloc(GROUP_DATAGRAMS * MMSGHDR_OCTETS);
  readonly #messageWords = new Uint32Array(this.#messages.buffer);
  /** Memory of destinations, by their numbers. */
  readonly #destinations: { octets: Uint8Array; at: number }[] = [];
  readonly #vectors = alloc(GROUP_DATAGRAMS * IOVEC_OCTETS);
  readonly #vectorWords = new Uint32Array(this.#vectors.buffer);
  readonly #messagesAt = addressOf(this.#messages);
  readonly #sleepTime = alloc(16);
  readonly #sleepWords = new Uint32Array(this.#sleepTime.buffer);
  readonly #sleepAt = addressOf(this.#sleepTime);
  readonly #dueNs = new Float64Array(GROUP_DATAGRAMS);
  readonly #timing = new TimingError();
  #buf: Uint8Array | null = null;
  #bufAt = 0;
  #pending = 0;
  #datagrams = 0;
  #bytes = 0;
  #dropped = 0;
  #abandoned = 0;
  #refused = 0;
  #stalls = 0;
  #stalledNs = 0;
  #tries = 0;

  /** Opens the socket; throws an RscapError of exit 4 when the system refuses it. */
  constructor(options: UdpSenderOptions) {
    this.#target = options.target;
    const speed = options.speed ?? 1;
    this.#clock = speed > 0 ? new PlayClock(speed) : null;
    this.#delayNs = options.delayNs ?? 0;
    this.#stop = options.stop;
    this.#fd = openSendSocket(options.target, options.connect ?? true);
    const messages = new DataView(this.#messages.buffer);
    const vectorsAt = addressOf(this.#vectors);
    for (let i = 0; i < GROUP_DATAGRAMS; i++) {
      messages.setBigUint64(i * MMSGHDR_OCTETS + MSG_IOV, BigInt(vectorsAt + i * IOVEC_OCTETS), true);
      messages.setBigUint64(i * MMSGHDR_OCTETS + MSG_IOVLEN, 1n, true);
    }
  }

  /** Adds a destination of the same IP version, for a sender that is not connected; returns its number for `send`. */
  destination(target: SendTarget): number {
    const octets = socketAddress(target);
    return this.#destinations.push({ octets, at: addressOf(octets) }) - 1;
  }

  /**
   * Sends the payload at `buf[off, off + len)` when it is due: `timeNs` is its capture time; the first one is due at
   * once, and one without a time (NaN) as soon as those before it have left. A sender that is not connected is told the
   * number of the `destination`.
   */
  send(buf: Uint8Array, off: number, len: number, timeNs: number, destination = -1): void {
    if (buf !== this.#buf) {
      this.flush();
      this.#buf = buf;
      this.#bufAt = addressOf(buf);
    }
    const due = this.#due(timeNs);
    const first = this.#dueNs[0] as number;
    if (this.#pending === GROUP_DATAGRAMS || (this.#pending > 0 && due > first + GROUP_NS)) this.flush();
    const at = this.#bufAt + off;
    const word = this.#pending * 4;
    this.#vectorWords[word] = at % 2 ** 32;
    this.#vectorWords[word + 1] = Math.floor(at / 2 ** 32);
    this.#vectorWords[word + 2] = len;
    const to = this.#destinations[destination];
    if (to !== undefined) {
      const name = this.#pending * (MMSGHDR_OCTETS / 4);
      this.#messageWords[name] = to.at % 2 ** 32;
      this.#messageWords[name + 1] = Math.floor(to.at / 2 ** 32);
      this.#messageWords[name + MSG_NAMELEN / 4] = to.octets.length;
    }
    this.#dueNs[this.#pending++] = due;
  }

  /** When `timeNs` is due by our clock; moves the clock when we are too far behind to catch up. */
  #due(timeNs: number): number {
    if (this.#clock === null) return Number.NEGATIVE_INFINITY;
    const now = Bun.nanoseconds();
    let due = this.#clock.due(timeNs, now);
    if (this.#delayNs > 0 && due !== Number.NEGATIVE_INFINITY) {
      this.#clock.delay(this.#delayNs);
      due += this.#delayNs;
      this.#delayNs = 0;
    }
    const behind = now - due;
    if (behind <= MAX_BEHIND_NS || due === Number.NEGATIVE_INFINITY) return due;
    this.#clock.delay(behind);
    this.#stalls++;
    this.#stalledNs += behind;
    return now;
  }

  /** How long until what has the capture time `timeNs` is due; below 0 when it is late, 0 for the first and without a time. */
  untilDueNs(timeNs: number): number {
    if (this.#clock === null || this.#delayNs > 0) return 0;
    const now = Bun.nanoseconds();
    const due = this.#clock.due(timeNs, now);
    return due === Number.NEGATIVE_INFINITY ? 0 : due - now;
  }

  /** Moves all that is given from now on by `ns`, later or (negative) earlier. */
  move(ns: number): void {
    if (this.#delayNs === 0) this.#clock?.delay(ns);
  }

  /** Waits for and sends what `send` has collected; after it the buffers given may be used again. */
  flush(): void {
    const count = this.#pending;
    if (count === 0) return;
    this.#pending = 0;
    if (!this.#waitUntil(this.#dueNs[0] as number)) {
      this.#abandoned += count;
      return;
    }
    for (let done = 0; done < count; ) {
      const before = Bun.nanoseconds();
      const sent = this.#libc.sendmmsg(this.#fd, this.#messagesAt + done * MMSGHDR_OCTETS, count - done, 0);
      if (sent <= 0) {
        done += this.#failed(errno());
        continue;
      }
      const each = (Bun.nanoseconds() - before) / sent;
      for (let i = 0; i < sent; i++) {
        const due = this.#dueNs[done + i] as number;
        if (Number.isFinite(due)) this.#timing.add(before + each * (i + 1) - due);
        this.#bytes += this.#vectorWords[(done + i) * 4 + 2] as number;
      }
      this.#datagrams += sent;
      this.#tries = 0;
      done += sent;
    }
  }

  /** Datagrams to give up after the system refused one for `code`: 0 to try it again, 1 to leave it out. */
  #failed(code: number): 0 | 1 {
    if (code === ERRNO.EINTR) return 0;
    if (code === ECONNREFUSED) {
      // The answer to an earlier datagram: this one was not tried.
      this.#refused++;
      return 0;
    }
    if (code === EMSGSIZE) return this.#drop();
    if (code === ERRNO.EAGAIN || code === ERRNO.ENOBUFS) {
      if (++this.#tries > FULL_QUEUE_TRIES || Atomics.load(this.#stop, 0) !== 0) return this.#drop();
      this.#sleep(FULL_QUEUE_WAIT_NS);
      return 0;
    }
    throw environmentError(
      "send-failed",
      `${this.#target.setting} to ${formatSendTarget(this.#target)}: the system refused a datagram: ${errorText(code)}. ` +
        "Check the route, the device and the firewall.",
    );
  }

  #drop(): 1 {
    this.#tries = 0;
    this.#dropped++;
    return 1;
  }

  /** True once `dueNs` has come; false when the stop flag is up. */
  #waitUntil(dueNs: number): boolean {
    for (;;) {
      if (Atomics.load(this.#stop, 0) !== 0) return false;
      const left = dueNs - Bun.nanoseconds();
      if (left <= SPIN_NS) break;
      this.#sleep(Math.min(left - SPIN_NS, SLEEP_STEP_NS));
    }
    while (Bun.nanoseconds() < dueNs);
    return true;
  }

  #sleep(ns: number): void {
    // struct timespec: seconds stay 0, a sleep is shorter than that.
    this.#sleepWords[2] = ns;
    this.#libc.clock_nanosleep(CLOCK_MONOTONIC, 0, this.#sleepAt, 0);
  }

  /** What was sent so far. */
  get stats(): SendStats {
    return {
      datagrams: this.#datagrams,
      bytes: this.#bytes,
      dropped: this.#dropped,
      abandoned: this.#abandoned,
      refused: this.#refused,
      stalls: this.#stalls,
      stalledNs: this.#stalledNs,
      clockSteps: this.#clock?.steps ?? 0,
      meanErrorNs: this.#timing.meanNs,
      p99ErrorNs: this.#timing.quantileNs(0.99),
      maxErrorNs: this.#timing.maxNs,
    };
  }

  /** Closes the socket; what is left is not sent, and its buffers may be used again. */
  abandon(): void {
    this.#pending = 0;
    this.#libc.close(this.#fd);
  }

  /** Sends what is left and closes the socket. */
  close(): void {
    this.flush();
    this.#libc.close(this.#fd);
  }
}
