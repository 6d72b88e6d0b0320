import { afterAll, expect, test } from "bun:test";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogLines } from "../../tests/helpers/wire.ts";
import { JsonlSink } from "./jsonl-sink.ts";
import type { SinkRecord } from "./queue/packet-sink.ts";
import { RECORD } from "./queue/ring.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-jsonl-"));
afterAll(() => rmSync(folder, { recursive: true }));

const FACTS = {
  probe: "p",
  stream: "s",
  kind: "report",
  source: null,
  destination: null,
  wall: true,
} as const;

function sinkOf(path: string): JsonlSink {
  const sink = new JsonlSink({ path, stopped: () => false, log: new LogLines().log });
  sink.track(0, FACTS);
  return sink;
}

function document(text: string): SinkRecord {
  const buf = new TextEncoder().encode(text);
  const times = { firstSeconds: 0, firstNs: 0, lastSeconds: 0, lastNs: 0, putNs: 0 };
  const record = { type: RECORD.document, track: 0, packets: 1, discontinuity: false, ...times };
  return { ...record, buf, off: 0, len: buf.length, packetBytes: () => 0 };
}

test("a document stands in its line as it came, on one line, however deep and however large its numbers", () => {
  const path = join(folder, "as-it-came");
  const sink = sinkOf(path);
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  sink.take(document('{"a":\r\n18446744073709551615}'));
  sink.take(document(`{"a":${deep}}`));
  sink.take(document('{"b":1}'));
  sink.close();
  const lines = readFileSync(path, "utf8").split("\n");
  expect(lines[0]).toBe('{"probe":"p","stream":"s","kind":"report","document":{"a": 18446744073709551615}}');
  expect(lines[1]).toEndWith(`"document":{"a":${deep}}}`);
  expect(JSON.parse(lines[2] ?? "")).toEqual({ probe: "p", stream: "s", kind: "report", document: { b: 1 } });
  expect([lines.length, sink.figures().packets, sink.figures().lost]).toEqual([4, 3, 0]);
});

test("a line that an earlier run could not end stands alone", () => {
  const path = join(folder, "cut");
  for (const text of ['{"a":1}', '{"a":2}']) {
    const sink = sinkOf(path);
    sink.take(document(text));
    sink.close();
    appendFileSync(path, '{"probe":"p","str');
  }
  const lines = readFileSync(path, "utf8").split("\n");
  expect(lines.map((line) => line.length > 20)).toEqual([true, false, true, false]);
});
