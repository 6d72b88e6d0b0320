import { expect, test } from "bun:test";
import { ownerEpoch, ownerOf, ownerStream, PacketQueue, SYSTEM_STREAM } from "./packet-queue.ts";
import { MOST_STREAMS } from "./tstd.ts";

test("a queue grows to 16,384 packets, keeps all of them, and takes no more", () => {
  const queue = new PacketQueue();
  for (let i = 0; i < 16_384; i += 1) {
    expect(queue.push(ownerOf(i % MOST_STREAMS, i), i % 185, 184 - (i % 185), i, i * 1000)).toBe(true);
  }
  expect(queue.push(0, 0, 0, 0, 0)).toBe(false);
  expect(queue.length).toBe(16_384);
  for (const i of [0, 255, 256, 9999, 16_383]) {
    expect(queue.packet[i]).toBe(i);
    expect(queue.timeNs[i]).toBe(i * 1000);
    expect(queue.octets[i]).toBe((i % 185) * 256 + 184 - (i % 185));
    expect(ownerStream(queue.owner[i] as number)).toBe(i % MOST_STREAMS);
    expect(ownerEpoch(queue.owner[i] as number)).toBe(i);
  }
});

test("stream and epoch don't touch each other", () => {
  for (const stream of [0, MOST_STREAMS - 1, SYSTEM_STREAM]) {
    for (const epoch of [0, 1, 0xffff]) {
      const owner = ownerOf(stream, epoch);
      expect([ownerStream(owner), ownerEpoch(owner)]).toEqual([stream, epoch]);
    }
  }
  expect(SYSTEM_STREAM).toBeGreaterThan(MOST_STREAMS);
});
