import { EXIT } from "../report/error.ts";

/** What a command needs to know of the signals it got. */
export interface StopSignals {
  /** True once SIGINT came: the exit code is then 130. SIGTERM, a service manager's stop, is an ordinary end. */
  readonly interrupted: boolean;
  /** Stops listening. */
  remove(): void;
}

/**
 * Calls `stop` on SIGINT and SIGTERM, so that everything is flushed before the end. A second signal of
 * either kind ends the process at once.
 */
export function listenForStop(stop: () => void): StopSignals {
  let interrupted = false;
  let asked = false;
  const listen = (isInterrupt: boolean) => () => {
    if (asked) process.exit(EXIT.interrupted);
    asked = true;
    interrupted = isInterrupt;
    stop();
  };
  const onInterrupt = listen(true);
  const onTerminate = listen(false);
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onTerminate);
  return {
    get interrupted() {
      return interrupted;
    },
    remove() {
      process.off("SIGINT", onInterrupt);
      process.off("SIGTERM", onTerminate);
    },
  };
}
