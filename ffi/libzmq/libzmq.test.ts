import { expect, setDefaultTimeout, test } from "bun:test";
import { RscapError } from "../../src/report/error.ts";
import { addressOf, alloc } from "../memory.ts";
import { ERRNO, EVENT, OPTION, SOCKET } from "./constants.ts";
import { libzmq, libzmqVersion, zmqErrorText } from "./libzmq.ts";
import { MessageParts, ReceivedPart } from "./message.ts";
import { type PeerEvent, PeerMonitor } from "./monitor.ts";
import { formatSocketAddress, peerAddress } from "./peer-address.ts";
import { ZmqContext } from "./socket.ts";

// Other tests may keep the machine busy.
setDefaultTimeout(30_000);

test("the library tells its version and where it came from", () => {
  const { version, path, source } = libzmqVersion();
  expect(version).toMatch(/^4\.\d+\.\d+$/);
  expect(path).not.toBe("");
  expect(["setting", "embedded", "built", "system"]).toContain(source);
});

test("errno values have words, libzmq's own too", () => {
  expect(zmqErrorText(ERRNO.eaddrinuse)).toContain("in use");
  expect(zmqErrorText(156_384_765)).toContain("terminated");
});

test("options are set and read by their ZMQ_ names", () => {
  const context = new ZmqContext();
  const socket = context.socket(SOCKET.sub);
  socket.setInt("ZMQ_RCVHWM", 17);
  expect(socket.getInt("ZMQ_RCVHWM")).toBe(17);
  socket.setBytes("ZMQ_SUBSCRIBE", new TextEncoder().encode("a"));
  socket.setInt64("ZMQ_MAXMSGSIZE", 1000);
  expect(() => socket.setInt("ZMQ_RCVHWM", -5)).toThrow(RscapError);
  expect(() => socket.getInt("ZMQ_SUBSCRIBE")).toThrow("ZMQ_SUBSCRIBE");
  expect(OPTION.ZMQ_RCVHWM).toBe(24);
  context.close();
  context.close();
  socket.close();
});

test("a message of several parts goes through memory of our own", () => {
  const context = new ZmqContext();
  const pull = context.socket(SOCKET.pull);
  expect(pull.bind("tcp://127.0.0.1:*")).toBe(0);
  const push = context.socket(SOCKET.push);
  expect(push.connect(pull.lastEndpoint())).toBe(0);
  expect(push.bind("tcp://no-such-device:1")).toBe(ERRNO.enodev);
  expect(push.connect("nonsense")).toBe(ERRNO.einval);
  expect(push.waitWritable(5000)).toBe(true);
  const parts = new MessageParts(2);
  const source = alloc(10).fill(7);
  const copy = (part: number): void => {
    const { zmq_send } = libzmq();
    expect(zmq_send(push.handle, addressOf(source), part, 2)).toBe(part);
  };
  copy(5);
  expect(parts.begin(1, 10)).not.toBe(0);
  expect(parts.send(1, push.handle, 0)).toBe(10);
  expect(parts.begin(0, 100)).not.toBe(0);
  parts.drop(0);
  expect(pull.waitReadable(5000)).toBe(true);
  const received = new ReceivedPart();
  expect(received.receive(pull.handle, 1)).toBe(5);
  expect(pull.more()).toBe(true);
  expect(received.receive(pull.handle, 1)).toBe(10);
  expect(pull.more()).toBe(false);
  expect(received.receive(pull.handle, 1)).toBe(-1);
  expect(pull.waitReadable(0)).toBe(false);
  context.close();
});

test("the monitor tells who came, who went and who failed", async () => {
  const context = new ZmqContext();
  const server = context.socket(SOCKET.pull);
  const monitor = new PeerMonitor(context, server);
  server.bind("tcp://127.0.0.1:*");
  const port = Number(server.lastEndpoint().split(":").at(-1));
  const events: PeerEvent[] = [];
  const until = async (done: () => boolean): Promise<void> => {
    for (let i = 0; i < 2000 && !done(); i++) {
      monitor.poll((event) => events.push(event));
      await Bun.sleep(5);
    }
    expect(done()).toBe(true);
  };
  const other = new ZmqContext();
  const client = other.socket(SOCKET.push);
  client.setInt("ZMQ_LINGER", 0);
  client.connect(`tcp://127.0.0.1:${port}`);
  await until(() => monitor.peers === 1);
  expect(events[0]).toMatchObject({ kind: "came", failure: null });
  expect(events[0]?.address).toMatch(/^127\.0\.0\.1:\d+$/);
  other.close();
  await until(() => monitor.peers === 0);
  expect(events[1]).toEqual({ kind: "went", address: events[0]?.address ?? "", failure: null });
  // A ZMTP 3.0 greeting (RFC 23) with a security mechanism that nobody knows.
  const greeting = new Uint8Array(64);
  greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0, 0x58]);
  const stranger = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: { data() {}, open: (socket) => void socket.write(greeting) },
  });
  await until(() => events.some(({ kind }) => kind === "failed"));
  const failed = events.find(({ kind }) => kind === "failed");
  expect(failed?.failure).toBe("mechanism");
  // Our own end where the stranger had gone before the event was read.
  expect(failed?.address).toMatch(/127\.0\.0\.1:\d+$/);
  stranger.end();
  await until(() => monitor.peers === 0);
  monitor.close();
  context.close();
  expect(EVENT.accepted).toBe(0x20);
});

test("socket addresses are text as people write them", () => {
  const address = (...octets: number[]): Uint8Array => {
    const storage = new Uint8Array(132);
    storage.set(octets);
    return storage;
  };
  expect(formatSocketAddress(address(2, 0, 0x15, 0xb4, 192, 0, 2, 7))).toBe("192.0.2.7:5556");
  const v6 = [10, 0, 0x15, 0xb4, 0, 0, 0, 0, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
  expect(formatSocketAddress(address(...v6))).toBe("[2001:db8::1]:5556");
  const mapped = [10, 0, 0x15, 0xb4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 9];
  expect(formatSocketAddress(address(...mapped))).toBe("10.0.0.9:5556");
  expect(formatSocketAddress(address(1))).toBe("unix");
  expect(formatSocketAddress(address(99))).toBe("");
  expect(peerAddress(-1)).toBe("");
});
