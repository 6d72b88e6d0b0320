import { SinkFeed } from "../sinks/queue/feed.ts";
import { Subscriber } from "../wire/subscriber.ts";
import { ClientDocuments, type DocumentOptions } from "./client-documents.ts";
import type { ClientData, ClientJob } from "./client-job.ts";
import { type ClientOutput, ClientTaker } from "./client-taker.ts";
import { ClientWatch } from "./client-watch.ts";
import { DocumentGate, type PassedDocument } from "./document-gate.ts";
import { SinkTaker } from "./sink-taker.ts";
import { TidyHeap } from "./tidy-heap.ts";
import type { WorkerLink } from "./worker.ts";

/** Longest wait for a message: the stop flag and the write buffers are looked at this often. */
const WAIT_MS = 100;

/** Messages taken before time and stop flag are looked at again. */
const MESSAGES_A_TURN = 256;

/** Time between two states sent to the main thread. */
const STATE_MS = 1000;

/** Longest time, and most octets, until what came is written and acknowledged to probes that wait for that. */
const ACK_MS = 100;
const ACK_BYTES = 2 * 1024 * 1024;

/** Time to take what had already arrived when the run was ended. */
const LAST_TURN_MS = 500;

/**
 * The client's thread: receives and writes until the stop flag goes up or a limit is reached. Throws an
 * RscapError when the socket or the file fails; what was written before is kept, and the last state says
 * how much that is.
 */
export function runClientWorker(job: ClientJob, link: WorkerLink<ClientData>): void {
  const gate = job.gate === null ? null : new DocumentGate(job.gate);
  const feeds = job.feeds.map((feed) => new SinkFeed(feed));
  const documents = new ClientDocuments({ ...job, log: link.log, pass: passTo(gate, feeds, link) });
  try {
    receive(job, link, documents, gate, feeds);
  } finally {
    documents.close();
  }
}

/** Hands documents to the sinks in threads of their own and, as long as there is room on the way, to the main thread. */
function passTo(
  gate: DocumentGate | null,
  feeds: readonly SinkFeed[],
  link: WorkerLink<ClientData>,
): DocumentOptions["pass"] {
  const takers = feeds.filter(({ takes }) => takes === "documents");
  if (gate === null && takers.length === 0) return null;
  return (origin, octets) => {
    const { probe, stream, kind } = origin;
    if (kind !== "image") for (const feed of takers) feed.document(origin, octets);
    if (gate === null || !gate.admit(octets.length)) return;
    link.send({
      type: "document",
      probe,
      stream,
      kind: kind as PassedDocument["kind"],
      receivedMs: Date.now(),
      octets: octets.slice(),
    });
  };
}

function receive(
  job: ClientJob,
  link: WorkerLink<ClientData>,
  documents: ClientDocuments,
  gate: DocumentGate | null,
  feeds: readonly SinkFeed[],
): void {
  const stopped = (): boolean => Atomics.load(link.stop, 0) !== 0;
  const log = link.log;
  // The reader of a FIFO is waited for first: no probe is to send what nobody can take yet.
  const taker = openOutput(job, feeds, documents, stopped, log);
  const subscriber = openSubscriber(job, taker, log);
  try {
    const watch = new ClientWatch(job, subscriber, taker, feeds, log);
    try {
      loop(job, subscriber, taker, watch, stopped, link);
    } finally {
      try {
        taker.close();
      } finally {
        subscriber.aligner.reset();
        const documentsDropped = gate?.dropped ?? 0;
        link.send({ type: "state", state: { ...watch.state(true), notes: taker.notes, documentsDropped } });
      }
    }
  } finally {
    subscriber.close();
  }
}

function openSubscriber(job: ClientJob, taker: ClientOutput, log: WorkerLink<ClientData>["log"]): Subscriber {
  try {
    return new Subscriber({ ...job, log });
  } catch (error) {
    taker.close();
    throw error;
  }
}

/** The file that this thread writes, or, where there are sinks of packets, their queues. */
function openOutput(
  job: ClientJob,
  feeds: readonly SinkFeed[],
  documents: ClientDocuments,
  stopped: () => boolean,
  log: WorkerLink<ClientData>["log"],
): ClientOutput {
  const { format, flushMs, streams, packetCount } = job;
  const takers = feeds.filter(({ takes }) => takes === "packets");
  if (takers.length > 0) return new SinkTaker({ streams, packetCount }, takers, documents);
  return new ClientTaker(
    { path: job.outputFile, format, flushMs, streams, packetCount, stopped, log },
    documents,
  );
}

function loop(
  job: ClientJob,
  subscriber: Subscriber,
  taker: ClientOutput,
  watch: ClientWatch,
  stopped: () => boolean,
  link: WorkerLink<ClientData>,
): void {
  const startMs = performance.now();
  const endMs = job.durationMs > 0 ? startMs + job.durationMs : Number.POSITIVE_INFINITY;
  const waitMs = Math.max(1, Math.min(WAIT_MS, job.flushMs));
  const heap = new TidyHeap();
  let nextStateMs = startMs + STATE_MS;
  let nextPeersMs = startMs;
  let nextAckMs = startMs;
  let now = startMs;
  while (!stopped() && !taker.done && now < endMs) {
    const got = subscriber.receive(taker, MESSAGES_A_TURN, Math.min(waitMs, Math.max(1, endMs - now)));
    now = performance.now();
    taker.poll(now);
    if (subscriber.acknowledges && (now >= nextAckMs || subscriber.unacknowledgedBytes >= ACK_BYTES)) {
      acknowledge(subscriber, taker, now);
      nextAckMs = now + ACK_MS;
    }
    if (now >= nextPeersMs) {
      subscriber.poll();
      nextPeersMs = now + WAIT_MS;
    }
    watch.turn(got, now);
    if (now >= nextStateMs) {
      watch.tellLosses();
      link.send({ type: "state", state: watch.state(false) });
      nextStateMs = now + STATE_MS;
      heap.turn();
    }
  }
  const lastMs = performance.now() + LAST_TURN_MS;
  while (!taker.done && performance.now() < lastMs && subscriber.receive(taker, MESSAGES_A_TURN, 0) > 0);
  if (subscriber.acknowledges) acknowledge(subscriber, taker, performance.now());
  subscriber.poll();
  watch.tellLosses();
}

/** What is acknowledged is with the kernel, or in the queues of the sinks; what a reader that went left is not. */
function acknowledge(subscriber: Subscriber, taker: ClientOutput, now: number): void {
  taker.poll(Number.POSITIVE_INFINITY);
  if (!taker.readerGone) subscriber.acknowledge(now);
}
