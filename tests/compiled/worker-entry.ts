/**
 * Entry of a small executable for the tests: opens both libraries in the main thread and in a worker, prints
 * one JSON line with what each saw.
 */
import { readFileSync } from "node:fs";
import { openLibrary } from "../../ffi/load.ts";
import { COMMIT, VERSION } from "../../src/version.ts";

declare const self: { postMessage(message: unknown): void };

const PCAP = { pcap_lib_version: { args: [], returns: "cstring" } } as const;
const ZMQ = {
  zmq_has: { args: ["cstring"], returns: "i32" },
  zmq_ctx_new: { args: [], returns: "ptr" },
  zmq_ctx_term: { args: ["ptr"], returns: "i32" },
} as const;

function look() {
  const pcap = openLibrary("libpcap", PCAP);
  const zmq = openLibrary("libzmq", ZMQ);
  const context = zmq.symbols.zmq_ctx_new();
  return {
    pcap: { source: pcap.source, version: String(pcap.symbols.pcap_lib_version()) },
    zmq: {
      source: zmq.source,
      curve: zmq.symbols.zmq_has(Buffer.from("curve\0")),
      draft: zmq.symbols.zmq_has(Buffer.from("draft\0")),
      context: context !== null && zmq.symbols.zmq_ctx_term(context) === 0,
    },
  };
}

/** How many files in memory with libzmq are mapped in this process. */
function zmqCopies(): number {
  const maps = readFileSync("/proc/self/maps", "utf8").matchAll(/ (\d+) +\/memfd:rscap-libzmq/g);
  return new Set([...maps].map(([, inode]) => inode)).size;
}

if (Bun.isMainThread) {
  const main = look();
  const worker = new Worker(Bun.main);
  worker.onmessage = (event) => {
    console.log(
      JSON.stringify({ version: VERSION, commit: COMMIT, main, worker: event.data, zmqCopies: zmqCopies() }),
    );
    worker.terminate();
  };
} else {
  self.postMessage(look());
}
