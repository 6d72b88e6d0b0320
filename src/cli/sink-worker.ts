import { ExecSink } from "../sinks/exec-sink.ts";
import { FileSink } from "../sinks/file-sink.ts";
import { JsonlSink } from "../sinks/jsonl-sink.ts";
import type { PacketSink, TrackFacts } from "../sinks/queue/packet-sink.ts";
import { RECORD, RingReader } from "../sinks/queue/ring.ts";
import { SegmentsSink } from "../sinks/segments-sink.ts";
import { SqliteSink } from "../sinks/sqlite/sqlite-sink.ts";
import { UdpSink } from "../sinks/udp-sink.ts";
import type { SinkJob, SinkSpec, SinkState } from "./sink-job.ts";
import { TidyHeap } from "./tidy-heap.ts";
import type { WorkerLink } from "./worker.ts";

/** Longest wait for a record: the stop flag and the sink's own times are looked at this often. */
const WAIT_MS = 50;

/** Records taken before time and stop flag are looked at again. */
const RECORDS_A_TURN = 64;

/** Time between two states sent to the main thread. */
const STATE_MS = 1000;

/**
 * A sink's thread: takes what its queue holds until that is closed and empty, or the stop flag goes up; what is then
 * left is counted. Throws an RscapError when the sink can't go on.
 */
export async function runSinkWorker(job: SinkJob, link: WorkerLink<SinkState>): Promise<void> {
  const stopped = (): boolean => Atomics.load(link.stop, 0) !== 0;
  const reader = new RingReader(job.ring);
  const sink = openSink(job.spec, link, stopped);
  let discarded = 0;
  const tell = (): void => link.send({ ...sink.figures(), discarded });
  tell();
  const heap = new TidyHeap();
  let nextStateMs = performance.now() + STATE_MS;
  try {
    while (!reader.ended && !stopped()) {
      takeSome(reader, sink, stopped);
      const now = performance.now();
      sink.poll(now);
      if (sink instanceof ExecSink) {
        // What the process did is told by the event loop, which has its turn here.
        await Bun.sleep(0);
        await sink.turn();
      }
      if (now >= nextStateMs) {
        tell();
        nextStateMs = now + STATE_MS;
        heap.turn();
      }
    }
    discarded = leftIn(reader);
  } finally {
    try {
      await sink.close();
    } finally {
      tell();
    }
  }
}

/** Packets, and documents, in the records that nobody takes out any more. */
export function leftIn(reader: RingReader): number {
  let left = 0;
  for (let type = reader.next(0); type !== RECORD.none; type = reader.next(0)) {
    if (type !== RECORD.track) left += reader.packets;
  }
  return left;
}

function takeSome(reader: RingReader, sink: PacketSink, stopped: () => boolean): void {
  try {
    for (let taken = 0; taken < RECORDS_A_TURN && !stopped(); taken++) {
      const type = reader.next(taken === 0 ? WAIT_MS : 0);
      if (type === RECORD.none) return;
      if (type === RECORD.track) sink.track(reader.track, factsIn(reader));
      else sink.take(reader);
    }
  } finally {
    reader.release();
  }
}

/** Made by the receiving thread of this process, so it is what it should be. */
function factsIn(reader: RingReader): TrackFacts {
  const octets = reader.buf.subarray(reader.off, reader.off + reader.len);
  return JSON.parse(new TextDecoder().decode(octets)) as TrackFacts;
}

function openSink(
  spec: SinkSpec,
  { stop, log }: Pick<WorkerLink<SinkState>, "stop" | "log">,
  stopped: () => boolean,
): PacketSink {
  switch (spec.type) {
    case "file":
      return new FileSink({ ...spec, stopped, log });
    case "jsonl":
      return new JsonlSink({ ...spec, stopped, log });
    case "sqlite":
      return new SqliteSink({ ...spec, log });
    case "segments":
      return new SegmentsSink({ ...spec, log });
    case "udp":
      return new UdpSink({ ...spec, stop, log });
    case "exec":
      return new ExecSink({ ...spec, stopped, log });
  }
}
