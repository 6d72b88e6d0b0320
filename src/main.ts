/** Entry of the executable: the command line on the main thread, a role's loop in a worker. */

import { runClientWorker } from "./cli/client-worker.ts";
import { runForwardWorker } from "./cli/forward-worker.ts";
import { runMain } from "./cli/main.ts";
import { runPipelineWorker } from "./cli/pipeline-worker.ts";
import { runSinkWorker } from "./cli/sink-worker.ts";
import { serveWorker } from "./cli/worker.ts";

if (Bun.isMainThread) {
  process.exit(await runMain(process.argv.slice(2)));
} else {
  serveWorker({
    pipeline: runPipelineWorker,
    client: runClientWorker,
    forward: runForwardWorker,
    sink: runSinkWorker,
  });
}
