import { Forwarder } from "../wire/forwarder.ts";
import type { ForwardJob, ForwardState } from "./forward-job.ts";
import type { WorkerLink } from "./worker.ts";

/** Longest wait for a message: the stop flag and the peers are looked at this often. */
const WAIT_MS = 100;

/** Messages passed on before time and stop flag are looked at again. */
const MESSAGES_A_TURN = 256;

/** Time between two states sent to the main thread, and between two lines about slow subscribers. */
const STATE_MS = 1000;
const SLOW_LOG_MS = 10_000;

/** The forwarder's thread: passes messages on until the stop flag goes up or the time is over. */
export function runForwardWorker(job: ForwardJob, link: WorkerLink<ForwardState>): void {
  const forwarder = new Forwarder({ ...job, log: link.log });
  try {
    loop(job, link, forwarder);
  } finally {
    forwarder.close();
  }
}

function loop(job: ForwardJob, link: WorkerLink<ForwardState>, forwarder: Forwarder): void {
  const startMs = performance.now();
  const endMs = job.durationMs > 0 ? startMs + job.durationMs : Number.POSITIVE_INFINITY;
  let now = startMs;
  let pollAtMs = startMs;
  let stateMs = startMs;
  let stateBytes = 0;
  let slowTold = 0;
  let slowToldMs = Number.NEGATIVE_INFINITY;
  const tell = (final: boolean): void => {
    const { counts, probes, subscribers, failedConnections } = forwarder;
    const bitrate = now > stateMs ? ((counts.bytes - stateBytes) * 8000) / (now - stateMs) : 0;
    const elapsedMs = Math.round(now - startMs);
    link.send({ ...counts, final, elapsedMs, probes, subscribers, failedConnections, bitrate });
    stateMs = now;
    stateBytes = counts.bytes;
    if (counts.slow === slowTold || (now - slowToldMs < SLOW_LOG_MS && !final)) return;
    link.log(
      "warning",
      `${counts.slow - slowTold} messages did not reach every subscriber: a queue was full. They see the gap.`,
      { slow: counts.slow },
    );
    slowTold = counts.slow;
    slowToldMs = now;
  };
  while (Atomics.load(link.stop, 0) === 0 && now < endMs) {
    forwarder.turn(MESSAGES_A_TURN, Math.max(1, Math.min(WAIT_MS, endMs - now)));
    now = performance.now();
    if (now >= pollAtMs) {
      forwarder.poll();
      pollAtMs = now + WAIT_MS;
    }
    if (now - stateMs >= STATE_MS) tell(false);
  }
  forwarder.poll();
  tell(true);
}
