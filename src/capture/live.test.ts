/** One suite that both backends pass: the same packets in, the same frames out. */
import { afterAll, describe, expect, test } from "bun:test";
import { openLibrary } from "../../ffi/load.ts";
import {
  FrameSender,
  ip,
  makeVethPair,
  needsTun,
  TunDevice,
  udpFrame,
  type VethPair,
} from "../../tests/helpers/inject.ts";
import { needsRoot, testWith } from "../../tests/helpers/skip.ts";
import { LINKTYPE } from "../net/linktype.ts";
import type { RscapError } from "../report/error.ts";
import { FrameBatch, type FrameSource, NO_VLAN } from "./batch.ts";
import { ANY_UDP } from "./filter.ts";
import { type CaptureBackend, LIVE_DEFAULTS, type LiveOptions, openLive } from "./live.ts";

/** A frame as it was on the wire: a tag that the kernel took out is put back. */
interface Seen {
  readonly frame: Uint8Array;
  readonly wireLength: number;
  readonly linkType: number;
  readonly timeNs: number;
}

function read(batch: FrameBatch): Seen[] {
  const seen: Seen[] = [];
  for (let i = 0; i < batch.count; i++) {
    const off = batch.offset[i] as number;
    const length = batch.capturedLength[i] as number;
    const tci = batch.vlanTci[i] as number;
    const tpid = batch.vlanTpid[i] as number;
    const octets = batch.buf.slice(off, off + length);
    const tag = tci === NO_VLAN ? [] : [tpid >> 8, tpid & 255, tci >> 8, tci & 255];
    seen.push({
      frame: new Uint8Array([...octets.subarray(0, 12), ...tag, ...octets.subarray(12)]),
      wireLength: (batch.wireLength[i] as number) + tag.length,
      linkType: batch.linkType[i] as number,
      timeNs: batch.timeNs[i] as number,
    });
  }
  return seen;
}

/** Frames until `count` have come; fails the test when they do not within many waits. */
function collect(source: FrameSource, count: number, capacity = 64): Seen[] {
  const batch = new FrameBatch(capacity);
  const seen: Seen[] = [];
  for (let waits = 0; seen.length < count && waits < 100; ) {
    if (source.next(batch, 50) === 0) waits++;
    else seen.push(...read(batch));
  }
  expect(seen.length).toBe(count);
  return seen;
}

const SMALL = { ...LIVE_DEFAULTS, ringBytes: 1 << 20, blockBytes: 1 << 16, blockTimeoutMs: 5 };
const STREAM = { destination: "239.77.0.1", port: 5000 };

let pair: VethPair | null = null;
function veth(): VethPair {
  pair ??= makeVethPair();
  return pair;
}
afterAll(() => pair?.remove());

for (const backend of ["ring", "libpcap"] as const satisfies readonly CaptureBackend[]) {
  const open = (more: Partial<LiveOptions> & { device: string }): FrameSource =>
    openLive(backend, { ...SMALL, ...more });

  /** Captures on the far end of the pair while frames are sent on the near one. */
  function withCapture(
    more: Partial<LiveOptions>,
    run: (source: FrameSource, sender: FrameSender) => void,
  ): void {
    const { near, far } = veth();
    const source = open({ device: far, ...more });
    const sender = new FrameSender(near);
    try {
      run(source, sender);
    } finally {
      sender.close();
      source.close();
    }
  }

  describe(`live capture by ${backend}`, () => {
    testWith(needsRoot, "frames come whole, in order, with the time they came at", () => {
      withCapture({ sources: [STREAM] }, (source, sender) => {
        const frames = Array.from({ length: 200 }, (_, i) =>
          udpFrame({ payload: new Uint8Array(7 * 188).fill(i) }),
        );
        const before = Date.now();
        for (const frame of frames) sender.send(frame);
        const seen = collect(source, frames.length);
        expect(seen.map(({ frame }) => frame)).toEqual(frames);
        for (const { wireLength, linkType, timeNs } of seen) {
          expect(wireLength).toBe(14 + 28 + 7 * 188);
          expect(linkType).toBe(LINKTYPE.ethernet);
          const ms = source.epoch.seconds * 1000 + timeNs / 1e6;
          expect(Math.abs(ms - before)).toBeLessThan(10_000);
        }
        const times = seen.map(({ timeNs }) => timeNs);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        expect(source.timestampSource).toEqual({
          kind: backend === "ring" ? "kernel" : "libpcap",
          resolutionNs: 1,
        });
        expect(source.stats()).toMatchObject({ packets: 200, bytes: 200 * 1358, kernelDrops: 0 });
      });
    });

    testWith(needsRoot, "a batch smaller than what waits is continued by the next", () => {
      withCapture({ sources: [STREAM] }, (source, sender) => {
        const frames = Array.from({ length: 50 }, (_, i) =>
          udpFrame({ payload: new Uint8Array(20).fill(i) }),
        );
        for (const frame of frames) sender.send(frame);
        expect(collect(source, 50, 7).map(({ frame }) => frame)).toEqual(frames);
      });
    });

    testWith(
      needsRoot,
      "the filter takes the source untagged, in a VLAN and in QinQ, and nothing else",
      () => {
        withCapture({ sources: [STREAM] }, (source, sender) => {
          const vlan = [0x81, 0, 0x20, 123];
          const service = [0x88, 0xa8, 0, 7];
          const wanted = [
            udpFrame(),
            udpFrame({ tags: vlan }),
            udpFrame({ tags: [...service, ...vlan] }),
            udpFrame({ tags: [...vlan, ...vlan] }),
          ];
          sender.send(udpFrame({ group: 2 }));
          sender.send(udpFrame({ port: 5001, tags: vlan }));
          for (const frame of wanted) sender.send(frame);
          sender.send(udpFrame({ group: 2, tags: service }));
          const seen = collect(source, wanted.length);
          expect(seen.map(({ frame }) => frame)).toEqual(wanted);
          expect(seen.map(({ wireLength }) => wireLength)).toEqual(wanted.map(({ length }) => length));
          expect(source.next(new FrameBatch(4), 30)).toBe(0);
          expect(source.stats().bytes).toBe(wanted.reduce((sum, { length }) => sum + length, 0));
        });
      },
    );

    testWith(needsRoot, "a filter in the user's own words wins over the sources", () => {
      withCapture({ sources: [STREAM], filter: "udp dst port 6000" }, (source, sender) => {
        sender.send(udpFrame());
        sender.send(udpFrame({ port: 6000, group: 9 }));
        expect(collect(source, 1)[0]?.frame).toEqual(udpFrame({ port: 6000, group: 9 }));
      });
    });

    testWith(needsRoot, "without a filter every frame comes, and the snap length cuts it", () => {
      withCapture({ snaplen: 60 }, (source, sender) => {
        sender.send(udpFrame());
        sender.send(udpFrame({ port: 7 }));
        const seen = collect(source, 2);
        for (const { frame, wireLength } of seen) {
          expect(frame.length).toBe(60);
          expect(wireLength).toBe(udpFrame().length);
        }
      });
    });

    testWith(needsRoot, "promiscuous mode is granted on a device, and ignored on any", () => {
      withCapture({ promiscuous: true }, (source, sender) => {
        sender.send(udpFrame());
        collect(source, 1);
      });
      open({ device: "any", promiscuous: true, sources: [STREAM] }).close();
    });

    testWith(needsRoot, "a device without its own clock gives the kernel's times, and says so", () => {
      withCapture({ hardwareTimestamps: true }, (source, sender) => {
        sender.send(udpFrame());
        collect(source, 1);
        expect(source.timestampSource.kind).toBe(backend === "ring" ? "kernel" : "libpcap");
      });
    });

    testWith(needsRoot, "loopback shows each packet once", () => {
      const source = open({ device: "lo", filter: "udp dst port 47123" });
      const sender = new FrameSender("lo");
      const frames = Array.from({ length: 20 }, (_, i) => udpFrame({ port: 47123, group: i }));
      for (const frame of frames) sender.send(frame);
      expect(collect(source, 20).map(({ frame }) => frame)).toEqual(frames);
      expect(source.next(new FrameBatch(4), 30)).toBe(0);
      sender.close();
      source.close();
    });

    testWith(needsRoot, "any: packets of every device as LINKTYPE_LINUX_SLL", () => {
      const source = open({ device: "any", filter: "udp dst port 47124 and ip multicast" });
      const { near } = veth();
      const senders = [new FrameSender(near), new FrameSender("lo")];
      for (const sender of senders) sender.send(udpFrame({ port: 47124 }));
      // On the pair the packet goes out at one end and comes in at the other; loopback shows it once.
      const seen = collect(source, 3);
      const ipOctets = udpFrame({ port: 47124 }).subarray(14);
      for (const { frame, linkType, wireLength } of seen) {
        expect(linkType).toBe(LINKTYPE.linuxSll);
        expect(frame.subarray(16)).toEqual(ipOctets);
        expect(wireLength).toBe(16 + ipOctets.length);
        expect([...frame.subarray(14, 16)]).toEqual([0x08, 0x00]);
      }
      const heads = seen.map(({ frame }) => [frame[1], ((frame[2] as number) << 8) | (frame[3] as number)]);
      // Packet type (2 multicast, 4 outgoing) and ARPHRD (1 Ethernet, 772 loopback).
      expect(heads.toSorted().map(String)).toEqual(["2,1", "2,772", "4,1"]);
      for (const sender of senders) sender.close();
      source.close();
    });

    testWith(needsRoot, "any UDP can be asked for on every kind of device", () => {
      const { far } = veth();
      for (const device of [far, "any", "lo"]) open({ device, sources: [ANY_UDP] }).close();
    });

    testWith(needsRoot, "frames that find no room are counted: handed out + dropped = sent", () => {
      const size = { ringBytes: 1 << 18, blockBytes: 1 << 16 };
      withCapture({ sources: [STREAM], ...size }, (source, sender) => {
        const sent = 3000;
        const frame = udpFrame({ payload: new Uint8Array(1316) });
        for (let i = 0; i < sent; i++) sender.send(frame);
        const batch = new FrameBatch(256);
        let got = 0;
        for (let waits = 0; waits < 3; ) {
          const count = source.next(batch, 50) as number;
          if (count === 0) waits++;
          got += count;
        }
        const stats = source.stats();
        expect(stats.packets).toBe(got);
        expect(stats.kernelDrops).toBeGreaterThan(0);
        expect(stats.packets + stats.kernelDrops).toBe(sent);
        if (backend === "ring") expect(stats.ringFreezes).toBeGreaterThan(0);
        // The totals stay although the kernel starts again from zero with each reading.
        expect(source.stats().kernelDrops).toBe(stats.kernelDrops);
      });
    });

    testWith(needsRoot, "after close there are no frames, and the last counters stay", () => {
      const { near, far } = veth();
      const source = open({ device: far, sources: [STREAM] });
      const sender = new FrameSender(near);
      sender.send(udpFrame());
      collect(source, 1);
      source.close();
      source.close();
      expect(source.next(new FrameBatch(4), 10)).toBe(0);
      expect(source.stats().packets).toBe(1);
      sender.close();
    });

    testWith(
      needsRoot,
      "a device that goes down and comes up again goes on; one that is removed is an error",
      () => {
        const own = makeVethPair();
        const source = open({ device: own.far, sources: [STREAM] });
        const batch = new FrameBatch(16);
        try {
          ip("link", "set", own.far, "down");
          for (let i = 0; i < 3; i++) expect(source.next(batch, 20)).toBe(0);
          ip("link", "set", own.far, "up");
          const sender = new FrameSender(own.near);
          let got = 0;
          // The link takes a moment to carry frames again.
          for (let i = 0; i < 100 && got === 0; i++) {
            try {
              sender.send(udpFrame());
            } catch {
              // ENETDOWN until then.
            }
            got = source.next(batch, 20) as number;
          }
          expect(got).toBeGreaterThan(0);
          sender.close();
          own.remove();
          const gone = (): void => {
            for (let i = 0; i < 50; i++) source.next(batch, 20);
          };
          expect(gone).toThrow(`The network device "${own.far}" was removed`);
        } finally {
          source.close();
          own.remove();
        }
      },
    );

    testWith(needsRoot, "a device that is down, a missing one, a bad filter: each says what to do", () => {
      const own = makeVethPair();
      ip("link", "set", own.far, "down");
      expect(() => open({ device: own.far })).toThrow(`"${own.far}" is down`);
      expect(() => open({ device: own.far, filter: "udp" })).toThrow(`"${own.far}" is down`);
      own.remove();
      expect(() => open({ device: "no-such-device" })).toThrow(/Those that exist: .*any/);
      const { far } = veth();
      expect(() => open({ device: far, filter: "udp prot 5" })).toThrow(
        /filter "udp prot 5" does not compile: libpcap says: .*syntax error/,
      );
      expect(() => open({ device: "any", filter: "udp prot 5" })).toThrow("libpcap says");
    });

    testWith(needsTun, "a device without an Ethernet header gives its IP packets", () => {
      const tun = new TunDevice(`rl${process.pid % 1_000_000}t`);
      const source = open({ device: tun.name, sources: [STREAM] });
      try {
        const packet = udpFrame().subarray(14);
        tun.receive(udpFrame({ port: 5001 }).subarray(14));
        tun.receive(packet);
        const [seen] = collect(source, 1);
        const linkType = backend === "ring" ? LINKTYPE.linuxSll : LINKTYPE.raw;
        expect(seen?.linkType).toBe(linkType);
        expect(seen?.frame.subarray(linkType === LINKTYPE.raw ? 0 : 16)).toEqual(packet);
      } finally {
        source.close();
        tun.close();
      }
    });
  });
}

describe("the two backends", () => {
  testWith(needsRoot, "give the same frames at once", () => {
    const { near, far } = veth();
    const sources = [
      openLive("ring", { ...SMALL, device: far }),
      openLive("libpcap", { ...SMALL, device: far }),
    ];
    const sender = new FrameSender(near);
    for (let i = 0; i < 100; i++) {
      sender.send(udpFrame({ port: 5000 + i, tags: i % 3 === 0 ? [0x81, 0, 0, i] : [] }));
    }
    const [ring, libpcap] = sources.map((source) => collect(source, 100)) as [Seen[], Seen[]];
    expect(ring.map(({ frame }) => frame)).toEqual(libpcap.map(({ frame }) => frame));
    expect(ring.map(({ timeNs }) => timeNs % 1e9)).toEqual(libpcap.map(({ timeNs }) => timeNs % 1e9));
    const [one, other] = sources.map((source) => source.stats());
    expect(one).toEqual(other as never);
    for (const source of sources) source.close();
    sender.close();
  });
});

testWith(needsRoot, "without CAP_NET_RAW the error names it and the ways to get it", () => {
  const { seteuid } = openLibrary("libc", {
    seteuid: { args: ["u32"], returns: "i32" },
  } as const).symbols;
  const { far } = veth();
  expect(seteuid(65534)).toBe(0);
  try {
    for (const backend of ["ring", "libpcap"] as const) {
      expect(() => openLive(backend, { ...SMALL, device: far })).toThrow(
        /needs the capability CAP_NET_RAW.*sudo.*AmbientCapabilities=CAP_NET_RAW/,
      );
    }
  } finally {
    expect(seteuid(0)).toBe(0);
  }
});

test("errors of live capture are for the environment or for usage", () => {
  try {
    openLive("ring", { ...SMALL, device: "no-such-device" });
    throw new Error("opened");
  } catch (error) {
    expect((error as RscapError).exitCode).toBe(4);
    expect((error as RscapError).code).toBe("device.missing");
  }
});
