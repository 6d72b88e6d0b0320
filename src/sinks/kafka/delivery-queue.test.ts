import { afterAll, describe, expect, spyOn, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { DiskSpool } from "../../spool/disk-spool.ts";
import { SpoolReader } from "../../spool/spool-reader.ts";
import { DeliveryQueue } from "./delivery-queue.ts";
import { decodeRecord, encodeRecord, type KafkaRecord, recordCost } from "./record.ts";

const root = mkdtempSync(join(tmpdir(), "rscap-kafka-queue-"));
afterAll(() => rmSync(root, { recursive: true }));

let folders = 0;
const newFolder = (): string => join(root, String(++folders));
const openSpool = (folder: string, maxBytes = 1e6): DiskSpool =>
  new DiskSpool({ folder, maxBytes, setting: "--kafka-spool (KAFKA_SPOOL)", log: () => {} });

function record(number: number, octets = 1): KafkaRecord {
  const value = new Uint8Array(octets).fill(number & 0xff);
  return { key: `studio/${number % 3}`, timestampMs: number, headers: [["kind", "report"]], value };
}

const numbers = (records: readonly KafkaRecord[]): number[] => records.map(({ timestampMs }) => timestampMs);

/** Takes everything out, a few at a time. */
function drain(queue: DeliveryQueue): number[] {
  const all: number[] = [];
  while (queue.count > 0) {
    const batch = queue.head(3, 1e6);
    if (batch.length === 0) break;
    all.push(...numbers(batch));
    queue.remove(batch.length);
  }
  return all;
}

describe("a record on disk", () => {
  test("comes back as it was", () => {
    const came: KafkaRecord = {
      key: "studio/ü",
      timestampMs: 1_795_224_101_700,
      headers: [
        ["schema", "rscap.report/1"],
        ["kind", "report"],
      ],
      value: Uint8Array.of(0, 255, 123),
    };
    expect(decodeRecord(Buffer.concat(encodeRecord(came)))).toEqual(came);
  });

  test("any octets: a record or none", () => {
    const head = fc.json().map((text) => {
      const [length, , value] = encodeRecord(record(1));
      const octets = new TextEncoder().encode(text);
      new DataView(length?.buffer ?? new ArrayBuffer(4)).setUint32(0, octets.length, true);
      return Buffer.concat([length ?? new Uint8Array(4), octets, value ?? new Uint8Array(0)]);
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), head), (octets) => {
        const found = decodeRecord(octets);
        if (found === null) return;
        expect(decodeRecord(Buffer.concat(encodeRecord(found)))).toEqual(found);
      }),
    );
  });
});

describe("the queue", () => {
  test("memory alone: what finds no room is dropped and counted", () => {
    const queue = new DeliveryQueue(recordCost(record(1)) * 2, null);
    expect([1, 2, 3].map((number) => queue.push(record(number)))).toEqual([true, true, false]);
    queue.remove(1);
    expect(queue.push(record(4))).toBe(true);
    expect([queue.count, queue.dropped]).toEqual([2, 1]);
    expect(drain(queue)).toEqual([2, 4]);
    expect(queue.push(record(5, 10_000))).toBe(true);
    expect(queue.push(record(6))).toBe(false);
    queue.close();
    expect([queue.count, queue.dropped]).toEqual([0, 3]);
  });

  test("a full memory goes to the spool, and the order stays", () => {
    const queue = new DeliveryQueue(recordCost(record(1)) * 2, openSpool(newFolder()));
    for (let number = 1; number <= 7; number++) expect(queue.push(record(number))).toBe(true);
    expect(queue.spooled).toBe(6);
    expect(numbers(queue.head(100, 1e6))).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(numbers(queue.head(2, 1e6))).toEqual([1, 2]);
    expect(numbers(queue.head(100, recordCost(record(1)) * 3))).toEqual([1, 2, 3]);
    queue.remove(2);
    queue.push(record(8));
    queue.stow();
    expect(queue.spooled).toBe(6);
    expect(drain(queue)).toEqual([3, 4, 5, 6, 7, 8]);
    expect(queue.dropped).toBe(0);
    queue.close();
  });

  test("what the disk does not give for a moment is waited for, and nothing comes before it", () => {
    const queue = new DeliveryQueue(recordCost(record(1)) * 2, openSpool(newFolder()));
    for (let number = 1; number <= 7; number++) queue.push(record(number));
    expect(numbers(queue.head(100, 1e6))).toEqual([1, 2, 3, 4, 5, 6, 7]);
    // Now on the disk, where nobody has read it yet.
    queue.stow();
    const refuse = spyOn(SpoolReader.prototype, "read").mockReturnValue(null);
    try {
      expect(queue.head(100, 1e6)).toEqual([]);
      queue.push(record(8));
      queue.remove(7);
    } finally {
      refuse.mockRestore();
    }
    // The one that could not be taken out comes once more.
    expect(drain(queue)).toEqual([7, 8]);
    expect(queue.dropped).toBe(0);
    queue.close();
  });

  test("a batch ends before a time that its differences of 32 bits can't tell", () => {
    const queue = new DeliveryQueue(1e6, null);
    const month = 2 ** 31;
    for (const number of [0, 5, month, month + 7]) queue.push(record(number));
    expect(numbers(queue.head(9, 1e6))).toEqual([0, 5]);
    queue.remove(2);
    expect(numbers(queue.head(9, 1e6))).toEqual([month, month + 7]);
    queue.remove(2);
  });

  test("what is left at the end is there the next time, before what comes then", () => {
    const folder = newFolder();
    const first = new DeliveryQueue(1e6, openSpool(folder));
    for (const number of [1, 2, 3]) first.push(record(number));
    first.close();
    expect([first.count, first.dropped]).toEqual([3, 0]);
    const second = new DeliveryQueue(1e6, openSpool(folder));
    second.push(record(4));
    expect([second.count, second.spooled]).toEqual([4, 3]);
    expect(drain(second)).toEqual([1, 2, 3, 4]);
    second.close();
  });

  test("records of somebody else are passed and counted", () => {
    const folder = newFolder();
    const spool = openSpool(folder);
    spool.push(encodeRecord(record(1)));
    spool.push(Uint8Array.of(1, 2, 3));
    spool.push(new Uint8Array(0));
    spool.push(encodeRecord(record(2)));
    spool.close();
    const queue = new DeliveryQueue(1e6, openSpool(folder));
    queue.push(record(3));
    expect(numbers(queue.head(9, 1e6))).toEqual([1]);
    expect(drain(queue)).toEqual([1, 2, 3]);
    expect(queue.dropped).toBe(2);
    queue.close();
  });

  test("as an array that was kept, through any pushes, removals, stows and restarts", () => {
    const step = fc.oneof(
      fc.record({ what: fc.constant("push" as const), size: fc.integer({ min: 0, max: 700 }) }),
      fc.record({
        what: fc.constantFrom("remove" as const, "stow" as const, "restart" as const),
        size: fc.nat(4),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, withSpool) => {
        const folder = newFolder();
        // Room for a hundred records in all: some runs overflow.
        const open = (): DeliveryQueue => new DeliveryQueue(3000, withSpool ? openSpool(folder, 5000) : null);
        let queue = open();
        let kept: number[] = [];
        let pushed = 0;
        let dropped = 0;
        let done = 0;
        for (const { what, size } of steps) {
          if (what === "push") {
            if (queue.push(record(pushed, size))) kept.push(pushed);
            pushed++;
          } else if (what === "stow") queue.stow();
          else if (what === "remove") {
            const batch = numbers(queue.head(size, 1e6));
            expect(batch).toEqual(kept.slice(0, batch.length));
            if (size > 0 && kept.length > 0) expect(batch.length).toBeGreaterThan(0);
            queue.remove(batch.length);
            kept = kept.slice(batch.length);
            done += batch.length;
          } else if (withSpool) {
            queue.close();
            dropped += queue.dropped;
            // What found no room on disk is the newest.
            kept = kept.slice(0, queue.count);
            queue = open();
          }
          expect(queue.count).toBe(kept.length);
          expect(done + queue.count + queue.dropped + dropped).toBe(pushed);
        }
        queue.close();
        rmSync(folder, { recursive: true, force: true });
      }),
      { numRuns: 60 },
    );
  });
});
