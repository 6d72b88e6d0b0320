import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { streamInfo, tsPackets } from "../../tests/helpers/wire.ts";
import { DiskSpool } from "../spool/disk-spool.ts";
import { openOutputs } from "./open-outputs.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-outputs-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Opened = Parameters<typeof openOutputs>;

test("a file whose last write fails keeps no other output from being closed", async () => {
  const spool = join(folder, "spool");
  const [job, source, link] = [
    {
      streams: [],
      // Full from its first octet on, which is written at the end.
      outputFile: { path: "/dev/full", flushMs: 60_000, write: "ts" },
      publish: {
        endpoint: `ipc://${join(folder, "nobody")}`,
        transport: "push",
        spool: { folder: spool, maxBytes: 1e8, ackEndpoint: "" },
        heartbeatMs: 0,
        header: "capnp",
        probe: "p",
        batchSize: 1,
        batchTimeMs: 20,
        highWaterMark: 1000,
        curve: null,
      },
    },
    {
      name: "x.pcap",
      epoch: { seconds: 1_700_000_000, nanoseconds: 0, wallClock: true },
      timestampSource: { kind: "file", resolutionNs: 1000 },
    },
    { stop: new Int32Array(new SharedArrayBuffer(8)), send: () => {}, log: () => {} },
  ] as unknown as Opened;
  const outputs = await openOutputs(job, source, link);
  const packets = tsPackets(5);
  for (const each of outputs.packets) {
    each.open(0, streamInfo("s"));
    for (let i = 0; i < 5; i++) each.packets(0, packets, i * 188, 188, i * 1e6, 1);
    each.bufferEnd();
  }
  const failure = await outputs.close().catch((error: unknown) => error);
  expect(String(failure)).toContain("Can't write /dev/full");
  // Closed: its lock is free, and what waited for a client is on disk for the next start.
  const left = new DiskSpool({ folder: spool, maxBytes: 1e8, setting: "x", log: () => {} });
  expect(left.count).toBe(5);
  left.close();
});
