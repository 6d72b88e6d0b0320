import type { FrameSource } from "../capture/batch.ts";
import type { DatagramOutput } from "../flow/pipeline.ts";
import type { PacketOutput } from "../report/output.ts";
import type { PublishedReport, Report } from "../report/schema.ts";
import type { Epoch } from "../report/time.ts";
import { PacketFiles } from "../sinks/packet-files.ts";
import { RtpFiles } from "../sinks/rtp-files.ts";
import { StillPicture } from "../sinks/still-picture.ts";
import { writeFormat } from "../sinks/write-format.ts";
import { Publisher } from "../wire/publisher.ts";
import type { PipelineJob, PublishJob } from "./pipeline-job.ts";
import { PublishedDocuments } from "./published-documents.ts";
import { SendOutput } from "./send-output.ts";
import { timestampText } from "./timestamp-text.ts";
import type { WorkerLink } from "./worker.ts";

/** Longest time that a stopped or finished run waits for a peer to take what is left. */
const LINGER_MS = 2000;

/** Everything that the packets and reports of a job go to. */
export interface JobOutputs {
  readonly packets: readonly PacketOutput[];
  readonly datagrams: DatagramOutput | null;
  /** The next input's times count from what this returns. */
  useEpoch(epoch: () => Epoch): void;
  /** Called between batches, with a wall clock in milliseconds; `idle` when no packets came just now. */
  poll(nowMs: number, idle: boolean): void;
  /** Publishes a report, and events of what is new in it. */
  report(report: Report): void;
  /** True when nobody is left to take the packets: a pipe's reader has gone. */
  abandoned(): boolean;
  /** Waits, not for ever, until what is queued has left: before a report that is to tell the end of it. */
  drain(): void;
  published(): PublishedReport | null;
  /** Flushes and closes everything; sentences for the end of the run, or the first failure after all were tried. */
  close(): Promise<string[]>;
}

/** Opens the outputs that `job` asks for. Throws an RscapError when one can't be opened. */
export async function openOutputs(
  job: PipelineJob,
  source: FrameSource,
  link: WorkerLink<never>,
): Promise<JobOutputs> {
  let epoch = (): Epoch => source.epoch;
  const packets: PacketOutput[] = [];
  const closers: (() => string[] | Promise<string[]>)[] = [];
  let files: PacketFiles | RtpFiles | null = null;
  let publisher: Publisher | null = null;
  let documents: PublishedDocuments | null = null;
  let sender: SendOutput | null = null;
  const close = async (): Promise<string[]> => {
    const notes: string[] = [];
    const failures: unknown[] = [];
    for (const closer of closers.splice(0)) {
      try {
        notes.push(...(await closer()));
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return notes;
  };
  try {
    if (job.outputFile) {
      const opened = openFiles(job.outputFile, () => epoch(), link);
      files = opened;
      packets.push(opened);
      closers.push(() => [opened.finish()]);
    }
    if (job.still) {
      const opened = new StillPicture({ ...job.still, epoch: () => epoch() });
      packets.push(opened);
      closers.push(async () => [await opened.finish()]);
    }
    if (job.send) {
      const opened = new SendOutput(job.send.url, job.send.speed, job.streams, link.stop);
      sender = opened;
      packets.push(opened);
      closers.push(() => [opened.finish()]);
    }
    if (job.publish) {
      const opened = openPublisher(withOwner(job.publish, job), source, () => epoch(), link);
      publisher = opened;
      const published = new PublishedDocuments(opened);
      documents = published;
      packets.push(opened);
      closers.push(() => {
        published.end();
        opened.shutdown(LINGER_MS);
        return [];
      });
    }
  } catch (error) {
    // Why it did not start is what is to be told.
    await close().catch(() => {});
    throw error;
  }
  return {
    packets,
    datagrams: sender,
    useEpoch(next) {
      epoch = next;
    },
    poll(nowMs, idle) {
      publisher?.poll(nowMs);
      files?.poll(nowMs);
      // While there is input, what fills the datagram follows at once.
      if (idle) sender?.poll();
    },
    report: (report) => documents?.report(report),
    abandoned: () => files?.readerGone === true,
    drain: () => void publisher?.drain(),
    published: () => publisher?.report() ?? null,
    close,
  };
}

function openFiles(
  { path, flushMs, write }: NonNullable<PipelineJob["outputFile"]>,
  epoch: () => Epoch,
  link: WorkerLink<never>,
): PacketFiles | RtpFiles {
  const { stop, log } = link;
  const format = writeFormat(path, write);
  if (format === "ts") return new PacketFiles({ path, flushMs, stop, log });
  const stopped = (): boolean => Atomics.load(stop, 0) !== 0;
  return new RtpFiles({ path, format, flushMs, stopped, log, epoch });
}

/** The spool is used as the user that the probe becomes when all is open. */
function withOwner(publish: PublishJob, { user }: PipelineJob): PublishJob {
  const { spool } = publish;
  return spool === null ? publish : { ...publish, spool: { ...spool, owner: user ?? null } };
}

function openPublisher(
  job: PublishJob,
  source: FrameSource,
  epoch: () => Epoch,
  link: WorkerLink<never>,
): Publisher {
  return new Publisher({
    ...job,
    sendBuffer: 0,
    deviceName: source.name,
    timestampSource: timestampText(source.timestampSource),
    epoch,
    stop: link.stop,
    lingerMs: LINGER_MS,
    log: link.log,
  });
}
