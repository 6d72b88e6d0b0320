import { describe, expect, test } from "bun:test";
import { createSocket, type Socket } from "node:dgram";
import { networkInterfaces } from "node:os";
import { concat } from "../../fixtures/lib/bytes.ts";
import { smallMux } from "../../fixtures/lib/mux.ts";
import { testWith } from "../../tests/helpers/skip.ts";
import { EXIT } from "../report/error.ts";
import { UdpSender } from "./send.ts";
import { parseSendTarget } from "./send-target.ts";
import { TsDatagrams } from "./send-ts.ts";

const running = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));

interface Receiver {
  readonly port: number;
  /** Datagrams so far, once `count` are there or a second has passed without one. */
  received(count: number): Promise<Uint8Array[]>;
  close(): void;
}

async function receiver(type: "udp4" | "udp6", address: string, group?: string): Promise<Receiver> {
  const socket: Socket = createSocket({ type, reuseAddr: true });
  const datagrams: Uint8Array[] = [];
  let news = (): void => {};
  socket.on("message", (message) => {
    datagrams.push(new Uint8Array(message));
    news();
  });
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  if (group !== undefined) socket.addMembership(group, "127.0.0.1");
  return {
    port: socket.address().port,
    async received(count) {
      while (datagrams.length < count) {
        const came = new Promise<boolean>((resolve) => {
          news = () => resolve(true);
          setTimeout(() => resolve(false), 1000);
        });
        if (!(await came)) break;
      }
      return datagrams;
    },
    close: () => socket.close(),
  };
}

/** `count` payloads of different lengths, end to end in memory of their own. */
function payloads(count: number): { buf: Uint8Array; at: [number, number][] } {
  const at: [number, number][] = [];
  let length = 0;
  for (let i = 0; i < count; i++) {
    at.push([length, 100 + ((i * 37) % 400)]);
    length += 100 + ((i * 37) % 400);
  }
  const buf = new Uint8Array(new ArrayBuffer(length));
  for (const [i, [off, octets]] of at.entries()) buf.fill(i, off, off + octets);
  return { buf, at };
}

const ipv6 = {
  met: Object.values(networkInterfaces()).some(
    (all) => all?.some(({ address }) => address === "::1") === true,
  ),
  why: "no IPv6 loopback address",
};

describe("UdpSender", () => {
  const targets: [name: string, type: "udp4" | "udp6", address: string, host: string, group?: string][] = [
    ["IPv4", "udp4", "127.0.0.1", "127.0.0.1"],
    ["multicast on a device by name", "udp4", "0.0.0.0", "239.255.77.1", "239.255.77.1"],
    ["IPv6", "udp6", "::1", "[::1]"],
  ];
  for (const [name, type, address, host, group] of targets) {
    testWith(type === "udp6" ? ipv6 : [], `${name}: every octet arrives, in order`, async () => {
      const to = await receiver(type, address, group);
      const target = parseSendTarget(`udp://${host}:${to.port}?iface=lo&ttl=2`);
      const sender = new UdpSender({ target, stop: running() });
      const { buf, at } = payloads(60);
      // Some at the same moment, some apart, some without a time.
      for (const [i, [off, octets]] of at.entries()) {
        sender.send(buf, off, octets, i % 20 === 19 ? Number.NaN : Math.floor(i / 3) * 100_000);
      }
      sender.close();
      const got = await to.received(60);
      to.close();
      expect(got.length).toBe(60);
      for (const [i, [off, octets]] of at.entries()) {
        expect(Buffer.compare(got[i] as Uint8Array, buf.subarray(off, off + octets))).toBe(0);
      }
      const bytes = at.reduce((sum, [, octets]) => sum + octets, 0);
      expect(sender.stats).toMatchObject({ datagrams: 60, bytes, dropped: 0, abandoned: 0, clockSteps: 0 });
      expect(sender.stats.maxErrorNs).toBeGreaterThanOrEqual(sender.stats.p99ErrorNs);
      expect(sender.stats.meanErrorNs).toBeGreaterThan(0);
    });
  }

  test("never before its time, and the speed divides it", async () => {
    const to = await receiver("udp4", "127.0.0.1");
    const target = parseSendTarget(`udp://127.0.0.1:${to.port}`);
    const sender = new UdpSender({ target, speed: 2, stop: running() });
    const { buf, at } = payloads(4);
    const begin = Bun.nanoseconds();
    for (const [i, [off, octets]] of at.entries()) sender.send(buf, off, octets, i * 20_000_000);
    sender.flush();
    expect(Bun.nanoseconds() - begin).toBeGreaterThanOrEqual(30_000_000);
    sender.close();
    expect((await to.received(4)).length).toBe(4);
    to.close();
  });

  test("speed 0 waits for nothing and measures nothing", async () => {
    const to = await receiver("udp4", "127.0.0.1");
    const target = parseSendTarget(`udp://127.0.0.1:${to.port}`);
    const sender = new UdpSender({ target, speed: 0, stop: running() });
    const { buf, at } = payloads(3);
    for (const [i, [off, octets]] of at.entries()) sender.send(buf, off, octets, i * 3600e9);
    sender.close();
    expect(sender.stats).toMatchObject({ datagrams: 3, meanErrorNs: 0, maxErrorNs: 0 });
    to.close();
  });

  test("a caller that lost its time moves the rest instead of flooding", async () => {
    const to = await receiver("udp4", "127.0.0.1");
    const sender = new UdpSender({ target: parseSendTarget(`udp://127.0.0.1:${to.port}`), stop: running() });
    const { buf, at } = payloads(3);
    const [[off0, len0], [off1, len1], [off2, len2]] = at as [
      [number, number],
      [number, number],
      [number, number],
    ];
    sender.send(buf, off0, len0, 0);
    sender.flush();
    Bun.sleepSync(150);
    const begin = Bun.nanoseconds();
    sender.send(buf, off1, len1, 1_000_000);
    sender.send(buf, off2, len2, 21_000_000);
    sender.close();
    expect(Bun.nanoseconds() - begin).toBeGreaterThanOrEqual(20_000_000);
    expect(sender.stats.stalls).toBe(1);
    expect(sender.stats.stalledNs).toBeGreaterThan(100_000_000);
    to.close();
  });

  test("the stop flag ends the wait; what was not sent is counted", async () => {
    const to = await receiver("udp4", "127.0.0.1");
    const stop = running();
    const sender = new UdpSender({ target: parseSendTarget(`udp://127.0.0.1:${to.port}`), stop });
    const { buf } = payloads(2);
    sender.send(buf, 0, 100, 0);
    sender.send(buf, 100, 100, 1000e9);
    stop[0] = 1;
    sender.close();
    expect(sender.stats).toMatchObject({ datagrams: 1, abandoned: 1 });
    to.close();
  });

  test("nobody listens: counted, not an error", async () => {
    const to = await receiver("udp4", "127.0.0.1");
    const target = parseSendTarget(`udp://127.0.0.1:${to.port}`);
    to.close();
    const sender = new UdpSender({ target, stop: running() });
    const { buf } = payloads(30);
    for (let i = 0; i < 20; i++) sender.send(buf, 0, 100, i * 1_000_000);
    sender.close();
    expect(sender.stats.datagrams).toBe(20);
    expect(sender.stats.refused).toBeGreaterThan(0);
  });

  test("a datagram larger than UDP can carry is dropped and counted", async () => {
    const to = await receiver("udp4", "127.0.0.1");
    const sender = new UdpSender({ target: parseSendTarget(`udp://127.0.0.1:${to.port}`), stop: running() });
    const buf = new Uint8Array(new ArrayBuffer(70_000));
    sender.send(buf, 0, 10, 0);
    sender.send(buf, 0, 70_000, 0);
    sender.send(buf, 0, 20, 0);
    sender.close();
    expect(sender.stats).toMatchObject({ datagrams: 2, bytes: 30, dropped: 1 });
    expect((await to.received(2)).map(({ length }) => length)).toEqual([10, 20]);
    to.close();
  });

  test("what the system refuses is a sentence of exit 4", () => {
    const stop = running();
    const open = (text: string) => () => new UdpSender({ target: parseSendTarget(text), stop });
    expect(open("udp://239.1.1.1:5000?iface=nowhere0")).toThrow('there is no device "nowhere0"');
    try {
      open("udp://[fe80::1]:5000")();
      throw new Error("it opened");
    } catch (error) {
      expect(error).toMatchObject({ code: "send-socket", exitCode: EXIT.environment });
    }
  });
});

describe("TsDatagrams", () => {
  test("seven packets a datagram, the last one shorter, through more memory than it has", async () => {
    const to = await receiver("udp4", "127.0.0.1");
    const target = parseSendTarget(`udp://127.0.0.1:${to.port}`);
    const sender = new UdpSender({ target, speed: 0, stop: running() });
    const datagrams = new TsDatagrams(sender);
    const octets = concat(smallMux(6).packets(7 * 130 + 3));
    for (let off = 0, i = 0; off < octets.length; i++) {
      const length = Math.min(188 * (1 + (i % 9)), octets.length - off);
      datagrams.packets(octets, off, length, i * 1000);
      off += length;
      // The receiver's buffer is small, and it reads only while we wait.
      if (i % 40 === 39) await to.received(Math.floor(off / 1316) - 64);
    }
    datagrams.end();
    sender.close();
    const got = await to.received(131);
    to.close();
    expect(got.length).toBe(131);
    expect(new Set(got.slice(0, 130).map(({ length }) => length))).toEqual(new Set([1316]));
    expect(Buffer.compare(concat(got), octets)).toBe(0);
  });

  test("a pause of the stream: what is left before it leaves without the rest, and puts nothing off", async () => {
    const to = await receiver("udp4", "127.0.0.1");
    const sender = new UdpSender({ target: parseSendTarget(`udp://127.0.0.1:${to.port}`), stop: running() });
    const datagrams = new TsDatagrams(sender);
    const octets = concat(smallMux(6).packets(24));
    datagrams.packets(octets, 0, 188 * 10, 0);
    await Bun.sleep(120);
    datagrams.poll();
    expect((await to.received(2)).map(({ length }) => length)).toEqual([1316, 564]);
    // Three more, then a pause that nobody polls in.
    datagrams.packets(octets, 188 * 10, 188 * 3, 150e6);
    datagrams.packets(octets, 188 * 13, 188 * 7, 2650e6);
    datagrams.end();
    const got = await to.received(4);
    expect(got.map(({ length }) => length)).toEqual([1316, 564, 564, 1316]);
    expect(Buffer.compare(concat(got), octets.subarray(0, 188 * 20))).toBe(0);
    // It would be all of the pause; a busy machine has stalls of its own.
    expect(sender.stats.stalledNs).toBeLessThan(2e9);
    sender.close();
    to.close();
  });
});
