import { afterAll, expect, test } from "bun:test";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { libc } from "../../ffi/libc/libc.ts";
import { addressOf } from "../../ffi/memory.ts";
import { tsPackets } from "../../tests/helpers/wire.ts";
import { PageWriter } from "./page-writer.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-page-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PAGE = 4096;

test("the file holds what was written, and ends on a packet boundary after every single call", () => {
  const packets = tsPackets(600);
  const base = addressOf(packets);
  const path = join(folder, "any.ts");
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 12 }), (counts) => {
      const fd = openSync(path, "w");
      const writer = new PageWriter(fd, (to, address, bytes, at) => {
        const written = libc().pwrite(to, address, bytes, at);
        // The kernel may cut a write where one page ends and the next begins; these can't be cut.
        expect(Math.floor(at / PAGE)).toBe(Math.floor((at + bytes - 1) / PAGE));
        expect(statSync(path).size % 188).toBe(0);
        return written;
      });
      let done = 0;
      for (const count of counts) {
        const take = Math.min(count, 600 - done);
        expect(writer.write(base + done * 188, take * 188)).toBe(0);
        done += take;
        expect(writer.position).toBe(done * 188);
      }
      closeSync(fd);
      expect(Buffer.compare(readFileSync(path), packets.subarray(0, done * 188))).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test("short writes are completed", () => {
  const packets = tsPackets(100);
  const path = join(folder, "short.ts");
  const fd = openSync(path, "w");
  const writer = new PageWriter(fd, (to, address, bytes, at) =>
    libc().pwrite(to, address, Math.min(bytes, 100), at),
  );
  expect(writer.write(addressOf(packets), packets.length)).toBe(0);
  closeSync(fd);
  expect(Buffer.compare(readFileSync(path), packets)).toBe(0);
});

test("when writing fails at any octet, the whole packets before it are kept and nothing else", () => {
  const packets = tsPackets(100);
  const path = join(folder, "full.ts");
  fc.assert(
    fc.property(fc.nat({ max: packets.length - 1 }), (room) => {
      const fd = openSync(path, "w");
      const writer = new PageWriter(fd, (to, address, bytes, at) => {
        const fits = Math.min(bytes, room - at);
        // A write to a closed descriptor is an error of the system's own making: EBADF.
        return fits > 0 ? libc().pwrite(to, address, fits, at) : libc().pwrite(-1, address, bytes, at);
      });
      expect(writer.write(addressOf(packets), packets.length)).toBe(9);
      closeSync(fd);
      const kept = readFileSync(path);
      expect(kept.length).toBe(writer.position);
      expect(kept.length % 188).toBe(0);
      expect(Buffer.compare(kept, packets.subarray(0, kept.length))).toBe(0);
      // A packet across two pages goes with those behind it: at most a page of packets that would have fitted.
      expect(kept.length).toBeGreaterThan(room - PAGE - 2 * 188);
    }),
  );
});
