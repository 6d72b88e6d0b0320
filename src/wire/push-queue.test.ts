import { expect, test } from "bun:test";
import { SOCKET } from "../../ffi/libzmq/constants.ts";
import { ZmqContext } from "../../ffi/libzmq/socket.ts";
import { PushQueue, QUEUE_MAX_BYTES } from "./push-queue.ts";

/** Puts a message of one part into the queue. */
function put(queue: PushQueue, bytes: number): void {
  expect(queue.begin(0, bytes)).not.toBe(0);
  queue.push(1, bytes, 1);
}

test("the queue is full by number", () => {
  const queue = new PushQueue(3);
  for (let i = 0; i < 3; i++) {
    expect(queue.full(10)).toBe(false);
    put(queue, 10);
  }
  expect(queue.full(0)).toBe(true);
  expect(queue.clear()).toBe(3);
  expect(queue.counts).toEqual({ messages: 0, bytes: 0, datagrams: 0, dropped: 3 });
  expect(queue.full(QUEUE_MAX_BYTES)).toBe(false);
});

test("the queue is full by octets, but an empty one takes any message", () => {
  const queue = new PushQueue(1000);
  expect(queue.full(QUEUE_MAX_BYTES + 1)).toBe(false);
  put(queue, 1000);
  expect(queue.full(QUEUE_MAX_BYTES - 1000)).toBe(false);
  expect(queue.full(QUEUE_MAX_BYTES - 999)).toBe(true);
  queue.clear();
});

test("a message that could not be finished is given up and counted", () => {
  const queue = new PushQueue(2);
  queue.begin(0, 10);
  queue.begin(1, 20);
  queue.abandon(2);
  expect([queue.count, queue.counts.dropped]).toEqual([0, 1]);
});

test("without a peer everything waits; with one it goes, in order, around the ring again and again", () => {
  const context = new ZmqContext();
  const pull = context.socket(SOCKET.pull);
  const push = context.socket(SOCKET.push);
  push.setInt("ZMQ_LINGER", 0);
  const queue = new PushQueue(4);
  put(queue, 1);
  queue.drain(push.handle);
  expect(queue.count).toBe(1);
  pull.bind("tcp://127.0.0.1:*");
  push.connect(pull.lastEndpoint());
  expect(push.waitWritable(5000)).toBe(true);
  queue.drain(push.handle);
  for (let bytes = 2; bytes <= 10; bytes++) {
    put(queue, bytes);
    queue.drain(push.handle);
  }
  for (let bytes = 1; bytes <= 10; bytes++) {
    expect(pull.waitReadable(5000)).toBe(true);
    expect(pull.receive(0, 0)).toBe(bytes);
  }
  expect(queue.counts).toEqual({ messages: 10, bytes: 55, datagrams: 10, dropped: 0 });
  context.close();
});
