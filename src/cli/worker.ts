import { EXIT, type ExitCode, RscapError } from "../report/error.ts";

/** The worker's global scope, as Bun types it. */
declare const self: Worker;

/** What a worker thread can be: the packet pipeline (probe, replay), the client's receiving loop, one of its sinks. */
export type WorkerRole = "pipeline" | "client" | "forward" | "sink";

/** Severity of a worker's log line. */
export type LogLevel = "debug" | "info" | "warning" | "error";

/** What a worker says to the main thread; `data` is its own business (reports, progress). */
export type WorkerMessage<Data> =
  | { type: "data"; data: Data }
  | { type: "log"; level: LogLevel; message: string; properties: Record<string, unknown> }
  | { type: "done" }
  | { type: "failed"; code: string; exitCode: ExitCode; message: string };

/** The worker's side of the link; its loop blocks, so the stop flag lives in shared memory. */
export interface WorkerLink<Data> {
  /** Word 0 becomes 1 when the worker is to stop; `Atomics.wait` on it makes an interruptible sleep. */
  readonly stop: Int32Array;
  send(data: Data): void;
  log(level: LogLevel, message: string, properties?: Record<string, unknown>): void;
}

/** The main thread's side of a running worker. */
export interface WorkerHandle {
  /** Asks the worker to flush and end; harmless when called again. */
  stop(): void;
  /** Resolves when the worker has ended by itself; rejects with its RscapError. */
  readonly done: Promise<void>;
}

interface StartMessage {
  role: WorkerRole;
  options: unknown;
  control: SharedArrayBuffer;
}

/** Starts the worker thread of `role`; `options` must be structured-cloneable. */
export function startWorker<Data>(
  role: WorkerRole,
  options: unknown,
  onData: (data: Data) => void,
  onLog: (level: LogLevel, message: string, properties: Record<string, unknown>) => void,
): WorkerHandle {
  const control = new SharedArrayBuffer(8);
  const flags = new Int32Array(control);
  const worker = new Worker(Bun.main, { env: definedEnvironment(), smol: true });
  const done = new Promise<void>((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<WorkerMessage<Data>>) => {
      const message = event.data;
      if (message.type === "data") onData(message.data);
      else if (message.type === "log") onLog(message.level, message.message, message.properties);
      else {
        worker.terminate();
        if (message.type === "done") resolve();
        else reject(new RscapError(message.code, message.exitCode, message.message));
      }
    };
    worker.onerror = (event) => {
      reject(
        new RscapError("worker-failed", EXIT.environment, `The ${role} thread failed: ${event.message}`),
      );
    };
  });
  const start: StartMessage = { role, options, control };
  worker.postMessage(start);
  return {
    stop() {
      Atomics.store(flags, 0, 1);
      Atomics.notify(flags, 0);
    },
    done,
  };
}

/** The environment as it is now: a worker sees only what is given to it, and `.env` may have added to it. */
function definedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/**
 * A role's loop: returns when the work is over or the stop flag is up; throws an RscapError otherwise. Each
 * role has its own options and data; `never` lets all of them stand in one record.
 */
export type WorkerBody = (options: never, link: WorkerLink<never>) => void | Promise<void>;

/** Called in the worker thread: waits for the start message and runs the role it names. */
export function serveWorker(bodies: Record<WorkerRole, WorkerBody>): void {
  const post = (message: WorkerMessage<unknown>): void => postMessage(message);
  const onStart = async (event: MessageEvent<StartMessage>): Promise<void> => {
    const { role, options, control } = event.data;
    try {
      await bodies[role](options as never, {
        stop: new Int32Array(control),
        send: (data) => post({ type: "data", data }),
        log: (level, message, properties = {}) => post({ type: "log", level, message, properties }),
      });
      post({ type: "done" });
    } catch (error) {
      post(describeFailure(error));
    }
  };
  self.onmessage = (event: MessageEvent<StartMessage>) => void onStart(event);
}

function describeFailure(error: unknown): WorkerMessage<never> {
  if (error instanceof RscapError) {
    return { type: "failed", code: error.code, exitCode: error.exitCode, message: error.message };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    type: "failed",
    code: "internal",
    exitCode: EXIT.environment,
    message: `a fault of rscap's own, please report it: ${text}`,
  };
}
