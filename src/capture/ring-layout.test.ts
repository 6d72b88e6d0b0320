import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { LINKTYPE } from "../net/linktype.ts";
import { FrameBatch, NO_VLAN } from "./batch.ts";
import { RingCursor, SLL_BYTES } from "./ring-layout.ts";

const BLOCK_BYTES = 1 << 16;
const LOOPBACK_INDEX = 1;
const VLAN_VALID = 1 << 4;
const VLAN_TPID_VALID = 1 << 6;

interface Written {
  readonly octets: number[];
  readonly wireLength?: number;
  readonly seconds?: number;
  readonly nanoseconds?: number;
  readonly status?: number;
  readonly tci?: number;
  readonly tpid?: number;
  readonly interfaceIndex?: number;
  readonly packetType?: number;
}

/** Writes a block as the kernel does (linux/if_packet.h), at `block` in `buf`. */
function writeBlock(buf: Uint8Array, block: number, frames: readonly Written[], mac = 96): void {
  const view = new DataView(buf.buffer);
  view.setUint32(block + 8, 1, true);
  view.setUint32(block + 12, frames.length, true);
  view.setUint32(block + 16, 48, true);
  let at = block + 48;
  frames.forEach((frame, i) => {
    const length = Math.ceil((mac + frame.octets.length) / 8) * 8;
    view.setUint32(at, i === frames.length - 1 ? 0 : length, true);
    view.setUint32(at + 4, frame.seconds ?? 1000, true);
    view.setUint32(at + 8, frame.nanoseconds ?? 0, true);
    view.setUint32(at + 12, frame.octets.length, true);
    view.setUint32(at + 16, frame.wireLength ?? frame.octets.length, true);
    view.setUint32(at + 20, frame.status ?? 1, true);
    view.setUint16(at + 24, mac, true);
    view.setUint32(at + 32, frame.tci ?? 0, true);
    view.setUint16(at + 36, frame.tpid ?? 0, true);
    view.setUint16(at + 48, 17, true);
    view.setUint16(at + 50, 0x0800, false);
    view.setInt32(at + 52, frame.interfaceIndex ?? 7, true);
    view.setUint16(at + 56, 1, true);
    view.setUint8(at + 58, frame.packetType ?? 2);
    view.setUint8(at + 59, 6);
    buf.set([1, 2, 3, 4, 5, 6], at + 60);
    buf.set(frame.octets, at + mac);
    at += length;
  });
}

function cursorOver(buf: Uint8Array, cooked = false): RingCursor {
  return new RingCursor(buf, {
    epochSeconds: 1000,
    linkType: cooked ? LINKTYPE.linuxSll : LINKTYPE.ethernet,
    cooked,
    loopbackIndex: LOOPBACK_INDEX,
  });
}

describe("RingCursor", () => {
  test("hands out each frame of a block in place, with lengths and time since the epoch", () => {
    const buf = new Uint8Array(2 * BLOCK_BYTES);
    writeBlock(buf, BLOCK_BYTES, [
      { octets: [1, 2, 3], nanoseconds: 5 },
      { octets: [4, 5], wireLength: 1500, seconds: 1001, nanoseconds: 999_999_999 },
    ]);
    const cursor = cursorOver(buf);
    const batch = new FrameBatch(8);
    cursor.begin(BLOCK_BYTES);
    expect(cursor.fill(batch)).toBe(1503);
    expect(batch.count).toBe(2);
    expect(cursor.left).toBe(0);
    expect(batch.buf).toBe(buf);
    expect(buf.subarray(batch.offset[1] as number, (batch.offset[1] as number) + 2)).toEqual(
      new Uint8Array([4, 5]),
    );
    expect([...batch.capturedLength.subarray(0, 2)]).toEqual([3, 2]);
    expect([...batch.wireLength.subarray(0, 2)]).toEqual([3, 1500]);
    expect([...batch.timeNs.subarray(0, 2)]).toEqual([5, 1_999_999_999]);
    expect([...batch.vlanTci.subarray(0, 2)]).toEqual([NO_VLAN, NO_VLAN]);
    expect(batch.linkType[0]).toBe(LINKTYPE.ethernet);
  });

  test("VLAN: TCI and TPID from the header; without a TPID it is 802.1Q; the tag counts as on the wire", () => {
    const buf = new Uint8Array(BLOCK_BYTES);
    const both = VLAN_VALID | VLAN_TPID_VALID;
    writeBlock(buf, 0, [
      { octets: [1], status: both, tci: 0x607b, tpid: 0x88a8 },
      { octets: [1], status: VLAN_VALID, tci: 0 },
      { octets: [1] },
    ]);
    const cursor = cursorOver(buf);
    const batch = new FrameBatch(8);
    cursor.begin(0);
    expect(cursor.fill(batch)).toBe(3 + 2 * 4);
    expect([...batch.vlanTci.subarray(0, 3)]).toEqual([0x607b, 0, NO_VLAN]);
    expect([...batch.vlanTpid.subarray(0, 2)]).toEqual([0x88a8, 0x8100]);
  });

  test("outgoing frames are skipped on loopback only", () => {
    const buf = new Uint8Array(BLOCK_BYTES);
    writeBlock(buf, 0, [
      { octets: [1], packetType: 4, interfaceIndex: LOOPBACK_INDEX },
      { octets: [2], packetType: 4, interfaceIndex: 7 },
      { octets: [3], packetType: 0, interfaceIndex: LOOPBACK_INDEX },
      { octets: [4], packetType: 4, interfaceIndex: LOOPBACK_INDEX },
    ]);
    const cursor = cursorOver(buf);
    const batch = new FrameBatch(8);
    cursor.begin(0);
    cursor.fill(batch);
    expect(Array.from(batch.offset.subarray(0, batch.count), (off) => buf[off])).toEqual([2, 3]);
  });

  test("cooked: the header libpcap would make stands before the packet (LINKTYPE_LINUX_SLL)", () => {
    const buf = new Uint8Array(BLOCK_BYTES);
    writeBlock(buf, 0, [{ octets: [0x45, 0], wireLength: 40, packetType: 3 }]);
    const cursor = cursorOver(buf, true);
    const batch = new FrameBatch(8);
    cursor.begin(0);
    expect(cursor.fill(batch)).toBe(SLL_BYTES + 40);
    const off = batch.offset[0] as number;
    expect([...buf.subarray(off, off + 18)]).toEqual([
      0, 3, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 0x08, 0x00, 0x45, 0,
    ]);
    expect(batch.capturedLength[0]).toBe(18);
    expect(batch.linkType[0]).toBe(LINKTYPE.linuxSll);
  });

  test("the status tells which clock stamped the frame", () => {
    const buf = new Uint8Array(BLOCK_BYTES);
    writeBlock(buf, 0, [
      { octets: [1], status: 1 << 31 },
      { octets: [1], status: 1 },
    ]);
    const cursor = cursorOver(buf);
    const batch = new FrameBatch(1);
    cursor.begin(0);
    cursor.fill(batch);
    expect(cursor.hardwareTime).toBe(true);
    cursor.fill(batch);
    expect(cursor.hardwareTime).toBe(false);
  });

  test("a block larger than the batch: every frame once, in order, whatever the capacity", () => {
    const octet = fc.array(fc.nat(255), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(
        fc.array(octet, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 70 }),
        (all, capacity) => {
          const buf = new Uint8Array(BLOCK_BYTES);
          writeBlock(
            buf,
            0,
            all.map((octets) => ({ octets })),
          );
          const cursor = cursorOver(buf);
          const batch = new FrameBatch(capacity);
          cursor.begin(0);
          const seen: number[][] = [];
          while (cursor.left > 0) {
            cursor.fill(batch);
            for (let i = 0; i < batch.count; i++) {
              const off = batch.offset[i] as number;
              seen.push([...buf.subarray(off, off + (batch.capturedLength[i] as number))]);
            }
          }
          expect(seen).toEqual(all);
        },
      ),
      { numRuns: 50 },
    );
  });
});
